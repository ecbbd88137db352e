package dynamodb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
)

// compacted reduces the places of a partition to one transition for each item that
// an incremental export has a record of. An item that came and went within the
// period has none.
func (t *table) compacted(places []place, begin int64) ([]transition, error) {
	var out []transition
	err := t.transitions(places, begin, func(c transition) {
		if c.old.exists() || c.new.exists() {
			out = append(out, c)
		}
	})
	return out, err
}

// changeRecord is one line of an incremental export.
type changeRecord struct {
	Metadata struct{ WriteTimestampMicros number }
	Keys     attributes
	OldImage attributes `json:",omitempty"`
	NewImage attributes `json:",omitempty"`
}

// number is an attribute value of type N.
type number struct{ N string }

// attributes are an item, or a part of it. They are written sorted by name.
type attributes map[string]json.RawMessage

// changeLines returns the lines of an incremental export.
func (j *exportJob) changeLines(changes []transition) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		for _, c := range changes {
			text.Reset()
			record, size, err := j.change(c)
			if err == nil {
				err = encoder.Encode(record)
			}
			if !yield(line{bytes.TrimSuffix(text.Bytes(), []byte("\n")), size}, err) {
				return
			}
		}
	}
}

// change returns the record of one item, and the size of what it holds.
func (j *exportJob) change(c transition) (record changeRecord, size int64, err error) {
	now, after, err := j.image(c.new)
	if err != nil {
		return changeRecord{}, 0, err
	}
	record.Metadata.WriteTimestampMicros.N = fmt.Sprint(now.Time)
	record.Keys = attributes{}
	maps.Copy(record.Keys, after)
	maps.DeleteFunc(record.Keys, func(name string, _ json.RawMessage) bool { return !j.table.isKey(name) })
	if now.Kind == changelog.Put {
		record.NewImage, size = after, int64(now.Size)
	}
	if !j.period.oldImages || !c.old.exists() {
		return record, size, nil
	}
	was, before, err := j.image(c.old)
	record.OldImage = before
	return record, size + int64(was.Size), err
}

// image reads what the log has at a place.
func (j *exportJob) image(p place) (changelog.Record, attributes, error) {
	r, _, err := j.table.log.Read(p.offset(), p.lengthHint(), nil)
	if err != nil {
		return changelog.Record{}, nil, err
	}
	var image attributes
	if err := json.Unmarshal(r.Body, &image); err != nil {
		return changelog.Record{}, nil, fmt.Errorf("read change at %d: %w", p.offset(), err)
	}
	return r, image, nil
}

// isKey reports whether an attribute is one of the table's key.
func (t *table) isKey(name string) bool {
	for _, k := range t.def.KeySchema {
		if k.AttributeName == name {
			return true
		}
	}
	return false
}
