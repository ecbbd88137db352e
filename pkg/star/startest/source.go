package startest

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Source is a table whose items change from night to night: some vanish and
// return, some say something else.
type Source struct {
	m        model.Model
	random   *rand.Rand
	domains  map[string]*domain
	entities []*entity
}

// entity is an item that a night may hold.
type entity struct {
	t     model.Item
	fixed map[string]Cell // columns that stand in its keys
	item  Item
}

// NewSource returns the table of a model. The same seed gives the same nights.
func NewSource(m model.Model, seed uint64) *Source {
	random := rand.New(rand.NewPCG(seed, 2))
	s := &Source{m: m, random: random, domains: domains(m, random)}
	keys := map[string]bool{}
	for _, t := range m.Items {
		for range 3 + random.IntN(24) {
			e := &entity{t: t}
			if !s.make(e) {
				continue
			}
			if key := s.key(e.item); !keys[key] {
				keys[key] = true
				s.entities = append(s.entities, e)
			}
		}
	}
	return s
}

// key spells the key of an item.
func (s *Source) key(item Item) string {
	var parts []string
	for _, key := range s.m.Keys {
		v, _ := item.Get([]string{key.Name})
		parts = append(parts, v.Text)
	}
	return strings.Join(parts, "\x00")
}

// Night returns the items of another night, in any order.
func (s *Source) Night() []Item {
	if s.random.IntN(40) == 0 {
		return nil
	}
	missing := map[string]bool{}
	for _, t := range s.m.Items {
		missing[t.Name] = s.random.IntN(12) == 0
	}
	var items []Item
	for _, e := range s.entities {
		if s.random.IntN(3) == 0 {
			s.make(e)
		}
		if !missing[e.t.Name] && s.random.IntN(4) > 0 {
			items = append(items, e.item)
		}
	}
	s.random.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return items
}

// Repair leaves items out until a warehouse takes the night. It is false if it
// refuses the night all the same.
func Repair(star *Star, items []Item) ([]Item, bool) {
	for {
		night := Land(star.m, items)
		_, refused := star.Night(night)
		refused = append(refused, night.Refused...)
		if len(refused) == 0 {
			return items, true
		}
		gone := map[int]bool{}
		for _, r := range refused {
			if len(r.Items) == 0 {
				return items, false
			}
			if !slices.ContainsFunc(r.Items, func(i int) bool { return gone[i] }) {
				gone[r.Items[0]] = true
			}
		}
		var rest []Item
		for i, item := range items {
			if !gone[i] {
				rest = append(rest, item)
			}
		}
		items = rest
	}
}

// make makes the item of an entity, with other values than before outside of
// its keys. It is false if no item of the type came of many attempts.
func (s *Source) make(e *entity) bool {
	for range 20 {
		cells := map[string]Cell{}
		for _, c := range e.t.Columns {
			cells[c.Name] = s.draw(e.t.Name, c)
			if fixed, ok := e.fixed[c.Name]; ok {
				cells[c.Name] = fixed
			}
		}
		item := s.item(e.t, cells)
		t, ok := Recognise(s.m, item)
		if !ok || t.Name != e.t.Name || e.item != nil && s.key(item) != s.key(e.item) {
			continue
		}
		e.item, e.fixed = item, map[string]Cell{}
		for _, c := range e.t.Columns {
			if inKeys(s.m, c) {
				e.fixed[c.Name] = cells[c.Name]
			}
		}
		return true
	}
	return false
}

// inKeys reports whether a column stands in the keys of the table. Others
// identify members, too.
func inKeys(m model.Model, c model.Column) bool {
	raw := len(c.From) == 1 && slices.ContainsFunc(m.Keys, func(k model.Key) bool { return k.Name == c.From[0] })
	return c.Key && (c.Captured || c.Inherits || c.Position || raw)
}

// draw draws a value for a column, or null.
func (s *Source) draw(relation string, c model.Column) Cell {
	if !c.Required && s.random.IntN(6) == 0 {
		return nil
	}
	d := s.domains[relation+"."+c.Name]
	if !inKeys(s.m, c) && s.random.IntN(10) == 0 { // a reference that leads nowhere
		return d.value(s.random)
	}
	return d.values[s.random.IntN(len(d.values))]
}

// item makes the attributes of the columns' values.
func (s *Source) item(t model.Item, cells map[string]Cell) Item {
	var attributes []Attribute
	for _, key := range s.m.Keys { // keys that no template describes
		attributes = set(attributes, []string{key.Name}, s.anyKey(key))
	}
	for _, k := range t.Keys {
		if v, ok := s.fill(k, t, cells); ok {
			attributes = set(attributes, []string{k.Attribute}, v)
		}
	}
	for _, c := range t.Columns {
		repeated := c.Captured && s.random.IntN(3) > 0
		if c.From == nil || repeated || c.Captured && slices.ContainsFunc(t.Keys, func(k model.KeyTemplate) bool { return k.Attribute == c.From[0] }) {
			continue
		}
		if v, ok := s.attribute(c, cells[c.Name]); ok {
			attributes = set(attributes, c.From, s.asKey(c, v))
		}
	}
	attributes = s.typed(t, attributes)
	for _, nested := range t.Nested {
		if s.random.IntN(5) > 0 {
			attributes = set(attributes, nested.Path, s.nested(nested))
		}
	}
	for _, name := range s.m.Ignored {
		attributes = set(attributes, []string{name}, S("ignored"))
	}
	if s.random.IntN(30) == 0 {
		attributes = set(attributes, []string{"Unheard of"}, Value{Kind: "SS", Elements: []Value{S("a"), S("b")}})
	}
	s.random.Shuffle(len(attributes), func(i, j int) { attributes[i], attributes[j] = attributes[j], attributes[i] })
	return attributes
}

func (s *Source) anyKey(key model.Key) Value {
	n := fmt.Sprint(s.random.IntN(1000))
	switch key.Kind {
	case model.KeyNumber:
		return N(n)
	case model.KeyBinary:
		return Value{Kind: "B", Text: base64.StdEncoding.EncodeToString([]byte(n))}
	}
	return S("key " + n)
}

// asKey gives a value the DynamoDB type of the key that it is, if it is one.
func (s *Source) asKey(c model.Column, v Value) Value {
	for _, key := range s.m.Keys {
		if len(c.From) == 1 && c.From[0] == key.Name {
			return s.keyValue(key, v.Text)
		}
	}
	return v
}

// keyValue makes a key of a text. Not all texts can be numbers or base64, so
// another key may come of it.
func (s *Source) keyValue(key model.Key, text string) Value {
	v := Value{Kind: string(key.Kind), Text: text}
	_, isBinary := base64.StdEncoding.DecodeString(text)
	if key.Kind == model.KeyNumber && !number.MatchString(text) || key.Kind == model.KeyBinary && (isBinary != nil || text == "") {
		return s.anyKey(key)
	}
	return v
}

// fill makes the attribute of a template, unless one of its columns is null.
func (s *Source) fill(k model.KeyTemplate, t model.Item, cells map[string]Cell) (Value, bool) {
	var texts []string
	for _, name := range k.Template.Names() {
		c, _ := t.Column(name)
		if cells[name] == nil && !t.Skip {
			return Value{}, false
		}
		if t.Skip && cells[name] == nil { // no column, but the same text in all of its keys
			cells[name] = fmt.Sprint(s.random.IntN(100))
		}
		texts = append(texts, s.text(c, cells[name]))
	}
	text := k.Template.Fill(texts)
	for _, key := range s.m.Keys {
		if key.Name == k.Attribute {
			return s.keyValue(key, text), true
		}
	}
	return S(text), true
}

// typed adds the type attribute, which some items of types that keys can tell
// do without.
func (s *Source) typed(t model.Item, attributes []Attribute) []Attribute {
	if len(s.m.TypeFrom) == 0 {
		return attributes
	}
	if found, ok := Recognise(s.m, attributes); ok && found.Name == t.Name && s.random.IntN(4) == 0 {
		return attributes
	}
	name := s.m.TypeFrom[s.random.IntN(len(s.m.TypeFrom))]
	return set(attributes, []string{name}, S(t.Values[s.random.IntN(len(t.Values))]))
}

// nested makes a list or a map of maps.
func (s *Source) nested(r model.Rows) Value {
	if s.random.IntN(100) == 0 {
		return []Value{S("no rows"), {Kind: "SS", Elements: []Value{S("a"), S("b")}}, {Kind: "NULL"}}[s.random.IntN(3)]
	}
	v := Value{Kind: "L"}
	for n := range s.random.IntN(4) {
		var members []Attribute
		for _, c := range r.Columns {
			if c.Inherits || c.Position || c.From == nil {
				continue
			}
			if one, ok := s.attribute(c, s.draw(r.Name, c)); ok {
				members = set(members, c.From, one)
			}
		}
		e := Value{Kind: "M", Members: members}
		if s.random.IntN(100) == 0 {
			e = []Value{S("no map"), {Kind: "NULL"}, {Kind: "L"}}[s.random.IntN(3)]
		}
		v.Elements = append(v.Elements, e)
		v.Members = append(v.Members, Attribute{fmt.Sprintf("%s%d", words()[s.random.IntN(len(words()))], n), e})
	}
	if slices.ContainsFunc(r.Columns, func(c model.Column) bool { return c.Position && c.Type.Kind == model.KindString }) {
		return Value{Kind: "M", Members: v.Members}
	}
	return Value{Kind: "L", Elements: v.Elements}
}

// attribute makes an attribute of a value: rarely a wrong one, and not always
// one at all if the value is null.
func (s *Source) attribute(c model.Column, cell Cell) (Value, bool) {
	switch {
	case s.random.IntN(300) == 0:
		return Value{Kind: "BS", Elements: []Value{{Kind: "B", Text: "AAAA"}}}, true
	case cell == nil:
		return Value{Kind: "NULL"}, s.random.IntN(3) == 0
	}
	text := s.text(c, cell)
	other := c.Converts && s.random.IntN(3) == 0
	switch cell := cell.(type) {
	case string:
		switch {
		case c.Type.Kind == model.KindJSON:
			return s.json(text), true
		case other && number.MatchString(text):
			return N(text), true
		case other && (text == "true" || text == "false"):
			return Value{Kind: "BOOL", Text: text}, true
		}
		return S(text), true
	case *big.Rat:
		if other {
			return S(text), true
		}
		return N(text), true
	case bool:
		switch {
		case other && cell:
			return N("1"), true
		case other:
			return S(text), true
		}
		return Value{Kind: "BOOL", Text: text}, true
	}
	if epoch := c.Format == model.FormatSeconds || c.Format == model.FormatMillis; epoch && s.random.IntN(2) == 0 {
		return N(text), true
	}
	return S(text), true
}

// json draws a value of any kind.
func (s *Source) json(text string) Value {
	some := []Value{
		S(text), N("12.50"), {Kind: "SS", Elements: []Value{S(text), S("b")}}, {Kind: "NS", Elements: []Value{N("1"), N("-2.5")}},
		{Kind: "BOOL", Text: "true"}, {Kind: "B", Text: "AAEC"}, {Kind: "BS", Elements: []Value{{Kind: "B", Text: "AAEC"}}},
		{Kind: "M", Members: []Attribute{{"z", N("1")}, {"a b", Value{Kind: "NULL"}}}}, {Kind: "L", Elements: []Value{S("x"), N("3")}}, {Kind: "M"},
	}
	return some[s.random.IntN(len(some))]
}

// text spells a value as it stands in an attribute or in a key.
func (s *Source) text(c model.Column, cell Cell) string {
	switch cell := cell.(type) {
	case string:
		return cell
	case bool:
		return fmt.Sprint(cell)
	case *big.Rat:
		text := strings.TrimRight(cell.FloatString(4), "0")
		return strings.TrimSuffix(text, ".")
	}
	at := cell.(time.Time)
	switch c.Format {
	case model.FormatSeconds:
		return strings.TrimSuffix(strings.TrimRight(big.NewRat(at.UnixMicro(), 1_000_000).FloatString(6), "0"), ".")
	case model.FormatMillis:
		return strings.TrimSuffix(strings.TrimRight(big.NewRat(at.UnixMicro(), 1_000).FloatString(3), "0"), ".")
	case model.FormatRFC1123:
		return at.Format("Mon, 02 Jan 2006 15:04:05 GMT")
	case model.FormatLayout:
		return at.Format(c.Layout)
	case model.FormatISO:
	}
	return s.iso(c, at)
}

func (s *Source) iso(c model.Column, at time.Time) string {
	fine := ""
	if c.Truncate {
		fine = "789"
	}
	switch n := s.random.IntN(4); {
	case c.Captured:
		return at.Format("2006-01-02T15:04:05.000000") + "Z"
	case c.Type.Kind == model.KindDate && n > 0:
		return at.Format(time.DateOnly)
	case n == 0 && c.Type.Kind != model.KindDate:
		return at.In(time.FixedZone("", 3600+1800)).Format("2006-01-02T15:04:05.000000-07:00")
	case n == 1 && c.Type.Kind != model.KindDate:
		return at.Format("2006-01-02 15:04:05.000000") + fine
	case n == 2:
		return at.Format("20060102T150405.000000") + fine + "Z"
	}
	return at.Format("2006-01-02T15:04:05.000000Z07:00")
}
