package ddbjson

// Covers reports whether every attribute of the last line is one that the
// group selects, is inside one, or is a map that leads to one. It costs
// nothing, and may say false where [Decoder.AppendOthers] then finds nothing.
func (d *Decoder) Covers(group int) bool { return d.groups&bit(group) != 0 }

// AppendOthers appends the attributes of the last line that the group does not
// select, as a JSON object: the item without what is known, {} if that is
// nothing. Maps that lead to a selected attribute stand in it with the rest of
// their members, so the names of both together are those of the item. Each
// attribute is also given to each, with the names that lead to it; the path is
// valid during the call.
func (d *Decoder) AppendOthers(dst []byte, group int, each func(path []Value, value Value)) []byte {
	o := others{members: d.selector.groups[group], each: each}
	return o.appendMap(dst, d.Item(), d.selector.root)
}

// others walks an item that a Decoder has accepted.
type others struct {
	members []membership // by node.id
	each    func(path []Value, value Value)
	path    []Value
	scratch []byte
}

func (o *others) appendMap(dst []byte, m Value, n *node) []byte {
	dst = append(dst, '{')
	first := len(dst)
	for name, value := range m.Members() {
		o.path = append(o.path, name)
		before := len(dst)
		if before > first {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), name.raw...), '"', ':')
		var found bool
		if dst, found = o.appendMember(dst, value, o.child(n, name)); !found {
			dst = dst[:before]
		}
		o.path = o.path[:len(o.path)-1]
	}
	return append(dst, '}')
}

// appendMember appends the value of an attribute, or what is not selected of
// it, and reports whether that is anything.
func (o *others) appendMember(dst []byte, value Value, n *node) (appended []byte, found bool) {
	if n == nil || o.members[n.id] == stranger {
		o.each(o.path, value)
		return value.AppendTyped(dst), true
	}
	if value.Kind() != Map || o.members[n.id] == whole {
		return dst, false
	}
	dst = append(dst, `{"M":`...)
	start := len(dst)
	dst = append(o.appendMap(dst, value, n), '}')
	return dst, len(dst) > start+len("{}}")
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
