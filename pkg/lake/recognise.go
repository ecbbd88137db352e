package lake

import (
	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// layout is the model compiled for decoding: one selector for the paths of all
// item types, because the type may stand last in a line.
type layout struct {
	model     model.Model
	selector  *ddbjson.Selector
	types     []itemType
	typeSlot  int // -1 if the table has no type attribute
	partition int
	sort      int
}

// itemType is one item type with the slots of its columns.
type itemType struct {
	model.Item
	slots  []int
	fields []string // attribute paths as people write them
	keys   []key    // which key each column repeats
}

func newLayout(m model.Model) (*layout, error) {
	l := &layout{model: m, typeSlot: -1}
	var paths [][]string
	slot := func(path []string) int {
		paths = append(paths, path)
		return len(paths) - 1
	}
	l.partition = slot([]string{m.PartitionKey})
	l.sort = slot([]string{m.SortKey})
	if m.TypeAttribute != "" {
		l.typeSlot = slot([]string{m.TypeAttribute})
	}
	for _, item := range m.Items {
		t := itemType{Item: item}
		for _, column := range item.Columns {
			t.slots = append(t.slots, slot(column.From))
			t.fields = append(t.fields, joinPath(column.From))
			t.keys = append(t.keys, repeats(m, column))
		}
		l.types = append(l.types, t)
	}
	selector, err := ddbjson.NewSelector(paths...)
	l.selector = selector
	return l, err
}

func joinPath(path []string) string {
	joined := path[0]
	for _, name := range path[1:] {
		joined += "." + name
	}
	return joined
}

// recognise returns the index of the item's type. The type attribute decides
// where the item has one, and the keys must agree with it.
func (l *layout) recognise(d *ddbjson.Decoder, scratch *keyText) (int, *refusal) {
	partition, sort := d.Value(l.partition), d.Value(l.sort)
	if partition.Kind() != ddbjson.String {
		return 0, refuse(MissingKey, l.model.PartitionKey, "the partition key is %s, not S", partition.Kind())
	}
	if sort.Kind() != ddbjson.String {
		return 0, refuse(MissingKey, l.model.SortKey, "the sort key is %s, not S", sort.Kind())
	}
	pk, sk := partition.Text(&scratch.partition), sort.Text(&scratch.sort)
	scratch.pk, scratch.sk = pk, sk
	if l.typeSlot >= 0 {
		switch v := d.Value(l.typeSlot); v.Kind() {
		case ddbjson.Missing, ddbjson.Null:
		case ddbjson.String:
			return l.byName(v.Text(&scratch.name), pk, sk)
		default:
			return 0, refuse(WrongType, l.model.TypeAttribute, "the type attribute is %s, not S", v.Kind())
		}
	}
	for i := range l.types {
		if l.types[i].owns(pk, sk) {
			return i, nil
		}
	}
	return 0, refuse(UnknownType, "", "no item type has these keys; declare one in the model")
}

func (l *layout) byName(name, pk, sk []byte) (int, *refusal) {
	for i := range l.types {
		t := &l.types[i]
		if string(name) != t.Name {
			continue
		}
		if !t.owns(pk, sk) {
			return 0, refuse(TypeContradictsKey, l.model.TypeAttribute,
				"an item of type %s has keys that start with %s and %s", t.Name, t.PartitionPrefix, t.SortPrefix)
		}
		return i, nil
	}
	return 0, refuse(UnknownType, l.model.TypeAttribute, "the model declares no such item type")
}

// owns reports whether keys follow the pattern of the item type.
func (t *itemType) owns(pk, sk []byte) bool {
	return hasPrefix(pk, t.PartitionPrefix) && hasPrefix(sk, t.SortPrefix)
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

// keyText holds the keys of the item in hand, and scratch space for text with
// escapes.
type keyText struct {
	pk, sk                []byte
	partition, sort, name []byte
}

// key says which key of its item a column repeats.
type key int

const (
	noKey key = iota
	partitionKey
	sortKey
)

func repeats(m model.Model, column model.Column) key {
	switch column.Repeats {
	case "":
		return noKey
	case m.PartitionKey:
		return partitionKey
	}
	return sortKey
}

// contradicts compares the value of a column with the key that it repeats. Two
// items with different keys would otherwise become one row of the warehouse.
func (t *itemType) contradicts(column int, value []byte, keys *keyText) *refusal {
	prefix, whole := t.PartitionPrefix, keys.pk
	switch t.keys[column] {
	case noKey:
		return nil
	case sortKey:
		prefix, whole = t.SortPrefix, keys.sk
	case partitionKey:
	}
	if string(value) == string(whole[len(prefix):]) {
		return nil
	}
	return refuse(ValueContradictsKey, t.fields[column], "column %s repeats what follows %s in attribute %s, the value is another",
		t.Columns[column].Name, prefix, t.Columns[column].Repeats)
}
