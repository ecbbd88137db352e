package ddbjson

// Picker picks the values of a [Selector] out of maps within an item that a
// [Decoder] has accepted, those of a list for instance. It is reused from map to
// map; it is not safe for concurrent use.
type Picker struct {
	selector *Selector
	group    []membership
	values   []Value // by node.id
	scratch  []byte
	others   bool
}

// NewPicker returns a Picker for the paths of the selector. The group says which
// of them a map has.
func NewPicker(selector *Selector, group int) *Picker {
	return &Picker{selector: selector, group: selector.groups[group], values: make([]Value, selector.nodes)}
}

// Pick remembers the selected values of a map, and reports whether it has others.
// A value that is not a map has none.
func (p *Picker) Pick(m Value) (others bool) {
	clear(p.values)
	p.others = false
	p.pick(m, p.selector.root)
	return p.others
}

// Value returns what the last map has at the path of that slot.
func (p *Picker) Value(slot int) Value { return p.values[p.selector.slots[slot]] }

func (p *Picker) pick(m Value, n *node) {
	for name, value := range m.Members() {
		text := name.Text(&p.scratch)
		key := p.selector.seed.key(text)
		child := n.child(key, p.selector.seed.hash(key), text)
		if child == nil {
			p.others = p.others || p.group[n.id] != whole
			continue
		}
		p.others = p.others || p.group[child.id] == stranger
		p.values[child.id] = value
		switch value.kind {
		case Map:
			p.pick(value, child)
		case Null:
			p.below(child, Null)
		default:
			p.below(child, Unreachable)
		}
	}
}

// below gives all nodes below n, which isn't a map, the same kind.
func (p *Picker) below(n *node, kind Kind) {
	for _, child := range n.children {
		p.values[child.id] = Value{kind: kind}
		p.below(child, kind)
	}
}
