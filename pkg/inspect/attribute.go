package inspect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// Attribute is what was seen of one attribute of a group: at the top of its
// items, within a map, or within the maps of a list.
type Attribute struct {
	Name string
	// Counts of values by DynamoDB type, by ddbjson.Kind.
	Kinds [ddbjson.Unreachable]int64
	// Members are the attributes of maps. With Further set
	// there were too many names to tell apart, so the map is a dictionary.
	Members map[string]*Attribute
	Further bool
	Entries int64
	Maps    int64 // entries that are maps
	// Elements is what lists hold.
	Elements *Attribute
	JSON     int // bytes of the longest map, list or set, about as long as its JSON
	Values
	// Says counts values that are what a segment of a key is: twice the number of
	// the segment for all of it, one more for its id alone.
	Says []int64
}

// Values are the texts and numbers of an attribute or of a segment of a key.
type Values struct {
	Count    int64 // texts, numbers and binary values
	Longest  int   // bytes
	Shortest int
	Formats  [formats]int64
	Digits   int // before the point
	Scale    int // after the point
	Min, Max float64
	Blank    int64 // texts that end in a blank
	Nul      int64 // texts with a NUL character
	Empty    int64
	Has      [2]uint64 // ASCII characters that occur, as bits
	Sketch   Sketch
	Enum     map[string]int64 // how often each occurs; nil if there are too many
	overflow bool
	examples []example
	// Form is what the texts look like, cut as keys are, with what stands in the id
	// of the first segment that has one. Nil if they differ.
	Form   Pattern
	Tails  *Sketch
	formed bool // a text was cut
}

type example struct {
	hash uint64
	text string
}

const (
	maxExamples = 3
	maxExample  = 60 // bytes
	maxEnum     = 40 // different values
	maxEnumText = 64 // bytes of each
)

// Contains reports whether a character occurs in the values.
func (v *Values) Contains(c byte) bool { return c >= 128 || v.Has[c/64]&(1<<(c%64)) != 0 }

// Share returns which part of the values has a format.
func (v *Values) Share(f Format) float64 {
	if v.Count == 0 {
		return 0
	}
	return float64(v.Formats[f]) / float64(v.Count)
}

// Examples returns some of the values, shortened.
func (v *Values) Examples() []string {
	all := make([]string, len(v.examples))
	for i, e := range v.examples {
		all[i] = e.text
	}
	return all
}

// add counts a text or a number.
func (v *Values) add(text []byte, h uint64) {
	if v.Count == 0 {
		v.Enum, v.Shortest = map[string]int64{}, len(text)
	}
	v.Count++
	v.Shortest = min(v.Shortest, len(text))
	v.Longest = max(v.Longest, len(text))
	v.Sketch.add(h)
	v.enumerate(text)
	v.example(text, h)
	if len(text) == 0 {
		v.Empty++
		return
	}
	if text[len(text)-1] == ' ' {
		v.Blank++
	}
	for i, c := range text {
		if i >= 256 {
			v.Has = [2]uint64{^uint64(0), ^uint64(0)}
			break
		}
		if c < 128 {
			v.Has[c/64] |= 1 << (c % 64)
			if c == 0 {
				v.Nul++
			}
		}
	}
	found := formatsOf(text)
	for f := range formats {
		if found&(1<<f) != 0 {
			v.Formats[f]++
		}
	}
	if found&(1<<Number) != 0 {
		v.number(text)
	}
}

// Behind returns what follows a text with which all values begin; nil if they
// do not, or if there are too many values to know.
func (v *Values) Behind(text string) *Sketch {
	if len(v.Enum) == 0 {
		return nil
	}
	s := &Sketch{}
	for value := range v.Enum {
		rest, ok := strings.CutPrefix(value, text)
		if !ok || rest == "" {
			return nil
		}
		s.add(hash([]byte(rest)))
	}
	return s
}

func (v *Values) number(text []byte) {
	n, _ := parseNumber(text)
	if v.Formats[Number] == 1 {
		v.Min, v.Max = n.value, n.value
	}
	v.Min, v.Max = min(v.Min, n.value), max(v.Max, n.value)
	v.Digits, v.Scale = max(v.Digits, n.whole), max(v.Scale, n.scale)
}

func (v *Values) enumerate(text []byte) {
	if v.overflow {
		return
	}
	if n, ok := v.Enum[string(text)]; ok {
		v.Enum[string(text)] = n + 1
		return
	}
	if len(v.Enum) >= maxEnum || len(text) > maxEnumText {
		v.Enum, v.overflow = nil, true
		return
	}
	v.Enum[string(text)] = 1
}

func (v *Values) example(text []byte, h uint64) {
	if len(v.examples) == maxExamples && h >= v.examples[maxExamples-1].hash {
		return
	}
	if slices.ContainsFunc(v.examples, func(e example) bool { return e.hash == h }) {
		return
	}
	v.keep(example{h, shorten(text)})
}

func (v *Values) keep(e example) {
	if slices.ContainsFunc(v.examples, func(o example) bool { return o.hash == e.hash }) {
		return
	}
	v.examples = append(v.examples, e)
	slices.SortFunc(v.examples, func(a, b example) int { return cmp.Compare(a.hash, b.hash) })
	v.examples = v.examples[:min(len(v.examples), maxExamples)]
}

func shorten(text []byte) string {
	if len(text) <= maxExample {
		return string(text)
	}
	runes := []rune(string(text[:maxExample]))
	return string(runes[:len(runes)-1]) + "…"
}

// form notes what a text looks like, as long as all look alike.
func (v *Values) form(text []byte, scratch []piece, d Delims) []piece {
	if v.formed && v.Form == nil || len(text) == 0 {
		return scratch
	}
	if len(text) > 256 {
		v.formed, v.Form, v.Tails = true, nil, nil
		return scratch
	}
	pieces := cut(text, scratch[:0], d)
	if !v.formed {
		v.formed = true
		for _, p := range pieces {
			v.Form = append(v.Form, Segment{Word: string(text[p.start:p.word]), ID: p.end > p.word, Delim: string(text[p.end:p.delim])})
		}
		v.Tails = &Sketch{}
	}
	same := len(pieces) == len(v.Form)
	for i := 0; same && i < len(pieces); i++ {
		p := pieces[i]
		same = v.Form[i].ID == (p.end > p.word) && v.Form[i].Word == string(text[p.start:p.word]) && v.Form[i].Delim == string(text[p.end:p.delim])
	}
	if !same {
		v.generalise(text, pieces)
		if v.Form == nil {
			return pieces
		}
	}
	if p, ok := v.tail(text, pieces); ok {
		v.Tails.add(hash(p))
	}
	return pieces
}

// generalise makes one form of two that differ in a word after the first
// delimiter: User:ann and User:bob are User:{}.
func (v *Values) generalise(text []byte, pieces []piece) {
	same := len(pieces) == 2 && len(v.Form) == 2 && !v.Form[0].ID && v.Form[0].Word != "" && v.Form[0].Word == string(text[pieces[0].start:pieces[0].word]) &&
		pieces[0].end == pieces[0].word && v.Form[0].Delim == string(text[pieces[0].end:pieces[0].delim]) && pieces[1].end > pieces[1].start && pieces[1].delim == pieces[1].end
	if !same || v.Form[1].Word == "" && !v.Form[1].ID {
		v.Form, v.Tails = nil, nil
		return
	}
	if v.Form[1].Word == "" {
		return
	}
	if !v.Form[1].ID { // the word seen so far was an id
		v.Tails = &Sketch{}
		v.Tails.add(hash([]byte(v.Form[1].Word)))
	} else {
		v.Tails = &Sketch{}
	}
	v.Form = Pattern{v.Form[0], {ID: true}}
}

// tail returns the id of the one segment that has one.
func (v *Values) tail(text []byte, pieces []piece) ([]byte, bool) {
	for i, s := range v.Form {
		if s.ID {
			return text[pieces[i].start+len(s.Word) : pieces[i].end], true
		}
	}
	return nil, false
}

func (v *Values) merge(o *Values) {
	if o.Count == 0 {
		return
	}
	if v.Count == 0 {
		v.Enum, v.Shortest = map[string]int64{}, o.Shortest
	}
	v.Shortest = min(v.Shortest, o.Shortest)
	if v.Formats[Number] == 0 {
		v.Min, v.Max = o.Min, o.Max
	} else if o.Formats[Number] > 0 {
		v.Min, v.Max = min(v.Min, o.Min), max(v.Max, o.Max)
	}
	v.Count += o.Count
	v.Longest, v.Digits, v.Scale = max(v.Longest, o.Longest), max(v.Digits, o.Digits), max(v.Scale, o.Scale)
	v.Blank, v.Nul, v.Empty = v.Blank+o.Blank, v.Nul+o.Nul, v.Empty+o.Empty
	v.Has[0], v.Has[1] = v.Has[0]|o.Has[0], v.Has[1]|o.Has[1]
	for f := range formats {
		v.Formats[f] += o.Formats[f]
	}
	v.Sketch.merge(&o.Sketch)
	if v.overflow || o.overflow {
		v.Enum, v.overflow = nil, true
	}
	for text, n := range o.Enum {
		if v.overflow {
			break
		}
		v.Enum[text] += n
		if len(v.Enum) > maxEnum {
			v.Enum, v.overflow = nil, true
		}
	}
	for _, e := range o.examples {
		v.keep(e)
	}
	switch {
	case !o.formed:
	case !v.formed:
		v.formed, v.Form, v.Tails = true, o.Form, o.Tails
	case v.Form == nil || o.Form == nil || !slices.Equal(v.Form, o.Form):
		v.Form, v.Tails = nil, nil
	default:
		v.Tails.merge(o.Tails)
	}
}

// Present counts values other than NULL.
func (a *Attribute) Present() int64 {
	var n int64
	for kind, count := range a.Kinds {
		if ddbjson.Kind(kind) != ddbjson.Null && ddbjson.Kind(kind) != ddbjson.Missing {
			n += count
		}
	}
	return n
}

// Only reports whether all values other than NULL have one of these types.
func (a *Attribute) Only(kinds ...ddbjson.Kind) bool {
	var n int64
	for _, kind := range kinds {
		n += a.Kinds[kind]
	}
	return n == a.Present() && n > 0
}

// Sorted returns the members by name.
func (a *Attribute) Sorted() []*Attribute {
	all := make([]*Attribute, 0, len(a.Members))
	for _, m := range a.Members {
		all = append(all, m)
	}
	slices.SortFunc(all, func(x, y *Attribute) int { return cmp.Compare(x.Name, y.Name) })
	return all
}

func (a *Attribute) merge(o *Attribute) {
	for kind, n := range o.Kinds {
		a.Kinds[kind] += n
	}
	a.Values.merge(&o.Values)
	a.Further = a.Further || o.Further
	a.Entries, a.Maps, a.JSON = a.Entries+o.Entries, a.Maps+o.Maps, max(a.JSON, o.JSON)
	if o.Elements != nil {
		if a.Elements == nil {
			a.Elements = &Attribute{}
		}
		a.Elements.merge(o.Elements)
	}
	for len(a.Says) < len(o.Says) {
		a.Says = append(a.Says, 0)
	}
	for i, n := range o.Says {
		a.Says[i] += n
	}
	for name, m := range o.Members {
		if a.Members == nil {
			a.Members = map[string]*Attribute{}
		}
		if mine, ok := a.Members[name]; ok {
			mine.merge(m)
			continue
		}
		a.Members[name] = m
	}
}

// Add counts the values of another attribute as values of this one, which must not
// be used together with it.
func (a *Attribute) Add(o *Attribute) { a.merge(o) }
