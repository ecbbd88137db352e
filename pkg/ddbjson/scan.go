package ddbjson

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Eight bytes are looked at as one number: ones and highs have the lowest and
// the highest bit of each byte set.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special sets the high bit of each byte of x that plain text of a string
// can't have: a quote, a backslash, a control character, or part of a
// character beyond ASCII. Only the lowest bit set is to be trusted: borrows
// may set others above it.
func special(x uint64) uint64 {
	below := (x ^ 0x02*ones) - 0x21*ones // swaps '"' and ' ', then finds what is below '!'
	backslash := (x ^ '\\'*ones) - ones
	return (below | backslash | x) & highs
}

// plain returns the first index from i on whose byte is special, or len(data).
func plain(data []byte, i int) int {
	for ; i+8 <= len(data); i += 8 {
		if m := special(binary.LittleEndian.Uint64(data[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// scanString checks the content of a string from i on, after its opening
// quote. It returns the index of the closing quote and whether the content
// has escapes. If problem isn't empty, end is where the fault is.
func scanString(data []byte, i int) (end int, escaped bool, problem string) {
	for {
		i = plain(data, i)
		if i == len(data) {
			return i, escaped, "the line ends inside a string"
		}
		switch c := data[i]; {
		case c == '"':
			return i, escaped, ""
		case c == '\\':
			_, width, problem := unescape(data[i:])
			if problem != "" {
				return i, escaped, problem
			}
			i += width
			escaped = true
		case c < 0x20:
			return i, escaped, "control character in a string; it must be escaped"
		default:
			for i < len(data) && data[i] >= utf8.RuneSelf {
				r, width := utf8.DecodeRune(data[i:])
				if r == utf8.RuneError && width <= 1 {
					return i, escaped, "invalid UTF-8"
				}
				i += width
			}
		}
	}
}

// unescape decodes the escape sequence that text starts with, a surrogate
// pair as one, and returns how many bytes it takes.
func unescape(text []byte) (r rune, width int, problem string) {
	if len(text) < 2 {
		return 0, 0, "the line ends inside a string"
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return rune(c), 2, ""
	case 'b':
		return '\b', 2, ""
	case 'f':
		return '\f', 2, ""
	case 'n':
		return '\n', 2, ""
	case 'r':
		return '\r', 2, ""
	case 't':
		return '\t', 2, ""
	case 'u':
		return unescapeUnicode(text)
	default:
		return 0, 0, "unknown escape sequence " + quote(text[:2])
	}
}

func unescapeUnicode(text []byte) (r rune, width int, problem string) {
	first, ok := hex4(text)
	if !ok {
		return 0, 0, `\u must be followed by four hexadecimal digits`
	}
	if !utf16.IsSurrogate(first) {
		return first, 6, ""
	}
	second, ok := hex4(text[6:])
	if r := utf16.DecodeRune(first, second); ok && r != utf8.RuneError {
		return r, 12, ""
	}
	return 0, 0, "unpaired surrogate " + quote(text[:6])
}

// hex4 reads \uXXXX at the start of text.
func hex4(text []byte) (r rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// appendUnescaped appends the text that the content of a checked string stands for.
func appendUnescaped(dst, content []byte) []byte {
	for i := 0; i < len(content); {
		if content[i] != '\\' {
			dst = append(dst, content[i])
			i++
			continue
		}
		r, width, _ := unescape(content[i:])
		if width == 0 {
			return dst // not reached: the content has been checked
		}
		dst = utf8.AppendRune(dst, r)
		i += width
	}
	return dst
}

// space returns the first index from i on that isn't JSON white space.
func space(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\r' || data[i] == '\n') {
		i++
	}
	return i
}
