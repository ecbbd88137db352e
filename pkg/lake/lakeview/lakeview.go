// Package lakeview writes queries for the present state of each set of rows in the
// lake: what the last full run left there, with what the increments since have
// changed, however many they are.
//
// The text is the same for Athena and DuckDB, but for the places that rows are read from.
package lakeview

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Places are expressions of SQL that name tables. The first has the columns of
// [lakedoc.StateRun], the others those of files and the run of each row in a
// column [Run].
type Places struct {
	Runs    string
	Items   string
	Changes string
}

// Run is the column that says which run a row is of.
const Run = "lake_run"

// State returns the query for the present state of a set of rows.
//
// Of the changes of an item those that were written last count. Rows within items go
// and come with their item.
func State(rows model.Rows, from Places) string {
	changes := rows.ChangeColumns()
	op, written := changes[0].Name, changes[1].Name
	var owner []string // identifies the item, of rows within items
	for _, name := range rows.Identity {
		if c, _ := rows.Column(name); !c.Position {
			owner = append(owner, quote(name))
		}
	}
	var own, columns, same []string
	for _, name := range rows.Identity {
		own = append(own, quote(name))
	}
	for _, c := range rows.Columns {
		columns = append(columns, quote(c.Name))
	}
	for _, name := range owner {
		same = append(same, "changed."+name+" = items."+name)
	}
	return fmt.Sprintf(`with changes as (
  select %[1]s, %[2]s, %[3]s,
    max(%[3]s) over (partition by %[4]s) as last_written,
    row_number() over (partition by %[5]s order by %[3]s desc, %[2]s desc) as place
  from %[6]s as changed
  where %[7]s in (select run from %[8]s as runs where kind = 'increment')
)
select %[1]s from %[9]s as items
where %[7]s in (select run from %[8]s as runs where kind = 'base')
  and not exists (select 1 from changes as changed where %[10]s)
union all
select %[1]s from changes where %[2]s = '%[11]s' and place = 1 and last_written = %[3]s`,
		strings.Join(columns, ", "), quote(op), quote(written), strings.Join(owner, ", "), strings.Join(own, ", "),
		from.Changes, Run, from.Runs, from.Items, strings.Join(same, " and "), model.Put)
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Athena returns the places of a set of rows in the catalogue. It takes the tables
// without partitions, and the run from the path of each object: a query of tables
// with injected partitions must spell the runs out
// (https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html).
func Athena(rows model.Rows, database string) Places {
	table := func(name string) string {
		return fmt.Sprintf(`(select *, regexp_extract("$path", 'run=([^/]+)/', 1) as %s from %s.%s)`, Run, quote(database), quote(name))
	}
	return Places{
		Runs: quote(database) + "." + quote(RunsTable), Items: table(rows.Table), Changes: table(rows.Table + ChangesSuffix),
	}
}

// Names of the catalogue.
const (
	RunsTable     = "current_runs"
	ChangesSuffix = "_changes"
	StateSuffix   = "_current"
)

// DuckDB returns the places of a set of rows below a root: a folder, or the URL of
// the lake bucket. DuckDB refuses a pattern without files, so it has to be said
// whether there are any.
func DuckDB(rows model.Rows, root string, hasItems, hasChanges bool) Places {
	root = strings.TrimSuffix(root, "/") + "/"
	files := func(prefix string) string {
		return fmt.Sprintf("(select *, regexp_extract(filename, 'run=([^/]+)/', 1) as %s from read_parquet('%s%stype=%s/run=*/*.parquet', hive_partitioning = false, filename = true))",
			Run, strings.ReplaceAll(root, "'", "''"), prefix, rows.Name)
	}
	p := Places{
		Runs:  fmt.Sprintf("read_json('%s%s', format = 'newline_delimited', columns = {run: 'varchar', kind: 'varchar'})", strings.ReplaceAll(root, "'", "''"), lakedoc.StateKey),
		Items: nothing(rows, false), Changes: nothing(rows, true),
	}
	if hasItems {
		p.Items = files(lakedoc.ItemsPrefix)
	}
	if hasChanges {
		p.Changes = files(lakedoc.ChangesPrefix)
	}
	return p
}

// nothing stands for a table without files.
func nothing(rows model.Rows, changes bool) string {
	columns, of := []string{"cast(null as varchar) as " + Run}, rows.Columns
	if changes {
		of = rows.ChangeColumns()
	}
	for _, c := range of {
		columns = append(columns, "cast(null as "+duckType(c.Type)+") as "+quote(c.Name))
	}
	return "(select " + strings.Join(columns, ", ") + " where false)"
}

// duckType spells a type as DuckDB reads it from Parquet.
func duckType(t model.Type) string {
	if t.Kind == model.KindJSON {
		return "varchar"
	}
	return t.Redshift()
}
