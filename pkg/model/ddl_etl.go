package model

import "fmt"

// SchemaETL is where the pipeline writes down what it did and which run the
// rows of the other schemas come from. It does not depend on what is loaded.
const SchemaETL = "etl"

// RunTables returns the tables that a run is recorded in when it ends. They
// are the same for every model, so that a run that failed before it prepared
// the warehouse can make them itself.
func RunTables() []Table {
	return []Table{
		{
			Schema: SchemaETL, Name: "run", Key: []string{"run_id"},
			Comment: "One row for each run that has ended. What had not happened when it ended is null.",
			Columns: []Column{
				runColumn(),
				{Name: "started_by", Type: String(256)}, // as the start of the execution said
				{Name: "started_at", Type: Timestamp(), Required: true},
				{Name: "ended_at", Type: Timestamp(), Required: true},
				{Name: "seconds", Type: BigInt(), Required: true},
				{Name: "result", Type: String(64), Required: true}, // Loaded, or the name of the failure
				{Name: "cause", Type: String(4096)},                // the failure in words, its beginning
				{Name: "export_arn", Type: String(1024)},
				{Name: "manifest_key", Type: String(1024)}, // in the raw bucket
				{Name: "export_time", Type: Timestamp()},   // the moment that the rows show
				{Name: "items", Type: BigInt()},            // of the export
				{Name: "rows_loaded", Type: BigInt()},      // items that are in the warehouse
				{Name: "set_aside", Type: BigInt()},        // items that are not
			},
		},
		{
			Schema: SchemaETL, Name: "run_table", Key: []string{"run_id", "name"},
			Comment: "What a run counted, one row for each table and sum.",
			Columns: []Column{
				runColumn(),
				{Name: "name", Type: String(256), Required: true},
				{Name: "rows", Type: BigInt(), Required: true},
			},
		},
	}
}

// LoadTable is the name of the table in [SchemaETL] that says which run filled
// a landing table. Each landing table has its own, because they are filled side
// by side: transactions that write one table are not serializable.
func LoadTable(landing string) string { return "landing_" + landing }

// etlTables lists what a run is recorded in, and which run each schema holds.
func (m Model) etlTables() []Table {
	tables := append(RunTables(), Table{
		Schema: SchemaETL, Name: "content", Key: []string{"schema_name"},
		Comment: "The run whose night staging and dwh hold, one row for each of them.",
		Columns: []Column{{Name: "schema_name", Type: String(63), Required: true}, runColumn()},
	})
	for _, l := range m.Landing {
		tables = append(tables, Table{
			Schema: SchemaETL, Name: LoadTable(l.Name),
			Comment: fmt.Sprintf("The run whose files %s.%s holds, in one row; no row when it is empty.", SchemaLanding, l.Name),
			Columns: []Column{runColumn(), {Name: "rows", Type: BigInt(), Required: true}},
		})
	}
	return tables
}

// runColumn is the id of a run: the name of an execution, of at most 80
// characters
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
func runColumn() Column { return Column{Name: "run_id", Type: String(320), Required: true} }
