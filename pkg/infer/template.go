package infer

import (
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// template is what a key of a type looks like: literal text and captures in turn.
type template struct {
	attribute string
	parts     []part
}

// part is literal text, or what is captured.
type part struct {
	literal string
	capture *capture
}

// capture is an id in a key.
type capture struct {
	key, segment int
	number       int    // of the segment, all keys together
	tail         bool   // the word of the segment is a literal in front of it
	without      byte   // a delimiter that it does not contain; 0 for none
	rest         bool   // it reaches to the end of the key, whatever stands there
	word         string // that stands before it, without marks
	chain        string // the last word before it, if ids stand between
	values       *inspect.Values
	sketch       *inspect.Sketch // nil if it is not known which ids there are
	unique       bool            // no two items have the same
	column       *column
}

// says is the number of the capture's text, as Attribute.Says counts.
func (c *capture) says() int {
	if c.tail {
		return 2*c.number + 1
	}
	return 2 * c.number
}

// forms makes templates of the keys of a type.
func (t *itemType) forms() []template {
	g := t.group
	all := make([]template, len(g.Keys))
	number := 0
	for k, key := range g.Keys {
		all[k] = t.form(k, number)
		number += len(key)
	}
	return all
}

func (t *itemType) form(k, number int) template {
	g := t.group
	var f template
	literal, word, chain := "", "", ""
	flush := func() {
		if literal != "" {
			f.parts = append(f.parts, part{literal: literal})
		}
		literal = ""
	}
	key := g.Keys[k]
	for i, s := range key {
		if !s.ID {
			literal += s.Word + s.Delim
			if s.Word != "" {
				word = s.Word
			}
			continue
		}
		p := g.Segments[k][i]
		c := &capture{key: k, segment: i, number: number + i, values: &p.Values, word: word}
		c.tail = t.literal(k, i, number+i)
		if c.tail {
			literal += s.Word
			c.word = s.Word
			c.sketch = p.Tail
		} else if p.Known() {
			c.sketch = &p.Sketch
			if word == "" {
				c.word = s.Word
			}
		}
		c.word = strings.Trim(c.word, "-_.")
		if c.word != "" {
			chain = c.word
		}
		c.chain = chain
		c.unique = p.Unique()
		if t.closed != 0 && !p.Contains(t.closed) {
			c.without = t.closed
		}
		flush()
		// A capture ends at the first place where what follows occurs, so it must
		// not occur within.
		if s.Delim != "" && p.Contains(s.Delim[0]) {
			c.rest, c.sketch, c.unique, c.without = true, nil, false, 0
			for j := i + 1; j < len(key); j++ {
				c.unique = c.unique || g.Segments[k][j].Unique()
			}
			f.parts = append(f.parts, part{capture: c})
			return f
		}
		f.parts = append(f.parts, part{capture: c})
		literal, word = s.Delim, ""
	}
	flush()
	return f
}

// literal decides whether the word of a segment is a literal in front of the id.
func (t *itemType) literal(k, i, number int) bool {
	g := t.group
	s := g.Keys[k][i]
	switch {
	case s.Word == "":
		return false
	case t.tight:
		return true
	}
	marked := strings.ContainsAny(s.Word[len(s.Word)-1:], "-_.")
	if g.Segments[k][i].Mixed {
		return marked
	}
	for _, a := range g.Root.Members {
		if len(a.Says) <= 2*number+1 || a.Present() == 0 || a.Present() < g.Items/2 {
			continue
		}
		switch a.Present() {
		case a.Says[2*number]:
			return false
		case a.Says[2*number+1]:
			return true
		}
	}
	return marked
}

// String spells the template; captures without a column are called x.
func (t template) String() string {
	var b strings.Builder
	n := 0
	for _, p := range t.parts {
		if p.capture == nil {
			b.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(p.literal))
			continue
		}
		name := "x" + strings.Repeat("x", n)
		if p.capture.column != nil {
			name = p.capture.column.name
		}
		n++
		if p.capture.without != 0 {
			name += "!" + string(p.capture.without)
		}
		b.WriteString("{" + name + "}")
	}
	return b.String()
}

// parsed is the template as the model has it.
func (t template) parsed() model.Template {
	parsed, err := model.ParseTemplate(t.String())
	if err != nil {
		parsed, _ = model.ParseTemplate("{x}") // an empty key: DynamoDB has none
	}
	return parsed
}

// words lists the literals of the template, without delimiters.
func (t template) words() []string {
	var all []string
	for _, p := range t.parts {
		for word := range strings.FieldsFuncSeq(p.literal, func(r rune) bool { return strings.ContainsRune("#|:/~$-_. ", r) }) {
			all = append(all, word)
		}
	}
	return all
}
