package star

import (
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// publishDimension is the body of the procedure that brings the members of the
// night into dwh. Rows that are left after the first statement belong to
// members that are not in the night.
func (g generator) publishDimension(d model.Dimension) string {
	if d.Versions {
		return g.publishVersions(d)
	}
	night, star, key := g.table(model.Staging, d.Name), g.table(model.DWH, d.Name), model.QuoteName(d.SurrogateKey())
	names := g.dimensionNames(d)
	return "delete from " + star + "\nwhere " + key + " in (select " + key + " from " + night + ");\n\n" +
		comment("The night is a full export, so a member whose row is left is gone.") +
		// Some grammars take a plain date after UPDATE for the type.
		"update " + model.QuoteName(g.Schema(model.DWH)) + ".\"" + d.Name + "\"\nset deleted = true\nwhere deleted = false;\n\n" +
		insert(star, append(names, model.Deleted), selection(append(g.dimensionNames(d), "false"), "from "+night)) + ";\n"
}

// publishFact is the body of the procedure that replaces the facts in dwh.
func (g generator) publishFact(f model.Fact) string {
	night, star := g.factTable(model.Staging, f), g.factTable(model.DWH, f)
	return "delete from " + star.String() + ";\n\n" +
		insert(star.String(), star.ColumnNames(), selection(night.ColumnNames(), "from "+night.String())) + ";\n"
}

// clear is the body of the procedure that empties the landing tables.
func (g generator) clear() string {
	var b strings.Builder
	for _, r := range g.Relations() {
		for _, table := range []string{g.nextTable(r).String(), g.changesTable(r).String(), g.table(model.ETL, LoadTable(r.Table))} {
			b.WriteString("delete from " + table + ";\n\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// replace is the procedure that makes a full export the mirror.
func (g generator) replace() procedure {
	var b strings.Builder
	for _, r := range g.Relations() {
		mirror, next := g.mirrorTable(r), g.nextTable(r)
		swap := mirror
		swap.Name = g.beside(r.Table, "swap")
		for _, names := range [][2]Table{{mirror, swap}, {next, mirror}, {swap, next}} {
			b.WriteString("alter table " + names[0].String() + " rename to " + model.QuoteName(names[1].Name) + ";\n\n")
		}
	}
	return procedure{schema: model.Mirror, name: "replace", body: b.String(), about: []string{
		"Makes the rows of a full export the mirror, by changing names: they are not copied, and Redshift cannot move a table to another schema.",
	}}
}
