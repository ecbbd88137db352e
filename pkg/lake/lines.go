package lake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// lines is an object of JSON lines while it is written. It is begun with the
// first of them.
type lines struct {
	begin func(key string) Output
	key   string
	of    string // the rows that they stand beside; empty for items
	to    Output
	bytes int64
	rows  int64
}

func (l *lines) add(line any) error {
	encoded, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode a line of %s: %w", l.key, err)
	}
	if l.to == nil {
		l.to = l.begin(l.key)
	}
	n, err := l.to.Write(append(encoded, '\n'))
	if err != nil {
		return fmt.Errorf("write a line of %s: %w", l.key, err)
	}
	l.bytes += int64(n)
	l.rows++
	return nil
}

// commit publishes the lines, if there are any, and describes them.
func (l *lines) commit() (*lakedoc.Object, error) {
	if l.to == nil {
		return nil, nil //nolint:nilnil // there is none
	}
	etag, err := l.to.Commit()
	if err != nil {
		return nil, err //nolint:wrapcheck // the output says what and where
	}
	return &lakedoc.Object{Type: l.of, Key: l.key, Bytes: l.bytes, ETag: etag, Rows: l.rows}, nil
}

func (l *lines) abandon() {
	if l.to != nil {
		l.to.Abandon()
	}
}

// asideLine is one item that was not loaded.
type asideLine struct {
	Reason lakedoc.Reason  `json:"reason"`
	Type   string          `json:"type"`             // item type, [lakedoc.NoType] if it is not known
	Object string          `json:"object"`           // the data file it came from
	Line   int64           `json:"line"`             // in that file, decompressed, from 1
	Field  string          `json:"field,omitempty"`  // attribute path
	Detail string          `json:"detail"`           // what is wrong
	Item   json.RawMessage `json:"item,omitempty"`   // attributes in DynamoDB JSON, if the line was one
	Text   *string         `json:"text,omitempty"`   // the line, if it was not
	Base64 string          `json:"base64,omitempty"` // the line, if it is not even UTF-8

	Written int64 `json:"written,omitempty"` // of a change: when the item was written, in microseconds since 1970
}

// setAside keeps one line as it was. The item type is nil if none was
// recognised, and the item is missing if the line could not be decoded.
func (p *pass) setAside(line []byte, t *itemType, item ddbjson.Value, why *refusal) error {
	out := asideLine{
		Reason: why.reason, Type: lakedoc.NoType, Object: p.object, Line: p.number, Field: why.field, Detail: why.detail,
		Written: p.written,
	}
	if t != nil {
		out.Type = t.Name
	}
	switch {
	case item.Kind() == ddbjson.Map:
		out.Item = item.JSON()
	case utf8.Valid(line):
		text := string(line)
		out.Text = &text
	default:
		out.Base64 = base64.StdEncoding.EncodeToString(line)
	}
	switch why.reason {
	case lakedoc.MissingKey, lakedoc.UnknownType, lakedoc.TypeContradictsKey, lakedoc.AmbiguousType:
		p.notePattern()
	default:
	}
	if why.night && p.refusal == "" {
		p.refusal = fmt.Sprintf("the model refuses a night with a wrong value like that in line %d of %s: %s (%s)", p.number, p.object, why.detail, why.reason)
	}
	p.aside.Add(out.Type, why.reason, 1)
	return p.asideLines.add(out)
}

// wrongLine is one value that is null in its row, or a row within an item that is
// left out.
type wrongLine struct {
	Reason lakedoc.Reason             `json:"reason"`
	Object string                     `json:"object"` // the data file it came from
	Line   int64                      `json:"line"`   // in that file, decompressed, from 1
	Field  string                     `json:"field"`  // attribute path
	Column string                     `json:"column"` // [lakedoc.WholeRow] for a row
	Detail string                     `json:"detail"` // what is wrong
	Keys   map[string]json.RawMessage `json:"keys"`   // of the item, in DynamoDB JSON
	Value  json.RawMessage            `json:"value"`  // in DynamoDB JSON
}

// keepWrong keeps the values of the item in hand that are null in its rows, and
// what was left out of them.
func (p *pass) keepWrong() error {
	if len(p.wrong) == 0 {
		return nil
	}
	keys := map[string]json.RawMessage{}
	for i, key := range p.layout.model.Keys {
		keys[key.Name] = p.decoder.Value(p.layout.keys[i].slot).AppendTyped(nil)
	}
	for _, w := range p.wrong {
		to := p.wrongLines[w.of.number]
		if to == nil {
			to = &lines{begin: p.begin, key: lakedoc.WrongKey(w.of.Name, p.in.RunID, p.in.File.Number), of: w.of.Name}
			p.wrongLines[w.of.number] = to
		}
		p.wrongCounts.Add(w.of.Name, w.column, w.why.reason, 1)
		err := to.add(wrongLine{
			Reason: w.why.reason, Object: p.object, Line: p.number, Field: w.why.field, Column: w.column, Detail: w.why.detail,
			Keys: keys, Value: w.why.value.AppendTyped(nil),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
