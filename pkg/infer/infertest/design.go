package infertest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
)

// Design is a table with what is true of it.
type Design struct {
	Name       string
	Convention string
	Items      []Item
	Roles      map[string]Role
	// References are the pairs of types of which one refers to the other, with the
	// attributes that say so, any of which may be found.
	References []Reference
}

// Item is an item and its type.
type Item struct {
	Type string
	JSON string // its attributes, as DynamoDB JSON
}

// Reference is a reference between types.
type Reference struct{ From, To string }

// making makes a design of about so many items.
type making func(items int, r *rand.Rand) Design

// Designs makes the designs whose names are wanted, one after the other, so that
// only one is in memory: every domain in every convention, and the designs that
// stand for themselves.
func Designs(items int, seed uint64, want func(name string) bool) iter.Seq[Design] {
	return func(yield func(Design) bool) {
		n := uint64(0)
		for _, c := range Conventions() {
			for _, d := range Domains() {
				r := rand.New(rand.NewPCG(seed, n)) //nolint:gosec // the same items every time
				n++
				if want(spelled(c, d)) && !yield(spell(c, d, items, r)) {
					return
				}
			}
		}
		for group, all := range [][]making{special(), outsiders(), newcomers(), latecomers()} {
			r := rand.New(rand.NewPCG(seed, 1<<(20+group))) //nolint:gosec // as above
			for _, of := range all {
				if d := of(items, r); want(d.Name) && !yield(d) { // those before are made for their random numbers
					return
				}
			}
		}
	}
}

func spelled(c Convention, d Domain) string { return d.Name + ": " + c.Name }

// maker makes the items of a design.
type maker struct {
	Design
	c   Convention
	r   *rand.Rand
	ids map[string][]string
	pks map[string][]string // of the partition of each item
}

func spell(c Convention, d Domain, items int, r *rand.Rand) Design {
	m := &maker{c: c, r: r, ids: map[string][]string{}, pks: map[string][]string{}}
	m.Name, m.Convention = spelled(c, d), c.Name
	m.Roles = map[string]Role{}
	for _, e := range d.Entities {
		m.entity(e, max(1, int(e.Share*float64(items))))
	}
	r.Shuffle(len(m.Items), func(i, j int) { m.Items[i], m.Items[j] = m.Items[j], m.Items[i] })
	return m.Design
}

func (m *maker) entity(e Entity, count int) {
	m.Roles[e.Name] = e.Role
	if e.Parent != "" {
		m.refer(e.Name, e.Parent)
	}
	for _, ref := range e.Refs {
		m.refer(e.Name, ref.To)
	}
	for i := range count {
		id := m.c.ID(m.r, e.Name, i)
		m.ids[e.Name] = append(m.ids[e.Name], id)
		m.item(e, id, i)
	}
}

func (m *maker) refer(from, to string) {
	if ref := (Reference{from, to}); !slices.Contains(m.References, ref) {
		m.References = append(m.References, ref)
	}
}

// item makes an item: one in a partition of its own, or in that of its parent.
func (m *maker) item(e Entity, id string, i int) {
	pk, sk := m.c.Key(m.r, e.Name, id), m.c.Own(e.Name, id)
	attributes := map[string]string{}
	own := strings.ToLower(e.Name[:1]) + e.Name[1:] + "Id"
	if m.c.OwnID {
		attributes[own] = fmt.Sprintf(`{"S":%q}`, id)
	}
	if e.Parent != "" && !e.Root {
		parents := m.ids[e.Parent]
		parent := parents[m.r.IntN(len(parents))]
		if i < len(parents) {
			parent = parents[i]
		}
		pk, sk = m.c.Key(m.r, e.Parent, parent), m.c.Key(m.r, e.Name, id)
		if m.c.OwnID {
			attributes[strings.ToLower(e.Parent[:1])+e.Parent[1:]+"Id"] = fmt.Sprintf(`{"S":%q}`, parent)
		}
	}
	if len(e.Changes) > 0 && m.c.Change != nil {
		sk = m.c.Change(sk, e.Changes[m.r.IntN(len(e.Changes))])
	}
	for n, ref := range e.Refs {
		to := m.ids[ref.To][m.r.IntN(len(m.ids[ref.To]))]
		attributes[ref.Attribute] = fmt.Sprintf(`{"S":%q}`, to)
		if m.c.Index {
			delete(attributes, ref.Attribute)
			attributes[fmt.Sprintf("GSI%dPK", n+1)] = fmt.Sprintf(`{"S":%q}`, m.c.Key(m.r, ref.To, to))
			attributes[fmt.Sprintf("GSI%dSK", n+1)] = fmt.Sprintf(`{"S":%q}`, pk)
		}
	}
	for _, f := range e.Fields {
		if f.Share == 0 || m.r.Float64() < f.Share {
			attributes[f.Name] = f.Value(m.r, i)
		}
	}
	m.typed(e, attributes)
	m.put(e.Name, pk, sk, attributes)
}

// typed adds the attribute that names the type, or one of that name that does not.
func (m *maker) typed(e Entity, attributes map[string]string) {
	switch {
	case m.c.Type == "" || m.r.Float64() < m.c.Missing:
	case m.c.Value(e.Name) != "":
		attributes[m.c.Type] = fmt.Sprintf(`{"S":%q}`, m.c.Value(e.Name))
	default:
		attributes[m.c.Type] = text("Parking", "AM", "PM", "Standard")(m.r, 0)
	}
}

func (m *maker) put(of, pk, sk string, attributes map[string]string) {
	names := make([]string, 0, len(attributes))
	for name := range attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	m.r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var b strings.Builder
	fmt.Fprintf(&b, `{%q:{"S":%q}`, m.c.PK, pk)
	if m.c.SK != "" {
		fmt.Fprintf(&b, `,%q:{"S":%q}`, m.c.SK, sk)
	}
	for _, name := range names {
		fmt.Fprintf(&b, ",%q:%s", name, attributes[name])
	}
	b.WriteByte('}')
	m.Items = append(m.Items, Item{Type: of, JSON: b.String()})
}
