package ddbjson

// typed reads a value with its type tag, {"S":"…"}, in any spelling that JSON
// allows. The usual spellings of S and N don't come here.
func (d *Decoder) typed(i int, n *node, depth int) int {
	if !d.is(i, '{') {
		return d.expected(i, "'{' of a typed value")
	}
	if i = space(d.line, i+1); !d.is(i, '"') {
		return d.expected(i, "a type tag")
	}
	tagAt := i
	tag, i := d.name(i + 1)
	if i < 0 {
		return i
	}
	kind := kindOf(tag)
	if kind == Missing {
		return d.fail(tagAt, "unknown type tag "+quote(tag))
	}
	if i = space(d.line, i); !d.is(i, ':') {
		return d.expected(i, "':'")
	}
	i = space(d.line, i+1)
	switch kind {
	case String, Number, Binary:
		if !d.is(i, '"') {
			return d.expected(i, "a string behind the type tag "+kind.String())
		}
		return d.text(i+1, n, kind)
	}
	end := d.payload(i, n, kind, depth)
	if end < 0 {
		return end
	}
	d.record(n, Value{raw: d.line[i:end], kind: kind})
	if n != nil && n.table != nil {
		switch kind {
		case Map:
		case Null:
			d.fallBelow(n, Null)
		default:
			d.fallBelow(n, Unreachable)
		}
	}
	return d.closeValue(end)
}

// payload reads what stands behind a type tag that isn't S, N or B.
func (d *Decoder) payload(i int, n *node, kind Kind, depth int) int {
	switch kind {
	case Bool:
		if end := d.literal(i, "true"); end > 0 {
			return end
		}
		if end := d.literal(i, "false"); end > 0 {
			return end
		}
		return d.expected(i, "true or false behind BOOL")
	case Null:
		if end := d.literal(i, "true"); end > 0 {
			return end
		}
		return d.expected(i, "true behind NULL")
	case Map:
		if !d.is(i, '{') {
			return d.expected(i, "'{' behind M")
		}
		if depth++; depth > maxDepth {
			return d.fail(i, "nested deeper than 64 levels")
		}
		return d.members(i+1, n, depth)
	case List:
		return d.list(i, depth+1)
	default:
		return d.set(i, kind)
	}
}

// literal returns the index behind a word at i, or zero if another stands there.
func (d *Decoder) literal(i int, word string) int {
	if end := i + len(word); end <= len(d.line) && string(d.line[i:end]) == word {
		return end
	}
	return 0
}

// list reads the typed values of an L.
func (d *Decoder) list(i, depth int) int {
	if !d.is(i, '[') {
		return d.expected(i, "'[' behind L")
	}
	if depth > maxDepth {
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
		return d.expected(i, "'[' behind "+kind.String())
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
	v := Value{raw: d.line[i+1 : end], kind: kind, escaped: escaped}
	if problem = v.check(); problem != "" {
		return d.fail(i+1, problem)
	}
	return end + 1
}

// fallBelow gives all nodes below n, which isn't a map, the same kind.
func (d *Decoder) fallBelow(n *node, kind Kind) {
	for _, child := range n.children {
		d.record(child, Value{kind: kind})
		d.fallBelow(child, kind)
	}
}

// check says what is wrong with the text of an N or B.
func (v Value) check() (problem string) {
	text := v.raw
	if v.escaped {
		text = appendUnescaped(nil, text) // no writer does this to numbers; rare in base64
	}
	switch v.kind {
	case Number:
		return checkNumber(text)
	case Binary:
		return checkBase64(text)
	}
	return ""
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
		return "base64 with bits behind its end"
	}
	return ""
}
