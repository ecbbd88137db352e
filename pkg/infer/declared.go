package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/infer/design"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// saved reads the schema that OneTable has left in the table, if there is one.
func (b *builder) saved() {
	if b.design != nil || b.report.Saved == nil {
		return
	}
	text, err := design.Saved(b.report.Saved)
	if err == nil {
		b.design, err = design.Read("the schema in the table", text, "")
	}
	if err != nil {
		b.ask("the table holds a schema of OneTable that was not used: %v", err)
	}
	b.from = "the OneTable schema in the table"
}

// declare finds the entity of the design that each type is.
func (b *builder) declare() {
	if b.design == nil {
		return
	}
	used := map[string]bool{}
	for _, t := range b.types {
		for i := range b.design.Entities {
			e := &b.design.Entities[i]
			if t.entity == nil && slices.Contains(t.values, e.Value) && e.Value != "" || t.entity == nil && len(t.values) == 0 && t.follows(e, b.design) {
				t.entity = e
			}
		}
		if t.entity != nil {
			used[t.entity.Name] = true
		}
	}
	if b.madeUp {
		b.ask("no items were read, so lengths, digits, forms of times and further attributes are guesses: infer again with an export")
		return
	}
	for _, e := range b.design.Entities {
		if !used[e.Name] {
			b.ask("%s declares %s, and no items with such keys were found; if there will be some, declare it below items", b.from, e.Name)
		}
	}
	for _, t := range b.types {
		if t.entity != nil {
			b.disagree(t)
		}
	}
}

// follows reports whether items of an entity would have the keys of a type. Sample
// data says so better than templates.
func (t *itemType) follows(e *design.Entity, d *design.Design) bool {
	forms := t.forms()
	matches := func(k int, text string) bool {
		_, ok := forms[k].parsed().Match([]byte(text), nil)
		return ok
	}
	if len(e.Samples) > 0 {
		return slices.ContainsFunc(e.Samples, func(item string) bool { return matchesItem(item, d.Keys, matches) })
	}
	literal := false
	for k, key := range d.Keys[:min(len(d.Keys), len(forms))] {
		i := slices.IndexFunc(e.Templates, func(x design.Template) bool { return x.Attribute == key.Name })
		if i < 0 {
			continue
		}
		for _, p := range e.Templates[i].Parts {
			literal = literal || p.Field == ""
		}
		if len(forms[k].captures()) != captured(e.Templates[i]) || !matches(k, e.Example(e.Templates[i])) {
			return false
		}
	}
	return literal || len(d.Entities) == 1
}

func captured(t design.Template) (n int) {
	for _, p := range t.Parts {
		if p.Field != "" {
			n++
		}
	}
	return n
}

func matchesItem(item string, keys []design.Key, matches func(k int, text string) bool) bool {
	for k, key := range keys {
		text, ok := design.KeyText(item, key.Name)
		if !ok || !matches(k, text) {
			return false
		}
	}
	return true
}

// declaredName is what the design calls a capture; empty if it does not say.
func (t *itemType) declaredName(key string, n int) string {
	if t.entity == nil {
		return ""
	}
	for _, f := range t.entity.Templates {
		if f.Attribute != key {
			continue
		}
		for _, p := range f.Parts {
			if p.Field == "" || p.Field == key {
				continue
			}
			if n == 0 {
				return asName(p.Field)
			}
			n--
		}
	}
	return ""
}

// disagree asks about fields whose values are of another type than the design says.
func (b *builder) disagree(t *itemType) {
	for _, f := range t.entity.Fields {
		a := t.group.Root.Members[f.Name]
		if a == nil || a.Present() == 0 {
			continue
		}
		wrong := func(what string, of ...ddbjson.Kind) {
			if !a.Only(of...) {
				b.ask("%s declares %s.%s as %s, and values are %s; the column follows the values", b.from, t.entity.Name, f.Name, what, kinds(a))
			}
		}
		switch f.Kind {
		case design.Integer, design.Decimal, design.Millis:
			wrong("a number", ddbjson.Number)
		case design.Text, design.Time:
			wrong("text", ddbjson.String)
		case design.Truth:
			wrong("true or false", ddbjson.Bool)
		case design.Map:
			wrong("a map", ddbjson.Map)
		case design.List, design.Set, design.Bytes:
		}
	}
}

// widen gives columns that no value was seen of the types that the design allows.
func (b *builder) widen() {
	if !b.madeUp {
		return
	}
	widen := func(c *column) {
		c.comment, c.truncate, c.convert = "", false, false
		switch {
		case c.class == text && (c.identity || c.index != nil):
			c.kind = "string(256)"
		case c.class == text:
			c.kind = "string(1000)"
		case c.class == number && strings.HasPrefix(c.kind, "decimal"):
			c.kind = "decimal(18,4)"
		case c.class == number:
			c.kind = "bigint"
		case c.class == instant && c.format == "":
			c.truncate = c.kind == "timestamp"
		}
	}
	for _, t := range b.types {
		for _, c := range t.columns {
			widen(c)
		}
		for _, r := range t.rows {
			r.comment = ""
			for _, c := range r.columns {
				widen(c)
			}
		}
	}
}

// origin says in the first line of the file what the model was made of.
func (b *builder) origin() string {
	r := b.report
	types := spell.Count(int64(len(b.types)), "item type", "item types")
	if b.madeUp {
		return fmt.Sprintf("# Made of %s, %s: %s. No items were read.", b.from, b.design.Format, types)
	}
	text := fmt.Sprintf("# Inferred from %s in %s: %s.", spell.Count(r.Items, "item", "items"), spell.Count(int64(r.Files), "file", "files"), types)
	if b.design != nil {
		text += fmt.Sprintf(" Names are those of %s, %s.", b.from, b.design.Format)
	}
	return text
}
