package startest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Generate writes a model file. The same seed gives the same file. The error is
// one of [model.Read], which must take every part of the file.
func Generate(seed uint64) (string, error) {
	g := &generator{random: rand.New(rand.NewPCG(seed, 1)), taken: map[string]bool{model.Deleted: true}}
	g.file.add("nightstar", plain("1"))
	g.file.add("model", fmt.Sprintf("random%d", seed))
	g.table()
	g.settings(seed)
	g.items()
	for _, part := range []func(){g.dimensions, g.facts, g.checks} {
		m, err := model.Read("model.yaml", []byte(g.file.yaml("")))
		if err != nil {
			return g.file.yaml(""), err
		}
		g.m = m
		part()
	}
	_, err := model.Read("model.yaml", []byte(g.file.yaml("")))
	return g.file.yaml(""), err
}

// generator writes a model file from top to bottom. What is below refers to
// what the reader made of what is above.
type generator struct {
	random  *rand.Rand
	file    mapping
	m       model.Model
	keys    []tableKey
	telling int             // the key that tells types apart, where no attribute names them
	dims    mapping         // dimensions, without calendars that no fact has
	days    mapping         // calendars
	types   []string        // attributes that name an item's type
	taken   map[string]bool // names of tables
}

type tableKey struct{ name, kind string }

// oneIn is true once in n times.
func (g *generator) oneIn(n int) bool { return g.random.IntN(n) == 0 }

func pick[T any](g *generator, from ...T) T { return from[g.random.IntN(len(from))] }

// some returns some of the elements, in any order, one at least.
func some[T any](g *generator, from []T, most int) []T {
	shuffled := slices.Clone(from)
	g.random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	return shuffled[:min(len(shuffled), 1+g.random.IntN(most))]
}

// name draws a name that is not taken, and takes it: a word of every day, one
// that SQL reserves, or one that generated SQL may use itself.
func (g *generator) name(taken map[string]bool) string {
	words := strings.Fields(`
		alpha beta gamma delta epsilon amount total city colour status note price quantity weight
		username orderid productid customer product invoice ticket device reading visit shipment
		user order group select table from date time end case when desc limit offset primary values
		column index default all any as check foreign grant in is left right like not null on or then
		true union unique using where with year month day rows name run run_id counted expected loaded
		landed staged members new_members ranked place days fullday highest given noted night star keys
		held proof content landing staging dwh etl x y1 a_b latest of member row_number
		mod abs least nullif extract cast between interval timestamp decimal position entry kind`)
	for {
		if name := words[g.random.IntN(len(words))]; !taken[name] {
			taken[name] = true
			return name
		}
	}
}

// tableName draws the name of a dimension or fact.
func (g *generator) tableName() string {
	return g.name(g.taken)
}

func (g *generator) table() {
	kind := func() string { return pick(g, "S", "S", "S", "S", "S", "S", "S", "N", "B") }
	names := pick(g, []string{"PK", "SK"}, []string{"Id", "sort key"}, []string{"p.k", "Range"})
	g.keys = []tableKey{{names[0], kind()}}
	if !g.oneIn(4) {
		g.keys = append(g.keys, tableKey{names[1], kind()})
	}
	g.telling = slices.IndexFunc(g.keys, func(k tableKey) bool { return k.kind == "S" })
	if last := len(g.keys) - 1; g.keys[last].kind == "S" && g.oneIn(2) {
		g.telling = last
	}
	if g.telling < 0 || !g.oneIn(3) {
		g.types = some(g, []string{"__typename", "Type of", "_et"}, 2)
	}
	var t mapping
	for i, k := range g.keys {
		name := []string{"partitionKey", "sortKey"}[i]
		if k.kind == "S" && g.oneIn(2) {
			t.add(name, k.name)
			continue
		}
		t.add(name, mapping{{"name", k.name}, {"type", k.kind}})
	}
	switch {
	case len(g.types) == 1 && g.oneIn(2):
		t.add("typeAttribute", g.types[0])
	case len(g.types) > 0:
		t.add("typeAttribute", g.types)
	}
	if g.oneIn(3) {
		t.add("ignore", []string{"ignored", "GSI 9"})
	}
	g.file.add("table", t)
}

// put replaces a part of the file, or appends it.
func (m *mapping) put(key string, value mapping) {
	if i := slices.IndexFunc(*m, func(p pair) bool { return p.key == key }); i >= 0 {
		(*m)[i].value = value
	} else if len(value) > 0 {
		m.add(key, value)
	}
}

// settings writes what stands beside the items. Limits are wide: what is
// compared are rows, and other tests are about limits.
func (g *generator) settings(seed uint64) {
	g.file.add("limits", mapping{{"setAside", mapping{{"items", plain("1000")}, {"perMille", plain("1000")}}}})
	var calendar mapping
	if g.oneIn(2) {
		calendar.add("timeZone", pick(g, "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "UTC"))
	}
	if g.oneIn(2) {
		calendar.add("fiscalYearStart", pick(g, "January", "April", "July", "October", "December"))
	}
	if calendar != nil {
		g.file.add("calendar", calendar)
	}
	if g.oneIn(3) {
		g.file.add("schemas", mapping{{"prefix", fmt.Sprintf("p%d_", seed)}})
	}
}

// scope is what a dimension, fact or check may refer to.
type reachable struct {
	ref string
	c   model.Column
}

// alike reports whether values of two columns are comparable.
func alike(a, b model.Type) bool {
	family := func(t model.Type) int {
		switch t.Kind {
		case model.KindInteger, model.KindBigInt, model.KindDecimal, model.KindDouble:
			return 0
		case model.KindJSON:
			return -1
		}
		return int(t.Kind)
	}
	return family(a) == family(b) && family(a) >= 0
}

func isNumber(t model.Type) bool { return t.IsNumber() || t.Kind == model.KindDouble }

func isTime(t model.Type) bool { return t.Kind == model.KindTimestamp || t.Kind == model.KindDate }

// filter returns what is reachable and fits.
func filter(from []reachable, fits func(r reachable) bool) []reachable {
	var found []reachable
	for _, r := range from {
		if fits(r) {
			found = append(found, r)
		}
	}
	return found
}

// own lists the columns of rows.
func own(r model.Rows, lookup string) []reachable {
	var all []reachable
	for _, c := range r.Columns {
		ref := c.Name
		if lookup != "" {
			ref = lookup + "." + c.Name
		}
		all = append(all, reachable{ref, c})
	}
	return all
}

// lookups draws what rows look up, and adds it to what they reach.
func (g *generator) lookups(reach *[]reachable, most int) mapping {
	var with mapping
	taken := map[string]bool{}
	for range g.random.IntN(most + 1) {
		target := pick(g, g.m.Relations()...)
		on, whole := g.on(*reach, target)
		if on == nil {
			continue
		}
		name := target.Name
		if strings.Contains(name, ".") || taken[name] || g.oneIn(3) {
			name = g.name(taken)
		}
		taken[name] = true
		var ordered []string
		for _, c := range target.Columns {
			if isNumber(c.Type) || isTime(c.Type) {
				ordered = append(ordered, c.Name)
			}
		}
		long := mapping{{"on", on}}
		if name != target.Name || g.oneIn(3) {
			long = mapping{{"of", target.Name}, {"on", on}}
		}
		latest := len(ordered) > 0 && (!whole && !g.oneIn(4) || g.oneIn(4))
		if latest {
			long.add("latest", pick(g, ordered...))
		}
		reserved := slices.ContainsFunc(on, func(p pair) bool { return slices.Contains([]string{"of", "on", "latest"}, p.key) })
		if name == target.Name && !latest && !reserved && g.oneIn(2) {
			with.add(name, on)
		} else {
			with.add(name, long)
		}
		*reach = append(*reach, own(target, name)...)
	}
	return with
}

// on draws the columns that rows are looked up by, most often those that
// identify them.
func (g *generator) on(reach []reachable, target model.Rows) (on mapping, whole bool) {
	wanted := target.Identity
	if whole = len(wanted) > 0 && !g.oneIn(4); !whole {
		wanted = some(g, model.Names(target.Columns), 2)
	}
	for _, name := range wanted {
		c, _ := target.Column(name)
		fits := filter(reach, func(r reachable) bool { return alike(r.c.Type, c.Type) })
		if len(fits) == 0 {
			return nil, false
		}
		r := pick(g, fits...)
		if same := slices.IndexFunc(fits, func(r reachable) bool { return r.ref == name }); same >= 0 && g.oneIn(2) {
			r = fits[same]
		}
		on.add(name, r.ref)
	}
	return on, whole
}
