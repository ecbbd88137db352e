package ddbjson

// The functions of this file read text that a Decoder has accepted, so they
// look for structure only: no fault can be met.

// enter returns the index of the first thing inside an object or array.
func enter(data []byte) int { return space(data, 1) }

// follow returns the index of what comes after a member or element that ended
// before i: the next one after its comma, or the closing bracket.
func follow(data []byte, i int) int {
	if i = space(data, i); data[i] == ',' {
		i = space(data, i+1)
	}
	return i
}

// behindColon returns the index of the value whose name ended before i.
func behindColon(data []byte, i int) int {
	return space(data, space(data, i)+1)
}

// readString reads the string that starts at i with its quote.
func readString(data []byte, i int, kind Kind) (v Value, next int) {
	end, escaped := skipString(data, i)
	return Value{raw: data[i+1 : end-1], kind: kind, escaped: escaped}, end
}

// skipString returns the index after the string that starts at i.
func skipString(data []byte, i int) (next int, escaped bool) {
	for i = plain(data, i+1); data[i] != '"'; i = plain(data, i) {
		if data[i] == '\\' {
			escaped = true
			i++
		}
		i++
	}
	return i + 1, escaped
}

// readValue reads the typed value whose object starts at i.
func readValue(data []byte, i int) (v Value, next int) {
	tag, i := readString(data, space(data, i+1), String)
	var name [8]byte // the longest tag has four characters
	kind := kindOf(tag.AppendText(name[:0]))
	i = behindColon(data, i)
	switch kind {
	case String, Number, Binary:
		v, i = readString(data, i, kind)
	default:
		end := skip(data, i)
		v, i = Value{raw: data[i:end], kind: kind}, end
	}
	return v, space(data, i) + 1
}

// skip returns the index after the literal, object or array that starts at i.
func skip(data []byte, i int) int {
	for depth := 0; ; {
		switch data[i] {
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case '"':
			i, _ = skipString(data, i)
		case 't', 'n':
			i += len("true")
		case 'f':
			i += len("false")
		default:
			i++
			continue
		}
		if depth == 0 {
			return i
		}
	}
}
