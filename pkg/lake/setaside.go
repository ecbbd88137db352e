package lake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// setAside writes the items of one data file that were not loaded, as JSON
// lines. The object is begun with the first of them.
type setAside struct {
	begin  func(key string) Output
	key    string
	object string // the data file, as an s3:// URL
	to     Output
	counts map[Reason]int64
	bytes  int64
	rows   int64
}

// setAsideLine is one item that was not loaded.
type setAsideLine struct {
	Reason Reason          `json:"reason"`
	Object string          `json:"object"`           // the data file it came from
	Line   int64           `json:"line"`             // in that file, decompressed, from 1
	Field  string          `json:"field,omitempty"`  // attribute path
	Detail string          `json:"detail"`           // what is wrong
	Item   json.RawMessage `json:"item,omitempty"`   // attributes in DynamoDB JSON, if the line was one
	Text   *string         `json:"text,omitempty"`   // the line, if it was not
	Base64 string          `json:"base64,omitempty"` // the line, if it is not even UTF-8
}

// add keeps one line. A nil item means that the line could not be decoded.
func (s *setAside) add(line []byte, number int64, item ddbjson.Value, why *refusal) error {
	out := setAsideLine{Reason: why.reason, Object: s.object, Line: number, Field: why.field, Detail: why.detail}
	switch {
	case item.Kind() == ddbjson.Map:
		out.Item = item.JSON()
	case utf8.Valid(line):
		text := string(line)
		out.Text = &text
	default:
		out.Base64 = base64.StdEncoding.EncodeToString(line)
	}
	encoded, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("encode set-aside line %d of %s: %w", number, s.object, err)
	}
	if s.to == nil {
		s.to = s.begin(s.key)
	}
	n, err := s.to.Write(append(encoded, '\n'))
	if err != nil {
		return fmt.Errorf("write set-aside line %d of %s: %w", number, s.object, err)
	}
	s.bytes += int64(n)
	s.rows++
	s.counts[why.reason]++
	return nil
}

// commit publishes the lines, if there are any, and describes them.
func (s *setAside) commit() (*Object, error) {
	if s.to == nil {
		return nil, nil //nolint:nilnil // nothing was set aside
	}
	etag, err := s.to.Commit()
	if err != nil {
		return nil, err //nolint:wrapcheck // the output says what and where
	}
	return &Object{Key: s.key, Bytes: s.bytes, ETag: etag, Rows: s.rows}, nil
}

func (s *setAside) abandon() {
	if s.to != nil {
		s.to.Abandon()
	}
}
