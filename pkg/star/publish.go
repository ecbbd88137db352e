package star

import (
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// publishDimension is the body of the procedure that brings the members of the
// night into dwh. Rows that are left after the first statement belong to
// members that are not in the night.
func (g generator) publishDimension(d model.Dimension) string {
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

// clear is the body of the procedure that empties landing.
func (g generator) clear() string {
	var b strings.Builder
	for _, schema := range []string{model.Landing, model.ETL} {
		for _, r := range g.Relations() {
			name := r.Table
			if schema == model.ETL {
				name = LoadTable(name)
			}
			b.WriteString("delete from " + g.table(schema, name) + ";\n\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}
