package ddbjson

import "strconv"

// maxDepth bounds how deep maps and lists may nest, the item itself included.
// DynamoDB stores 32 levels.
const maxDepth = 64

// maxDecode bounds a line so that offsets fit the tables that hold them.
const maxDecode = 1 << 30

// Decoder checks lines and picks the values of a [Selector] out of them. It
// is reused from line to line; it is not safe for concurrent use.
type Decoder struct {
	selector *Selector
	line     []byte
	err      *SyntaxError
	number   uint64 // of the line, from 1
	cells    []cell // by node.id
	groups   uint64 // by bit, the groups that all attributes so far are of
	names    names
}

// cell is a value as offsets into a line. It is in force if the line is the
// current one.
type cell struct {
	line       uint64
	start, end uint32
	kind       Kind
	escaped    bool
}

// NewDecoder returns a Decoder for the paths of the selector.
func NewDecoder(selector *Selector) *Decoder {
	return &Decoder{selector: selector, cells: make([]cell, selector.nodes)}
}

// Decode checks a line of an export and remembers the selected values. The
// line must not change while the values are used. The error is a
// [*SyntaxError]; after an error every slot is [Missing].
func (d *Decoder) Decode(line []byte) error {
	d.begin(line)
	i := d.open()
	if i >= 0 {
		start := i
		if i = d.members(i+1, d.selector.root, 1); i >= 0 {
			d.record(d.selector.root, Map, start, i)
			i = d.close(i)
		}
	}
	if i < 0 {
		d.number++ // no value of this line is in force
		return d.err
	}
	return nil
}

// begin turns to another line.
func (d *Decoder) begin(line []byte) {
	d.number++
	d.line, d.err, d.groups = line, nil, ^uint64(0)
	d.names.reset(line)
}

// Value returns what the last line has at the path of that slot.
func (d *Decoder) Value(slot int) Value {
	return d.value(d.selector.slots[slot])
}

// Item returns the whole item of the last line as a map.
func (d *Decoder) Item() Value {
	return d.value(d.selector.root.id)
}

func (d *Decoder) value(id int) Value {
	c := &d.cells[id]
	if c.line != d.number {
		return Value{}
	}
	return Value{raw: d.line[c.start:c.end], kind: c.kind, escaped: c.escaped}
}

// record keeps where the value of a node is, if there is a node to keep it for.
func (d *Decoder) record(n *node, kind Kind, start, end int) {
	if n != nil {
		d.cells[n.id] = cell{line: d.number, start: uint32(start), end: uint32(end), kind: kind}
	}
}

// recordBelow gives all nodes below n, which isn't a map, the same kind.
func (d *Decoder) recordBelow(n *node, kind Kind) {
	for _, child := range n.children {
		d.record(child, kind, 0, 0)
		d.recordBelow(child, kind)
	}
}

// fail notes the first fault and returns the index that stands for it.
func (d *Decoder) fail(offset int, problem string) int {
	d.err = &SyntaxError{Offset: offset, Problem: problem}
	return -1
}

// expected fails for what stands at i instead of something else.
func (d *Decoder) expected(i int, what string) int {
	if i >= len(d.line) {
		return d.fail(len(d.line), "expected "+what+", the line ends")
	}
	return d.fail(i, "expected "+what+", found "+quote(d.line[i:i+1]))
}

// is reports whether the byte at i is c.
func (d *Decoder) is(i int, c byte) bool { return i < len(d.line) && d.line[i] == c }

// open reads {"Item": and returns the index of the brace that follows.
func (d *Decoder) open() int {
	const usual = `{"Item":{`
	if len(d.line) > maxDecode {
		return d.fail(0, "the line is longer than "+strconv.Itoa(maxDecode)+" bytes")
	}
	if len(d.line) > len(usual) && string(d.line[:len(usual)]) == usual {
		return len(usual) - 1
	}
	i := space(d.line, 0)
	if i == len(d.line) {
		return d.fail(i, "the line is empty")
	}
	if !d.is(i, '{') {
		return d.expected(i, `{"Item":{…}}`)
	}
	i = space(d.line, i+1)
	if !d.is(i, '"') {
		return d.expected(i, `"Item"`)
	}
	at := i
	start, end, i := d.name(i)
	if i < 0 {
		return i
	}
	if name := d.names.name(start, end); string(name) != "Item" {
		return d.fail(at, `expected "Item", found `+quote(name))
	}
	if i = space(d.line, i); !d.is(i, ':') {
		return d.expected(i, "':'")
	}
	if i = space(d.line, i+1); !d.is(i, '{') {
		return d.expected(i, "'{'")
	}
	return i
}

// close reads what follows the item: a brace and nothing else.
func (d *Decoder) close(i int) int {
	if i = space(d.line, i); !d.is(i, '}') {
		return d.expected(i, "'}' after the item")
	}
	if i = space(d.line, i+1); i < len(d.line) {
		return d.expected(i, "nothing after the item")
	}
	return i
}

// name reads the string that starts at i with its quote, and returns it as an
// entry of names would hold it.
func (d *Decoder) name(i int) (start, end, next int) {
	start = i + 1
	end, escaped, problem := scanString(d.line, start)
	if problem != "" {
		return 0, 0, d.fail(end, problem)
	}
	next = end + 1
	if escaped {
		start, end = d.names.unescape(d.line[start:end])
	}
	return start, end, next
}

// visit finds the node of a name below parent, if there is one, and reports
// whether the map had the name not yet.
func (d *Decoder) visit(parent *node, in uint32, k key, start, end int) (child *node, fresh bool) {
	hash := d.selector.seed.hash(k)
	if parent != nil {
		var long []byte
		if k.length >= shortName {
			long = d.names.name(start, end)
		}
		child = parent.child(k, hash, long)
	}
	if child == nil {
		if parent != nil && parent.table != nil {
			d.groups = 0
		}
		return nil, d.names.add(in, hash, start, end)
	}
	d.groups &= child.groups
	fresh = d.cells[child.id].line != d.number
	d.cells[child.id].line = d.number
	return child, fresh
}
