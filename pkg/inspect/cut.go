package inspect

import (
	"bytes"
	"strings"
)

// Segment is what stands between two delimiters of a key. CUST#42 has the
// segments CUST and 42; in order-17 a word and an id stand in one segment.
type Segment struct {
	Word  string // fixed text; with ID set it stands before the id
	ID    bool   // something that differs from item to item
	Delim string // that follows; empty for the last segment
}

// Pattern is the form of a key.
type Pattern []Segment

// String spells the pattern as templates of a model file are written, with {}
// for each capture.
func (p Pattern) String() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(s.Word))
		if s.ID {
			b.WriteString("{}")
		}
		b.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(s.Delim))
	}
	return b.String()
}

// piece is a segment as a range of a text.
type piece struct {
	start, word, end int // text[start:word] is the fixed text, text[word:end] the id
	delim            int // text[end:delim] is the delimiter
}

// maxSegments bounds a pattern: everything after belongs to the last segment.
const maxSegments = 8

// Cut cuts a key at the usual delimiters, # | : / ~ $ and runs of them. Times are
// recognised first, because they contain delimiters.
func Cut(text string) Pattern {
	var pattern Pattern
	for _, p := range cut([]byte(text), nil, usualDelims) {
		pattern = append(pattern, Segment{Word: text[p.start:p.word], ID: p.end > p.word, Delim: text[p.end:p.delim]})
	}
	return pattern
}

func cut(text []byte, pieces []piece, d Delims) []piece {
	start := 0
	for {
		end := start + special(text[start:], d)
		for end < len(text) && !d.Has(text[end]) {
			end++
		}
		delim := end
		for delim < len(text) && d.Has(text[delim]) {
			delim++
		}
		if len(pieces) == maxSegments-1 {
			end, delim = len(text), len(text)
		}
		pieces = append(pieces, piece{start: start, word: start + word(text[start:end]), end: end, delim: delim})
		if delim == len(text) {
			return pieces
		}
		start = delim
	}
}

// special returns the length of a time at the beginning of text, or of a UUID if
// hyphens are delimiters: nothing is cut within. It returns 0 if there is neither.
func special(text []byte, d Delims) int {
	const day = "dddd-dd-dd"
	if !like(text, day) {
		if len(text) >= 36 && text[8] == '-' && d.Has('-') && isUUID(text[:36]) {
			return 36
		}
		return 0
	}
	n := len(day)
	if n == len(text) || text[n] != 'T' && text[n] != 't' && text[n] != ' ' || !like(text[n+1:], "dd:dd") {
		return n
	}
	n += 1 + len("dd:dd")
	if like(text[n:], ":dd") {
		n += len(":dd")
	}
	if n+1 < len(text) && (text[n] == '.' || text[n] == ',') && isDigit(text[n+1]) {
		for n++; n < len(text) && isDigit(text[n]); n++ {
		}
	}
	switch rest := text[n:]; {
	case len(rest) > 0 && (rest[0] == 'Z' || rest[0] == 'z'):
		return n + 1
	case len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') && like(rest[1:], "dd:dd"):
		return n + len("+dd:dd")
	case len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') && like(rest[1:], "dddd"):
		return n + len("+dddd")
	}
	return n
}

// like reports whether text begins with the form: d is a digit.
func like(text []byte, form string) bool {
	if len(text) < len(form) {
		return false
	}
	for i := range len(form) {
		if form[i] == 'd' != isDigit(text[i]) || form[i] != 'd' && form[i] != text[i] {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// maxWord is how long a literal may be. Longer runs of letters are ids that
// happen to have no digit.
const maxWord = 32

// word returns how much of a segment is fixed text, as far as its form tells:
// all of PROFILE and #META, the CUST- of CUST-42, the v2_ of v2_ann, the order of
// order42, and nothing of 42 or a@b.org.
func word(segment []byte) int {
	n := 0
	for n < len(segment) && isLetter(segment[n]) {
		n++
	}
	switch {
	case n == len(segment):
		if n > maxWord {
			return 0
		}
		return n
	case n == 1 && segment[0]|0x20 == 'v':
		return version(segment)
	case isUUID(segment):
		return 0
	}
	return tagged(segment, n)
}

// tagged returns the fixed text of a segment whose first n bytes are letters.
func tagged(segment []byte, n int) int {
	if n == 0 && (segment[0] != '_' && segment[0] != '-' && segment[0] != '.') {
		return 0
	}
	// Words may be joined: access-token, USER_PROFILE, USER_PROFILE-17.
	end := n
	for i := n; i < len(segment); i++ {
		c := segment[i]
		if c == '-' || c == '_' || c == '.' && n == 0 {
			end = i + 1
			if isUUID(segment[end:]) || isULID(segment[end:]) {
				break // its letters are no word
			}
			continue
		}
		if !isLetter(c) {
			break
		}
		if i == len(segment)-1 && len(segment) <= maxWord {
			return len(segment) // nothing but words
		}
	}
	if end > maxWord || end == 0 {
		return 0
	}
	rest := segment[end:]
	if end > n { // a word and a mark before the id
		if len(rest) == 0 {
			return len(segment)
		}
		return end
	}
	for _, c := range rest { // letters before digits and nothing else
		if !isDigit(c) {
			return 0
		}
	}
	return end
}

// version returns the fixed text of a segment that begins with a v: v2, or v2_ and
// v2- before an id.
func version(segment []byte) int {
	n := 1
	for n < len(segment) && n < 3 && isDigit(segment[n]) {
		n++
	}
	switch {
	case n > 1 && n == len(segment):
		return n
	case n > 1 && (segment[n] == '_' || segment[n] == '-'):
		return n + 1
	}
	return tagged(segment, 1)
}

func isUUID(text []byte) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range text {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
			continue
		}
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// isULID recognises 26 characters of Crockford's alphabet.
func isULID(text []byte) bool {
	if len(text) != 26 || text[0] > '7' || text[0] < '0' {
		return false
	}
	for _, c := range text {
		if !isDigit(c) && (c < 'A' || c > 'Z' || bytes.IndexByte([]byte("ILOU"), c) >= 0) {
			return false
		}
	}
	return true
}

// isEmail recognises the usual form of an address.
func isEmail(text []byte) bool {
	at := bytes.IndexByte(text, '@')
	if at < 1 || at > 64 || bytes.ContainsAny(text, " \t/:#") {
		return false
	}
	dot := bytes.IndexByte(text[at:], '.')
	return dot > 1 && at+dot < len(text)-1 && bytes.LastIndexByte(text, '@') == at
}
