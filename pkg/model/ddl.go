package model

import (
	"fmt"
	"slices"
	"strings"
)

// The schemas of the warehouse, in the order in which rows pass them.
const (
	SchemaLanding = "landing" // the files of the night, as they are
	SchemaStaging = "staging" // the night with surrogate keys, and the keys given so far
	SchemaDWH     = "dwh"     // the star that people read
)

// Deleted is the column of a dimension in [SchemaDWH] that marks a member
// which the source no longer holds.
const Deleted = "deleted"

// Table is a table of the warehouse.
type Table struct {
	Schema  string
	Name    string
	Comment string   // one sentence, for the DDL
	Columns []Column // Required means NOT NULL
	Key     []string // columns that identify a row; empty in landing tables
}

// Tables returns every table of the warehouse in the order of creation.
func (m Model) Tables() []Table {
	return slices.Concat(m.landingTables(), m.stagingTables(), m.starTables(), m.etlTables())
}

// Table returns the table of that schema and name.
func (m Model) Table(schema, name string) (Table, bool) {
	tables := m.Tables()
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Schema == schema && t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return tables[i], true
}

// FactColumns returns the columns of the fact table: its own key, the keys of
// its dimensions, its measures.
func (m Model) FactColumns() []Column {
	columns := []Column{keyColumn(m.Fact.SurrogateKey())}
	for _, name := range m.Fact.Dimensions {
		columns = append(columns, keyColumn(Dimension{Name: name}.SurrogateKey()))
	}
	return append(columns, m.Fact.Measures...)
}

// String spells the name of the table in SQL: `dwh."order"`.
func (t Table) String() string { return QuoteName(t.Schema) + "." + QuoteName(t.Name) }

func (m Model) landingTables() []Table {
	var tables []Table
	for _, l := range m.Landing {
		columns, _ := m.LandingColumns(l.Name)
		tables = append(tables, Table{
			Schema: SchemaLanding, Name: l.Name, Columns: columns,
			Comment: fmt.Sprintf("Items of type %q, in the columns of their Parquet files.", l.Item),
		})
	}
	return tables
}

// stagingTables lists, for each dimension and the fact, the keys given so far,
// the highest of them, and the rows of the night.
func (m Model) stagingTables() []Table {
	var tables []Table
	for _, d := range m.Dimensions {
		tables = append(tables, keyTables(d.Name, d.SurrogateKey(), d.BusinessKey)...)
		tables = append(tables, Table{
			Schema: SchemaStaging, Name: d.Name, Key: []string{d.SurrogateKey()},
			Comment: "One row for each member of the night, and the unknown member with key 0.",
			Columns: append([]Column{keyColumn(d.SurrogateKey())}, d.Columns...),
		})
	}
	tables = append(tables, keyTables(m.Fact.Name, m.Fact.SurrogateKey(), m.Fact.BusinessKey)...)
	return append(tables, Table{
		Schema: SchemaStaging, Name: m.Fact.Name, Key: m.Fact.Key,
		Comment: m.Fact.Grain,
		Columns: m.FactColumns(),
	})
}

func (m Model) starTables() []Table {
	var tables []Table
	for _, d := range m.Dimensions {
		columns := append([]Column{keyColumn(d.SurrogateKey())}, d.Columns...)
		tables = append(tables, Table{
			Schema: SchemaDWH, Name: d.Name, Key: []string{d.SurrogateKey()},
			Comment: "One row for each member ever seen, and the unknown member with key 0.",
			Columns: append(columns, Column{Name: Deleted, Type: Boolean(), Required: true}),
		})
	}
	return append(tables, Table{
		Schema: SchemaDWH, Name: m.Fact.Name, Key: m.Fact.Key,
		Comment: m.Fact.Grain,
		Columns: m.FactColumns(),
	})
}

func keyTables(name, key string, businessKey []Column) []Table {
	return []Table{
		{
			Schema: SchemaStaging, Name: key, Key: []string{key},
			Comment: "Every surrogate key given so far. Rows are added, never changed.",
			Columns: append([]Column{keyColumn(key)}, businessKey...),
		},
		{
			Schema: SchemaStaging, Name: name + "_maxkey",
			Comment: "The highest surrogate key given so far, in one row; no row before the first night.",
			Columns: []Column{keyColumn(name + "maxkey")},
		},
	}
}

func keyColumn(name string) Column { return Column{Name: name, Type: Integer(), Required: true} }

// CopyColumns returns the column list of the COPY into a landing table, each
// spelled as SQL needs it.
func (m Model) CopyColumns(table string) ([]string, bool) {
	columns, ok := m.LandingColumns(table)
	if !ok {
		return nil, false
	}
	names := Names(columns)
	for i, name := range names {
		names[i] = QuoteName(name)
	}
	return names, true
}

// GlueColumn is a column of a table in the Glue Data Catalog.
type GlueColumn struct {
	Name string
	Type string
}

// GlueColumns returns the columns of the lake table of an item type, in file
// order. The Hive partition keys are not among them: a catalogue refuses a
// name that is both.
func (m Model) GlueColumns(item string) ([]GlueColumn, bool) {
	i, ok := m.Item(item)
	if !ok {
		return nil, false
	}
	columns := make([]GlueColumn, len(i.Columns))
	for n, c := range i.Columns {
		columns[n] = GlueColumn{Name: c.Name, Type: c.Type.Glue()}
	}
	return columns, true
}

// Script is a generated SQL file.
type Script struct {
	Name string
	Text string
}

// Schema renders the DDL of the warehouse. Statements create what is missing
// and change nothing that is there.
//
// Redshift does not enforce PRIMARY KEY, but its planner believes it
// (https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html);
// the verify procedures prove what is declared here.
func (m Model) Schema() []Script {
	var schemas strings.Builder
	schemas.WriteString(m.header("the schemas, in the order in which rows pass them, and the pipeline's own"))
	for _, name := range []string{SchemaLanding, SchemaStaging, SchemaDWH, SchemaETL} {
		fmt.Fprintf(&schemas, "\ncreate schema if not exists %s;\n", name)
	}
	return []Script{
		{Name: "010_schemas.sql", Text: schemas.String()},
		{Name: "020_landing.sql", Text: m.header("the landing tables, loaded by COPY") + render(m.landingTables())},
		{Name: "030_staging.sql", Text: m.header("the staging tables and the surrogate keys") + render(m.stagingTables())},
		{Name: "040_dwh.sql", Text: m.header("the star schema") + render(m.starTables())},
		{Name: "050_etl.sql", Text: m.header("what the pipeline writes down") + render(m.etlTables())},
	}
}

func (m Model) header(what string) string {
	return fmt.Sprintf("-- Model %q: %s.\n-- Rendered from package model; change the model and run `make generate`.\n", m.Name, what)
}

func render(tables []Table) string {
	var b strings.Builder
	for _, t := range tables {
		fmt.Fprintf(&b, "\n-- %s\n%s;\n", t.Comment, t.DDL())
	}
	return b.String()
}

// DDL spells the CREATE TABLE statement, without a semicolon.
func (t Table) DDL() string {
	lines := make([]string, 0, len(t.Columns)+1)
	for _, c := range t.Columns {
		line := "    " + QuoteName(c.Name) + " " + c.Type.Redshift()
		if c.Required {
			line += " not null"
		}
		lines = append(lines, line)
	}
	if len(t.Key) > 0 {
		key := make([]string, len(t.Key))
		for i, name := range t.Key {
			key[i] = QuoteName(name)
		}
		lines = append(lines, "    primary key ("+strings.Join(key, ", ")+")")
	}
	return "create table if not exists " + t.String() + " (\n" + strings.Join(lines, ",\n") + "\n)"
}
