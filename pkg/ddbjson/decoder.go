package ddbjson

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// maxDepth bounds how deep maps and lists may nest, the item itself included.
// DynamoDB stores 32 levels.
const maxDepth = 64

// maxDecode bounds a line so that sums of offsets stay far from overflow on
// every platform.
const maxDecode = 1 << 30

// Decoder checks lines and picks the values of a [Selector] out of them. It
// is reused from line to line; it is not safe for concurrent use.
type Decoder struct {
	selector *Selector
	line     []byte
	err      *SyntaxError

	values  []Value  // by node.id
	seen    []uint64 // by node.id: number of the line that values belongs to
	number  uint64   // of the line, from 1
	names   names
	scratch []byte // names of this line that were unescaped
}

// NewDecoder returns a Decoder for the paths of the selector.
func NewDecoder(selector *Selector) *Decoder {
	return &Decoder{
		selector: selector,
		values:   make([]Value, selector.nodes),
		seen:     make([]uint64, selector.nodes),
	}
}

// Decode checks a line of an export and remembers the selected values. The
// line must not change while the values are used. The error is a
// [*SyntaxError]; after an error every slot is [Missing].
func (d *Decoder) Decode(line []byte) error {
	d.number++
	d.line, d.err, d.scratch = line, nil, d.scratch[:0]
	d.names.reset()
	i := d.open()
	if i >= 0 {
		start := i
		if i = d.members(i+1, d.selector.root, 1); i >= 0 {
			d.record(d.selector.root, Value{raw: line[start:i], kind: Map})
			i = d.close(i)
		}
	}
	if i < 0 {
		d.number++ // no value of this line is valid
		return d.err
	}
	return nil
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
	if d.seen[id] != d.number {
		return Value{}
	}
	return d.values[id]
}

// record keeps the value of a node, if there is one to keep it for.
func (d *Decoder) record(n *node, v Value) {
	if n != nil {
		d.seen[n.id] = d.number
		d.values[n.id] = v
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
	start := i
	name, i := d.name(i + 1)
	if i < 0 {
		return i
	}
	if string(name) != "Item" {
		return d.fail(start, `expected "Item", found `+quote(name))
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

// members reads the attributes of a map from behind its opening brace to
// behind the closing one.
func (d *Decoder) members(i int, parent *node, depth int) int {
	in := d.names.open()
	if i = space(d.line, i); d.is(i, '}') {
		return i + 1
	}
	for {
		if !d.is(i, '"') {
			return d.expected(i, "an attribute name")
		}
		start := i + 1
		key, name, behind := d.key(start)
		if behind < 0 {
			return behind
		}
		child, fresh := d.visit(parent, in, key, name)
		if !fresh {
			return d.fail(start-1, "attribute name "+quote(name)+" occurs twice")
		}
		if i = d.attribute(behind, child, depth); i < 0 {
			d.err.under(name)
			return i
		}
		switch {
		case d.is(i, ','):
			i++
		case d.is(i, '}'):
			return i + 1
		default:
			i = space(d.line, i)
			if d.is(i, '}') {
				return i + 1
			}
			if !d.is(i, ',') {
				return d.expected(i, "',' or '}' after an attribute")
			}
			i++
		}
		if i < len(d.line) && d.line[i] != '"' {
			i = space(d.line, i)
		}
	}
}

// key reads the attribute name from i on, behind its quote, with its first
// eight bytes as a number. Most names have at most seven bytes, all plain, and
// are found with one look at eight bytes.
func (d *Decoder) key(i int) (key uint64, name []byte, next int) {
	if i+8 <= len(d.line) {
		word := binary.LittleEndian.Uint64(d.line[i:])
		if m := special(word); m != 0 {
			n := bits.TrailingZeros64(m) >> 3
			if d.line[i+n] == '"' {
				return word & (1<<(8*n) - 1), d.line[i : i+n], i + n + 1
			}
		}
	}
	name, next = d.name(i)
	return leading(name), name, next
}

// name reads a name from i on, behind its quote.
func (d *Decoder) name(i int) (name []byte, next int) {
	end, escaped, problem := scanString(d.line, i)
	if problem != "" {
		return nil, d.fail(end, problem)
	}
	name = d.line[i:end]
	if escaped {
		start := len(d.scratch)
		d.scratch = appendUnescaped(d.scratch, name)
		name = d.scratch[start:len(d.scratch):len(d.scratch)]
	}
	return name, end + 1
}

// visit finds the node of a name below parent, if there is one, and reports
// whether the map had the name not yet.
func (d *Decoder) visit(parent *node, in uint32, key uint64, name []byte) (child *node, fresh bool) {
	if parent != nil {
		child = parent.child(key, name)
	}
	if child == nil {
		return nil, d.names.add(in, name)
	}
	fresh = d.seen[child.id] != d.number
	d.record(child, Value{})
	return child, fresh
}

// attribute reads a colon and a value, from behind a name.
func (d *Decoder) attribute(i int, n *node, depth int) int {
	const (
		size       = len(`:{"S":"`)
		mask       = 1<<(8*size) - 1
		leadString = uint64(':') | '{'<<8 | '"'<<16 | 'S'<<24 | '"'<<32 | ':'<<40 | '"'<<48
		leadNumber = uint64(':') | '{'<<8 | '"'<<16 | 'N'<<24 | '"'<<32 | ':'<<40 | '"'<<48
	)
	if i+8 <= len(d.line) {
		switch binary.LittleEndian.Uint64(d.line[i:]) & mask {
		case leadString:
			return d.text(i+size, n, String)
		case leadNumber:
			return d.text(i+size, n, Number)
		}
	}
	if i = space(d.line, i); !d.is(i, ':') {
		return d.expected(i, "':'")
	}
	return d.typed(space(d.line, i+1), n, depth)
}

// text reads the string of an S, N or B from behind its opening quote, and
// the brace that closes the value.
func (d *Decoder) text(i int, n *node, kind Kind) int {
	end, escaped, problem := scanString(d.line, i)
	if problem != "" {
		return d.fail(end, problem)
	}
	v := Value{raw: d.line[i:end], kind: kind, escaped: escaped}
	if kind != String {
		if problem = v.check(); problem != "" {
			return d.fail(i, problem)
		}
	}
	if n != nil {
		d.record(n, v)
		if n.table != nil {
			d.fallBelow(n, Unreachable)
		}
	}
	if end++; d.is(end, '}') {
		return end + 1
	}
	return d.closeValue(end)
}

// closeValue reads the brace behind the one member of a typed value.
func (d *Decoder) closeValue(i int) int {
	if i = space(d.line, i); d.is(i, '}') {
		return i + 1
	}
	if d.is(i, ',') {
		return d.fail(i, "a value has more than one type tag")
	}
	return d.expected(i, "'}' after a value")
}
