package ddbjson

import "encoding/binary"

// typed reads a value with its type tag, {"S":"…"}, in any spelling that JSON
// allows, and returns the index after it.
func (d *Decoder) typed(i int, n *node, depth int) int {
	if !d.is(i, '{') {
		return d.expected(i, "'{' of a typed value")
	}
	if i = space(d.line, i+1); !d.is(i, '"') {
		return d.expected(i, "a type tag")
	}
	at := i
	start, end, i := d.name(i)
	if i < 0 {
		return i
	}
	tag := d.names.name(start, end)
	kind := kindOf(tag)
	if kind == Missing {
		return d.fail(at, "unknown type tag "+quote(tag))
	}
	if i = space(d.line, i); !d.is(i, ':') {
		return d.expected(i, "':'")
	}
	return d.closeValue(d.payload(space(d.line, i+1), n, kind, depth))
}

// closeValue reads the brace after the payload that ended before i, and
// passes on a fault in it.
func (d *Decoder) closeValue(i int) int {
	if i < 0 {
		return i
	}
	if i = space(d.line, i); d.is(i, '}') {
		return i + 1
	}
	if d.is(i, ',') {
		return d.fail(i, "a value has more than one type tag")
	}
	return d.expected(i, "'}' after a value")
}

// payload reads what stands after a type tag, keeps it for the node, and
// returns the index after it.
func (d *Decoder) payload(i int, n *node, kind Kind, depth int) int {
	start := i
	switch kind {
	case String, Number, Binary:
		if !d.is(i, '"') {
			return d.expected(i, "a string after the type tag "+kind.String())
		}
		return d.text(i+1, n, kind)
	case Map:
		return d.mapping(i, n, depth)
	case List:
		i = d.list(i, depth)
	case Bool:
		i = d.literal(i, "true", "false")
	case Null:
		i = d.literal(i, "true", "true")
	default:
		i = d.set(i, kind)
	}
	if i < 0 || n == nil {
		return i
	}
	d.record(n, kind, start, i)
	if kind == Null {
		d.recordBelow(n, Null)
	} else {
		d.recordBelow(n, Unreachable)
	}
	return i
}

// text reads the string of an S, N or B from after its opening quote to
// after the closing one.
func (d *Decoder) text(i int, n *node, kind Kind) int {
	end, escaped, problem := scanString(d.line, i)
	if problem != "" {
		return d.fail(end, problem)
	}
	short := kind == Number && i+8 <= len(d.line) && isShortNumber(binary.LittleEndian.Uint64(d.line[i:]), end-i)
	if kind != String && !short {
		if problem = checkText(d.line[i:end], kind, escaped); problem != "" {
			return d.fail(i, problem)
		}
	}
	if n != nil {
		d.cells[n.id] = cell{line: d.number, start: uint32(i), end: uint32(end), kind: kind, escaped: escaped}
		if n.table != nil {
			d.recordBelow(n, Unreachable)
		}
	}
	return end + 1
}

// mapping reads the object of an M.
func (d *Decoder) mapping(i int, n *node, depth int) int {
	if !d.is(i, '{') {
		return d.expected(i, "'{' after M")
	}
	if depth++; depth > maxDepth {
		return d.fail(i, "nested deeper than 64 levels")
	}
	end := d.members(i+1, n, depth)
	if end >= 0 {
		d.record(n, Map, i, end)
	}
	return end
}

// literal reads one of two words after BOOL or NULL.
func (d *Decoder) literal(i int, word, other string) int {
	for _, w := range [2]string{word, other} {
		if end := i + len(w); end <= len(d.line) && string(d.line[i:end]) == w {
			return end
		}
	}
	if word == other {
		return d.expected(i, word+" after NULL")
	}
	return d.expected(i, word+" or "+other+" after BOOL")
}

// list reads the typed values of an L.
func (d *Decoder) list(i, depth int) int {
	if !d.is(i, '[') {
		return d.expected(i, "'[' after L")
	}
	if depth++; depth > maxDepth {
		return d.fail(i, "nested deeper than 64 levels")
	}
	if i = space(d.line, i+1); d.is(i, ']') {
		return i + 1
	}
	for index := 0; ; index++ {
		if i = d.typed(i, nil, depth); i < 0 {
			d.err.at(index)
			return i
		}
		if i = space(d.line, i); d.is(i, ']') {
			return i + 1
		}
		if !d.is(i, ',') {
			return d.expected(i, "',' or ']' after an element")
		}
		i = space(d.line, i+1)
	}
}

// set reads the strings of an SS, NS or BS.
func (d *Decoder) set(i int, kind Kind) int {
	if !d.is(i, '[') {
		return d.expected(i, "'[' after "+kind.String())
	}
	if i = space(d.line, i+1); d.is(i, ']') {
		return d.fail(i, "an empty set")
	}
	for index := 0; ; index++ {
		if i = d.element(i, elementKind(kind)); i < 0 {
			d.err.at(index)
			return i
		}
		if i = space(d.line, i); d.is(i, ']') {
			return i + 1
		}
		if !d.is(i, ',') {
			return d.expected(i, "',' or ']' after an element")
		}
		i = space(d.line, i+1)
	}
}

// element reads one string of a set.
func (d *Decoder) element(i int, kind Kind) int {
	if !d.is(i, '"') {
		return d.expected(i, "a string in a set")
	}
	end, escaped, problem := scanString(d.line, i+1)
	if problem != "" {
		return d.fail(end, problem)
	}
	if problem = checkText(d.line[i+1:end], kind, escaped); problem != "" {
		return d.fail(i+1, problem)
	}
	return end + 1
}

// checkText says what is wrong with the content of an N or B.
func checkText(content []byte, kind Kind, escaped bool) (problem string) {
	if escaped {
		content = appendUnescaped(nil, content) // no writer does this to numbers, few to base64
	}
	switch kind {
	case Number:
		return checkNumber(content)
	case Binary:
		return checkBase64(content)
	default:
		return ""
	}
}

// checkBase64 says what is wrong with base64 in the standard alphabet, with
// padding and without line breaks. The bits that the last digit has to spare
// must be zero, so that each value has one spelling.
func checkBase64(text []byte) (problem string) {
	if len(text)%4 != 0 {
		return "base64 whose length is not a multiple of four"
	}
	digits := text
	for range 2 {
		if len(digits) > 0 && digits[len(digits)-1] == '=' {
			digits = digits[:len(digits)-1]
		}
	}
	var last byte
	for _, c := range digits {
		switch {
		case c >= 'A' && c <= 'Z':
			last = c - 'A'
		case c >= 'a' && c <= 'z':
			last = c - 'a' + 26
		case c >= '0' && c <= '9':
			last = c - '0' + 52
		case c == '+':
			last = 62
		case c == '/':
			last = 63
		default:
			return "not a base64 digit: " + quote([]byte{c})
		}
	}
	spare := byte(1)<<(2*(len(text)-len(digits))) - 1
	if last&spare != 0 {
		return "base64 with bits after its end"
	}
	return ""
}
