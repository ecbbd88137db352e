package infer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/infer/design"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// builder holds what all types share while a model is made.
type builder struct {
	report        *inspect.Report
	types         []*itemType
	typeAttribute string
	words         map[string]string            // names of ids, by the word that stands before them
	prefixes      map[string][]*inspect.Sketch // by literal that stands before ids in keys, the ids
	questions     []question

	design *design.Design // what another tool declares; nil for nothing
	from   string         // where it stands
	madeUp bool           // the items were made of it
}

// columns gives every type its templates and columns.
func (b *builder) columns() {
	for _, t := range b.types {
		t.templates = t.forms()
		for k := range t.templates {
			t.templates[k].attribute = b.report.Keys[k].Name
			t.keys = append(t.keys, b.report.Keys[k].Name)
		}
	}
	b.prefixes = map[string][]*inspect.Sketch{}
	for _, t := range b.types {
		for _, c := range t.captures() {
			if word := t.group.Keys[c.key][c.segment].Word; c.tail {
				b.prefixes[word] = append(b.prefixes[word], c.sketch)
			}
		}
	}
	b.idNames()
	for _, t := range b.types {
		taken := names{}
		b.captures(t, taken)
		t.attributes(b, taken)
		if t.left > 0 {
			b.ask("%s of %s became no column; the lake keeps their values. To load one, add it to the columns: NAME: { from: ATTRIBUTE, type: text }", spell.Count(int64(t.left), "attribute", "attributes"), t.name)
		}
		for _, c := range t.columns {
			if c.question != "" {
				b.choose(c.other, "%s.%s: %s", t.name, c.name, c.question)
			}
		}
	}
}

// captures lists the captures of the table's keys.
func (t *itemType) captures() []*capture {
	var all []*capture
	for _, f := range t.templates {
		for _, p := range f.parts {
			if p.capture != nil {
				all = append(all, p.capture)
			}
		}
	}
	return all
}

// match finds the attribute that says what a capture does, wherever an item has it.
func (t *itemType) match(c *capture) *inspect.Attribute {
	g := t.group
	if c.rest || g.Segments[c.key][c.segment].Shifted || c.tail && g.Segments[c.key][c.segment].Mixed {
		return nil
	}
	var best *inspect.Attribute
	score := func(a *inspect.Attribute) int {
		n := 0
		if saysID(a.Name) {
			n += 2
		}
		if c.word != "" && strings.Contains(plain(a.Name), plain(c.word)) {
			n++
		}
		if isIndexKey(a.Name) {
			n -= 4
		}
		return n
	}
	for _, a := range g.Root.Sorted() {
		switch {
		case len(a.Says) <= c.says() || a.Says[c.says()] == 0 || a.Says[c.says()] != a.Present() || a.Nul > 0,
			2*a.Present() < g.Items, g.Items < 3 && score(a) < 1, strings.ContainsAny(a.Name, "\"\n\r"):
			continue
		case best == nil || score(a) > score(best):
			best = a
		}
	}
	return best
}

// idNames finds what ids are called by the attributes that repeat them, so that one
// word before an id always goes with one name.
func (b *builder) idNames() {
	b.words = map[string]string{}
	votes := map[string]map[string]int64{}
	for _, t := range b.types {
		for _, c := range t.captures() {
			a := t.match(c)
			if a == nil || c.word == "" || isIndexKey(a.Name) || !saysID(a.Name) && !c.unique {
				continue
			}
			word := plain(c.word)
			if votes[word] == nil {
				votes[word] = map[string]int64{}
			}
			votes[word][asName(a.Name)] += t.group.Items
		}
	}
	for word, by := range votes {
		all := make([]string, 0, len(by))
		for name := range by {
			all = append(all, name)
		}
		slices.SortFunc(all, func(x, y string) int { return cmp.Or(cmp.Compare(by[y], by[x]), cmp.Compare(x, y)) })
		b.words[word] = all[0]
	}
}

// captures makes columns of what the keys of a type capture.
func (b *builder) captures(t *itemType, taken names) {
	g := t.group
	all := t.captures()
	for n, c := range all {
		same := slices.IndexFunc(all[:n], func(o *capture) bool {
			mixed := g.Segments[c.key][c.segment].Shifted || g.Segments[o.key][o.segment].Shifted || c.tail && g.Segments[c.key][c.segment].Mixed || o.tail && g.Segments[o.key][o.segment].Mixed
			// Of few items, ids may be equal by chance.
			certain := c.word != "" && plain(c.word) == plain(o.word) || c.sketch != nil && c.sketch.Distinct() >= 3
			return !c.rest && !o.rest && !mixed && certain && g.Equal(c.says(), o.says()) == g.Items
		})
		if same >= 0 {
			c.column = all[same].column
			continue
		}
		col := &column{capture: c, sketch: c.sketch, word: c.word, chain: c.chain, share: 1, identity: true}
		col.kind, col.class = b.keyType(c)
		if a := t.match(c); a != nil {
			col.attribute, col.path = a, []string{a.Name}
			name := asName(a.Name)
			if name != a.Name {
				name = t.free(taken, name)
			} else {
				name = taken.take(name)
			}
			col.name = name
			if name != a.Name && t.group.Root.Members[name] != nil {
				col.path = nil
			}
		} else {
			col.name = b.captureName(t, c, taken)
		}
		col.comment = share(c.values.Count, g.Items) + " items; " + spell.Count(int64(c.values.Longest), "byte", "bytes") + " at most"
		if c.sketch != nil {
			approximately := ""
			if !c.sketch.Exact() {
				approximately = "about "
			}
			col.comment += "; " + approximately + spell.Count(c.sketch.Distinct(), "value", "different values")
		}
		c.column = col
		t.columns = append(t.columns, col)
		t.identity = append(t.identity, col)
	}
}

// keyType decides the type of a captured column. Two keys that differ must not be
// equal as values, so a time is one only if all are spelt alike.
func (b *builder) keyType(c *capture) (string, class) {
	v := c.values
	if b.report.Keys[c.key].Type() == "N" {
		if v.Scale == 0 && v.Digits > 0 && v.Digits <= 17 {
			return "bigint", number
		}
		return textOf(max(v.Longest, 40)), text
	}
	alike := v.Shortest == v.Longest && !v.Contains('+') && !v.Contains(',') && !c.tail
	switch {
	case c.rest:
		return textOf(1000), text
	case alike && v.Formats[inspect.Day] == v.Count && v.Count > 0:
		return "date", instant
	case alike && v.Formats[inspect.Timestamp] == v.Count && v.Count > 0 && v.Contains('T'):
		return "timestamp", instant
	}
	return textOf(max(v.Longest, 13)), text
}

// captureName names a capture that no attribute repeats.
func (b *builder) captureName(t *itemType, c *capture, taken names) string {
	key := b.report.Keys[c.key].Name
	isKey := func(name string) bool {
		return slices.ContainsFunc(b.report.Keys, func(k inspect.Key) bool { return k.Name == name })
	}
	if name := t.declaredName(key, slices.Index(t.templates[c.key].captures(), c)); name != "" {
		return t.free(taken, name)
	}
	only := len(t.templates[c.key].parts) == 1
	time := c.values.Count > 0 && c.values.Formats[inspect.FineTimestamp] == c.values.Count
	var wanted []string
	usual := slices.Contains([]string{"pk", "sk", "hk", "rk", "partitionkey", "sortkey", "hashkey", "rangekey", "hash", "range"}, plain(key))
	if !usual && len(t.templates[c.key].captures()) == 1 && c.key == 0 {
		if name := asName(key); !isKey(name) {
			wanted = append(wanted, name)
		}
	}
	if only && !usual {
		switch name := asName(key); {
		case name == key: // the attribute is the key itself
			return taken.take(name)
		case !isKey(name):
			return t.free(taken, name)
		}
	}
	if word := plain(c.word); word != "" {
		if name, known := b.words[word]; known {
			wanted = append(wanted, name)
		}
		if time {
			wanted = append(wanted, asName(c.word)+"at")
		}
		wanted = append(wanted, asName(c.word)+"id")
	}
	switch {
	case time:
		wanted = append(wanted, "at")
	case c.rest:
		wanted = []string{asName(key) + "rest"}
	case !usual && len(t.templates[c.key].captures()) == 1:
		wanted = append(wanted, asName(key))
	default:
		wanted = append(wanted, "id")
	}
	wanted = slices.DeleteFunc(wanted, func(name string) bool { return isKey(name) })
	if len(wanted) == 0 {
		wanted = []string{"id"}
	}
	return t.free(taken, wanted...)
}

func (t template) captures() []*capture {
	var all []*capture
	for _, p := range t.parts {
		if p.capture != nil {
			all = append(all, p.capture)
		}
	}
	return all
}

// name gives every type a name: what the type attribute says, or the words in its
// keys.
func (b *builder) name() {
	taken := names{}
	bases := map[string]int{} // how many types have keys that begin with the word
	for _, t := range b.types {
		bases[firstWord(t)]++
	}
	for _, t := range b.types {
		if t.entity != nil {
			t.name = taken.take(asName(t.entity.Name))
		}
	}
	for _, t := range b.types {
		if len(t.values) > 0 && t.name == "" {
			t.name = taken.take(asName(t.values[0]))
		}
	}
	// Types whose sort key names nothing of its own come first: they are what the
	// partition is about.
	order := slices.Clone(b.types)
	slices.SortStableFunc(order, func(x, y *itemType) int { return len(ownWords(x)) - len(ownWords(y)) })
	for _, t := range order {
		if t.name != "" {
			continue
		}
		first, own := firstWord(t), ownWords(t)
		switch {
		case len(own) > 0:
			t.name = taken.take(asName(own[0]), asName(own[len(own)-1]), asName(first+"_"+own[0]))
		case len(b.types) == 1 && len(b.report.Table) > 2:
			t.name = taken.take(singular(asName(b.report.Table)))
		case (len(first) < 3 || plain(first) == "") && b.called(t) != "":
			t.name = taken.take(eventName(t, b.called(t)), b.called(t)+"_entry")
		case first != "" && hasTime(t):
			t.name = taken.take(asName(first)+"_event", asName(first)+"_entry")
		case first != "":
			t.name = taken.take(asName(first), asName(first)+"_entry")
		case b.report.Table != "" && len(b.types) == 1:
			t.name = taken.take(singular(asName(b.report.Table)))
		default:
			t.name = taken.take("item")
		}
	}
}

// eventName adds to the name of what a partition is about that its items are
// events of it.
func eventName(t *itemType, name string) string {
	if hasTime(t) {
		return name + "_event"
	}
	return name
}

// hasTime reports whether the sort key holds a time.
func hasTime(t *itemType) bool {
	f := t.forms()
	return len(f) > 1 && slices.ContainsFunc(f[1].captures(), func(c *capture) bool {
		return c.values.Count > 0 && c.values.Formats[inspect.FineTimestamp] == c.values.Count
	})
}

// called takes the name of a type from the attribute that repeats its partition
// key, complaint_id, or from the key's own name, DeviceID.
func (b *builder) called(t *itemType) string {
	f := t.forms()
	name := ""
	if all := f[0].captures(); len(all) > 0 {
		if a := t.match(all[0]); a != nil && saysID(a.Name) {
			name = a.Name
		}
	}
	if key := b.report.Keys[0].Name; name == "" && saysID(key) && len(plain(key)) > 4 {
		name = key
	}
	name = asName(name)
	for _, ending := range []string{"_id", "id", "_key", "key"} {
		if cut, ok := strings.CutSuffix(name, ending); ok && len(cut) > 1 {
			return cut
		}
	}
	return ""
}

// firstWord is the last word of the partition key.
func firstWord(t *itemType) string {
	f := t.forms()
	if words := f[0].words(); len(words) > 0 {
		return words[len(words)-1]
	}
	return ""
}

// ownWords are the words of the sort key that say what an item is.
func ownWords(t *itemType) []string {
	f := t.forms()
	if len(f) < 2 {
		return nil
	}
	first := plain(firstWord(t))
	var own []string
	for _, word := range f[1].words() {
		generic := []string{"meta", "metadata", "profile", "info", "details", "detail", "data", "root", "a", "self", "main", "head", "header", "base", "v1", "v0", first}
		if !slices.Contains(generic, plain(word)) && plain(word) != "" {
			own = append(own, word)
		}
	}
	return own
}
