package inspect

import (
	"bytes"
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// pass is what one reader of files has seen.
type pass struct {
	keys    []Key
	delims  Delims
	types   []string // attributes that may name types
	tree    tree
	decoder *ddbjson.Decoder
	budget  int // attributes that may still be told apart

	items  int64
	bad    int64  // lines that hold no item, or no keys
	reason error  // of the first one
	saved  []byte // the schema that OneTable keeps in the table

	// Of the item in hand.
	names, values []ddbjson.Value
	found         found
	ids           [][]byte // whole segments, and what follows their words
	hashes        []uint64
	watched       []*watched
	arena         []byte
	pieces        []piece
}

// Bounds of what is told apart.
const (
	maxAttributes = 60_000
	maxMembers    = 300 // names in a map within an item; more make it a dictionary
	maxDepth      = 3   // of maps within an item
)

// savedKey is the partition key of the item in which OneTable saves its schema.
const savedKey = "_schema"

func newPass(keys []Key, d Delims, types []string) (*pass, error) {
	selector, err := ddbjson.NewSelector()
	if err != nil {
		return nil, fmt.Errorf("prepare the decoder: %w", err)
	}
	return &pass{
		keys: keys, delims: d, types: types, decoder: ddbjson.NewDecoder(selector), budget: maxAttributes,
		tree: tree{root: &branch{}}, found: found{
			texts: make([][]byte, len(keys)), pieces: make([][]piece, len(keys)), types: make([]string, len(types)),
		},
	}, nil
}

// line takes one line of a data file.
func (p *pass) line(line []byte) {
	if err := p.decoder.Decode(line); err != nil {
		p.refuse(err)
		return
	}
	if err := p.open(p.decoder.Item()); err != nil {
		p.refuse(err)
		return
	}
	p.items++
	g := p.tree.find(&p.found)
	g.Items++
	p.segments(g)
	for i, name := range p.names {
		p.attribute(g, name, p.values[i])
	}
}

func (p *pass) refuse(err error) {
	p.bad++
	if p.reason == nil {
		p.reason = err
	}
}

// open finds the keys of an item, and the values of its type attributes.
func (p *pass) open(item ddbjson.Value) error {
	p.names, p.values, p.arena = p.names[:0], p.values[:0], p.arena[:0]
	for i := range p.found.texts {
		p.found.texts[i] = nil
	}
	clear(p.found.types)
	for name, value := range item.Members() {
		text := name.KeepText(&p.arena)
		if k := p.key(text); k >= 0 {
			if value.Kind() != p.keys[k].kind {
				return fmt.Errorf("the key %s is %s, and %s in other items", p.keys[k].Name, value.Kind(), p.keys[k].kind)
			}
			p.found.texts[k] = value.KeepText(&p.arena)
			continue
		}
		for i, of := range p.types {
			if of == string(text) && value.Kind() == ddbjson.String {
				if t := value.KeepText(&p.arena); len(t) <= maxEnumText {
					p.found.types[i] = string(t)
				}
			}
		}
		p.names, p.values = append(p.names, name), append(p.values, value)
	}
	if string(p.found.texts[0]) == savedKey && p.saved == nil {
		p.saved = bytes.Clone(item.JSON())
	}
	for k, text := range p.found.texts {
		if text == nil {
			return fmt.Errorf("the item has no key %s, and other items have", p.keys[k].Name)
		}
		if p.keys[k].kind == ddbjson.String {
			p.found.pieces[k] = cut(text, p.found.pieces[k][:0], p.delims)
		} else { // numbers and binary keys are one id
			p.found.pieces[k] = append(p.found.pieces[k][:0], piece{end: len(text), delim: len(text)})
		}
	}
	return nil
}

func (p *pass) key(name []byte) int {
	for k := range p.keys {
		if p.keys[k].Name == string(name) {
			return k
		}
	}
	return -1
}

// segments counts what stands in the keys.
func (p *pass) segments(g *Group) {
	p.ids, p.hashes, p.watched = p.ids[:0], p.hashes[:0], p.watched[:0]
	pair := uint64(0)
	for k, pieces := range p.found.pieces {
		text := p.found.texts[k]
		pair = mix(pair*31 + hash(text))
		for i, piece := range pieces {
			part := g.Segments[k][i]
			whole := text[piece.start:piece.end]
			id := whole[min(len(g.Keys[k][i].Word), len(whole)):]
			h := hash(whole)
			part.add(whole, id, h)
			p.ids = append(p.ids, whole, id)
			p.hashes = append(p.hashes, h)
			var w *watched
			if g.Keys[k][i].ID {
				w = part.watch.follow(h)
			}
			p.watched = append(p.watched, w)
		}
	}
	g.Pairs.add(pair)
	n := len(p.ids)
	if g.equal == nil {
		g.equal = make([]int64, n*n)
	}
	for a := range p.ids {
		for b := a + 1; b < n; b++ {
			if len(p.ids[a]) == len(p.ids[b]) && string(p.ids[a]) == string(p.ids[b]) {
				g.equal[a*n+b]++
			}
		}
	}
}

// attribute counts an attribute of an item.
func (p *pass) attribute(g *Group, name, value ddbjson.Value) {
	a := p.member(&g.Root, name, 1<<30)
	if a == nil {
		return
	}
	kind := value.Kind()
	if kind != ddbjson.String && kind != ddbjson.Number {
		p.value(a, value, 0)
		if kind == ddbjson.Bool {
			p.tell(a.Name, hash(value.JSON()))
		}
		return
	}
	a.Kinds[kind]++
	text := value.KeepText(&p.arena)
	h := hash(text)
	a.add(text, h)
	if kind == ddbjson.String {
		p.pieces = a.form(text, p.pieces, p.delims)
	}
	p.tell(a.Name, h)
	for i, id := range p.ids {
		if len(id) == len(text) && string(id) == string(text) {
			for len(a.Says) < len(p.ids) {
				a.Says = append(a.Says, 0)
			}
			a.Says[i]++
		}
	}
}

// tell notes what the item says for the values of its keys that are watched.
func (p *pass) tell(attribute string, h uint64) {
	for _, w := range p.watched {
		if w != nil {
			w.say(attribute, said{h, 1})
		}
	}
}

// member returns what is known of a member of a map; nil if there are too many.
func (p *pass) member(of *Attribute, name ddbjson.Value, most int) *Attribute {
	text := name.KeepText(&p.arena)
	if a, ok := of.Members[string(text)]; ok {
		return a
	}
	if p.budget == 0 || of.Further || len(of.Members) >= most {
		of.Further = true
		return nil
	}
	p.budget--
	if of.Members == nil {
		of.Members = map[string]*Attribute{}
	}
	a := &Attribute{Name: string(text)}
	of.Members[a.Name] = a
	return a
}

// value counts a value within an item.
func (p *pass) value(a *Attribute, value ddbjson.Value, depth int) {
	kind := value.Kind()
	a.Kinds[kind]++
	switch kind {
	case ddbjson.String, ddbjson.Number:
		text := value.KeepText(&p.arena)
		a.add(text, hash(text))
	case ddbjson.Binary:
		a.Longest = max(a.Longest, len(value.JSON()))
	case ddbjson.Map:
		a.JSON = max(a.JSON, len(value.JSON()))
		if depth >= maxDepth {
			a.Further = true
			return
		}
		for name, member := range value.Members() {
			if m := p.member(a, name, maxMembers); m != nil {
				p.value(m, member, depth+1)
			}
			a.Entries++
			if member.Kind() == ddbjson.Map {
				a.Maps++
			}
		}
	case ddbjson.List:
		a.JSON = max(a.JSON, len(value.JSON()))
		if depth >= maxDepth {
			return
		}
		if a.Elements == nil {
			a.Elements = &Attribute{}
		}
		for element := range value.Elements() {
			p.value(a.Elements, element, depth+1)
		}
	default:
		a.JSON = max(a.JSON, len(value.JSON()))
	}
}
