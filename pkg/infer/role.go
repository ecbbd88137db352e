package infer

import (
	"fmt"
	"slices"
	"strings"
)

// source is what facts can be made of: the items of a type, or rows within them.
type source struct {
	of      *itemType
	rows    *rows // nil for the items
	columns []*column
	refs    []*reference
}

func (s source) name() string {
	if s.rows != nil {
		return s.rows.full()
	}
	return s.of.name
}

// table is the name of the fact made of the source.
func (s source) table() string { return strings.ReplaceAll(s.name(), ".", "_") }

func (t *itemType) source() source { return source{of: t, columns: t.columns, refs: t.refs} }

func (r *rows) source() source { return source{of: r.of, rows: r, columns: r.columns, refs: r.refs} }

// times lists the columns of times that most rows have a value in.
func (s source) times() []*column {
	var all []*column
	for _, c := range s.columns {
		if c.class == instant && c.share >= 0.05 {
			all = append(all, c)
		}
	}
	return all
}

// measures lists the columns of numbers that are neither ids nor codes.
func (s source) measures() []*column {
	var all []*column
	for _, c := range s.columns {
		if c.class == number && !c.identity && c.refers == nil && c.name != "" && !saysCode(lastOf(c)) {
			all = append(all, c)
		}
	}
	return all
}

func lastOf(c *column) string {
	if len(c.path) > 0 {
		return c.path[len(c.path)-1]
	}
	return c.name
}

// parents counts the types that a source refers to.
func parents(refs []*reference, without *itemType) int {
	var all []*itemType
	for _, r := range refs {
		if r.to != without && !slices.Contains(all, r.to) {
			all = append(all, r.to)
		}
	}
	return len(all)
}

// Words that name events, and things that events refer to. They decide only where
// the structure leaves a choice.
func events() []string {
	return strings.Fields("order invoice payment transaction booking reservation session visit event activity log message comment review rating score match ticket shipment delivery reading measurement measure purchase sale checkin enrollment line entry history vote like follow call click view transfer deposit claim appointment trip ride rental loan bid play alert incident change audit metric sample post reply attempt submission feedback request response refund return timesheet shift task note attendance purchaseorder case")
}

func things() []string {
	return strings.Fields("customer user account product organisation organization org tenant company team group room device sensor store warehouse category vendor supplier employee department project player course student profile metadata person member patient doctor nurse driver vehicle city country region location site asset brand artist album song book author channel plan vendor merchant agent contact client machine station hotel shop campaign teacher school subject catalog catalogue")
}

func saysEvent(name string) bool { return saysWord(name, events()) }
func saysThing(name string) bool { return saysWord(name, things()) }

func saysWord(name string, words []string) bool {
	last := name[strings.LastIndexAny(name, "._")+1:]
	for _, n := range []string{name, last} {
		n = singular(plain(n))
		if slices.ContainsFunc(words, func(w string) bool { return n == w || len(w) > 4 && strings.HasSuffix(n, w) }) {
			return true
		}
	}
	return false
}

// roles decides what every type is in the star.
func (b *builder) roles() {
	referred := map[*itemType][]*itemType{}
	for _, t := range b.types {
		if t.role == isCopy {
			continue
		}
		for _, r := range t.refs {
			if r.to != t && !slices.Contains(referred[r.to], t) {
				referred[r.to] = append(referred[r.to], t)
			}
		}
	}
	for _, t := range b.types {
		if t.internal() {
			t.why = "a tool keeps it for its own use"
			continue
		}
		if t.role == isCopy {
			t.why = fmt.Sprintf("it repeats %s under another key, so its items would count twice", t.original.name)
			continue
		}
		t.role, t.why = b.decide(t, referred[t])
	}
	// A header that no fact of a finer grain looks up is an event itself.
	for _, t := range b.types {
		if t.role == isHeader && !slices.ContainsFunc(referred[t], func(o *itemType) bool { return o.role == isFact || o.role == isHeader }) && !t.hasRowFacts() {
			t.role, t.why = isFact, "an event that no other event refers to"
		}
	}
	// A table of things alone has facts, too: those with a time, or with numbers.
	if !slices.ContainsFunc(b.types, func(t *itemType) bool { return t.role == isFact || t.hasRowFacts() && t.role != isCopy }) {
		b.standalone(referred)
	}
}

// internal reports whether a tool keeps the items for itself: OneTable names its
// own types _Schema, _Migration and _Unique.
func (t *itemType) internal() bool { return len(t.values) == 1 && strings.HasPrefix(t.values[0], "_") }

// standalone makes a fact of the type that looks most like events.
func (b *builder) standalone(referred map[*itemType][]*itemType) {
	var best *itemType
	most := 0
	for _, t := range b.types {
		s := t.source()
		score := 2*len(s.times()) + len(s.measures()) + 2*parents(t.refs, t)
		if t.role == isCopy || len(referred[t]) > 0 || len(s.times())+len(s.measures()) == 0 {
			continue
		}
		if score > most {
			best, most = t, score
		}
	}
	if best != nil {
		best.role, best.why = isFact, "of all types, it has the most times and numbers"
	}
}

// hasRowFacts reports whether the rows within the items are facts.
func (t *itemType) hasRowFacts() bool {
	return slices.ContainsFunc(t.rows, func(r *rows) bool { return r.isFact() })
}

// isFact reports whether rows within items are events: they have a time or a
// number.
func (r *rows) isFact() bool {
	return r.of.role != isCopy && len(r.source().times())+len(r.source().measures()) > 0
}

// decide says what a type is, given the types that refer to it.
func (b *builder) decide(t *itemType, referred []*itemType) (role, string) {
	s := t.source()
	refs, times, measures := parents(t.refs, t), len(s.times()), len(s.measures())
	timed := slices.ContainsFunc(t.identity, func(c *column) bool { return c.class == instant || saysTime(c.name) && c.capture != nil && timely(c) })
	if len(referred) == 0 && t.hasRowFacts() && (refs > 0 || timed) && !saysThing(t.name) {
		return isHeader, "rows within its items are finer"
	}
	if len(referred) > 0 {
		if b.header(t, referred) {
			return isHeader, "finer events belong to it"
		}
		return isDimension, fmt.Sprintf("%s to it", refersNames(referred))
	}
	satellite := slices.ContainsFunc(t.refs, func(r *reference) bool { return r.column.identity && len(t.identity) == 1 })
	switch {
	case t.hasRowFacts() && refs == 0 && !timed:
		return isDimension, "rows within its items are facts"
	case satellite && !saysEvent(t.name):
		return nothing, fmt.Sprintf("at most one for each %s, which it describes", t.refs[0].to.name)
	case refs >= 2:
		return isFact, "it refers to several types, and nothing refers to it"
	case refs >= 1 && saysThing(t.name) && !saysEvent(t.name) && (measures == 0 || times == 0) && !timed:
		return isDimension, "its name is that of a thing, not of an event"
	case refs >= 1 && (times > 0 || measures > 0 || timed):
		return isFact, "it refers to another type, has times or numbers, and nothing refers to it"
	case refs >= 1 && len(t.identity) > 1:
		return isFact, "it connects things, and nothing refers to it"
	case timed && len(t.identity) > 1 || saysEvent(t.name) && times > 0:
		return isFact, "it has a time, and nothing refers to it"
	}
	return isDimension, "nothing suggests that it is an event"
}

// timely reports whether a captured column holds times as text.
func timely(c *column) bool { return c.capture.values.Formats[0]+c.capture.values.Formats[1] > 0 }

// header reports whether a type is an event to which finer ones belong, rather
// than a thing that events are about.
func (b *builder) header(t *itemType, referred []*itemType) bool {
	s := t.source()
	if parents(t.refs, t) == 0 {
		return false
	}
	switch {
	case saysThing(t.name) && !saysEvent(t.name):
		return false
	case saysEvent(t.name):
		return true
	}
	if len(s.times()) == 0 || len(s.measures()) == 0 || titled(s) {
		return false
	}
	// Its parts have its id in their keys, and it has parents of its own.
	return slices.ContainsFunc(referred, func(o *itemType) bool {
		return slices.ContainsFunc(o.refs, func(r *reference) bool { return r.to == t && r.column.identity })
	})
}

// titled reports whether the rows of a source have names of their own, as things
// have, and events rarely.
func titled(s source) bool {
	return slices.ContainsFunc(s.columns, func(c *column) bool {
		name := plain(lastOf(c))
		return c.class == text && !c.identity && c.refers == nil && c.share >= usual && c.sketch != nil && c.sketch.Distinct()*2 > s.of.group.Items &&
			(slices.Contains([]string{"name", "title", "label", "heading", "headline"}, name) || endsIn(name, "name", "title"))
	})
}

func refersNames(all []*itemType) string {
	var names []string
	for _, t := range all[:min(len(all), 3)] {
		names = append(names, t.name)
	}
	text := strings.Join(names, ", ")
	if len(all) > 3 {
		text += fmt.Sprintf(" and %d more", len(all)-3)
	}
	if len(all) == 1 {
		return text + " refers"
	}
	return text + " refer"
}
