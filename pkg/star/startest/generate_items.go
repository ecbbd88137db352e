package startest

import (
	"fmt"
	"slices"
	"strings"
)

func (g *generator) items() {
	var items mapping
	// Literals none of which begins another, so that keys tell types apart.
	literals := []string{"C#", "ord-", "v0_", "v12_", "PROFILE:", "Ünï/", "x|", "{{y}}", "T K", "#"}
	g.random.Shuffle(len(literals), func(i, j int) { literals[i], literals[j] = literals[j], literals[i] })
	for n := range 2 + g.random.IntN(4) {
		name := g.tableName()
		if g.oneIn(3) {
			name = strings.ReplaceAll(name, "_", "") + fmt.Sprint(n)
		}
		items.add(name, g.item(literals[n]))
	}
	g.file.add("items", items)
}

// itemColumns collects the columns of an item type while it is generated.
type itemColumns struct {
	taken    map[string]bool
	columns  mapping
	captured []string // columns that the keys of the table capture
	whole    bool     // each key of the table has a template
}

func (g *generator) item(literal string) mapping {
	var item mapping
	if g.oneIn(4) {
		item.add("doc", "An item: it's \"so\".")
	}
	if len(g.types) > 0 && g.oneIn(2) {
		item.add("type", some(g, []string{literal + "1", literal + "Two", literal}, 2))
	}
	i := &itemColumns{taken: map[string]bool{"position": true, "entry": true}}
	skipped := g.oneIn(10)
	keys := g.templates(i, literal)
	if keys != nil {
		item.add("keys", keys)
	}
	if skipped {
		item.add("skip", plain("true"))
		return item
	}
	if g.oneIn(4) {
		item.add("unknown", pick(g, "keep", "ignore", "refuse"))
	}
	if g.oneIn(4) {
		item.add("limits", mapping{{"setAside", mapping{{"items", plain("99")}}}, {"shrink", "100%"}})
	}
	for _, key := range g.keys {
		if !i.has(keys, key.name) && !g.oneIn(3) || g.oneIn(8) {
			typ := "string(60)"
			if key.kind == "N" {
				typ = pick(g, "bigint", "string(60)")
			}
			i.columns.add(g.name(i.taken), mapping{{"from", quotePath(key.name)}, {"type", typ}})
		}
	}
	delete(i.taken, "position")
	delete(i.taken, "entry")
	for range 1 + g.random.IntN(6) {
		name := g.name(i.taken)
		i.columns.add(name, g.column(name, false))
	}
	item.add("columns", i.columns)
	if i.whole && len(i.captured) > 0 && g.oneIn(2) {
		item.add("rows", g.nested(i))
	}
	return item
}

func (i *itemColumns) has(keys mapping, attribute string) bool {
	return slices.ContainsFunc(keys, func(p pair) bool { return p.key == attribute })
}

// templates draws what the keys look like, and those of an index.
func (g *generator) templates(i *itemColumns, literal string) mapping {
	var keys mapping
	i.whole = true
	for n, key := range g.keys {
		needed := len(g.types) == 0
		if !needed && g.oneIn(4) {
			i.whole = false
			continue
		}
		prefix := pick(g, "", "", "k#", "A-")
		if n == g.telling && (needed || !g.oneIn(3)) {
			prefix = literal
		}
		alone := n > 0 && len(i.captured) > 0 && prefix != "" && g.oneIn(4)
		switch {
		case key.kind != "S":
			keys.add(key.name, "{"+g.capture(i, key.kind)+"}")
		case alone:
			keys.add(key.name, prefix)
		case len(i.captured) > 0 && g.oneIn(5):
			keys.add(key.name, prefix+"{"+i.captured[0]+"}")
		default:
			keys.add(key.name, g.template(i, prefix, "S"))
		}
	}
	if g.oneIn(3) {
		keys.add("GSI-1.PK", g.template(i, pick(g, "c#", "", "o_"), ""))
	}
	return keys
}

// template draws literals and captures. The kind is that of a key of the table,
// or empty.
func (g *generator) template(i *itemColumns, prefix, kind string) string {
	text := prefix + "{" + g.capture(i, kind) + "}"
	for g.oneIn(3) {
		text += pick(g, "#", "-", "_by_", "}}") + "{" + g.capture(i, kind) + "}"
	}
	return text + pick(g, "", "", "", "#", "/end")
}

// capture declares the column of a capture.
func (g *generator) capture(i *itemColumns, kind string) string {
	name := g.name(i.taken)
	typ := pick(g, "string(20)", "string(64)", "string(64)", "text", "integer", "bigint", "date", "timestamp", "boolean", "decimal(12,2)")
	if kind == "N" {
		typ = pick(g, "string(64)", "integer", "bigint", "decimal(12,2)")
	}
	if kind == "B" {
		typ = "string(64)"
	}
	if kind != "" {
		i.captured = append(i.captured, name)
	}
	c := mapping{{"type", typ}}
	if typ == "timestamp" && kind == "S" && g.oneIn(2) {
		c.add("format", pick(g, "epochSeconds", "epochMillis"))
	}
	if g.oneIn(4) {
		c.add("from", quotePath("Attr of "+name))
	}
	if len(c) == 1 {
		i.columns.add(name, typ)
	} else {
		i.columns.add(name, c)
	}
	return name
}

// quotePath spells the name of one attribute as a path.
func quotePath(name string) string {
	if strings.Contains(name, ".") {
		return `"` + name + `"`
	}
	return name
}

// column draws a column of an item or a nested row.
func (g *generator) column(name string, nested bool) any {
	typ := pick(g, "string(1)", "string(12)", "string(12)", "string(200)", "string(200)", "text", "integer", "bigint", "decimal(9,2)",
		"decimal(18, 4)", "decimal(5,0)", "decimal(3,3)", "double", "boolean", "date", "timestamp", "timestamp", "json")
	c := mapping{{"type", typ}}
	switch g.random.IntN(6) {
	case 0:
		c.add("from", "Address."+name)
	case 1:
		c.add("from", `Deep.Map."with.dot `+name+`"`)
	case 2:
		c.add("from", quotePath("An. Attribute "+name))
	}
	isTime := typ == "date" || typ == "timestamp"
	required := g.oneIn(3)
	if required {
		c.add("required", plain("true"))
	}
	if !isTime && typ != "json" && g.oneIn(3) {
		c.add("convert", plain("true"))
	}
	switch {
	case isTime && g.oneIn(4):
		c.add("layout", pick(g, "02.01.2006 15:04", "2006/01/02 3:04:05 PM"))
	case typ == "timestamp" && g.oneIn(2):
		c.add("format", pick(g, "iso8601", "rfc1123", "epochSeconds", "epochMillis"))
	case isTime && g.oneIn(4):
		c.add("format", pick(g, "iso8601", "rfc1123"))
	case typ == "timestamp" && g.oneIn(3):
		c.add("truncate", plain("true"))
	}
	switch {
	case g.oneIn(20):
		c.add("whenWrong", "night")
	case g.oneIn(6):
		c.add("whenWrong", "item")
	case !required && !nested && g.oneIn(6):
		c.add("whenWrong", "value")
	}
	if len(c) == 1 {
		return typ
	}
	return c
}

func (g *generator) nested(i *itemColumns) mapping {
	var rows mapping
	taken := map[string]bool{"position": true, "entry": true}
	for _, name := range i.captured {
		taken[name] = true
	}
	for n := range 1 + g.random.IntN(2) {
		columns := mapping{}
		for range 1 + g.random.IntN(4) {
			name := g.name(taken)
			columns.add(name, g.column(name, true))
		}
		of := mapping{{pick(g, "list", "map"), pick(g, "Cart.of", "The lines ") + fmt.Sprint(n)}}
		if g.oneIn(4) {
			of.add("whenWrong", pick(g, "row", "item", "night"))
		}
		of.add("columns", columns)
		rows.add(pick(g, "line", "order", "part")+fmt.Sprint(n), of)
	}
	return rows
}
