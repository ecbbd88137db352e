package ddbjson

// AppendPlain appends the value as JSON without type tags: text and binary values
// (as base64) as strings, numbers with all their digits, sets and lists as
// arrays, maps as objects. A value that is [Missing] or [Unreachable] adds
// nothing.
func (v Value) AppendPlain(dst []byte) []byte {
	switch v.kind {
	case Missing, Unreachable:
	case String, Binary:
		dst = append(append(append(dst, '"'), v.raw...), '"')
	case Number:
		var scratch []byte
		dst = appendNumber(dst, v.Text(&scratch))
	case Bool:
		dst = append(dst, v.raw...)
	case Null:
		dst = append(dst, "null"...)
	case Map:
		dst = append(dst, '{')
		first := len(dst)
		for name, value := range v.Members() {
			dst = value.AppendPlain(appendName(dst, first, name))
		}
		dst = append(dst, '}')
	case List, StringSet, NumberSet, BinarySet:
		dst = append(dst, '[')
		first := len(dst)
		for value := range v.Elements() {
			if len(dst) > first {
				dst = append(dst, ',')
			}
			dst = value.AppendPlain(dst)
		}
		dst = append(dst, ']')
	}
	return dst
}

// appendNumber appends a number as JSON spells it, with the digits that it has:
// no plus sign in front, no needless zeros there, and digits on both sides of a
// point.
func appendNumber(dst, text []byte) []byte {
	if text[0] == '-' {
		dst = append(dst, '-')
	}
	if text[0] == '-' || text[0] == '+' {
		text = text[1:]
	}
	whole := 0
	for whole < len(text) && text[whole]-'0' <= 9 {
		whole++
	}
	digits := text[:whole]
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	if len(digits) == 0 {
		dst = append(dst, '0')
	}
	dst = append(dst, digits...)
	rest := text[whole:]
	if len(rest) > 0 && rest[0] == '.' && (len(rest) == 1 || rest[1]-'0' > 9) {
		rest = rest[1:] // no digits after the point
	}
	return append(dst, rest...)
}
