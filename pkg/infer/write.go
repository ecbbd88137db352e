package infer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// page is the text of a model file while it is written. Each line belongs to a
// piece, which can be left out.
type page struct {
	text    bytes.Buffer
	pieces  []string // by line
	current []string // pieces that are open, outermost first
	without map[string]bool
}

// piece writes what is left out as a whole if it does not hold.
func (p *page) piece(name string, write func()) {
	if p.without[name] {
		return
	}
	p.current = append(p.current, name)
	write()
	p.current = p.current[:len(p.current)-1]
}

// line writes a line. The comment may be empty.
func (p *page) line(depth int, comment, format string, args ...any) {
	text := strings.Repeat("  ", depth) + fmt.Sprintf(format, args...)
	if comment != "" {
		text += " # " + strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff {
				return ' '
			}
			return r
		}, comment)
	}
	p.text.WriteString(text + "\n")
	piece := ""
	if len(p.current) > 0 {
		piece = p.current[len(p.current)-1]
	}
	p.pieces = append(p.pieces, piece)
}

// quote spells text in YAML: as it is where nothing can be mistaken, and in double
// quotes otherwise.
func quote(text string) string {
	plain := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.\-]*$`)
	reserved := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if plain.MatchString(text) && !slices.Contains(reserved, strings.ToLower(text)) {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // text is always encoded
	return strings.NewReplacer("\u007f", `\x7f`, "\u0085", `\N`, "\ufeff", `\uFEFF`).Replace(strings.TrimSpace(b.String()))
}

func list(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// path spells the path to an attribute as the model file does.
func path(names []string) string {
	all := slices.Clone(names)
	for i, name := range all {
		if strings.Contains(name, ".") {
			all[i] = `"` + name + `"`
		}
	}
	return quote(strings.Join(all, "."))
}

// write spells the model.
func (b *builder) write(s star, name string, without map[string]bool) *page {
	p := &page{without: without}
	p.line(0, "", "nightstar: 1")
	p.line(0, "", "model: %s", name)
	p.line(0, "", "")
	p.line(0, "", "table:")
	for i, k := range b.report.Keys {
		field := []string{"partitionKey", "sortKey"}[i]
		if k.Type() == "S" {
			p.line(1, k.Guess, "%s: %s", field, quote(k.Name))
		} else {
			p.line(1, k.Guess, "%s: { name: %s, type: %s }", field, quote(k.Name), k.Type())
		}
	}
	if b.typeAttribute != "" {
		p.line(1, "its values go with the forms of keys and with the attributes of items", "typeAttribute: %s", quote(b.typeAttribute))
	}
	p.line(0, "", "")
	p.line(0, "", "items:")
	for _, t := range b.types {
		b.item(p, t)
	}
	b.dimensions(p, s)
	b.facts(p, s)
	return p
}

// top writes what the file is made of, and the questions with their edits, which
// count the lines of the whole file.
func (b *builder) top(questions []question) ([]byte, []Question) {
	lines := 0
	for {
		p := &page{}
		asked := b.head(p, questions, lines+1)
		if len(p.pieces) == lines {
			return p.text.Bytes(), asked
		}
		lines = len(p.pieces)
	}
}

// head writes the lines above the model, whose first line has that number.
func (b *builder) head(p *page, questions []question, first int) []Question {
	r := b.report
	var asked []Question
	p.line(0, "", "%s", b.origin())
	if r.Sampled {
		p.line(0, "", "# Only a sample was read. The figures are those of the sample, and other items may not fit.")
	}
	if len(questions) == 0 {
		p.line(0, "", "# No questions are open. Read the model once, and rename what your business calls something else.")
	} else {
		p.line(0, "", "# Questions that only a person can answer:")
	}
	for i, q := range questions {
		one := Question{Text: strings.ReplaceAll(q.text, "\n", " ")}
		p.line(0, "", "#  %d. %s", i+1, one.Text)
		for _, e := range q.edits {
			one.Edit = append(one.Edit, e.spell(first)...)
		}
		for _, line := range one.Edit {
			p.line(0, "", "#       %s", line)
		}
		asked = append(asked, one)
	}
	return asked
}

// item writes an item type.
func (b *builder) item(p *page, t *itemType) {
	g := t.group
	comment := share(g.Items, b.report.Items) + " items"
	if len(t.united) > 0 {
		comment += fmt.Sprintf("; %d forms of keys that no rule tells apart", len(t.united))
	}
	if b.madeUp {
		comment = ""
	}
	p.line(1, comment, "%s:", t.name)
	if t.role == isCopy || t.role == nothing && t.why != "" {
		p.line(2, "", "# Neither fact nor dimension: %s.", t.why)
	}
	if b.typeAttribute != "" && len(t.values) > 0 && (len(t.values) > 1 || t.values[0] != t.name) {
		p.line(2, "", "type: %s", list(t.values))
	}
	if len(t.templates) > 0 {
		p.line(2, "", "keys:")
	}
	for _, f := range t.templates {
		p.line(3, "", "%s: %s", quote(f.attribute), quote(f.String()))
	}
	if !p.holds(t.columns, "item "+t.name) {
		p.line(2, "no attribute of it can be a column", "skip: true")
		return
	}
	p.line(2, "", "columns:")
	p.columns(3, t.columns, "item "+t.name)
	within := slices.DeleteFunc(slices.Clone(t.rows), func(n *rows) bool { return !p.holds(n.columns, "item "+n.full()) })
	if len(within) > 0 {
		p.line(2, "", "rows:")
	}
	for _, n := range within {
		p.line(3, n.comment, "%s:", n.name)
		kind := "map"
		if n.list {
			kind = "list"
		}
		p.line(4, "", "%s: %s", kind, path(n.path))
		p.line(4, "", "columns:")
		p.columns(5, n.columns, "item "+n.full())
	}
}

// holds reports whether one of the columns is not left out.
func (p *page) holds(all []*column, piece string) bool {
	return slices.ContainsFunc(all, func(c *column) bool { return !p.without[piece+" "+c.name] })
}

// columns writes columns, each as a piece in a line of its own.
func (p *page) columns(depth int, all []*column, piece string) {
	for _, c := range all {
		p.piece(piece+" "+c.name, func() { p.line(depth, c.comment, "%s: %s", c.name, c.spell()) })
	}
}

// spell writes a column: its type, and what else there is to say.
func (c *column) spell() string {
	kind := c.kind
	if strings.Contains(kind, ",") {
		kind = `"` + kind + `"`
	}
	var more []string
	if len(c.path) > 0 && (len(c.path) > 1 || c.path[0] != c.name) {
		more = append(more, "from: "+path(c.path))
	}
	if len(more) > 0 || c.convert || c.truncate || c.format != "" {
		more = append(more, "type: "+kind)
	}
	if c.convert {
		more = append(more, "convert: true")
	}
	if c.truncate {
		more = append(more, "truncate: true")
	}
	if c.format != "" {
		more = append(more, "format: "+c.format)
	}
	if len(more) == 0 {
		return kind
	}
	return "{ " + strings.Join(more, ", ") + " }"
}

func columnNames(all []*column) []string {
	named := make([]string, len(all))
	for i, c := range all {
		named[i] = c.name
	}
	return named
}

// dimensions writes the dimensions, each column in a line of its own.
func (b *builder) dimensions(p *page, s star) {
	kept := 0
	for _, d := range s.dimensions {
		if !p.without["dimension "+d.name] {
			kept++
		}
	}
	if kept == 0 && (s.calendar == "" || p.without["calendar"]) {
		return
	}
	p.line(0, "", "")
	p.line(0, "", "dimensions:")
	if s.calendar != "" {
		p.piece("calendar", func() { p.line(1, "", "%s: { calendar: day }", s.calendar) })
	}
	for _, d := range s.dimensions {
		p.piece("dimension "+d.name, func() {
			p.line(1, d.comment, "%s:", d.name)
			p.line(2, "", "of: %s", d.of)
			p.line(2, "", "key: %s", list(columnNames(d.key)))
			switch {
			case d.latest != "":
				p.line(2, "of several items the newest describes the member", "latest: %s", d.latest)
			case d.first:
				p.line(2, "", "duplicates: first")
			}
			b.starColumns(p, "columns", "dimension "+d.name, d.columns)
		})
	}
}

func (b *builder) starColumns(p *page, field, piece string, all []*column) {
	var kept []string
	for _, c := range all {
		if !p.without[piece+" "+c.name] {
			kept = append(kept, c.name)
		}
	}
	if len(kept) == 0 {
		return
	}
	p.line(2, "", "%s:", field)
	for _, name := range kept {
		p.piece(piece+" "+name, func() { p.line(3, "", "%s: %s", name, name) })
	}
}

// facts writes the facts.
func (b *builder) facts(p *page, s star) {
	kept := false
	for _, f := range s.facts {
		kept = kept || !p.without["fact "+f.name]
	}
	if !kept {
		return
	}
	p.line(0, "", "")
	p.line(0, "", "facts:")
	for _, f := range s.facts {
		piece := "fact " + f.name
		p.piece(piece, func() {
			p.line(1, f.comment, "%s:", f.name)
			p.line(2, "", "grain: %s", quote(f.grain))
			p.line(2, "", "of: %s", f.source.name())
			if len(f.document) > 0 {
				p.piece(piece+" document", func() { p.line(2, "", "document: %s", list(columnNames(f.document))) })
			}
			b.lookups(p, piece, f)
			b.factRoles(p, piece, f)
			b.starColumns(p, "columns", piece, f.columns)
			b.starColumns(p, "measures", piece, f.measures)
		})
	}
}

func (b *builder) lookups(p *page, piece string, f *fact) {
	header := false
	for _, l := range f.lookups {
		p.piece(piece+" with "+l.name, func() {
			if !header {
				p.line(2, "", "with:")
				header = true
			}
			var on []string
			for _, pair := range l.on {
				on = append(on, pair[0]+": "+pair[1])
			}
			if l.name == l.of.name {
				p.line(3, "", "%s: { %s }", l.name, "on: { "+strings.Join(on, ", ")+" }")
			} else {
				p.line(3, "", "%s: { of: %s, on: { %s } }", l.name, l.of.name, strings.Join(on, ", "))
			}
		})
	}
}

func (b *builder) factRoles(p *page, piece string, f *fact) {
	header := false
	for _, r := range f.roles {
		p.piece(piece+" role "+r.name, func() {
			if !header {
				p.line(2, "", "dimensions:")
				header = true
			}
			if r.name == r.dimension {
				p.line(3, r.comment, "%s: %s", r.name, list(r.on))
			} else {
				p.line(3, r.comment, "%s: { %s: %s }", r.name, r.dimension, list(r.on))
			}
		})
	}
}
