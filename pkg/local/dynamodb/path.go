package dynamodb

import (
	"encoding/binary"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/index"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// offsetBytes is the length of the place in the change log with which every
// index entry ends: 48 bits are enough for 256 TiB.
const offsetBytes = 6

// The largest keys, in bytes, of values of any type.
const (
	maxHashKey  = 2048
	maxRangeKey = 1024
)

// path is a way to items: by the key of the table or of a secondary index. An
// entry of its set is the encoded partition key, the encoded sort key, for an
// index a hash that identifies the item among those with the same index key,
// and the offset of the item's record.
type path struct {
	index string // name, empty for the table itself
	keys  []keyAttribute
	keep  []string // attributes that are projected; nil for all of them
	set   index.Set
}

type keyAttribute struct {
	name string
	typ  item.Type
	at   int // in the table's wanted attributes
}

// newPaths returns the paths of a table, its own first, and the attributes whose
// values they need.
func newPaths(d *tableDefinition) (paths []*path, wanted []string) {
	add := func(name string, schema []keyElement) *path {
		p := &path{index: name}
		for _, k := range schema {
			at := slices.Index(wanted, k.AttributeName)
			if at < 0 {
				at = len(wanted)
				wanted = append(wanted, k.AttributeName)
			}
			p.keys = append(p.keys, keyAttribute{name: k.AttributeName, typ: d.typeOf(k.AttributeName), at: at})
		}
		paths = append(paths, p)
		return p
	}
	add("", d.KeySchema)
	for _, x := range d.GlobalSecondaryIndexes {
		p := add(x.IndexName, x.KeySchema)
		if x.Projection.ProjectionType != "ALL" {
			p.keep = append(p.keep, x.Projection.NonKeyAttributes...)
			for _, k := range slices.Concat(paths[0].keys, p.keys) {
				p.keep = append(p.keep, k.name)
			}
		}
	}
	return paths, wanted
}

// key encodes the key of an item for this path and hashes its partition key.
// Ok is false if the item is not on an index, for lack of an attribute.
func (p *path) key(values []item.Value) (hash uint32, key []byte, ok bool, err error) {
	for i, k := range p.keys {
		v := values[k.at]
		if v.Type == 0 && p.index != "" {
			return 0, nil, false, nil
		}
		if err := p.check(i, v); err != nil {
			return 0, nil, false, err
		}
		if key, err = item.AppendKey(key, v); err != nil {
			return 0, nil, false, err
		}
		if i == 0 {
			hash = hash32(key)
		}
	}
	return hash, key, true, nil
}

// check refuses values that can't be the key at i.
func (p *path) check(i int, v item.Value) error {
	k := p.keys[i]
	switch {
	case v.Type == 0:
		return wrong("Missing the key %s in the item", k.name)
	case v.Type != k.typ && p.index != "":
		return wrong("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", k.name, k.typ, v.Type,
			p.index)
	case v.Type != k.typ:
		return wrong("Type mismatch for key %s expected: %s actual: %s", k.name, k.typ, v.Type)
	case len(v.Bytes) == 0 && p.index != "":
		return invalid("One or more parameter values are not valid. A value specified for a secondary index key is "+
			"not supported. "+
			"The AttributeValue for a key attribute cannot contain an empty value. IndexName: %s, IndexKey: %s",
			p.index, k.name)
	case len(v.Bytes) == 0:
		return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot "+
			"contain "+
			"an empty value. Key: %s", k.name)
	case i == 0 && len(v.Bytes) > maxHashKey:
		return wrong("Size of hashkey has exceeded the maximum size limit of %d bytes", maxHashKey)
	case i == 1 && len(v.Bytes) > maxRangeKey:
		return wrong("Aggregated size of all range keys has exceeded the size limit of %d bytes", maxRangeKey)
	}
	return nil
}

// appendIndexKey appends to the key of an index what identifies the item.
func appendIndexKey(key, tableKey []byte) []byte {
	return binary.BigEndian.AppendUint64(key, hash64(tableKey))
}

func appendOffset(entry []byte, offset int64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(offset))
	return append(entry, b[8-offsetBytes:]...)
}

// offsetOf returns the offset with which an entry ends.
func offsetOf(entry []byte) int64 {
	var b [8]byte
	copy(b[8-offsetBytes:], entry[len(entry)-offsetBytes:])
	return int64(binary.BigEndian.Uint64(b[:]))
}

// hash64 is FNV-1a, finished so that all bits depend on all of the input. It
// decides in which partition and in which order items are exported, so it must
// give the same result in every process.
func hash64(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func hash32(b []byte) uint32 {
	return uint32(hash64(b) >> 32)
}
