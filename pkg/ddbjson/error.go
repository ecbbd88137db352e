package ddbjson

import (
	"fmt"
	"strconv"
	"strings"
)

// SyntaxError says why a line is not an item of an export.
type SyntaxError struct {
	Offset  int    // bytes from the start of the line to where the fault was seen, from 0
	Path    string // attribute, as in Address.city or tags[2]; empty outside attributes
	Problem string // what is wrong
}

func (e *SyntaxError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("decode item at byte %d: %s", e.Offset, e.Problem)
	}
	return fmt.Sprintf("decode attribute %s at byte %d: %s", e.Path, e.Offset, e.Problem)
}

// maxQuoted bounds how much of a name or a value an error repeats.
const maxQuoted = 64

// under puts a name before the path. Errors are built from the inside out.
func (e *SyntaxError) under(name []byte) {
	e.prepend(spell(name))
}

// at puts the index of a list element before the path.
func (e *SyntaxError) at(index int) {
	e.prepend("[" + strconv.Itoa(index) + "]")
}

func (e *SyntaxError) prepend(step string) {
	if e.Path != "" && !strings.HasPrefix(e.Path, "[") {
		step += "."
	}
	e.Path = step + e.Path
}

// spell writes a name as it is where it is a plain word, and quoted otherwise.
func spell(name []byte) string {
	for _, c := range name {
		plain := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c == '-'
		if !plain {
			return quote(name)
		}
	}
	if len(name) == 0 || len(name) > maxQuoted {
		return quote(name)
	}
	return string(name)
}

// quote repeats input in an error, cut to a bearable length.
func quote(text []byte) string {
	if len(text) > maxQuoted {
		return strconv.Quote(string(text[:maxQuoted])) + "…"
	}
	return strconv.Quote(string(text))
}
