package dynamodb

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// place says where the state of one item is in the log. Order is the hash of
// the partition key, and below it bits of the hash of the whole key: so the
// items of a partition key are neighbours, and the changes of one item too.
type place struct {
	order uint64
	at    uint64 // offset<<16 | delete<<15 | length of the record in units of 32 bytes
}

const (
	lengthUnit = 32
	maxLength  = 1<<15 - 1
	deleteBit  = 1 << 15
)

func newPlace(hash uint32, key []byte, offset int64, r changelog.Record) place {
	length := (len(r.Body)+changelog.Overhead)/lengthUnit + 1
	at := uint64(offset)<<16 | uint64(min(length, maxLength))
	if r.Kind == changelog.Delete {
		at |= deleteBit
	}
	return place{order: uint64(hash)<<32 | hash64(key)&(1<<32-1), at: at}
}

func (p place) offset() int64   { return int64(p.at >> 16) }
func (p place) isDelete() bool  { return p.at&deleteBit != 0 }
func (p place) lengthHint() int { return int(p.at&maxLength) * lengthUnit }

var errEnough = errors.New("all changes up to the time were read")

// snapshot returns where the changes up to a time are, in microseconds, by
// partitions: ranges of the hash of the partition key. It doesn't keep writers
// waiting: the log up to that time does not change any more, as [table.window]
// has promised for every time that can be asked for. Begin is where the log has the
// first of those that are not before from.
func (t *table) snapshot(ctx context.Context, from, at int64, partitions int) (out [][]place, begin int64, err error) {
	t.mu.RLock()
	end, size := t.log.Size(), t.bytes
	t.mu.RUnlock()
	if err := t.log.Sync(end); err != nil { // no export has what the table may lose
		return nil, 0, err
	}
	n := max(partitions, int((size+partitionBytes-1)/partitionBytes))
	out, begin = make([][]place, n), end
	var p item.Parser
	values := make([]item.Value, len(t.wanted))
	count := 0
	err = t.log.Scan(changelog.Start, end, func(offset int64, r changelog.Record) error {
		if r.Time > at {
			return errEnough
		}
		if r.Time >= from {
			begin = min(begin, offset)
		}
		if count++; count%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		hash, key, err := t.itemKey(&p, r, values)
		if err != nil {
			return err
		}
		i := int(uint64(hash) * uint64(n) >> 32)
		out[i] = append(out[i], newPlace(hash, key, offset, r))
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, 0, err
	}
	return out, begin, nil
}

// itemKey returns the encoded key of the item that a record is about.
func (t *table) itemKey(p *item.Parser, r changelog.Record, values []item.Value) (uint32, []byte, error) {
	clear(values)
	if err := p.Stored(r.Body, t.wanted, values); err != nil {
		return 0, nil, err
	}
	hash, key, _, err := t.paths[0].key(values)
	return hash, key, err
}

// transition is what became of one item: where its state is before a place in
// the log, and after it. Either is zero if nothing is known of the item there.
type transition struct{ old, new place }

func (p place) isZero() bool { return p == place{} }

// exists reports whether there is an item.
func (p place) exists() bool { return !p.isZero() && !p.isDelete() }

// latestPlaces sorts the places of a partition and reduces them to the last change of
// each item, without those that were deleted. It reuses the slice.
func (t *table) latestPlaces(places []place) ([]place, error) {
	out := places[:0]
	err := t.transitions(places, 0, func(c transition) {
		if c.new.exists() {
			out = append(out, c.new)
		}
	})
	return out, err
}

// transitions sorts the places of a partition and calls visit for each item that
// changed from a place in the log on. Visit may write over the places that lie before.
func (t *table) transitions(places []place, begin int64, visit func(transition)) error {
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.at, b.at))
	})
	for len(places) > 0 {
		n := 1
		for n < len(places) && places[n].order == places[0].order {
			n++
		}
		group := places[:n]
		places = places[n:]
		if n == 1 {
			if group[0].offset() >= begin {
				visit(transition{new: group[0]})
			}
			continue
		}
		all, err := t.ofEachKey(group, begin)
		if err != nil {
			return err
		}
		for _, c := range all {
			if !c.new.isZero() {
				visit(c)
			}
		}
	}
	return nil
}

// ofEachKey reduces changes in the order of the log, of which the hashes are
// equal, to one transition for each key. Mostly it is one key: equal hashes of
// different keys are rare, but an item must not be lost to them.
func (t *table) ofEachKey(group []place, begin int64) ([]transition, error) {
	var keys [][]byte
	var all []transition
	var p item.Parser
	var buf []byte
	values := make([]item.Value, len(t.wanted))
	for _, change := range group {
		r, b, err := t.log.Read(change.offset(), change.lengthHint(), buf)
		if err != nil {
			return nil, err
		}
		buf = b
		_, key, err := t.itemKey(&p, r, values)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(keys, func(other []byte) bool { return bytes.Equal(other, key) })
		if i < 0 {
			keys, all = append(keys, key), append(all, transition{})
			i = len(all) - 1
		}
		if change.offset() < begin {
			all[i].old = change
		} else {
			all[i].new = change
		}
	}
	return all, nil
}
