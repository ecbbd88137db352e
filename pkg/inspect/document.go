package inspect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// Document is a report for people and programs.
type Document struct {
	Folder  string      `json:"folder"`
	Table   string      `json:"table,omitempty"`
	Files   int         `json:"files"`
	Items   int64       `json:"items"`
	Sampled bool        `json:"sampled"` // not all items were read
	Bad     int64       `json:"bad"`     // lines that hold no item like the others
	Reason  string      `json:"reason,omitempty"`
	Keys    []KeyShown  `json:"keys"`
	Types   []TypeShown `json:"types"` // forms of keys, the most frequent first
}

// KeyShown is a key attribute, or one that is thought to be one.
type KeyShown struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Why  string `json:"why,omitempty"`
}

// TypeShown are the items with keys of one form.
type TypeShown struct {
	Keys       []string         `json:"keys"`
	Values     []string         `json:"values,omitempty"` // of attributes that may name types
	Items      int64            `json:"items"`
	Share      float64          `json:"share"`
	Attributes []AttributeShown `json:"attributes"`
}

// AttributeShown is an attribute of such items. Within lists its path has [].
type AttributeShown struct {
	Path     string           `json:"path"`
	Types    map[string]int64 `json:"types"` // how often each DynamoDB type occurs
	Share    float64          `json:"share"` // of the items, maps or elements that have it
	Longest  int              `json:"longest,omitempty"`
	Digits   int              `json:"digits,omitempty"` // before the point
	Scale    int              `json:"scale,omitempty"`  // behind it
	Min      *float64         `json:"min,omitempty"`
	Max      *float64         `json:"max,omitempty"`
	Format   string           `json:"format,omitempty"` // of all values
	Distinct int64            `json:"distinct,omitempty"`
	Exact    bool             `json:"exact,omitempty"` // Distinct is counted, not estimated
	Values   map[string]int64 `json:"values,omitempty"`
	Examples []string         `json:"examples,omitempty"`
}

// Document makes a document of the report. With mask set, letters and digits of
// examples are hidden, and values are left out.
func (r *Report) Document(mask bool) Document {
	d := Document{Folder: r.Folder, Table: r.Table, Files: r.Files, Items: r.Items, Sampled: r.Sampled, Bad: r.Bad, Reason: r.BadReason}
	for _, k := range r.Keys {
		d.Keys = append(d.Keys, KeyShown{k.Name, k.Type(), k.Guess})
	}
	for _, g := range r.Groups {
		t := TypeShown{Items: g.Items, Share: part(g.Items, r.Items), Attributes: []AttributeShown{}}
		for _, k := range g.Keys {
			t.Keys = append(t.Keys, k.String())
		}
		for _, v := range g.Values {
			t.Values = append(t.Values, strings.ReplaceAll(strings.TrimPrefix(v, "\x00"), "\x00", ", "))
		}
		if !slices.ContainsFunc(t.Values, func(v string) bool { return v != "" }) {
			t.Values = nil
		}
		for _, a := range g.Root.Sorted() {
			t.Attributes = a.show(t.Attributes, a.Name, g.Items, mask)
		}
		d.Types = append(d.Types, t)
	}
	return d
}

func part(n, of int64) float64 {
	return math.Round(float64(n)/float64(max(of, 1))*10000) / 10000
}

// maxShown is how many values are listed: more are no codes.
const maxShown = 12

// show appends the attribute and those within it.
func (a *Attribute) show(all []AttributeShown, path string, of int64, mask bool) []AttributeShown {
	s := AttributeShown{Path: path, Types: map[string]int64{}, Share: part(a.Present(), of)}
	for kind, n := range a.Kinds {
		if n > 0 {
			s.Types[ddbjson.Kind(kind).String()] = n
		}
	}
	if a.Count > 0 {
		s.Longest, s.Distinct, s.Exact = a.Longest, a.Sketch.Distinct(), a.Sketch.Exact()
		s.Format = a.format()
		if a.Formats[Number] == a.Count {
			s.Digits, s.Scale, s.Min, s.Max = a.Digits, a.Scale, &a.Min, &a.Max
		}
		if !mask && len(a.Enum) <= maxShown && a.Count > 2*int64(len(a.Enum)) {
			s.Values = a.Enum
		}
		for _, e := range a.Examples() {
			if mask {
				e = masked(e)
			}
			s.Examples = append(s.Examples, e)
		}
	}
	all = append(all, s)
	for _, m := range a.Sorted() {
		all = m.show(all, path+"."+m.Name, a.Kinds[ddbjson.Map], mask)
	}
	if a.Elements != nil {
		var n int64
		for _, count := range a.Elements.Kinds {
			n += count
		}
		all = a.Elements.show(all, path+"[]", n, mask)
	}
	return all
}

// format names the format that all values have, the most special first.
func (a *Attribute) format() string {
	for _, f := range []Format{UUID, ULID, Email, RFC1123, Day, Timestamp, Truth} {
		if a.Formats[f] == a.Count {
			return f.String()
		}
	}
	if a.Formats[FineTimestamp] == a.Count {
		return "ISO 8601 time, finer than microseconds"
	}
	for _, f := range []Format{EpochSeconds, EpochMillis} {
		if a.Formats[f] == a.Count {
			return "whole number, perhaps " + f.String()
		}
	}
	switch {
	case a.Formats[Coded] > 0 && a.Formats[Number] == a.Count:
		return Coded.String()
	case a.Formats[Whole] == a.Count:
		return Whole.String()
	case a.Formats[Number] == a.Count:
		return Number.String()
	}
	return ""
}

// masked hides what an example says, and keeps what it looks like.
func masked(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '9'
		case r >= 'A' && r <= 'Z':
			return 'A'
		case r >= 'a' && r <= 'z', r > 127 && r != '…':
			return 'a'
		}
		return r
	}, text)
}

// WriteJSON writes the document as JSON.
func (d Document) WriteJSON(to io.Writer) error {
	e := json.NewEncoder(to)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// WriteText writes the document as tables.
func (d Document) WriteText(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s in %s of %s\n", spell.Count(d.Items, "item", "items"), spell.Count(int64(d.Files), "file", "files"), d.Folder)
	if d.Sampled {
		fmt.Fprintln(w, "Only a sample was read.")
	}
	if d.Bad > 0 {
		fmt.Fprintf(w, "%s no item like the others, such as %s\n", spell.Count(d.Bad, "line holds", "lines hold"), printable(d.Reason))
	}
	for _, k := range d.Keys {
		fmt.Fprintf(w, "key %s (%s)\t%s\n", printable(k.Name), k.Type, k.Why)
	}
	for _, t := range d.Types {
		fmt.Fprintf(w, "\n%s\t%s\t%s, %s\n", printable(strings.Join(t.Keys, "   ")), printable(strings.Join(t.Values, ", ")), spell.Count(t.Items, "item", "items"), percent(t.Share))
		for _, a := range t.Attributes {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", printable(a.Path), a.types(), percent(a.Share), printable(a.figures()))
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func percent(share float64) string { return fmt.Sprintf("%.4g %%", share*100) }

func (a AttributeShown) types() string {
	var all []string
	for name := range a.Types {
		all = append(all, name)
	}
	slices.SortFunc(all, func(x, y string) int { return cmp.Or(cmp.Compare(a.Types[y], a.Types[x]), cmp.Compare(x, y)) })
	return strings.Join(all, ", ")
}

// figures says in a line what values are like.
func (a AttributeShown) figures() string {
	var all []string
	if a.Format != "" {
		all = append(all, a.Format)
	}
	if a.Min != nil {
		all = append(all, fmt.Sprintf("%v to %v", *a.Min, *a.Max))
		if a.Scale > 0 {
			all = append(all, spell.Count(int64(a.Scale), "digit", "digits")+" after the point")
		}
	} else if a.Longest > 0 {
		all = append(all, "longest "+spell.Count(int64(a.Longest), "byte", "bytes"))
	}
	if a.Distinct > 0 {
		about := ""
		if !a.Exact {
			about = "about "
		}
		all = append(all, fmt.Sprintf("%s%d different", about, a.Distinct))
	}
	if len(a.Examples) > 0 {
		all = append(all, strings.Join(a.Examples, " | "))
	}
	return strings.Join(all, "; ")
}

// printable keeps the text of a line on it, and terminals as they are.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}
