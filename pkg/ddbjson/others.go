package ddbjson

// Covers reports whether every attribute of the last line is one that the
// group selects, is inside one, or is a map that leads to one. It costs
// nothing, and may say false where [Decoder.AppendOthers] then finds nothing.
func (d *Decoder) Covers(group int) bool { return d.groups&bit(group) != 0 }

// AppendOthers appends the attributes of the last line that the group does not
// select, as a JSON object: the item without what is known, {} if that is
// nothing. Maps that lead to a selected attribute stand in it with the rest of
// their members, and lists of maps, see [Selector.Within], with the rest of each,
// so the names of both together are those of the item. Each attribute is also
// given to each, with the selector that does not know it and the names that lead
// to it from the item or, for another selector, from the map within it; the path
// is valid during the call.
func (d *Decoder) AppendOthers(dst []byte, group int, each func(in *Selector, path []Value, value Value)) []byte {
	o := others{selector: d.selector, group: group, each: each}
	return o.appendMap(dst, d.Item(), d.selector.root)
}

// others walks an item that a Decoder has accepted.
type others struct {
	selector *Selector
	group    int
	each     func(in *Selector, path []Value, value Value)
	path     []Value
	scratch  []byte
}

func (o *others) membership(n *node) membership { return o.selector.groups[o.group][n.id] }

func (o *others) appendMap(dst []byte, m Value, n *node) []byte {
	dst = append(dst, '{')
	first := len(dst)
	for name, value := range m.Members() {
		o.path = append(o.path, name)
		before := len(dst)
		dst = appendName(dst, first, name)
		var found bool
		if dst, found = o.appendMember(dst, value, o.child(n, name)); !found {
			dst = dst[:before]
		}
		o.path = o.path[:len(o.path)-1]
	}
	return append(dst, '}')
}

// appendName appends the name of a member of an object whose members begin at
// first.
func appendName(dst []byte, first int, name Value) []byte {
	if len(dst) > first {
		dst = append(dst, ',')
	}
	return append(append(append(dst, '"'), name.raw...), '"', ':')
}

// appendMember appends the value of an attribute, or what is not selected of
// it, and reports whether that is anything.
func (o *others) appendMember(dst []byte, value Value, n *node) (appended []byte, found bool) {
	if n == nil || o.membership(n) == stranger {
		o.each(o.selector, o.path, value)
		return value.AppendTyped(dst), true
	}
	if in, ok := o.selector.inner[o.group][n.id]; ok {
		return others{selector: in.selector, group: in.group, each: o.each}.appendWithin(dst, value)
	}
	if value.Kind() != Map || o.membership(n) == whole {
		return dst, false
	}
	return o.appendRest(dst, value, n)
}

// appendRest appends what is not selected of a map, with its type tag, and
// reports whether that is anything.
func (o *others) appendRest(dst []byte, m Value, n *node) (appended []byte, found bool) {
	dst = append(dst, `{"M":`...)
	start := len(dst)
	dst = append(o.appendMap(dst, m, n), '}')
	return dst, len(dst) > start+len("{}}")
}

// appendWithin appends what is not selected of the maps within a value. A list
// keeps the places of its elements: those without a rest are empty maps.
func (o others) appendWithin(dst []byte, value Value) (appended []byte, found bool) {
	start := len(dst)
	switch value.Kind() {
	case List:
		dst = append(dst, `{"L":[`...)
		first := len(dst)
		for element := range value.Elements() {
			if len(dst) > first {
				dst = append(dst, ',')
			}
			var rest bool
			dst, rest = o.appendRest(dst, element, o.selector.root)
			found = found || rest
		}
		dst = append(dst, `]}`...)
	case Map:
		dst = append(dst, `{"M":{`...)
		first := len(dst)
		for name, element := range value.Members() {
			before := len(dst)
			dst = appendName(dst, first, name)
			var rest bool
			if dst, rest = o.appendRest(dst, element, o.selector.root); !rest {
				dst = dst[:before]
			}
			found = found || rest
		}
		dst = append(dst, `}}`...)
	default:
	}
	if !found {
		return dst[:start], false
	}
	return dst, true
}

// child returns the node of a name below n, or nil.
func (o *others) child(n *node, name Value) *node {
	text := name.Text(&o.scratch)
	for _, child := range n.children {
		if child.name == string(text) {
			return child
		}
	}
	return nil
}

// AppendTyped appends the value with its type tag, {"N":"1"}, as it stands in
// the line. A value that is [Missing] or [Unreachable] adds nothing.
func (v Value) AppendTyped(dst []byte) []byte {
	if v.kind == Missing || v.kind == Unreachable {
		return dst
	}
	dst = append(append(dst, '{', '"'), v.kind.String()...)
	dst = append(dst, '"', ':')
	switch v.kind {
	case String, Number, Binary:
		dst = append(append(append(dst, '"'), v.raw...), '"')
	case Null:
		dst = append(dst, "true"...)
	default:
		dst = append(dst, v.raw...)
	}
	return append(dst, '}')
}
