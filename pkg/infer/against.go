package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// Group merges the groups of a report that are one type. Infer does so, too.
func Group(r *inspect.Report) {
	types, _, _ := itemTypes(r)
	r.Groups = nil
	for _, t := range types {
		r.Groups = append(r.Groups, t.group)
	}
}

// Against compares a model with what a newer export holds, and says what it does
// not declare or has no room for. The report is used up.
func Against(r *inspect.Report, m model.Model) []string {
	d := drift{model: m, report: r, seen: map[string]bool{}}
	if r.Sampled {
		d.say("only a sample was read; what the other items hold is not known")
	}
	for i, k := range m.Keys {
		if i >= len(r.Keys) || r.Keys[i].Name != k.Name || r.Keys[i].Type() != string(k.Kind) {
			d.say("the key %s (%s) of the model is not a key of every item", k.Name, k.Kind)
			return d.found
		}
	}
	types, _, _ := itemTypes(r)
	for _, t := range types {
		items := d.items(t)
		if len(items) == 0 {
			d.say("new item type: %s with keys like %s%s; declare it below items", share(t.group.Items, r.Items)+" items", t.group.Pattern(), says(t.values))
			continue
		}
		for _, item := range items {
			d.seen[item.Name] = true
		}
		d.attributes(t, items, &t.group.Root, nil)
		d.captures(t, items)
	}
	for _, item := range m.Items {
		if !d.seen[item.Name] {
			d.say("item type %s has no items any more", item.Name)
		}
	}
	return d.found
}

func says(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return fmt.Sprintf(" and type %s", strings.Join(values, ", "))
}

// drift collects what differs.
type drift struct {
	model  model.Model
	report *inspect.Report
	found  []string
	seen   map[string]bool
}

func (d *drift) say(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.found, text) {
		d.found = append(d.found, text)
	}
}

// items finds the item types of the model that the items of a type may be of.
func (d *drift) items(t *itemType) []model.Item {
	var named, like []model.Item
	forms := t.forms()
	for _, item := range d.model.Items {
		if len(d.model.TypeFrom) > 0 && slices.ContainsFunc(t.values, func(v string) bool { return slices.Contains(item.Values, v) }) {
			named = append(named, item)
		}
		fits := false
		for _, k := range item.Keys {
			i := slices.IndexFunc(d.model.Keys, func(key model.Key) bool { return key.Name == k.Attribute })
			if i < 0 {
				continue
			}
			_, common := forms[i].parsed().Common(k.Template)
			if fits = common; !common {
				break
			}
		}
		if fits {
			like = append(like, item)
		}
	}
	if len(named) > 0 {
		return named
	}
	return like
}

// attributes compares the attributes of a map with the columns of item types.
func (d *drift) attributes(t *itemType, items []model.Item, of *inspect.Attribute, parents []string) {
	for _, a := range of.Sorted() {
		path := append(slices.Clone(parents), a.Name)
		if a.Present() == 0 || len(parents) == 0 && (slices.Contains(d.model.Ignored, a.Name) || slices.Contains(d.model.TypeFrom, a.Name)) {
			continue
		}
		known := false
		for _, item := range items {
			if item.Skip || item.Unknown == model.IgnoreUnknown {
				known = true
				continue
			}
			if slices.ContainsFunc(item.Keys, func(k model.KeyTemplate) bool { return len(path) == 1 && k.Attribute == a.Name }) {
				known = true
			}
			for _, c := range item.Columns {
				if slices.Equal(c.From, path) {
					known = true
					d.fits(item.Name, c, a)
				}
			}
			for _, n := range item.Nested {
				if slices.Equal(n.Path, path) {
					known = true
					d.rows(n, a)
				}
			}
		}
		if known {
			continue
		}
		if a.Kinds[ddbjson.Map] > 0 && len(a.Members) > 0 && d.below(items, path) {
			d.attributes(t, items, a, path)
			continue
		}
		d.say("new attribute %s of %s, in %s items (%s)", strings.Join(path, "."), namesOf(items), share(a.Present(), t.group.Items), kinds(a))
	}
}

func namesOf(items []model.Item) string {
	var all []string
	for _, item := range items {
		all = append(all, item.Name)
	}
	return strings.Join(all, " or ")
}

func kinds(a *inspect.Attribute) string {
	var all []string
	for kind, n := range a.Kinds {
		if n > 0 {
			all = append(all, ddbjson.Kind(kind).String())
		}
	}
	return strings.Join(all, ", ")
}

// below reports whether a column reads something within the map at a path.
func (d *drift) below(items []model.Item, path []string) bool {
	within := func(from []string) bool { return len(from) > len(path) && slices.Equal(from[:len(path)], path) }
	return slices.ContainsFunc(items, func(item model.Item) bool {
		return slices.ContainsFunc(item.Columns, func(c model.Column) bool { return within(c.From) }) ||
			slices.ContainsFunc(item.Nested, func(n model.Rows) bool { return within(n.Path) })
	})
}

// rows compares the maps of a list or map with the columns of rows.
func (d *drift) rows(n model.Rows, a *inspect.Attribute) {
	elements := a.Elements
	if elements == nil && a.Only(ddbjson.Map) {
		elements = united(a)
	}
	if elements == nil {
		return
	}
	for _, m := range elements.Sorted() {
		known := false
		for _, c := range n.Columns {
			if !c.Inherits && !c.Position && len(c.From) > 0 && c.From[0] == m.Name {
				known = true
				if len(c.From) == 1 {
					d.fits(n.Name, c, m)
				}
			}
		}
		if !known && m.Present() > 0 {
			d.say("new attribute %s of %s, in %s rows (%s)", m.Name, n.Name, share(m.Present(), elements.Kinds[ddbjson.Map]), kinds(m))
		}
	}
}

// fits says what a column has no room for.
func (d *drift) fits(of string, c model.Column, a *inspect.Attribute) {
	if c.Type.Kind == model.KindJSON {
		return
	}
	if !a.Only(ddbjson.String, ddbjson.Number, ddbjson.Bool, ddbjson.Binary) {
		d.say("%s.%s is %s, and values are %s", of, c.Name, c.Type.Redshift(), kinds(a))
		return
	}
	d.values(of, c, &a.Values, a.Kinds[ddbjson.String] > 0, a.Kinds[ddbjson.Number] > 0)
}

func (d *drift) values(of string, c model.Column, v *inspect.Values, texts, numbers bool) {
	if v.Count == 0 {
		return
	}
	var time inspect.Format = -1
	switch c.Type.Kind {
	case model.KindString:
		if v.Longest > c.Type.Length {
			d.say("%s.%s takes %d bytes, and the longest value has %d: write %s", of, c.Name, c.Type.Length, v.Longest, textOf(v.Longest))
		}
		if numbers && !c.Converts {
			d.say("%s.%s is text, and some values are numbers: add convert: true", of, c.Name)
		}
	case model.KindInteger, model.KindBigInt, model.KindDecimal:
		if v.Formats[inspect.Number] < v.Count {
			d.say("%s.%s is %s, and %s of %s values are not numbers", of, c.Name, c.Type.Redshift(), spell.Int(v.Count-v.Formats[inspect.Number]), spell.Int(v.Count))
			return
		}
		if texts && !c.Converts {
			d.say("%s.%s is %s, and some values are text: add convert: true", of, c.Name, c.Type.Redshift())
		}
		d.digits(of, c, v)
	case model.KindTimestamp, model.KindDate:
		time = map[model.Format]inspect.Format{
			model.FormatISO: inspect.Timestamp, model.FormatRFC1123: inspect.RFC1123, model.FormatSeconds: inspect.Number, model.FormatMillis: inspect.Number, model.FormatLayout: -1,
		}[c.Format]
		if c.Format == model.FormatISO && c.Truncate {
			time = inspect.FineTimestamp
		}
	case model.KindBoolean, model.KindDouble, model.KindJSON:
	}
	if time >= 0 && v.Formats[time] < v.Count {
		d.say("%s.%s: %s of %s values are no %s", of, c.Name, spell.Int(v.Count-v.Formats[time]), spell.Int(v.Count), time)
	}
}

// digits says whether numbers have more digits than a column.
func (d *drift) digits(of string, c model.Column, v *inspect.Values) {
	scale := 0
	over := v.Min < -2147483648 || v.Max > 2147483647
	switch c.Type.Kind {
	case model.KindBigInt:
		over = v.Digits > 19 || v.Digits == 19 && (v.Max > 9.2e18 || v.Min < -9.2e18)
	case model.KindDecimal:
		scale = c.Type.Scale
		over = v.Digits > c.Type.Precision-scale
	default:
	}
	if over || v.Scale > scale {
		d.say("%s.%s is %s, and values have up to %d digits before the point and %d after it (%s to %s): write %s",
			of, c.Name, c.Type.Redshift(), v.Digits, v.Scale, figure(v.Min), figure(v.Max), numberOf(v))
	}
}

// captures compares what keys hold with the columns that they fill. A key is cut
// here as the model cuts it only if both have as many captures.
func (d *drift) captures(t *itemType, items []model.Item) {
	forms := t.forms()
	for _, item := range items {
		for _, k := range item.Keys {
			i := slices.IndexFunc(d.model.Keys, func(key model.Key) bool { return key.Name == k.Attribute })
			if i < 0 || item.Skip {
				continue
			}
			all, captured := forms[i].captures(), k.Template.Names()
			if len(all) != len(captured) {
				continue
			}
			for n, name := range captured {
				c, has := item.Column(name)
				if has && c.Type.Kind == model.KindString && all[n].values.Longest > c.Type.Length+len(all[n].word)+1 {
					d.say("%s.%s takes %d bytes, and the longest in %s has %d: write %s", item.Name, c.Name, c.Type.Length, k.Attribute, all[n].values.Longest, textOf(all[n].values.Longest))
				}
			}
		}
	}
}
