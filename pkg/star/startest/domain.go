package startest

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// domain is what several columns take their values from, because one refers to
// the other: an order's customer and a customer's name.
type domain struct {
	columns []model.Column
	plain   bool // no blanks at the end: texts are looked up, or stand in keys
	values  []Cell
}

// domains finds the columns that refer to each other, by "relation.column".
func domains(m model.Model, random *rand.Rand) map[string]*domain {
	all := map[string]*domain{}
	for _, r := range m.Relations() {
		for _, c := range r.Columns {
			all[r.Name+"."+c.Name] = &domain{columns: []model.Column{c}, plain: inKeys(m, c)}
		}
	}
	join := func(a, b string) {
		to, from := all[a], all[b]
		if to == from {
			return
		}
		to.columns, to.plain = append(to.columns, from.columns...), to.plain || from.plain
		for name, d := range all {
			if d == from {
				all[name] = to
			}
		}
	}
	for _, item := range m.Items {
		for _, nested := range item.Nested {
			for _, c := range nested.Columns {
				if c.Inherits {
					join(item.Name+"."+c.Name, nested.Name+"."+c.Name)
				}
			}
		}
	}
	lookups := func(of string, with []model.Lookup) {
		for _, l := range with {
			for _, on := range l.On {
				join(l.Of+"."+on.Column, path(of, with, on.Ref))
				all[l.Of+"."+on.Column].plain = true
			}
		}
	}
	for _, d := range m.Dimensions {
		lookups(d.Of, d.With)
	}
	for _, f := range m.Facts {
		lookups(f.Of, f.With)
		for _, role := range f.Roles {
			if d, _ := m.Dimension(role.Dimension); !d.Calendar {
				for i, k := range d.Key {
					join(path(d.Of, d.With, k.Ref), path(f.Of, f.With, role.On[i]))
				}
			}
		}
	}
	for _, r := range m.Relations() { // in an order, so that a seed says what follows
		for _, c := range r.Columns {
			if d := all[r.Name+"."+c.Name]; d.values == nil {
				d.fill(random)
			}
		}
	}
	return all
}

// path is the name of the column that a reference leads to.
func path(of string, with []model.Lookup, ref model.Ref) string {
	for _, l := range with {
		if l.Name == ref.Lookup {
			return l.Of + "." + ref.Column
		}
	}
	return of + "." + ref.Column
}

// fill gives the domain values that each of its columns can have.
func (d *domain) fill(random *rand.Rand) {
	for range 2 + random.IntN(14) {
		d.values = append(d.values, d.value(random))
	}
	if text, ok := d.values[0].(string); ok && !d.plain {
		d.values = append(d.values, strings.TrimRight(text, " "), "", d.cut(text+" "))
	}
}

func (d *domain) value(random *rand.Rand) Cell {
	has := func(kinds ...model.Kind) bool {
		return slices.ContainsFunc(d.columns, func(c model.Column) bool { return slices.Contains(kinds, c.Type.Kind) })
	}
	switch {
	case has(model.KindBoolean):
		return random.IntN(2) == 0
	case has(model.KindTimestamp, model.KindDate):
		return d.time(random, has(model.KindDate))
	case has(model.KindString, model.KindJSON):
		return d.text(random)
	}
	return d.number(random)
}

// time draws an instant near the turns of days, weeks, years and clocks.
func (d *domain) time(random *rand.Rand, midnight bool) Cell {
	day := time.Date(2019+random.IntN(7), time.Month(1+random.IntN(12)), 1+random.IntN(31), 0, 0, 0, 0, time.UTC)
	if random.IntN(3) == 0 {
		turns := []string{"2020-12-31", "2021-01-03", "2024-02-29", "2024-03-31", "2024-10-27", "2024-12-30", "2026-01-01"}
		day, _ = time.Parse(time.DateOnly, turns[random.IntN(len(turns))])
	}
	if midnight {
		return day
	}
	at := day.Add(time.Duration(random.IntN(24*60)) * time.Minute)
	c := d.columns[0]
	if len(d.columns) == 1 && c.Format != model.FormatLayout && c.Format != model.FormatRFC1123 && random.IntN(2) == 0 {
		return at.Add(time.Duration(random.IntN(60_000)) * time.Millisecond) // which all other formats can say
	}
	return at
}

// number draws a number with digits that all columns have.
func (d *domain) number(random *rand.Rand) Cell {
	digits, scale := 6, 3
	for _, c := range d.columns {
		switch c.Type.Kind {
		case model.KindInteger, model.KindBigInt:
			scale = 0
		case model.KindDecimal:
			digits, scale = min(digits, c.Type.Precision-c.Type.Scale), min(scale, c.Type.Scale)
		}
	}
	limit := int64(1)
	for range digits + scale {
		limit *= 10
	}
	if random.IntN(2) == 0 && scale == 0 {
		limit = min(limit, 20)
	}
	n := random.Int64N(limit)
	if random.IntN(4) == 0 {
		n = -n
	}
	cents := new(big.Rat).SetFrac(big.NewInt(n), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
	return cents
}

// words are what texts are made of.
func words() []string {
	return []string{
		"ann", "Bob", "bob", "Zoë", "O'Neill", "Łódź", "a b", "日本", "x", "0", "7", "42", "true", "false", "E1 6AN", "z-9", "Ünï_1", "#5",
		"a/b", `say "hi"`, "100%", "new", "open", "closed", "𝄞", "~", "!", "aa", "ab", "B",
	}
}

func (d *domain) text(random *rand.Rand) Cell {
	all := words()
	text := all[random.IntN(len(all))]
	if random.IntN(2) == 0 {
		text += fmt.Sprint(random.IntN(10))
	}
	if !d.plain && random.IntN(8) == 0 {
		text += " "
	}
	if text = d.cut(text); d.plain && strings.TrimRight(text, " ") != text || text == "" {
		text = string(rune('a' + random.IntN(26)))
	}
	return text
}

// cut shortens a text to the bytes that all columns take.
func (d *domain) cut(text string) string {
	length := 1 << 10
	for _, c := range d.columns {
		if c.Type.Kind == model.KindString {
			length = min(length, c.Type.Length)
		}
	}
	for len(text) > length {
		runes := []rune(text)
		text = string(runes[:len(runes)-1])
	}
	return text
}
