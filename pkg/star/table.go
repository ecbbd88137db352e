package star

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Table is a table of the warehouse.
type Table struct {
	Schema  string         // with the model's prefix
	Name    string         //
	Comment string         // one sentence, for the DDL
	Columns []model.Column // Required means NOT NULL
	Key     []string       // columns that identify a row; empty if nothing declares it
}

// String spells the name of the table in SQL: `dwh."order"`.
func (t Table) String() string {
	return model.QuoteName(t.Schema) + "." + model.QuoteName(t.Name)
}

// ColumnNames spells the names of the columns in SQL, in their order.
func (t Table) ColumnNames() []string { return quoted(model.Names(t.Columns)) }

// DDL spells the CREATE TABLE statement, without a semicolon.
//
// Redshift does not enforce PRIMARY KEY, but its planner believes it
// (https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html);
// proofs count what is declared here.
func (t Table) DDL() string {
	lines := make([]string, 0, len(t.Columns)+1)
	for _, c := range t.Columns {
		line := model.QuoteName(c.Name) + " " + c.Type.Redshift()
		if c.Required {
			line += " not null"
		}
		lines = append(lines, line)
	}
	if len(t.Key) > 0 {
		lines = append(lines, "primary key ("+strings.Join(quoted(t.Key), ", ")+")")
	}
	return "create table if not exists " + t.String() + " (\n    " + strings.Join(lines, ",\n    ") + "\n)"
}

// Tables returns every table of the warehouse in the order of creation.
func Tables(m model.Model) []Table {
	g := generator{Model: m}
	return slices.Concat(g.changesTables(), g.mirrorTables(), g.deltaTables(), g.stagingTables(), g.dwhTables(), g.etlTables())
}

// Find returns the table of a schema, such as [model.DWH], without prefix.
func Find(m model.Model, schema, name string) (Table, bool) {
	tables := Tables(m)
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Schema == m.Schema(schema) && t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return tables[i], true
}

// LoadTable is the name of the table in [model.ETL] that says which run filled
// a landing table. Each landing table has its own, because they are filled side
// by side: transactions that write one table are not serializable.
func LoadTable(landing string) string { return "landing_" + landing }

// RunTables returns the tables that a run is recorded in when it ends. They
// are the same for every model. A run that fails before it has prepared a new
// warehouse creates none of them: its row comes with a later run. The prefix is
// [model.Model.Prefix].
func RunTables(prefix string) []Table {
	etl := prefix + model.ETL
	return []Table{
		{
			Schema: etl, Name: "run", Key: []string{"run_id"},
			Comment: "One row for each run that has ended. What had not happened when it ended is null.",
			Columns: []model.Column{
				runColumn(),
				{Name: "started_by", Type: model.String(256)}, // as the start of the execution said
				{Name: "started_at", Type: model.Timestamp(), Required: true},
				{Name: "ended_at", Type: model.Timestamp(), Required: true},
				{Name: "seconds", Type: model.BigInt(), Required: true},
				{Name: "result", Type: model.String(64), Required: true}, // Loaded, or the name of the failure
				{Name: "cause", Type: model.String(4096)},                // the failure in words, its beginning
				{Name: "export_arn", Type: model.String(1024)},
				{Name: "manifest_key", Type: model.String(1024)}, // in the raw bucket
				{Name: "export_time", Type: model.Timestamp()},   // the moment that the rows show
				{Name: "items", Type: model.BigInt()},            // of the export
				{Name: "rows_loaded", Type: model.BigInt()},      // items that are in the warehouse
				{Name: "set_aside", Type: model.BigInt()},        // items that are not
			},
		},
		{
			Schema: etl, Name: "run_table", Key: []string{"run_id", "name"},
			Comment: "What a run counted, one row for each table and sum.",
			Columns: []model.Column{
				runColumn(),
				{Name: "name", Type: model.String(256), Required: true},
				{Name: "rows", Type: model.Decimal(38, 0), Required: true},
			},
		},
	}
}

// CatalogTable returns the table of what Nightstar has created. A table that is
// not in it is somebody else's.
func CatalogTable(prefix string) Table {
	return Table{
		Schema: prefix + model.ETL, Name: "catalog", Key: []string{"schema_name", "table_name", "column_name"},
		Comment: "One row for each column that Nightstar has created. Names of schemas have no prefix.",
		Columns: []model.Column{
			{Name: "schema_name", Type: model.String(63), Required: true},
			{Name: "table_name", Type: model.String(127), Required: true},
			{Name: "column_name", Type: model.String(127), Required: true},
			{Name: "position", Type: model.Integer(), Required: true},
			{Name: "type", Type: model.String(63), Required: true},
			{Name: "required", Type: model.Boolean(), Required: true},
			{Name: "in_key", Type: model.Boolean(), Required: true},
			{Name: "origin", Type: model.String(4096), Required: true}, // where the values come from
		},
	}
}

// runColumn is the id of a run: the name of an execution, of at most 80
// characters
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
func runColumn() model.Column {
	return model.Column{Name: "run_id", Type: model.String(320), Required: true}
}

// generator generates the SQL of a model.
type generator struct {
	model.Model

	within  string // the table of what statements are restricted to; empty for none
	changes bool   // rows are those of an increment, as they were loaded, and not of the mirror
}

// table spells the name of a table. It need not be one of [Tables].
func (g generator) table(schema, name string) string {
	return Table{Schema: g.Schema(schema), Name: name}.String()
}

// stagingTables lists, for each dimension and each fact, the keys given so far,
// the highest of them, and the rows of the night.
func (g generator) stagingTables() []Table {
	var tables []Table
	for _, d := range g.Dimensions {
		tables = append(tables, g.keyTables(d.Name, d.SurrogateKey(), versionKey(d))...)
		t := Table{
			Schema: g.Schema(model.Staging), Name: d.Name, Key: []string{d.SurrogateKey()},
			Comment: "One row for each member of the night, and the unknown member with key 0.",
			Columns: memberColumns(d),
		}
		if d.Versions {
			t.Comment = "The table of that name in dwh as the run leaves it."
		}
		tables = append(tables, t)
	}
	for _, f := range g.Facts {
		if len(f.Document) > 0 {
			tables = append(tables, g.keyTables(f.Name, f.SurrogateKey(), f.Document)...)
		}
		tables = append(tables, g.factTable(model.Staging, f))
	}
	return tables
}

func (g generator) dwhTables() []Table {
	var tables []Table
	for _, d := range g.Dimensions {
		t := Table{
			Schema: g.Schema(model.DWH), Name: d.Name, Key: []string{d.SurrogateKey()},
			Comment: sentence("One row for each member ever seen, and the unknown member with key 0.", d.Doc),
			Columns: memberColumns(d),
		}
		if d.Versions {
			t.Comment = sentence("One row for each version of each member ever seen, and the unknown member with key 0.", d.Doc)
		} else {
			t.Columns = append(t.Columns, deletedColumn())
		}
		tables = append(tables, t)
	}
	for _, f := range g.Facts {
		tables = append(tables, g.factTable(model.DWH, f))
	}
	return tables
}

// etlTables lists what a run is recorded in, what it proved, and which run each
// schema holds.
func (g generator) etlTables() []Table {
	etl := g.Schema(model.ETL)
	tables := append(append([]Table{CatalogTable(g.Prefix)}, RunTables(g.Prefix)...),
		Table{
			Schema: etl, Name: "proof", Key: []string{"run_id", "name"},
			Comment: "What a run counted in the warehouse. Where a number is expected, the two are equal.",
			Columns: []model.Column{
				runColumn(),
				{Name: "name", Type: model.String(1024), Required: true},
				{Name: "counted", Type: model.Decimal(38, 0), Required: true},
				{Name: "expected", Type: model.Decimal(38, 0)}, // null if the count is only reported
			},
		},
		Table{
			Schema: etl, Name: "content", Key: []string{"schema_name"},
			Comment: "The run whose night staging and dwh hold, one row for each of them.",
			Columns: []model.Column{{Name: "schema_name", Type: model.String(63), Required: true}, runColumn()},
		},
		Table{
			Schema: etl, Name: collationProbe,
			Comment: "Two letters that the database must tell apart.",
			Columns: []model.Column{{Name: "value", Type: model.String(1), Required: true}},
		})
	tables = append(tables, g.windowTables()...)
	for _, r := range g.Relations() {
		tables = append(tables, Table{
			Schema: etl, Name: LoadTable(r.Table),
			Comment: fmt.Sprintf("The run whose files the landing table of %s holds, in one row; no row when it is empty.", r.Name),
			Columns: []model.Column{runColumn(), {Name: "rows", Type: model.BigInt(), Required: true}},
		})
	}
	return tables
}

func (g generator) keyTables(name, key string, businessKey []model.KeyColumn) []Table {
	columns := []model.Column{keyColumn(key)}
	for _, k := range businessKey {
		columns = append(columns, model.Column{Name: k.Name, Type: k.Type, Required: true})
	}
	return []Table{
		{
			Schema: g.Schema(model.Staging), Name: key, Key: []string{key}, Columns: columns,
			Comment: "Every surrogate key given so far. Rows are added, never changed.",
		},
		{
			Schema: g.Schema(model.Staging), Name: name + "_maxkey",
			Comment: "The highest surrogate key given so far, in one row; no row before the first night.",
			Columns: []model.Column{keyColumn(name + "maxkey")},
		},
	}
}

// factTable is the fact in staging or dwh: its own key, the keys of its
// dimensions, its columns.
func (g generator) factTable(schema string, f model.Fact) Table {
	var columns []model.Column
	if len(f.Document) > 0 {
		columns = append(columns, keyColumn(f.SurrogateKey()))
	}
	for _, role := range f.Roles {
		columns = append(columns, keyColumn(role.SurrogateKey()))
	}
	for _, c := range f.Columns {
		columns = append(columns, model.Column{Name: c.Name, Type: c.Type, Doc: c.Doc, Required: c.Required})
	}
	comment := f.Grain
	if schema == model.DWH {
		comment = sentence(f.Grain, f.Doc)
	}
	return Table{Schema: g.Schema(schema), Name: f.Name, Key: f.Key, Comment: comment, Columns: columns}
}

// dimensionColumns lists what describes a member. All of it is null for the
// unknown member, unless the model has a label.
func dimensionColumns(d model.Dimension) []model.Column {
	var columns []model.Column
	for _, c := range d.Columns {
		columns = append(columns, model.Column{Name: c.Name, Type: c.Type, Doc: c.Doc})
	}
	return columns
}

// memberColumns lists the columns of a dimension in staging. One with versions
// has those of dwh, because staging holds all versions as well.
func memberColumns(d model.Dimension) []model.Column {
	columns := append([]model.Column{keyColumn(d.SurrogateKey())}, dimensionColumns(d)...)
	if d.Versions {
		columns = append(append(columns, model.HistoryColumns()...), deletedColumn())
	}
	return columns
}

func deletedColumn() model.Column {
	return model.Column{Name: model.Deleted, Type: model.Boolean(), Required: true}
}

func keyColumn(name string) model.Column {
	return model.Column{Name: name, Type: model.Integer(), Required: true}
}

// sentence puts a description after a comment.
func sentence(comment, doc string) string {
	if doc == "" {
		return comment
	}
	return comment + " " + strings.Join(strings.Fields(doc), " ")
}
