package dynamodb

import (
	"fmt"
	"iter"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/index"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// maxPage is how many bytes of items a Query or Scan reads at most in one page,
// apart from the item that crosses the line.
const maxPage = 1 << 20

// get appends the item with the key of c to out. It returns nil if there is none.
func (t *table) get(c *change, keep []string, out []byte) ([]byte, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	tail, ok := t.paths[0].set.Find(c.hash, c.key)
	if !ok {
		return nil, nil
	}
	r, _, err := t.readItem(tail, nil)
	if err != nil {
		return nil, err
	}
	return appendProjected(out, r.Body, keep)
}

// readItem reads the item to which an entry points.
func (t *table) readItem(tail, buf []byte) (changelog.Record, []byte, error) {
	r, buf, err := t.log.Read(offsetOf(tail), changelog.Guess, buf)
	if err == nil && r.Kind != changelog.Put {
		err = fmt.Errorf("read item at %d: the record there is a delete", offsetOf(tail))
	}
	return r, buf, err
}

// appendProjected appends an item, reduced to the attributes in keep unless
// that is nil.
func appendProjected(out, stored []byte, keep []string) ([]byte, error) {
	if keep == nil {
		return append(out, stored...), nil
	}
	return item.Project(out, stored, func(name []byte) bool { return slices.Contains(keep, string(name)) })
}

// pageQuery asks for one page of items.
type pageQuery struct {
	path     *path
	from, to index.Position
	backward bool
	limit    int      // items, 0 for no limit
	keep     []string // attributes, nil for all
	count    bool     // the items are only counted
}

// page is what a Query or Scan returns.
type page struct {
	items []byte // separated by commas
	count int
	last  []byte // LastEvaluatedKey; nil if nothing is left
}

// page reads one page.
func (t *table) page(q pageQuery) (page, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out page
	var buf []byte
	size := 0
	for tail := range q.entries() {
		r, b, err := t.readItem(tail, buf)
		if err != nil {
			return page{}, err
		}
		buf = b
		if !q.count {
			if out.count > 0 {
				out.items = append(out.items, ',')
			}
			if out.items, err = appendProjected(out.items, r.Body, q.keep); err != nil {
				return page{}, err
			}
		}
		out.count++
		if size += int(r.Size); out.count == q.limit || size > maxPage {
			out.last, err = t.startKey(q.path, r.Body)
			return out, err
		}
	}
	return out, nil
}

func (q *pageQuery) entries() iter.Seq[[]byte] {
	if q.backward {
		return q.path.set.Descend(q.from, q.to)
	}
	return q.path.set.Ascend(q.from, q.to)
}

// startKey returns the key of an item by which a later page can start after it:
// that of the table, with that of the index in front of it if there is one.
func (t *table) startKey(p *path, stored []byte) ([]byte, error) {
	return item.Project(nil, stored, func(name []byte) bool {
		is := func(k keyAttribute) bool { return k.name == string(name) }
		return slices.ContainsFunc(p.keys, is) || slices.ContainsFunc(t.paths[0].keys, is)
	})
}

// startPosition returns the position of the item that an ExclusiveStartKey
// names; what begins with it is that item.
func (t *table) startPosition(p *path, startKey []byte) (index.Position, error) {
	var parser item.Parser
	values := make([]item.Value, len(t.wanted))
	s := item.NewScanner(startKey)
	if err := parser.Item(s, t.wanted, values); err != nil {
		return index.Position{}, err
	}
	attributes := map[string]bool{}
	for _, k := range slices.Concat(p.keys, t.paths[0].keys) {
		attributes[k.name] = true
		if values[k.at].Type != k.typ {
			return index.Position{}, invalid("The provided starting key is invalid: it lacks %s of type %s", k.name,
				k.typ)
		}
	}
	if parser.Count != len(attributes) {
		return index.Position{}, invalid("The provided starting key is invalid: it has attributes that are not keys")
	}
	hash, key, _, err := p.key(values)
	if err != nil || p.index == "" {
		return index.Position{Hash: uint64(hash), Tail: key}, err
	}
	_, tableKey, _, err := t.paths[0].key(values)
	return index.Position{Hash: uint64(hash), Tail: appendIndexKey(key, tableKey)}, err
}
