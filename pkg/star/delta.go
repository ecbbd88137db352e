package star

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// An increment is applied in steps. What the mirror held before and after it is
// in the schema touched: rows that go, and rows that come. From the references that the model
// declares follow the rows of each dimension and fact that may look different
// now; what was made of them before is taken away, and what is made of them now
// is added.

// deltaTable holds the rows of a relation that go and come.
func (g generator) deltaTable(r model.Rows) Table {
	change := model.Column{Name: g.changeColumn(r), Type: model.String(6), Required: true}
	return g.scratch("moved", r.Table, fmt.Sprintf("Rows of %q that an increment takes from the mirror, and those that it puts there.", r.Name),
		append([]model.Column{change}, r.Columns...))
}

func (g generator) changeColumn(r model.Rows) string {
	return fresh("change", model.Names(r.Columns)...)
}

// scratch is a table of delta.
func (g generator) scratch(what, name, comment string, columns []model.Column) Table {
	return Table{Schema: g.Schema(model.Delta), Name: fit(what + "_" + name), Comment: comment, Columns: columns}
}

// touchedRows holds the identities of rows whose dimension or fact is made anew.
func (g generator) touchedRows(name, of string) Table {
	r, _ := g.Relation(of)
	return g.scratch("rows_of", name, fmt.Sprintf("What identifies the rows that %s is made anew of.", name), identityColumns(r))
}

// lateRows holds those that are found only after dimensions have changed.
func (g generator) lateRows(f model.Fact) Table {
	r, _ := g.Relation(f.Of)
	return g.scratch("late_rows_of", f.Name, fmt.Sprintf("What identifies the rows of %s whose members have come or gone.", f.Name), identityColumns(r))
}

func identityColumns(r model.Rows) []model.Column {
	columns := make([]model.Column, len(r.Identity))
	for i, name := range r.Identity {
		columns[i], _ = r.Column(name)
	}
	return columns
}

func businessColumns(key []model.KeyColumn) []model.Column {
	columns := make([]model.Column, len(key))
	for i, k := range key {
		columns[i] = model.Column{Name: k.Name, Type: k.Type, Required: true}
	}
	return columns
}

func (g generator) touchedKeys(d model.Dimension) Table {
	return g.scratch("keys_of", d.Name, fmt.Sprintf("Business keys of %s that an increment touches.", d.Name), businessColumns(d.Key))
}

func (g generator) touchedMembers(d model.Dimension) Table {
	return g.scratch("members_of", d.Name, fmt.Sprintf("Members of %s as they are after an increment.", d.Name), memberColumns(d))
}

func (g generator) turnedKeys(d model.Dimension) Table {
	return g.scratch("turned_of", d.Name, fmt.Sprintf("Business keys of members of %s that have come or gone.", d.Name), businessColumns(d.Key))
}

// goneFacts holds facts as they were before.
func (g generator) goneFacts(f model.Fact) Table {
	return g.scratch("gone_of", f.Name, fmt.Sprintf("Facts of %s that an increment takes away.", f.Name), g.factTable(model.DWH, f).Columns)
}

func (g generator) deltaTables() []Table {
	var tables []Table
	for _, r := range g.Relations() {
		tables = append(tables, g.deltaTable(r))
	}
	for _, d := range g.Dimensions {
		switch {
		case d.Versions:
			tables = append(tables, g.begunVersions(d))
		case !d.Calendar:
			tables = append(tables, g.touchedRows(d.Name, d.Of))
		}
		tables = append(tables, g.touchedKeys(d), g.touchedMembers(d), g.turnedKeys(d))
	}
	for _, f := range g.Facts {
		tables = append(tables, g.touchedRows(f.Name, f.Of), g.lateRows(f), g.goneFacts(f))
	}
	return tables
}

// named spells columns of a table.
func named(table string, columns []string) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = table + "." + model.QuoteName(c)
	}
	return all
}

// same spells that columns of two tables are equal.
func same(a, b string, columns []string) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = a + "." + model.QuoteName(c) + " = " + b + "." + model.QuoteName(c)
	}
	return all
}

// deleteMatching spells the DELETE of rows that another table has, too.
func deleteMatching(from, other string, conditions []string) string {
	return "delete from " + from + "\nwhere exists (\n    " + indent(4, "select 1\nfrom "+other+where(conditions)) + "\n)"
}

// findChanges is the body of the procedure that compares the changes of a
// relation with the mirror. Of several changes of a row the latest counts. A put
// of an item replaces all of its nested rows.
func (g generator) findChanges(r model.Rows) string {
	mirror, delta, changes := g.mirrorTable(r).String(), g.deltaTable(r).String(), g.changesTable(r)
	op, written := model.QuoteName(changes.Columns[0].Name), model.QuoteName(changes.Columns[1].Name)
	columns := model.Names(r.Columns)
	place := fresh("place", model.Names(changes.Columns)...)
	identity := r.Identity
	var item []string // what identifies the item of a nested row
	for _, name := range r.Identity {
		if c, _ := r.Column(name); !c.Position {
			item = append(item, name)
		}
	}
	from, order := "from "+changes.String(), []string{
		changes.String() + "." + written + " desc nulls last", "case when " + changes.String() + "." + op + " = 'put' then 0 else 1 end",
	}
	var ctes []string
	newest, latest := fresh("newest", r.Table), fresh("latest", r.Table) // next to the tables in one FROM
	gone := latest
	if len(item) < len(identity) {
		last := fresh("written", columns...)
		ctes = append(ctes, cte(newest, selection(append(named(changes.String(), item), "max("+changes.String()+"."+written+") as "+last),
			from+"\ngroup by "+strings.Join(named(changes.String(), item), ", "))))
		from += "\ninner join " + newest + "\n    on " + strings.Join(append(same(changes.String(), newest, item),
			changes.String()+"."+written+" = "+newest+"."+last), "\n    and ") + "\nwhere " + changes.String() + "." + op + " = 'put'"
		gone = newest
	}
	ctes = append(ctes, cte(latest, selection(append(named(changes.String(), append([]string{changes.Columns[0].Name}, columns...)),
		rank(named(changes.String(), identity), order)+" as "+place), from)))
	on := same(mirror, gone, item)
	if gone == latest {
		on = append(on, latest+"."+place+" = 1")
	}
	queries := []string{
		selection(append([]string{"'delete'"}, named(mirror, columns)...), "from "+mirror+"\ninner join "+gone+"\n    on "+strings.Join(on, "\n    and ")),
		selection(append([]string{"'put'"}, named(latest, columns)...), "from "+latest+where([]string{latest + "." + place + " = 1", latest + "." + op + " = 'put'"})),
	}
	return "delete from " + delta + ";\n\n" +
		insert(delta, g.deltaTable(r).ColumnNames(), with(ctes)+strings.Join(queries, "\nunion all\n")) + ";\n"
}

// applyChanges is the body of the procedure that brings the changes into the
// mirror.
func (g generator) applyChanges() string {
	var b strings.Builder
	for _, r := range g.Relations() {
		mirror, delta, change := g.mirrorTable(r).String(), g.deltaTable(r).String(), model.QuoteName(g.changeColumn(r))
		b.WriteString(deleteMatching(mirror, delta, append(same(mirror, delta, r.Identity), delta+"."+change+" = 'delete'")) + ";\n\n")
		b.WriteString(insert(mirror, quoted(model.Names(r.Columns)), selection(quoted(model.Names(r.Columns)), "from "+delta+"\nwhere "+change+" = 'put'")) + ";\n\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
