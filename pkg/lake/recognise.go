package lake

import (
	"slices"
	"strings"

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

// itemType is one item type, compiled.
type itemType struct {
	model.Item
	columns  []column
	measures []model.Column // in the order of column.measure
	group    int            // of the slots that its items have
}

// column is one column, compiled.
type column struct {
	model.Column
	slot       int
	field      string // attribute path as people write it
	key        key    // that it repeats
	identifies bool   // a member, so that blanks at the end matter
	measure    int    // place in itemType.measures; -1 if it is none
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
	for _, name := range m.Ignored {
		slot([]string{name})
	}
	common := len(paths)
	for _, item := range m.Items {
		t := itemType{Item: item, measures: m.Measured(item)}
		for _, c := range item.Columns {
			t.columns = append(t.columns, column{
				Column: c, slot: slot(c.From), field: strings.Join(c.From, "."), key: repeats(m, c), identifies: m.Identifies(c),
				measure: slices.IndexFunc(t.measures, func(other model.Column) bool { return other.Name == c.Name }),
			})
		}
		l.types = append(l.types, t)
	}
	selector, err := ddbjson.NewSelector(paths...)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller names the model
	}
	for i := range l.types {
		var slots []int
		for s := range common {
			slots = append(slots, s)
		}
		for _, c := range l.types[i].columns {
			slots = append(slots, c.slot)
		}
		l.types[i].group = selector.Group(slots...)
	}
	l.selector = selector
	return l, nil
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
func (t *itemType) contradicts(c *column, value []byte, keys *keyText) *refusal {
	prefix, whole := t.PartitionPrefix, keys.pk
	switch c.key {
	case noKey:
		return nil
	case sortKey:
		prefix, whole = t.SortPrefix, keys.sk
	case partitionKey:
	}
	if string(value) == string(whole[len(prefix):]) {
		return nil
	}
	return refuse(ValueContradictsKey, c.field, "column %s repeats what follows %s in attribute %s, the value is another",
		c.Name, prefix, c.Repeats)
}
