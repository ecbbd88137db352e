package infer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/infer/design"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// Result is an inferred model.
type Result struct {
	Text      []byte // the model file
	Model     model.Model
	Questions []Question
	Types     []Type
}

// Question is what only a person can answer, with the edit of the model that the
// other answer takes, as the top of the file spells it.
type Question struct {
	Text string
	Edit []string // empty if no edit of the model answers it
}

// Type is an item type of an inferred model, and why it is what it is.
type Type struct {
	Name     string
	Items    int64
	Patterns string
	Role     string // dimension, fact, header, copy, or empty
	Why      string
	// References are what its columns refer to, those of rows within items too.
	References []Reference
}

// Reference says that an attribute, or a part of a key, holds ids of another type.
type Reference struct {
	Via string // the attribute: a key, or a path with dots
	To  string
}

// Options say what is known of a table besides its items.
type Options struct {
	Name   string         // of the model; empty for that of the table
	Design *design.Design // what another tool declares; nil for nothing
	From   string         // where the design stands
	MadeUp bool           // the items were made of the design, so nothing of them is evidence
}

// Infer makes a model of what an export holds. The report is used up: its groups
// are merged.
func Infer(r *inspect.Report, o Options) (*Result, error) {
	if r.Items == 0 {
		return nil, errors.New("the source holds no items, so there is nothing to infer")
	}
	b := &builder{report: r, design: o.Design, from: o.From, madeUp: o.MadeUp}
	b.saved()
	var notes []string
	b.types, b.typeAttribute, notes = itemTypes(r)
	for _, note := range notes {
		b.ask("%s; ids after the longer delimiter begin with the rest of it: correct the keys in the table, then infer again", note)
	}
	b.declare()
	b.name()
	b.columns()
	b.widen()
	b.copies()
	b.references()
	b.roles()
	s := b.star()
	b.doubts()
	name := asName(cmp.Or(o.Name, r.Table))
	if name == "" || name == "x" {
		name = "inferred"
	}
	return b.accepted(s, asName(name))
}

// maxRounds is how often something is left out before the whole star is.
const maxRounds = 40

// accepted writes the model with its questions and their edits.
func (b *builder) accepted(s star, name string) (*Result, error) {
	p, m, left, err := b.accept(s, name)
	if err != nil {
		return nil, err
	}
	types := b.list()
	questions := b.answer(name, p.text.String(), append(slices.Clone(b.questions), left...))
	top, asked := b.top(questions)
	text := append(top, p.text.Bytes()...)
	if m, err = model.Read(name+".yaml", text); err != nil {
		return nil, fmt.Errorf("no valid model was found: %w", err)
	}
	return &Result{Text: text, Model: m, Questions: asked, Types: types}, nil
}

// accept writes the model without its questions, and leaves out what the reader of
// model files refuses until it accepts the rest. It returns a question for each
// part of the star that it left out.
func (b *builder) accept(s star, name string) (*page, model.Model, []question, error) {
	without := map[string]bool{}
	var questions []question
	say := func(format string, args ...any) {
		questions = append(questions, question{text: fmt.Sprintf(format, args...)})
	}
	var last error
	for round := range maxRounds {
		if round == maxRounds-1 { // the items alone
			s = star{}
			questions = nil
			say("no valid star was found; declare dimensions and facts")
		}
		p := b.write(s, name, without)
		m, err := model.Read(name+".yaml", p.text.Bytes())
		if err == nil {
			return p, m, questions, nil
		}
		last = err
		problems, ok := errors.AsType[model.FileError](err)
		if !ok {
			break
		}
		for _, problem := range problems {
			piece := ""
			if problem.Line >= 1 && problem.Line <= len(p.pieces) {
				piece = p.pieces[problem.Line-1]
			}
			if piece == "" || without[piece] {
				continue
			}
			without[piece] = true
			if !strings.HasPrefix(piece, "item ") {
				say("%s was left out: %s", piece, problem.Text)
			}
		}
	}
	return nil, model.Model{}, nil, fmt.Errorf("no valid model was found: %w", last)
}

// list says what became of the types.
func (b *builder) list() []Type {
	var all []Type
	for _, t := range b.types {
		refs := t.refs
		for _, n := range t.rows {
			refs = append(slices.Clone(refs), n.refs...)
		}
		var found []Reference
		for _, r := range refs {
			found = append(found, Reference{Via: b.via(r.column), To: r.to.name})
		}
		all = append(all, Type{
			References: found,
			Name:       t.name, Items: t.group.Items, Patterns: t.group.Pattern(), Why: t.why,
			Role: map[role]string{isDimension: "dimension", isFact: "fact", isHeader: "header", isCopy: "copy"}[t.role],
		})
	}
	return all
}

// doubts asks about what the figures do not decide.
func (b *builder) doubts() {
	rest := b.questions
	b.questions = nil
	ask := b.ask
	r := b.report
	for i, k := range r.Keys {
		if !k.Sure {
			ask("is %s the %s? An export does not say. If not, name the keys: nightstar infer --keys PARTITIONKEY,SORTKEY", k.Name, []string{"partition key", "sort key"}[i])
		}
	}
	var pairs, items int64
	for _, t := range b.types {
		pairs += t.group.Pairs.Distinct()
		items += t.group.Items
	}
	if pairs*10 < items*9 {
		ask("about %s of %s items have keys of their own, so these are not the keys of the table. Name the keys: nightstar infer --keys PARTITIONKEY,SORTKEY", spell.Int(pairs), spell.Int(items))
	}
	if r.Bad > 0 {
		ask("%s hold no item like the others, and a run will set them aside. Correct them in the table. The first one: %s", spell.Count(r.Bad, "line", "lines"), r.BadReason)
	}
	for _, t := range b.types {
		if len(t.united) > 0 {
			ask("%s has keys of %d forms that no rule tells apart (%s). If they are several types, give each a separate entry below items, with a type attribute (table: typeAttribute, items: type)",
				t.name, len(t.united), strings.Join(t.united[:min(3, len(t.united))], ", "))
		}
		if t.role == isCopy {
			b.choose(t.count, "%s seems to repeat %s, so no fact is made of it. Should its items count separately?", t.name, t.original.name)
		}
		for _, c := range t.columns {
			if c.refers == nil || c.refers.to == nil || c.refers.share >= 0.9 {
				continue
			}
			b.choose(t.unrefer(c), "%.0f %% of the values of %s.%s are ids of %s; does it refer to something else?", 100*c.refers.share, t.name, c.name, c.refers.to.name)
		}
	}
	b.questions = append(b.questions, rest...)
}

// via names the attribute that a column is read from.
func (b *builder) via(c *column) string {
	switch {
	case c.index != nil:
		return c.index.Name
	case c.capture != nil:
		return b.report.Keys[c.capture.key].Name
	}
	return strings.Join(c.path, ".")
}
