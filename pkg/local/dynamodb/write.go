package dynamodb

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// change is a put or a delete that has been validated.
type change struct {
	kind   changelog.Kind
	body   []byte // canonical JSON: the item, or the key of a delete
	size   int
	values []item.Value // of the table's wanted attributes
	hash   uint32
	key    []byte // as the table's own path encodes it
}

// parse reads an item, or a key, and validates it against the key schema.
// Values must be zero and as long as wanted; the change refers to it, to the
// parser's output and to the scanned text.
func (t *table) parse(p *item.Parser, s *item.Scanner, kind changelog.Kind, values []item.Value) (change, error) {
	start, size := len(p.Out), p.Size
	if err := p.Item(s, t.wanted, values); err != nil {
		return change{}, err
	}
	c := change{kind: kind, body: p.Out[start:], size: p.Size - size, values: values}
	own := t.paths[0]
	if kind == changelog.Delete {
		c.size = 0
		if err := own.checkExact(values, p.Count); err != nil {
			return change{}, err
		}
	}
	if c.size > item.MaxSize {
		return change{}, invalid("Item size has exceeded the maximum allowed size")
	}
	for _, other := range t.paths[1:] {
		if _, _, _, err := other.key(values); err != nil && kind == changelog.Put {
			return change{}, err
		}
	}
	var err error
	c.hash, c.key, _, err = own.key(values)
	return c, err
}

// checkExact refuses a key that has not exactly the attributes of the path.
func (p *path) checkExact(values []item.Value, count int) error {
	for _, k := range p.keys {
		if values[k.at].Type != k.typ {
			count = -1
		}
	}
	if count != len(p.keys) {
		return invalid("The provided key element does not match the schema")
	}
	return nil
}

// prior is what an item was before a change; it is zero if there was none.
type prior struct {
	found   bool
	body    []byte // belongs to the table
	size    int
	entries []entry // on the indexes
}

// entry is an entry of a path's set.
type entry struct {
	path *path
	hash uint32
	tail []byte
}

// prior reads the item that a change replaces or deletes, if there is one.
func (t *table) prior(c *change) (prior, error) {
	tail, ok := t.paths[0].set.Find(c.hash, c.key)
	if !ok {
		return prior{}, nil
	}
	offset := offsetOf(tail)
	var r changelog.Record
	var err error
	if r, t.old, err = t.log.Read(offset, changelog.Guess, t.old); err != nil {
		return prior{}, err
	}
	old := prior{found: true, body: r.Body, size: int(r.Size)}
	if len(t.paths) == 1 {
		return old, nil
	}
	var p item.Parser
	values := make([]item.Value, len(t.wanted))
	if err := p.Stored(r.Body, t.wanted, values); err != nil {
		return prior{}, fmt.Errorf("read item at %d: %w", offset, err)
	}
	old.entries, err = t.indexEntries(values, c.key, offset)
	return old, err
}

// indexEntries returns the entries of an item on the indexes.
func (t *table) indexEntries(values []item.Value, tableKey []byte, offset int64) ([]entry, error) {
	entries := make([]entry, 0, len(t.paths)-1)
	for _, p := range t.paths[1:] {
		hash, key, ok, err := p.key(values)
		if err != nil {
			return nil, err
		}
		if ok {
			tail := appendOffset(appendIndexKey(key, tableKey), offset)
			entries = append(entries, entry{path: p, hash: hash, tail: tail})
		}
	}
	return entries, nil
}

// apply brings the paths up to date with a change that the log holds at offset.
func (t *table) apply(c *change, offset int64, old prior) error {
	own := t.paths[0]
	t.bytes -= int64(old.size)
	for _, e := range old.entries {
		e.path.set.Delete(e.hash, e.tail)
	}
	if c.kind == changelog.Delete {
		if tail, ok := own.set.Find(c.hash, c.key); ok {
			own.set.Delete(c.hash, append([]byte(nil), tail...))
		}
		return nil
	}
	entries, err := t.indexEntries(c.values, c.key, offset)
	if err != nil {
		return err
	}
	t.bytes += int64(c.size)
	place := appendOffset(nil, offset)
	if old.found {
		own.set.SetSuffix(c.hash, c.key, place)
	} else {
		own.set.Insert(c.hash, append(c.key, place...))
	}
	for _, e := range entries {
		e.path.set.Insert(e.hash, e.tail)
	}
	return nil
}

// write makes changes of different items visible, in order, and durable, and
// returns when they are both. It returns what each item was before, of which the
// bodies are copies if wantOld is set and absent otherwise. Now is in microseconds.
func (t *table) write(now int64, changes []change, wantOld bool) ([]prior, error) {
	olds, end, err := t.append(now, changes, wantOld)
	if err != nil {
		return nil, err
	}
	return olds, t.log.Sync(end)
}

// append is write without durability; end is how far the log must be synced.
func (t *table) append(now int64, changes []change, wantOld bool) (olds []prior, end int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now%1000 == 0 {
		now-- // no change is made at a whole millisecond, so it does not matter on which side of an export's times such a one is
	}
	t.latest = max(t.latest, now, t.promised+1)
	t.buf = t.buf[:0]
	olds = make([]prior, len(changes))
	offsets := make([]int64, len(changes))
	for i := range changes {
		c := &changes[i]
		old, err := t.prior(c)
		if err != nil {
			return nil, 0, err
		}
		old.body = keepCopy(old.body, wantOld)
		olds[i] = old
		offsets[i] = int64(len(t.buf))
		if c.kind == changelog.Put || old.found {
			record := changelog.Record{Kind: c.kind, Time: t.latest, Size: uint32(c.size), Body: c.body}
			t.buf = changelog.AppendRecord(t.buf, record)
		}
	}
	start, err := t.log.Append(t.buf)
	if err != nil {
		return nil, 0, err
	}
	for i := range changes {
		if err := t.apply(&changes[i], start+offsets[i], olds[i]); err != nil {
			return nil, 0, err
		}
	}
	return olds, start + int64(len(t.buf)), nil
}

func keepCopy(b []byte, keep bool) []byte {
	if !keep {
		return nil
	}
	return append([]byte(nil), b...)
}
