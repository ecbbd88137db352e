package model

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Template is the pattern of an attribute: literal text and captures in braces,
// "CUST#{username}". A capture takes at least one byte. Where a text can be read
// in more than one way, earlier captures take as little as they can.
type Template struct {
	parts []part
}

// part is a literal or, if capture is set, the name of one.
type part struct {
	text    string
	capture bool
}

// ParseTemplate reads a template. Two captures need literal text between them.
// "{{" and "}}" stand for the braces themselves.
func ParseTemplate(text string) (Template, error) {
	var t Template
	literal := ""
	flush := func() {
		if literal != "" {
			t.parts = append(t.parts, part{text: literal})
		}
		literal = ""
	}
	for i := 0; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], "{{"), strings.HasPrefix(text[i:], "}}"):
			literal += text[i : i+1]
			i += 2
		case text[i] == '}':
			return Template{}, fmt.Errorf("the brace at character %d closes nothing; write }} for the brace itself", i+1)
		case text[i] == '{':
			end := strings.IndexByte(text[i:], '}')
			if end < 0 {
				return Template{}, fmt.Errorf("the brace at character %d is not closed; write {{ for the brace itself", i+1)
			}
			name := text[i+1 : i+end]
			if !isName(name) {
				return Template{}, fmt.Errorf("%q is not the name of a column: lower-case letters, digits and _, beginning with a letter", name)
			}
			flush()
			if n := len(t.parts); n > 0 && t.parts[n-1].capture {
				return Template{}, fmt.Errorf("nothing separates {%s} from {%s}", t.parts[n-1].text, name)
			}
			if t.Captures(name) {
				return Template{}, fmt.Errorf("{%s} stands in it twice", name)
			}
			t.parts = append(t.parts, part{text: name, capture: true})
			i += end + 1
		default:
			literal += text[i : i+1]
			i++
		}
	}
	flush()
	if len(t.parts) == 0 {
		return Template{}, errors.New("it is empty")
	}
	return t, nil
}

// String spells the template.
func (t Template) String() string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.capture {
			b.WriteString("{" + p.text + "}")
			continue
		}
		b.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(p.text))
	}
	return b.String()
}

// Names returns the names of the captures, in order.
func (t Template) Names() []string {
	var names []string
	for _, p := range t.parts {
		if p.capture {
			names = append(names, p.text)
		}
	}
	return names
}

// Captures reports whether the template has a capture of that name.
func (t Template) Captures(name string) bool {
	for _, p := range t.parts {
		if p.capture && p.text == name {
			return true
		}
	}
	return false
}

// Match reports whether text follows the template, and appends what each
// capture takes, as windows into text, in the order of [Template.Names].
func (t Template) Match(text []byte, captures [][]byte) ([][]byte, bool) {
	before := len(captures)
	captures, ok := match(t.parts, text, captures)
	if !ok {
		return captures[:before], false
	}
	return captures, true
}

func match(parts []part, text []byte, captures [][]byte) ([][]byte, bool) {
	for len(parts) > 0 && !parts[0].capture {
		literal := parts[0].text
		if len(text) < len(literal) || string(text[:len(literal)]) != literal {
			return captures, false
		}
		parts, text = parts[1:], text[len(literal):]
	}
	if len(parts) == 0 {
		return captures, len(text) == 0
	}
	if len(parts) == 1 {
		return append(captures, text), len(text) > 0
	}
	// The last literal can only stand at the end. Any other begins at its first
	// place: that leaves the most to the rest.
	literal := parts[1].text
	end := len(text) - len(literal)
	if len(parts) > 2 {
		end = 1 + bytes.Index(text[min(1, len(text)):], []byte(literal))
	}
	if end < 1 || string(text[end:end+len(literal)]) != literal {
		return captures, false
	}
	return match(parts[2:], text[end+len(literal):], append(captures, text[:end]))
}

// Fill returns the text of the template with these values in its captures, in
// the order of [Template.Names].
func (t Template) Fill(values []string) string {
	var b strings.Builder
	for _, p := range t.parts {
		if !p.capture {
			b.WriteString(p.text)
			continue
		}
		b.WriteString(values[0])
		values = values[1:]
	}
	return b.String()
}

// Common returns a text that both templates match, if there is one.
func (t Template) Common(other Template) (string, bool) {
	a, b := t.pattern(), other.pattern()
	// Breadth first over pairs of places; the text that leads to a pair is kept.
	type place struct{ i, j int }
	reached := map[place]string{{}: ""}
	queue := []place{{}}
	visit := func(p place, text string) {
		if _, seen := reached[p]; !seen {
			reached[p] = text
			queue = append(queue, p)
		}
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		text := reached[p]
		if p.i == len(a) && p.j == len(b) {
			return text, true
		}
		for _, i := range a.steps(p.i) {
			for _, j := range b.steps(p.j) {
				switch c, d := a.letter(i.from), b.letter(j.from); {
				case c == anything && d == anything:
					visit(place{i.to, j.to}, text+"x")
				case c == anything:
					visit(place{i.to, j.to}, text+string([]byte{byte(d)}))
				case d == anything || c == d:
					visit(place{i.to, j.to}, text+string([]byte{byte(c)}))
				}
			}
		}
	}
	return "", false
}

// pattern is a template as a sequence of letters; anything is one letter or more.
type pattern []int

const anything = 256

func (t Template) pattern() pattern {
	var p pattern
	for _, part := range t.parts {
		if part.capture {
			p = append(p, anything)
			continue
		}
		for _, c := range []byte(part.text) {
			p = append(p, int(c))
		}
	}
	return p
}

func (p pattern) letter(i int) int { return p[i] }

// step takes one letter at place from, and leads to place to.
type step struct{ from, to int }

// steps lists what can be taken at a place: a letter; of a capture, its last
// letter or one of more.
func (p pattern) steps(i int) []step {
	if i == len(p) {
		return nil
	}
	if p[i] == anything {
		return []step{{i, i + 1}, {i, i}}
	}
	return []step{{i, i + 1}}
}

// isName reports whether a table or column may be called so: a word that needs
// no escaping anywhere, short enough for every catalogue.
func isName(name string) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return name != "" && len(name) <= maxName
}

// maxName is how many bytes a name may have: PostgreSQL's limit. Redshift and
// DuckDB take longer names.
const maxName = 63
