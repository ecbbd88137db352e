package infer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// class is what a column is good for.
type class int

const (
	text class = iota
	number
	instant
	flag
	other // maps, lists and sets
)

// column is a column of an item type or of rows within it.
type column struct {
	name     string
	kind     string // as the model file spells the type
	class    class
	path     []string // to the attribute; nil if only a key has it
	convert  bool
	truncate bool
	format   string
	comment  string
	question string
	other    func() (undo func()) // makes the column what it is if the question is answered otherwise

	attribute *inspect.Attribute // nil if only a key has it
	capture   *capture           // nil if no key has it
	index     *inspect.Attribute // the key of an index that captures it
	sketch    *inspect.Sketch    // of the values, or of the ids within them
	word      string             // that stands before the id, if there is one
	chain     string             // the last word before the id, if other ids stand between
	share     float64            // of items that have it
	refers    *reference
	identity  bool
}

// sizes are the lengths of text columns.
func sizes() []int {
	return []int{10, 20, 40, 64, 100, 128, 200, 256, 320, 400, 512, 640, 800, 1000, 1280, 2000, 3000, 4000, 6000, 8000, 12000, 16000, 24000, 32000}
}

// maxText is the most bytes that a text column holds.
const maxText = 65535

// textOf returns a type for text of at most so many bytes, with room for half as much again.
func textOf(longest int) string {
	for _, size := range sizes() {
		if longest+longest/2 <= size {
			return fmt.Sprintf("string(%d)", size)
		}
	}
	return "text"
}

// numberOf returns a type for numbers like these, with room for ten times as much.
func numberOf(v *inspect.Values) string {
	switch {
	case v.Scale == 0 && v.Min > -2e8 && v.Max < 2e8:
		return "integer"
	case v.Scale == 0 && v.Digits <= 17:
		return "bigint"
	case v.Digits+2+max(2, v.Scale) <= 18:
		return fmt.Sprintf("decimal(18,%d)", max(2, v.Scale))
	case v.Digits+v.Scale <= 37:
		return fmt.Sprintf("decimal(38,%d)", min(v.Scale+(37-v.Digits-v.Scale)/2, max(2, v.Scale)))
	}
	return "double"
}

// almost is the share of values from which on the others are mistakes: they
// become null and are kept beside the rows.
const almost = 0.995

// typed decides the type of a column of texts, numbers and truth values. A name
// breaks ties only where numbers may count seconds, or be codes.
func (c *column) typed(a *inspect.Attribute, name string) {
	texts, numbers, truths := a.Kinds[ddbjson.String], a.Kinds[ddbjson.Number], a.Kinds[ddbjson.Bool]
	v := &a.Values
	all := func(f inspect.Format) bool {
		return v.Formats[f] == v.Count || v.Count >= 400 && v.Share(f) >= almost
	}
	doubt := func(f inspect.Format, what string) {
		if wrong := v.Count - v.Formats[f]; wrong > 0 {
			c.question = fmt.Sprintf("values that are not %s become null, %s of %s. Should it be text?", what, spell.Int(wrong), spell.Int(v.Count))
			c.other = c.retype(textOf(v.Longest), text, numbers > 0)
		}
	}
	switch {
	case truths > 0 && v.Count == 0:
		c.kind, c.class = "boolean", flag
	case truths > 0 && v.Formats[inspect.Truth] == v.Count:
		c.kind, c.class, c.convert = "boolean", flag, true
	case truths > 0:
		c.kind, c.convert = textOf(max(v.Longest, 5)), true
	case numbers == 0 && all(inspect.FineTimestamp) && all(inspect.Day):
		c.kind, c.class = "date", instant
		doubt(inspect.Day, "days")
	case numbers == 0 && all(inspect.FineTimestamp):
		c.kind, c.class = "timestamp", instant
		c.truncate = v.Formats[inspect.Timestamp] < v.Formats[inspect.FineTimestamp]
		doubt(inspect.FineTimestamp, "ISO 8601 times")
	case numbers == 0 && all(inspect.RFC1123):
		c.kind, c.class, c.format = "timestamp", instant, "rfc1123"
		doubt(inspect.RFC1123, "RFC 1123 times")
	case saysTime(name) && v.Formats[inspect.EpochSeconds] == v.Count:
		c.kind, c.class, c.format = "timestamp", instant, "epochSeconds"
	case saysTime(name) && v.Formats[inspect.EpochMillis] == v.Count:
		c.kind, c.class, c.format = "timestamp", instant, "epochMillis"
	case texts == 0 && recent(v, name) != "":
		c.kind, c.class, c.format = "timestamp", instant, recent(v, name)
		c.question = fmt.Sprintf("its numbers are times between %s and %s if they count %s, though the name does not suggest a time. Are they a quantity?",
			moment(v.Min, c.format), moment(v.Max, c.format), map[string]string{"epochSeconds": "seconds", "epochMillis": "milliseconds"}[c.format])
		c.other = c.retype(numberOf(v), number, false)
	case texts == 0:
		c.kind, c.class = numberOf(v), number
	case all(inspect.Number) && v.Formats[inspect.Coded] == 0 && (numbers > 0 || !saysCode(name) && (saysQuantity(name) || v.Sketch.Distinct() > 8)):
		c.kind, c.class, c.convert = numberOf(v), number, true
		doubt(inspect.Number, "numbers")
	default:
		c.kind, c.convert = textOf(v.Longest), numbers > 0
	}
}

// moment writes the day of a number that counts seconds or milliseconds.
func moment(n float64, format string) string {
	if format == "epochMillis" {
		n /= 1000
	}
	return time.Unix(int64(n), 0).UTC().Format(time.DateOnly)
}

// recent returns the format of numbers that are all times of recent years although
// the name does not say so; empty if they are not, or if the name says something else.
func recent(v *inspect.Values, name string) string {
	const first, last, day = 946_684_800, 2_208_988_800, 86_400 // 2000 to 2040
	if saysCode(name) || saysQuantity(name) || v.Sketch.Distinct() < 10 {
		return ""
	}
	within := func(scale float64) bool {
		return v.Min >= first*scale && v.Max < last*scale && v.Max-v.Min > day*scale
	}
	switch {
	case v.Formats[inspect.EpochMillis] == v.Count && within(1000):
		return "epochMillis"
	case v.Formats[inspect.EpochSeconds] == v.Count && within(1):
		return "epochSeconds"
	}
	return ""
}

// maxColumns bounds the columns of a type: Redshift takes 1,600 in a table.
const maxColumns = 500

// attributes makes columns of the attributes of a type, the usual ones first if
// there are too many.
func (t *itemType) attributes(b *builder, taken names) {
	all := t.group.Root.Sorted()
	if len(all) > maxColumns {
		slices.SortStableFunc(all, func(x, y *inspect.Attribute) int { return int(y.Present() - x.Present()) })
	}
	for _, a := range all {
		if a.Name == b.typeAttribute || slices.ContainsFunc(t.columns, func(c *column) bool { return len(c.path) == 1 && c.path[0] == a.Name }) {
			continue
		}
		if t.indexKey(b, a, taken) {
			continue
		}
		t.attribute(a, nil, t.group.Items, taken)
	}
}

// attribute makes columns or rows of an attribute.
func (t *itemType) attribute(a *inspect.Attribute, parents []string, items int64, taken names) {
	path := append(slices.Clone(parents), a.Name)
	if a.Name == "" || strings.ContainsAny(a.Name, "\"\n\r") || len(t.columns) >= maxColumns || a.Nul > 0 {
		t.left++
		return
	}
	if a.Present() == 0 {
		return // NULL alone says nothing
	}
	c := &column{path: path, attribute: a, share: float64(a.Present()) / float64(max(items, 1))}
	switch {
	case a.Only(ddbjson.String, ddbjson.Number, ddbjson.Bool):
		if a.Longest > maxText {
			t.left++
			return
		}
		c.name = taken.take(asName(a.Name), asName(strings.Join(path, "_")))
		c.typed(a, a.Name)
		c.sketch = &a.Sketch
	case a.Only(ddbjson.Map) && !t.dictionary(a):
		for _, m := range a.Sorted() {
			t.attribute(m, path, items, taken)
		}
		return
	case a.Only(ddbjson.Map) && a.Maps == a.Entries && a.Maps > 0, a.Only(ddbjson.List) && a.Elements != nil && listsMaps(a.Elements):
		if t.nested(a, path) {
			return
		}
		fallthrough
	default:
		if a.JSON > maxText {
			t.left++
			return
		}
		c.name = taken.take(asName(a.Name), asName(strings.Join(path, "_")))
		c.kind, c.class = "json", other
	}
	c.comment = t.evidence(a, items)
	t.columns = append(t.columns, c)
}

// listsMaps reports whether all elements of lists are maps with members.
func listsMaps(e *inspect.Attribute) bool {
	return e.Kinds[ddbjson.Map] > 0 && e.Only(ddbjson.Map) && e.Kinds[ddbjson.Null] == 0 && len(e.Members) > 0 && !e.Further
}

// dictionary reports whether the names in a map are data.
func (t *itemType) dictionary(a *inspect.Attribute) bool {
	if a.Further || len(a.Members) > 100 {
		return true
	}
	if len(a.Members) == 0 {
		return true
	}
	maps := a.Kinds[ddbjson.Map]
	var rare int
	for _, m := range a.Members {
		if m.Present()*5 < maps {
			rare++
		}
	}
	return len(a.Members) > 10 && rare*10 > len(a.Members)*8
}

// evidence says what a column stands on.
func (t *itemType) evidence(a *inspect.Attribute, items int64) string {
	words := []string{share(a.Present(), items) + " items"}
	v := &a.Values
	switch {
	case v.Count == 0:
	case a.Kinds[ddbjson.Number] == v.Count && v.Min == v.Max:
		words = append(words, "always "+figure(v.Min))
	case a.Kinds[ddbjson.Number] == v.Count:
		words = append(words, figure(v.Min)+" to "+figure(v.Max))
	case v.Enum != nil && len(v.Enum) <= 6 && v.Count > 2*int64(len(v.Enum)) && v.Longest <= 24:
		words = append(words, fmt.Sprintf("%d different values", len(v.Enum)))
	default:
		words = append(words, fmt.Sprintf("longest %s bytes", spell.Int(int64(v.Longest))))
	}
	return strings.Join(words, "; ")
}

// indexKey makes a template of an attribute whose texts have one form with one id
// after literal text, as keys of indexes have. It returns false for others.
func (t *itemType) indexKey(b *builder, a *inspect.Attribute, taken names) bool {
	if b.prefixed(t, a, taken) {
		return true
	}
	if !a.Only(ddbjson.String) || a.Form == nil || a.Tails == nil || a.Present() < 1 || a.Formats[inspect.FineTimestamp] > 0 || a.Nul > 0 || a.Blank > 0 {
		return false
	}
	var literal string
	ids := 0
	for i, s := range a.Form {
		if s.ID {
			ids++
			if i != len(a.Form)-1 {
				return false // what follows might occur within
			}
		}
		literal += s.Word
		if !s.ID {
			literal += s.Delim
		}
	}
	marked := len(a.Form) > 1 || strings.ContainsAny(literal, "-_") && (isIndexKey(a.Name) || b.prefixes[literal] != nil)
	if ids != 1 || literal == "" || !marked || strings.Contains(literal, "//") {
		return false
	}
	word := ""
	for _, s := range a.Form {
		if s.Word != "" {
			word = strings.Trim(s.Word, "-_.")
		}
	}
	if word == "" {
		return false
	}
	t.behind(a, literal, word, a.Tails, taken)
	return true
}

// prefixed makes a template of an attribute with few values, all of which are ids of
// another type with the literal that its keys have in front of them.
func (b *builder) prefixed(t *itemType, a *inspect.Attribute, taken names) bool {
	if !a.Only(ddbjson.String) || a.Nul > 0 || a.Blank > 0 {
		return false
	}
	for _, literal := range slices.Sorted(maps.Keys(b.prefixes)) {
		ids := a.Behind(literal)
		if ids == nil || ids.Distinct() < 2 || strings.Trim(literal, "-_.") == "" {
			continue
		}
		for _, of := range b.prefixes[literal] {
			if of == nil {
				continue
			}
			if within, on := ids.Within(of); on >= 2 && within == 1 {
				t.behind(a, literal, strings.Trim(literal, "-_."), ids, taken)
				return true
			}
		}
	}
	return false
}

// behind makes a template of an attribute: a literal, and the id after it.
func (t *itemType) behind(a *inspect.Attribute, literal, word string, ids *inspect.Sketch, taken names) {
	c := &column{
		name: t.free(taken, asName(word)+"id", asName(a.Name)), kind: textOf(a.Longest), index: a, sketch: ids, word: word,
		share: float64(a.Present()) / float64(max(t.group.Items, 1)),
	}
	c.comment = t.evidence(a, t.group.Items)
	p := &capture{values: &a.Values, word: word, column: c}
	t.templates = append(t.templates, template{attribute: a.Name, parts: []part{{literal: literal}, {capture: p}}})
	t.columns = append(t.columns, c)
}

// free takes a name that no attribute has: an attribute that is called like a
// capture would have to say the same.
func (t *itemType) free(taken names, wanted ...string) string {
	ok := func(name string) bool {
		_, is := t.group.Root.Members[name]
		return !is && !taken[name] && !slices.Contains(t.keys, name)
	}
	for _, name := range wanted {
		if ok(name) {
			return taken.take(name)
		}
	}
	for i := 2; ; i++ {
		if name := fmt.Sprintf("%s_%d", wanted[len(wanted)-1], i); ok(name) {
			return taken.take(name)
		}
	}
}
