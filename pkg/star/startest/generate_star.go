package startest

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

func (g *generator) dimensions() {
	for range g.random.IntN(3) {
		calendar := mapping{{"calendar", "day"}}
		if g.oneIn(2) {
			calendar.add("key", pick(g, "orderdate", "from", "theday"))
		}
		g.days.add(g.tableName(), calendar)
	}
	for range 1 + g.random.IntN(3) {
		name := g.tableName()
		if d := g.dimension(name); d != nil {
			g.dims.add(name, d)
		}
	}
	g.file.put("dimensions", g.dims)
}

func (g *generator) calendar(name string) mapping {
	i := slices.IndexFunc(g.days, func(p pair) bool { return p.key == name })
	return g.days[i].value.(mapping)
}

// dimension draws a dimension; nil if its rows have nothing that identifies.
func (g *generator) dimension(name string) mapping {
	if len(g.m.Relations()) == 0 {
		return nil
	}
	of := pick(g, g.m.Relations()...)
	d := mapping{{"of", of.Name}}
	reach := own(of, "")
	versions := of.Path == nil && g.oneIn(2)
	if !versions {
		if with := g.lookups(&reach, 2); with != nil {
			d.add("with", with)
		}
	}
	identifies := filter(reach, func(r reachable) bool {
		isOwn := !strings.Contains(r.ref, ".")
		return r.c.Type.Kind == model.KindString || r.c.Required && isOwn && r.c.Type.Kind != model.KindDouble && r.c.Type.Kind != model.KindJSON
	})
	if len(identifies) == 0 {
		return nil
	}
	c := &starColumns{g: g, reach: reach, taken: map[string]bool{name + "key": true, model.Deleted: true}}
	if versions {
		d.add("history", "versions")
		for _, generated := range model.HistoryColumns() {
			c.taken[generated.Name] = true
		}
	}
	whole := len(of.Identity) > 0 && (versions || g.oneIn(2))
	key := some(g, identifies, 2)
	if whole {
		key = filter(reach, func(r reachable) bool { return slices.Contains(of.Identity, r.ref) })
	}
	d.add("key", c.keys(key))
	if g.oneIn(4) {
		d.add("where", g.condition(reach))
	}
	if g.oneIn(4) {
		d.add("when", some(g, model.Names(of.Columns), 3))
	}
	ordered := filter(reach, func(r reachable) bool { return isNumber(r.c.Type) || isTime(r.c.Type) })
	switch {
	case versions:
	case len(ordered) > 0 && (g.oneIn(2) || whole && g.oneIn(6)):
		d.add("latest", pick(g, ordered...).ref)
	case !whole && !g.oneIn(4) || g.oneIn(6):
		d.add("duplicates", "first")
	case g.oneIn(6):
		d.add("duplicates", "refuse")
	}
	if columns := c.draw(reach, 4, true); columns != nil {
		d.add("columns", columns)
	}
	if g.oneIn(3) && c.labels != nil {
		d.add("unknown", c.labels)
	}
	return d
}

// starColumns draws the columns of a dimension or fact.
type starColumns struct {
	g      *generator
	reach  []reachable
	taken  map[string]bool
	labels mapping // for columns of text that a label can stand in
}

// keys draws how the columns of a business key are written.
func (c *starColumns) keys(key []reachable) any {
	var short []string
	var long mapping
	for _, r := range key {
		name := r.ref[strings.LastIndexByte(r.ref, '.')+1:]
		if c.taken[name] || c.g.oneIn(4) {
			short, name = nil, c.g.name(c.taken)
			long.add(name, r.ref)
			continue
		}
		c.taken[name] = true
		short = append(short, r.ref)
		long.add(name, r.ref)
	}
	switch {
	case len(short) < len(key):
		return long
	case len(short) == 1 && c.g.oneIn(2):
		return short[0]
	}
	return short
}

// draw draws columns, computed ones among them.
func (c *starColumns) draw(from []reachable, most int, computed bool) any {
	if len(from) == 0 || most == 0 {
		return nil
	}
	var short []string
	var long mapping
	for _, r := range some(c.g, from, most) {
		name := r.ref[strings.LastIndexByte(r.ref, '.')+1:]
		if c.taken[name] || c.g.oneIn(4) {
			name = c.g.name(c.taken)
			long.add(name, pick[any](c.g, r.ref, mapping{{"from", r.ref}, {"doc", "a column"}}))
		} else {
			c.taken[name] = true
			short = append(short, r.ref)
			long.add(name, r.ref)
		}
		if r.c.Type.Kind == model.KindString && r.c.Type.Length >= 4 {
			c.labels.add(name, pick(c.g, "none", "n/a", "it's"))
		}
	}
	if len(short) == len(long) && c.g.oneIn(2) {
		return short
	}
	if computed && c.g.oneIn(2) {
		if sql, typ := c.g.computed(c.reach); sql != "" {
			long.add(c.g.name(c.taken), mapping{{"sql", sql}, {"type", typ}})
		}
	}
	return long
}

func (g *generator) facts() {
	var facts mapping
	for range 1 + g.random.IntN(3) {
		if name, f := g.fact(); f != nil {
			facts.add(name, f)
		}
	}
	g.file.put("dimensions", g.dims)
	g.file.put("facts", facts)
}

func (g *generator) fact() (string, mapping) {
	if len(g.m.Relations()) == 0 {
		return "", nil
	}
	of := pick(g, g.m.Relations()...)
	name := g.tableName()
	f := mapping{{"grain", "One row for each row."}, {"of", of.Name}}
	reach := own(of, "")
	if with := g.lookups(&reach, 3); with != nil {
		f.add("with", with)
	}
	if g.oneIn(4) {
		f.add("where", g.condition(reach))
	}
	exact := func(c model.Column) bool { return c.Type.Kind != model.KindDouble && c.Type.Kind != model.KindJSON }
	required := filter(own(of, ""), func(r reachable) bool { return r.c.Required && exact(r.c) })
	var key []string
	if of.Declared() {
		key = of.Identity
	}
	if len(key) == 0 || len(required) > 0 && g.oneIn(5) {
		if len(required) == 0 {
			return "", nil
		}
		key = nil
		for _, r := range some(g, required, 3) {
			key = append(key, r.ref)
		}
		f.add("key", key)
	}
	taken := map[string]bool{name + "key": true}
	for _, k := range key {
		taken[k] = true
	}
	if g.oneIn(2) {
		var document []string
		fits := filter(own(of, ""), func(r reachable) bool { return exact(r.c) && (r.c.Required || r.c.Type.Kind == model.KindString) })
		if len(fits) > 0 {
			for _, r := range some(g, fits, 2) {
				document = append(document, r.ref)
			}
			f.add("document", document)
		}
	}
	if moments := filter(reach, func(r reachable) bool { return isTime(r.c.Type) }); len(moments) > 0 {
		f.add("asOf", pick(g, moments...).ref)
	}
	if roles := g.roles(reach, taken); roles != nil {
		f.add("dimensions", roles)
	}
	c := &starColumns{g: g, reach: reach, taken: taken}
	if g.oneIn(2) {
		if columns := c.draw(reach, 3, true); columns != nil {
			f.add("columns", columns)
		}
	}
	if measures := c.draw(filter(reach, func(r reachable) bool { return isNumber(r.c.Type) }), 3, false); measures != nil {
		f.add("measures", measures)
	}
	return name, f
}

// roles draws the dimensions of a fact, where it reaches what identifies their
// members.
func (g *generator) roles(reach []reachable, taken map[string]bool) mapping {
	var roles mapping
	undated := !slices.ContainsFunc(reach, func(r reachable) bool { return isTime(r.c.Type) })
	all := slices.DeleteFunc(slices.Clone(g.m.Dimensions), func(d model.Dimension) bool { return d.Versions && undated })
	for _, p := range g.days {
		all = append(all, model.Dimension{Name: p.key, Calendar: true, Key: []model.KeyColumn{{Type: model.Date()}}})
	}
	for _, d := range all {
		for n := range 1 + g.random.IntN(2) {
			var on []string
			for _, k := range d.Key {
				fits := filter(reach, func(r reachable) bool { return alike(r.c.Type, k.Type) || d.Calendar && isTime(r.c.Type) })
				if len(fits) > 0 {
					on = append(on, pick(g, fits...).ref)
				}
			}
			if len(on) < len(d.Key) {
				continue
			}
			role, surrogate := d.Name, d.Name+"key"
			if n > 0 || g.oneIn(4) {
				role = pick(g, "created", "closed", "by", "to", "of", "other")
				surrogate = role + d.Name + "key"
			}
			if taken[surrogate] || slices.ContainsFunc(roles, func(p pair) bool { return p.key == role }) {
				continue
			}
			taken[surrogate] = true
			value := any(on)
			if len(on) == 1 && g.oneIn(2) {
				value = on[0]
			}
			if role != d.Name {
				value = mapping{{d.Name, value}}
			}
			roles.add(role, value)
			if d.Calendar {
				g.dims.put(d.Name, g.calendar(d.Name))
			}
		}
	}
	return roles
}

func (g *generator) checks() {
	var checks mapping
	for _, name := range []string{"closed_after_created", "negative_price"} {
		if len(g.m.Relations()) == 0 || !g.oneIn(4) {
			continue
		}
		of := pick(g, g.m.Relations()...)
		c := mapping{{"of", of.Name}, {"sql", g.condition(own(of, ""))}}
		if !g.oneIn(3) {
			c.add("severity", "warn")
		}
		checks.add(name, c)
	}
	g.file.put("checks", checks)
}
