package model

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// word is text of the file. The zero word stands nowhere in it.
type word struct {
	place
	text string
}

// set reports whether the file says it.
func (w word) set() bool { return w.line > 0 }

// number is a whole number of the file.
type number struct {
	place
	value int64
}

// truth is true or false.
type truth struct {
	place
	value bool
}

// percent is a share, "50%".
type percent struct {
	place
	value int
}

// list is a sequence. One element may stand without brackets.
type list[T any] []T

// entries is a mapping whose names are the person's, in the order of the file.
type entries[T any] []entry[T]

type entry[T any] struct {
	name  word
	value T
}

// columnsFile is a list of references, or a mapping of names to references and
// expressions.
type columnsFile struct {
	place
	columns entries[starColumnFile]
}

// roleFile is the reference of a fact to a dimension: columns, or another
// dimension's name with its columns.
type roleFile struct {
	place
	dimension word // set where the role has a name of its own
	on        list[word]
}

// node is what can be decoded in a way of its own.
type decoder interface {
	decode(d *decoding, n ast.Node)
}

// maxFile bounds a model file, in bytes, and maxNesting its depth: parsers
// recurse.
const (
	maxFile    = 1 << 20
	maxNesting = 64
)

// decoding reads a document into the types of the format.
type decoding struct{ *report }

// parse decodes a file. What is wrong with it is in the report.
func parse(r *report, source []byte) file {
	var f file
	if len(source) > maxFile {
		r.at(place{1, 1}, "the file has %d bytes: a model has %d at most", len(source), maxFile)
		return f
	}
	if line := tooDeep(source); line > 0 {
		r.at(place{line, 1}, "brackets and braces nest deeper than %d levels", maxNesting)
		return f
	}
	document, err := parseYAML(source)
	if err != nil {
		if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
			r.at(placeOf(syntax.Token), "%s", syntax.Message)
		} else {
			r.at(place{1, 1}, "%v", err)
		}
		return f
	}
	if len(document.Docs) != 1 || document.Docs[0].Body == nil {
		r.at(place{1, 1}, "a model file is one YAML document that begins with \"nightstar: 1\"")
		return f
	}
	(&decoding{r}).value(document.Docs[0].Body, reflect.ValueOf(&f).Elem(), "")
	return f
}

// parseYAML turns a panic of the parser, which strange bytes can cause, into an
// error.
func parseYAML(source []byte) (document *ast.File, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("this is not YAML that can be read: %v", problem)
		}
	}()
	return parser.ParseBytes(source, 0)
}

// tooDeep returns the line in which flow collections nest too deep, or block
// collections are indented too far; 0 if neither.
func tooDeep(source []byte) int {
	depth, line := 0, 1
	for text := range strings.Lines(string(source)) {
		if indent := len(text) - len(strings.TrimLeft(text, " -?")); indent > 8*maxNesting {
			return line
		}
		for _, c := range []byte(text) {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
		}
		if depth > maxNesting {
			return line
		}
		line++
	}
	return 0
}

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(1, t.Position.Line), max(1, t.Position.Column)}
}

// at is where a node begins: of a mapping, its first key.
func start(n ast.Node) place {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return start(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(n.Key)
	}
	return placeOf(n.GetToken())
}

// kindOf says what a node is, for people.
func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "empty"
	case *ast.AliasNode:
		return "an alias"
	case *ast.TagNode:
		return "a tag"
	}
	return "something else"
}

// value decodes a node into a value of the format. The tag of its field says
// which words it may have.
func (d *decoding) value(n ast.Node, to reflect.Value, tag reflect.StructTag) {
	if anchor, ok := n.(*ast.AnchorNode); ok {
		d.at(start(anchor), "anchors and aliases are not part of the format: write the value where it is meant")
		return
	}
	if own, ok := to.Addr().Interface().(decoder); ok {
		own.decode(d, n)
		if w, ok := to.Addr().Interface().(*word); ok {
			d.allowed(*w, tag)
		}
		return
	}
	d.structure(n, to)
}

// allowed checks a word against the words or the pattern of its field.
func (d *decoding) allowed(w word, tag reflect.StructTag) {
	words := strings.Fields(tag.Get("enum"))
	if w.set() && len(words) > 0 && !slices.Contains(words, w.text) {
		d.at(w.place, "%q is none of the words that can stand here: %s", w.text, nearest(w.text, words))
	}
}

// structure decodes a mapping with known keys, or the scalar that stands for
// its short field.
func (d *decoding) structure(n ast.Node, to reflect.Value) {
	where := start(n)
	if located, ok := to.Addr().Interface().(interface{ locate(at place) }); ok {
		located.locate(where)
	}
	known := fields(to.Type())
	pairs, ok := members(n)
	if !ok {
		if i := slices.IndexFunc(known, func(f reflect.StructField) bool { return f.Tag.Get("short") != "" }); i >= 0 {
			d.value(n, to.FieldByIndex(known[i].Index), known[i].Tag)
			return
		}
		d.at(where, "%s stands where a mapping with %s belongs", kindOf(n), strings.Join(keys(known), ", "))
		return
	}
	for _, pair := range pairs {
		name := keyText(pair)
		i := slices.IndexFunc(known, func(f reflect.StructField) bool { return f.Tag.Get("yaml") == name })
		if i < 0 {
			advice := nearest(name, keys(known))
			if strings.HasSuffix(name, ")") {
				advice = "within braces a comma ends a value, so put the type in quotes: \"decimal(18,2)\""
			}
			d.at(start(pair.Key), "the format has no %q here: %s", name, advice)
			continue
		}
		d.value(pair.Value, to.FieldByIndex(known[i].Index), known[i].Tag)
	}
	for _, field := range known {
		given := slices.ContainsFunc(pairs, func(p *ast.MappingValueNode) bool { return keyText(p) == field.Tag.Get("yaml") })
		if field.Tag.Get("need") != "" && !given {
			d.at(where, "%q is missing: %s", field.Tag.Get("yaml"), field.Tag.Get("doc"))
		}
	}
}

// fields lists the keys of a mapping.
func fields(t reflect.Type) []reflect.StructField {
	var found []reflect.StructField
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("yaml") != "" {
			found = append(found, t.Field(i))
		}
	}
	return found
}

func keys(fields []reflect.StructField) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Tag.Get("yaml")
	}
	return names
}

// members returns the pairs of a mapping.
func members(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// keyText returns a key without the quotes that it may stand in.
func keyText(pair *ast.MappingValueNode) string {
	if text, ok := pair.Key.(*ast.StringNode); ok {
		return text.Value
	}
	return pair.Key.String()
}

func (w *word) decode(d *decoding, n ast.Node) {
	switch n := n.(type) {
	case *ast.StringNode:
		*w = word{placeOf(n.GetToken()), n.Value}
	case *ast.LiteralNode:
		*w = word{placeOf(n.GetToken()), n.Value.Value}
	case *ast.NullNode, *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		d.at(start(n), "%s stands where text belongs", kindOf(n))
	default:
		d.at(start(n), "%s stands where text belongs: put it in quotes, %q", kindOf(n), n.String())
	}
	if w.set() && w.text == "" {
		d.at(w.place, "empty text says nothing here: leave the key out")
	}
}

func (v *number) decode(d *decoding, n ast.Node) {
	v.place = start(n)
	integer, ok := n.(*ast.IntegerNode)
	if ok {
		var err error
		v.value, err = strconv.ParseInt(fmt.Sprint(integer.Value), 10, 64)
		ok = err == nil && v.value >= 0
	}
	if !ok {
		d.at(v.place, "%s stands where a whole number, 0 or more, belongs", n.String())
	}
}

func (v *truth) decode(d *decoding, n ast.Node) {
	v.place = start(n)
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.at(v.place, "%s stands where true or false belongs", kindOf(n))
		return
	}
	v.value = b.Value
}

func (v *percent) decode(d *decoding, n ast.Node) {
	v.place = start(n)
	if text, ok := n.(*ast.StringNode); ok {
		digits, isShare := strings.CutSuffix(text.Value, "%")
		share, err := strconv.Atoi(digits)
		if isShare && err == nil && share >= 0 && share <= 100 && strconv.Itoa(share) == digits {
			v.value = share
			return
		}
	}
	d.at(v.place, "%s is not a share between 0%% and 100%%: write 50%%", n.String())
}

func (l *list[T]) decode(d *decoding, n ast.Node) {
	sequence, ok := n.(*ast.SequenceNode)
	if !ok {
		var one T
		d.value(n, reflect.ValueOf(&one).Elem(), "")
		*l = list[T]{one}
		return
	}
	*l = make(list[T], len(sequence.Values))
	for i, element := range sequence.Values {
		d.value(element, reflect.ValueOf(&(*l)[i]).Elem(), "")
	}
	if len(*l) == 0 {
		d.at(start(n), "an empty list says nothing here: leave the key out")
	}
}

func (e *entries[T]) decode(d *decoding, n ast.Node) {
	pairs, ok := members(n)
	if !ok {
		d.at(start(n), "%s stands where a mapping belongs", kindOf(n))
		return
	}
	for _, pair := range pairs {
		var one entry[T]
		key, ok := pair.Key.(ast.Node)
		if !ok {
			continue
		}
		one.name.decode(d, key)
		d.value(pair.Value, reflect.ValueOf(&one.value).Elem(), "")
		*e = append(*e, one)
	}
}

func (c *columnsFile) decode(d *decoding, n ast.Node) {
	c.place = start(n)
	if _, ok := members(n); ok {
		c.columns.decode(d, n)
		return
	}
	var references list[word]
	references.decode(d, n)
	for _, r := range references {
		name := r
		name.text = r.text[strings.LastIndexByte(r.text, '.')+1:]
		c.columns = append(c.columns, entry[starColumnFile]{name, starColumnFile{place: r.place, From: r}})
	}
}

func (r *roleFile) decode(d *decoding, n ast.Node) {
	r.place = start(n)
	pairs, ok := members(n)
	if !ok {
		r.on.decode(d, n)
		return
	}
	if len(pairs) != 1 {
		d.at(r.place, "a role has one dimension: created: { date: createdat }")
		return
	}
	r.dimension.decode(d, pairs[0].Key)
	r.on.decode(d, pairs[0].Value)
}

// decode reads the short form, {orderid: orderid}, or the long one, with of, on
// and latest. Columns may have these names, too: only the long form has a mapping
// below on.
func (l *lookupFile) decode(d *decoding, n ast.Node) {
	pairs, ok := members(n)
	isColumn := func(p *ast.MappingValueNode) bool { return !slices.Contains([]string{"of", "latest"}, keyText(p)) }
	isLong := func(p *ast.MappingValueNode) bool {
		_, nested := members(p.Value)
		return nested && keyText(p) == "on"
	}
	if ok && slices.ContainsFunc(pairs, isColumn) && !slices.ContainsFunc(pairs, isLong) {
		l.place = start(n)
		l.On.decode(d, n)
		return
	}
	d.structure(n, reflect.ValueOf(l).Elem())
}
