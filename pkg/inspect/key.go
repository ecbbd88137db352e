package inspect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// Key is a key attribute of the table. An export does not say which ones they are.
type Key struct {
	Name  string
	Guess string // why it is thought to be one; empty if the caller said so
	Sure  bool   // it has one of the usual names, or the caller said so
	kind  ddbjson.Kind
}

// Type is the DynamoDB type of the key: S, N or B.
func (k Key) Type() string { return k.kind.String() }

// candidate is an attribute that every item has.
type candidate struct {
	name   string
	kind   ddbjson.Kind
	values map[uint64]bool
	cuts   int // values with delimiters
}

// head is what the first items of the files hold.
type head struct {
	items [][]headValue
}

type headValue struct {
	name string
	kind ddbjson.Kind
	hash uint64
	text string // of short texts
	cuts bool
}

func (h *head) add(item ddbjson.Value) {
	var all []headValue
	var arena []byte
	for name, value := range item.Members() {
		v := headValue{name: string(name.KeepText(&arena)), kind: value.Kind()}
		switch v.kind {
		case ddbjson.String, ddbjson.Number, ddbjson.Binary:
			text := value.KeepText(&arena)
			v.hash = hash(text)
			if len(text) <= maxEnumText {
				v.text = string(text)
			}
			v.cuts = v.kind == ddbjson.String && len(text) < 1024 && len(cut(text, nil, usualDelims)) > 1
		default:
		}
		all = append(all, v)
	}
	h.items = append(h.items, all)
}

// usualKeys are names of key attributes, by how usual they are; a pair without
// a second has no sort key.
func usualKeys() [][2]string {
	return [][2]string{
		{"pk", "sk"}, {"partitionkey", "sortkey"}, {"hashkey", "rangekey"}, {"hk", "rk"}, {"hash", "range"}, {"pkey", "skey"},
		{"partition", "sort"}, {"p", "s"}, {"pk1", "sk1"}, {"pk", "sortkey"}, {"pk", ""}, {"partitionkey", ""}, {"hashkey", ""}, {"id", ""},
	}
}

// plain makes names comparable: Part_Key is partkey.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// keys finds the key attributes. Named ones are taken as they are.
func (h *head) keys(named []string) ([]Key, error) {
	found := h.candidates()
	if len(named) > 0 {
		return h.named(named, found)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no attribute is in every item, so none can be the partition key. Name the keys: --keys PK,SK")
	}
	byName := map[string]*candidate{}
	for _, c := range found {
		byName[plain(c.name)] = c
	}
	for _, pair := range usualKeys() {
		first, second := byName[pair[0]], byName[pair[1]]
		switch {
		case first == nil, pair[1] != "" && second == nil:
		case pair[1] != "":
			return []Key{first.key("its name is usual", true), second.key("its name is usual", true)}, nil
		case len(first.values) == len(h.items):
			return []Key{first.key("its name is usual, and it identifies items", true)}, nil
		}
	}
	return h.guess(found), nil
}

func (c *candidate) key(why string, sure bool) Key {
	return Key{Name: c.name, Guess: why, Sure: sure, kind: c.kind}
}

func (h *head) named(named []string, found []*candidate) ([]Key, error) {
	var keys []Key
	for _, name := range named {
		i := slices.IndexFunc(found, func(c *candidate) bool { return c.name == name })
		if i < 0 {
			var names []string
			for _, c := range found {
				names = append(names, c.name)
			}
			return nil, fmt.Errorf("%s cannot be a key: not every item has it as S, N or B; every item has %s", name, strings.Join(names, ", "))
		}
		keys = append(keys, Key{Name: name, Sure: true, kind: found[i].kind})
	}
	return keys, nil
}

// candidates lists the attributes of one key type that every item has, by name.
func (h *head) candidates() []*candidate {
	byName := map[string]*candidate{}
	counts := map[string]int{}
	for _, item := range h.items {
		for _, v := range item {
			switch v.kind {
			case ddbjson.String, ddbjson.Number, ddbjson.Binary:
			default:
				continue
			}
			c := byName[v.name]
			if c == nil {
				c = &candidate{name: v.name, kind: v.kind, values: map[uint64]bool{}}
				byName[v.name] = c
			}
			if v.kind != c.kind {
				continue
			}
			counts[v.name]++
			c.values[v.hash] = true
			if v.cuts {
				c.cuts++
			}
		}
	}
	var all []*candidate
	for name, c := range byName {
		if counts[name] == len(h.items) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *candidate) int { return strings.Compare(a.name, b.name) })
	return all
}

// guess finds the key that identifies items, or the likeliest pair.
func (h *head) guess(found []*candidate) []Key {
	best, bestScore := []Key{found[0].key("no other attribute is likelier", false)}, -1.0
	for _, c := range found {
		if len(c.values) != len(h.items) {
			continue
		}
		if score := c.score() + 1; score > bestScore {
			best, bestScore = []Key{c.key(fmt.Sprintf("no two of the first %d items have the same", len(h.items)), false)}, score
		}
	}
	for _, first := range found[:min(len(found), 40)] {
		for _, second := range found[:min(len(found), 40)] {
			if first == second {
				continue
			}
			score := first.score() + second.sortScore()
			if score > bestScore && h.identify(first.name, second.name) {
				why := fmt.Sprintf("no two of the first %d items have the same pair", len(h.items))
				best, bestScore = []Key{first.key(why, false), second.key(why, false)}, score
			}
		}
	}
	return best
}

// score says how likely an attribute is a partition key.
func (c *candidate) score() float64 {
	name, score := plain(c.name), 0.0
	switch {
	case name == "id" || name == "key" || strings.Contains(name, "partition"):
		score = 2
	case strings.HasSuffix(name, "id") || strings.HasSuffix(name, "pk") || strings.HasSuffix(name, "key"):
		score = 1
	case name == "name" || name == "username" || name == "email":
		score = 0.6
	}
	if c.cuts == 0 && c.kind == ddbjson.String && strings.ContainsAny(c.name, "#|:") {
		score--
	}
	return score
}

// sortScore says how likely an attribute is a sort key.
func (c *candidate) sortScore() float64 {
	name, score := plain(c.name), 0.0
	switch {
	case strings.ContainsAny(c.name, "#|:") && c.cuts > 0:
		score = 3 // State#Date
	case strings.Contains(name, "sort") || strings.Contains(name, "range") || strings.HasSuffix(name, "sk"):
		score = 2
	case c.cuts > 0:
		score = 1
	case strings.Contains(name, "timestamp") || strings.HasSuffix(name, "date") || strings.HasSuffix(name, "at"):
		score = 0.8
	}
	return score
}

// identify reports whether no two of the first items have the same pair.
func (h *head) identify(first, second string) bool {
	seen := map[[2]uint64]bool{}
	for _, item := range h.items {
		var pair [2]uint64
		for _, v := range item {
			switch v.name {
			case first:
				pair[0] = v.hash
			case second:
				pair[1] = v.hash
			}
		}
		if seen[pair] {
			return false
		}
		seen[pair] = true
	}
	return true
}

// typeNames are names of attributes that often name the type of an item, the
// likeliest first.
func typeNames() []string {
	return []string{
		"edbe", "et", "entitytype", "entity", "itemtype", "recordtype", "typename", "objecttype", "modeltype", "model", "type", "kind",
		"dtype", "discriminator", "entityname", "class",
	}
}

// maxTypeAttributes is how many of them divide items.
const maxTypeAttributes = 3

// types finds the attributes that may name the type of an item: text with few
// values, for most items, with a usual name or with values that go with the words
// in keys.
func (h *head) types(keys []Key, d Delims) []string {
	type seen struct {
		name   string
		count  int
		values map[string]map[string]int // by value, items by the first words of their keys
		rank   int
	}
	all := map[string]*seen{}
	for _, item := range h.items {
		words := firstWords(item, keys, d)
		for _, v := range item {
			rank := slices.Index(typeNames(), plain(v.name))
			if rank < 0 {
				rank = len(typeNames())
			}
			if v.kind != ddbjson.String || slices.ContainsFunc(keys, func(k Key) bool { return k.Name == v.name }) {
				continue
			}
			s := all[v.name]
			if s == nil {
				s = &seen{name: v.name, values: map[string]map[string]int{}, rank: rank}
				all[v.name] = s
			}
			s.count++
			if len(s.values) > maxTypes {
				continue
			}
			if s.values[v.text] == nil {
				s.values[v.text] = map[string]int{}
			}
			s.values[v.text][words]++
		}
	}
	var good []*seen
	for _, s := range all {
		few := len(s.values) <= maxTypes && (len(s.values) <= 8 || len(s.values)*2 <= s.count)
		usual := s.rank < len(typeNames())
		if few && s.count*4 >= len(h.items) && (usual || goWithKeys(s.values) && s.count*5 >= len(h.items)*3) {
			good = append(good, s)
		}
	}
	slices.SortFunc(good, func(a, b *seen) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, s := range good[:min(len(good), maxTypeAttributes)] {
		names = append(names, s.name)
	}
	return names
}

// firstWords are the words that an item's keys begin with.
func firstWords(item []headValue, keys []Key, d Delims) string {
	var b strings.Builder
	for _, k := range keys {
		for _, v := range item {
			if v.name == k.Name && v.kind == ddbjson.String && v.text != "" {
				p := cut([]byte(v.text), nil, d)
				for n := 0; n < len(p) && (n == 0 || p[n-1].end == p[n-1].start); n++ { // #META begins with a delimiter
					b.WriteString(v.text[p[n].start:p[n].word])
				}
			}
		}
		b.WriteByte(0)
	}
	return b.String()
}

// goWithKeys reports whether the values of an attribute and the words that keys
// begin with say the same, as they do where both name types.
func goWithKeys(values map[string]map[string]int) bool {
	if len(values) < 2 {
		return false
	}
	byWords := map[string]map[string]int{}
	usual := map[string]bool{} // the words that go with most items of a value
	items, agree := 0, 0
	for value, words := range values {
		top, most := "", 0
		for w, n := range words {
			items += n
			if n > most || n == most && w < top {
				top, most = w, n
			}
			if byWords[w] == nil {
				byWords[w] = map[string]int{}
			}
			byWords[w][value] += n
		}
		usual[top] = true
		agree += most
	}
	same := 0
	for _, by := range byWords {
		most := 0
		for _, n := range by {
			most = max(most, n)
		}
		same += most
	}
	return len(usual)*2 > len(values) && len(usual) > 1 && agree*10 >= items*7 && same*100 >= items*98 && len(byWords)*4 <= items
}
