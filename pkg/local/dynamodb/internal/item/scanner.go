// Package item reads attribute values from requests and writes them as they are
// stored: compact JSON, validated as DynamoDB validates, numbers normalised.
//
// It is the decoder of the local DynamoDB endpoint. A [Scanner] walks over JSON
// text without building a tree; a [Parser] reads items with it and appends their
// canonical text to a buffer, so that an item costs one pass and no allocation;
// [AppendKey] turns key values into bytes that sort as DynamoDB sorts. The
// package knows nothing about tables, requests or storage, and it keeps the
// order of attributes as it came.
package item

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
)

// maxDepth bounds the nesting of JSON text that is skipped, so that no request
// exhausts the stack.
const maxDepth = 256

// malformed is a refusal of text that is not JSON or not of the expected shape.
func malformed(format string, args ...any) error {
	return awsjson.Refuse(awsjson.CodeSerialization, format, args...)
}

// invalid is a refusal of a value that is readable but not allowed.
func invalid(format string, args ...any) error {
	return awsjson.Refuse(awsjson.CodeValidation, format, args...)
}

// wrong is invalid with DynamoDB's usual opening words.
func wrong(format string, args ...any) error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}

// Scanner reads one JSON text from left to right. Its methods consume the next
// value and refuse anything that is not strict JSON in UTF-8. After an error it
// must not be used further.
type Scanner struct {
	text []byte
	pos  int
}

// NewScanner returns a scanner at the start of text, which it neither copies
// nor changes.
func NewScanner(text []byte) *Scanner {
	return &Scanner{text: text}
}

// next skips white space and returns the byte that follows, or 0 at the end.
func (s *Scanner) next() byte {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// expect consumes the byte c, which must come next.
func (s *Scanner) expect(c byte, where string) error {
	if s.next() != c {
		return s.unexpected(where)
	}
	s.pos++
	return nil
}

func (s *Scanner) unexpected(where string) error {
	if s.next() == 0 && s.pos >= len(s.text) {
		return malformed("unexpected end of the request in %s", where)
	}
	return malformed("unexpected character %q at byte %d, in %s", s.text[s.pos], s.pos, where)
}

// End checks that nothing but white space follows.
func (s *Scanner) End() error {
	if s.next(); s.pos < len(s.text) {
		return s.unexpected("what follows the request")
	}
	return nil
}

// Object reads an object and calls field for every name, in their order. Field
// must consume the value. The name is valid until the text changes. Object does
// not look for duplicate names.
func (s *Scanner) Object(field func(name []byte) error) error {
	if err := s.expect('{', "an object"); err != nil {
		return err
	}
	if s.next() == '}' {
		s.pos++
		return nil
	}
	for {
		name, err := s.String()
		if err != nil {
			return err
		}
		if err := s.expect(':', "an object"); err != nil {
			return err
		}
		if err := field(name); err != nil {
			return err
		}
		more, err := s.more('}', "an object")
		if err != nil || !more {
			return err
		}
	}
}

// Array reads an array and calls element at every element, which it must consume.
func (s *Scanner) Array(element func() error) error {
	if err := s.expect('[', "an array"); err != nil {
		return err
	}
	if s.next() == ']' {
		s.pos++
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		more, err := s.more(']', "an array")
		if err != nil || !more {
			return err
		}
	}
}

// more consumes a comma, or the closing byte and reports false.
func (s *Scanner) more(closing byte, where string) (bool, error) {
	switch s.next() {
	case ',':
		s.pos++
		return true, nil
	case closing:
		s.pos++
		return false, nil
	default:
		return false, s.unexpected(where)
	}
}

// String reads a string and returns it decoded. Without escapes in it, it is a
// part of the text, else a copy.
func (s *Scanner) String() ([]byte, error) {
	if err := s.expect('"', "a string"); err != nil {
		return nil, err
	}
	start, ascii := s.pos, true
	for i := start; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.pos = i + 1
			if !ascii && !utf8.Valid(s.text[start:i]) {
				return nil, malformed("a string at byte %d is not UTF-8", start)
			}
			return s.text[start:i:i], nil
		case c == '\\':
			return s.escaped(start, i)
		case c < ' ':
			return nil, malformed("unescaped control character at byte %d", i)
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, malformed("unexpected end of the request in a string")
}

// escaped finishes a string that begins at start and has its first backslash at
// first.
func (s *Scanner) escaped(start, first int) ([]byte, error) {
	out := append(make([]byte, 0, 2*(first-start)+16), s.text[start:first]...)
	for s.pos = first; s.pos < len(s.text); {
		switch c := s.text[s.pos]; {
		case c == '"':
			s.pos++
			if !utf8.Valid(out) {
				return nil, malformed("a string at byte %d is not UTF-8", start)
			}
			return out, nil
		case c == '\\':
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
		case c < ' ':
			return nil, malformed("unescaped control character at byte %d", s.pos)
		default:
			out = append(out, c)
			s.pos++
		}
	}
	return nil, malformed("unexpected end of the request in a string")
}

// escape reads one escape sequence, or two that form a surrogate pair. Half a
// pair is not a character and is refused: storing it would change the data.
func (s *Scanner) escape() (rune, error) {
	if s.pos+1 >= len(s.text) {
		return 0, malformed("unexpected end of the request in a string")
	}
	if c := s.text[s.pos+1]; c != 'u' {
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 {
			return 0, malformed("unknown escape %q at byte %d", s.text[s.pos:s.pos+2], s.pos)
		}
		s.pos += 2
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	start := s.pos
	high, err := s.hex4()
	if err != nil {
		return 0, err
	}
	if high < 0xD800 || high > 0xDFFF {
		return high, nil
	}
	if high < 0xDC00 && bytes.HasPrefix(s.text[s.pos:], []byte(`\u`)) {
		low, err := s.hex4()
		if err != nil {
			return 0, err
		}
		if low >= 0xDC00 && low <= 0xDFFF {
			return 0x10000 + (high-0xD800)<<10 + (low - 0xDC00), nil
		}
	}
	return 0, malformed("half a surrogate pair at byte %d", start)
}

// hex4 reads \uXXXX.
func (s *Scanner) hex4() (rune, error) {
	if s.pos+6 > len(s.text) {
		return 0, malformed("unexpected end of the request in a string")
	}
	var r rune
	for _, c := range s.text[s.pos+2 : s.pos+6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 + rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 + rune(c|0x20-'a') + 10
		default:
			return 0, malformed("unknown escape %q at byte %d", s.text[s.pos:s.pos+6], s.pos)
		}
	}
	s.pos += 6
	return r, nil
}

// Bool reads true or false.
func (s *Scanner) Bool() (bool, error) {
	switch {
	case s.literal("true"):
		return true, nil
	case s.literal("false"):
		return false, nil
	default:
		return false, s.unexpected("a boolean")
	}
}

// literal consumes a word if it comes next.
func (s *Scanner) literal(word string) bool {
	s.next()
	if !bytes.HasPrefix(s.text[s.pos:], []byte(word)) {
		return false
	}
	s.pos += len(word)
	return true
}

// Skip reads any value and returns its text.
func (s *Scanner) Skip() ([]byte, error) {
	s.next()
	start := s.pos
	if err := s.skip(0); err != nil {
		return nil, err
	}
	return s.text[start:s.pos:s.pos], nil
}

func (s *Scanner) skip(depth int) error {
	if depth > maxDepth {
		return malformed("more than %d levels of nesting at byte %d", maxDepth, s.pos)
	}
	switch c := s.next(); {
	case c == '{':
		return s.Object(func([]byte) error { return s.skip(depth + 1) })
	case c == '[':
		return s.Array(func() error { return s.skip(depth + 1) })
	case c == '"':
		_, err := s.String()
		return err
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	case s.literal("true"), s.literal("false"), s.literal("null"):
		return nil
	default:
		return s.unexpected("a value")
	}
}

// number reads a JSON number.
func (s *Scanner) number() error {
	if s.text[s.pos] == '-' {
		s.pos++
	}
	switch digits := s.digits(); {
	case digits == 0, digits > 1 && s.text[s.pos-digits] == '0':
		return s.unexpected("a number")
	}
	if s.pos < len(s.text) && s.text[s.pos] == '.' {
		s.pos++
		if s.digits() == 0 {
			return s.unexpected("a number")
		}
	}
	if s.pos < len(s.text) && s.text[s.pos]|0x20 == 'e' {
		s.pos++
		if s.pos < len(s.text) && (s.text[s.pos] == '+' || s.text[s.pos] == '-') {
			s.pos++
		}
		if s.digits() == 0 {
			return s.unexpected("a number")
		}
	}
	return nil
}

func (s *Scanner) digits() int {
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos] >= '0' && s.text[s.pos] <= '9' {
		s.pos++
	}
	return s.pos - start
}

// AppendQuoted appends text, which must be UTF-8, as a JSON string with only
// those escapes that JSON demands.
func AppendQuoted(out, text []byte) []byte {
	const hexDigits = "0123456789abcdef"
	out = append(out, '"')
	start := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		out = append(out, text[start:i]...)
		start = i + 1
		switch j := strings.IndexByte("\"\\\b\f\n\r\t", c); {
		case j >= 0:
			out = append(out, '\\', `"\bfnrt`[j])
		default:
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	out = append(out, text[start:]...)
	return append(out, '"')
}
