package evolve

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nightstar-elt/nightstar/pkg/lineage"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// table is a table by its names; the schema has no prefix.
type table struct{ schema, name string }

func (t table) String() string { return t.schema + "." + t.name }

// Warehouse is what there is in the schemas of a model.
type Warehouse struct {
	columns map[table][]string         // that are there, in their order
	noted   map[table][]lineage.Column // that Nightstar created
}

// schemas are the schemas of a model, without prefix.
func schemas() []string {
	return []string{model.Changes, model.Mirror, model.Delta, model.Staging, model.DWH, model.ETL}
}

// TablesQuery selects the columns of all tables in the schemas of a model, as
// text. Views are not among them: they are the business of those who made them.
func TablesQuery(m model.Model) string {
	names := make([]string, len(schemas()))
	for i, schema := range schemas() {
		names[i] = literal(m.Schema(schema))
	}
	return "select cast(c.table_schema as varchar(128)) as table_schema, cast(c.table_name as varchar(128)) as table_name,\n" +
		"    cast(c.column_name as varchar(128)) as column_name\n" +
		"from information_schema.columns as c\ninner join information_schema.tables as t\n" +
		"    on c.table_schema = t.table_schema\n    and c.table_name = t.table_name\n" +
		"where t.table_type = 'BASE TABLE'\n    and c.table_schema in (" + strings.Join(names, ", ") + ")\n" +
		"order by c.table_schema, c.table_name, c.ordinal_position"
}

// NotedQuery selects what Nightstar noted, as text. The table may be missing; see
// [Warehouse.IsNoted].
func NotedQuery(m model.Model) string {
	return "select schema_name, table_name, column_name, type,\n" +
		"    case when required then 'yes' else 'no' end as required, case when in_key then 'yes' else 'no' end as in_key, origin\n" +
		"from " + star.CatalogTable(m.Prefix).String() + "\norder by schema_name, table_name, position"
}

// New returns a warehouse of the rows that [TablesQuery] selects.
func New(m model.Model, rows [][]string) (Warehouse, error) {
	w := Warehouse{columns: map[table][]string{}, noted: map[table][]lineage.Column{}}
	for _, row := range rows {
		if len(row) != 3 {
			return Warehouse{}, fmt.Errorf("read the tables of the warehouse: a row has %d values, not 3", len(row))
		}
		t := table{strings.TrimPrefix(row[0], m.Prefix), row[1]}
		w.columns[t] = append(w.columns[t], row[2])
	}
	return w, nil
}

// IsNoted reports whether the warehouse has the table that [NotedQuery] reads.
func (w Warehouse) IsNoted() bool {
	catalog := star.CatalogTable("")
	return slices.Equal(w.columns[table{catalog.Schema, catalog.Name}], model.Names(catalog.Columns))
}

// Note adds the rows that [NotedQuery] selects.
func (w Warehouse) Note(rows [][]string) error {
	for _, row := range rows {
		if len(row) != 7 {
			return fmt.Errorf("read what is noted of the warehouse: a row has %d values, not 7", len(row))
		}
		t := table{row[0], row[1]}
		w.noted[t] = append(w.noted[t], lineage.Column{
			Schema: t.schema, Table: t.name, Name: row[2], Type: row[3], Required: row[4] == "yes", Key: row[5] == "yes", From: row[6],
		})
	}
	return nil
}

// Hidden returns the schemas of which something is noted and nothing is to be
// seen: the database user that asked may not see them, or somebody dropped all
// of their tables.
func (w Warehouse) Hidden() []string {
	var hidden []string
	for _, schema := range schemas() {
		noted, seen := false, false
		for t := range w.noted {
			noted = noted || t.schema == schema
			seen = seen || t.schema == schema && len(w.columns[t]) > 0
		}
		if noted && !seen {
			hidden = append(hidden, schema)
		}
	}
	return hidden
}

// maxOrigin is how many bytes of an origin are noted.
const maxOrigin = 4096

// origin spells where a column comes from as it is noted. What is longer than
// the column ends in a checksum of all of it.
func origin(from string) string {
	from = strings.NewReplacer("%", "%25", `\`, "%5C", "$", "%24").Replace(strings.ToValidUTF8(from, "%"))
	if len(from) <= maxOrigin {
		return from
	}
	sum := sha256.Sum256([]byte(from))
	cut := maxOrigin - 2*len(sum) - len("… ")
	for !utf8.RuneStart(from[cut]) {
		cut--
	}
	return from[:cut] + "… " + hex.EncodeToString(sum[:])
}

// note spells the row that notes a column.
func note(c lineage.Column, position int) string {
	return fmt.Sprintf("(%s, %s, %s, %s, %s, %t, %t, %s)", literal(c.Schema), literal(c.Table), literal(c.Name), strconv.Itoa(position),
		literal(c.Type), c.Required, c.Key, literal(origin(c.From)))
}

// literal spells text as SQL does. Backslashes and control characters, which
// engines read differently, are not in names, and [origin] replaces them.
func literal(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
