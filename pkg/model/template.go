package model

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Template is the pattern of an attribute: literal text and captures in braces,
// "CUST#{username}". A capture takes at least one byte. Where a text can be read
// in more than one way, earlier captures take as little as they can. Of
// "PROJECT#{projectid!#}" the capture takes no #, so that PROJECT#1#TASK#2 is
// something else.
type Template struct {
	parts []part
}

// part is a literal or, if capture is set, the name of one.
type part struct {
	text    string
	capture bool
	without byte // a character that the capture does not take; 0 for none
}

// takes reports whether a capture may take a text.
func (p part) takes(text []byte) bool {
	return len(text) > 0 && (p.without == 0 || bytes.IndexByte(text, p.without) < 0)
}

// ParseTemplate reads a template. Two captures need literal text between them.
// "{{" and "}}" stand for the braces themselves. A mark that a capture does not
// take stands behind its name: "{projectid!#}".
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
			name, mark, excludes := strings.Cut(text[i+1:i+end], "!")
			if excludes && (len(mark) != 1 || !isMark(mark[0])) {
				return Template{}, fmt.Errorf("behind the ! in {%s} stands one mark that the capture does not take, such as {%s!#}", text[i+1:i+end], name)
			}
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
			capture := part{text: name, capture: true}
			if excludes {
				capture.without = mark[0]
			}
			t.parts = append(t.parts, capture)
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
			b.WriteString("{" + p.text)
			if p.without != 0 {
				b.WriteString("!" + string(p.without))
			}
			b.WriteString("}")
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
		return append(captures, text), parts[0].takes(text)
	}
	// The last literal can only stand at the end. Any other begins at its first
	// place: that leaves the most to the rest, but for captures that take less.
	literal := parts[1].text
	if len(parts) == 2 {
		end := len(text) - len(literal)
		if end < 1 || string(text[end:]) != literal || !parts[0].takes(text[:end]) {
			return captures, false
		}
		return append(captures, text[:end]), true
	}
	for end := 1; end < len(text); end++ {
		next := bytes.Index(text[end:], []byte(literal))
		if next < 0 {
			break
		}
		end += next
		if !parts[0].takes(text[:end]) {
			break
		}
		if all, ok := match(parts[2:], text[end+len(literal):], append(captures, text[:end])); ok || !restricted(parts[2:]) {
			return all, ok
		}
	}
	return captures, false
}

// restricted reports whether a capture does not take any text.
func restricted(parts []part) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return p.without != 0 })
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
				if c, ok := common(a[i.from], b[j.from]); ok {
					visit(place{i.to, j.to}, text+string([]byte{c}))
				}
			}
		}
	}
	return "", false
}

// pattern is a template as a sequence of letters; a capture is one letter or more.
type pattern []letter

// letter is a character, or any but one.
type letter struct {
	text    byte
	any     bool
	without byte
}

// common returns a character that both letters stand for, if there is one.
func common(a, b letter) (byte, bool) {
	if !a.any && !b.any {
		return a.text, a.text == b.text
	}
	if !a.any {
		return a.text, b.without == 0 || b.without != a.text
	}
	if !b.any {
		return common(b, a)
	}
	return 'x', true // no mark is a letter
}

func (t Template) pattern() pattern {
	var p pattern
	for _, part := range t.parts {
		if part.capture {
			p = append(p, letter{any: true, without: part.without})
			continue
		}
		for _, c := range []byte(part.text) {
			p = append(p, letter{text: c})
		}
	}
	return p
}

// step takes one letter at place from, and leads to place to.
type step struct{ from, to int }

// steps lists what can be taken at a place: a letter; of a capture, its last
// letter or one of more.
func (p pattern) steps(i int) []step {
	if i == len(p) {
		return nil
	}
	if p[i].any {
		return []step{{i, i + 1}, {i, i}}
	}
	return []step{{i, i + 1}}
}

// isMark reports whether a character may delimit ids: ASCII punctuation other than
// braces.
func isMark(c byte) bool {
	return c > ' ' && c < 0x7f && c != '{' && c != '}' && !(c >= '0' && c <= '9') && !(c|0x20 >= 'a' && c|0x20 <= 'z')
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
