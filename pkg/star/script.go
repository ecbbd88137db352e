package star

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// The phases of a run, in their order.
const (
	PhaseSchema     = "schema"     // create what is missing
	PhaseProcedures = "procedures" // create or replace the stored procedures, and try the database with one
	PhaseStage      = "stage"      // the first half of a full night: landing to mirror and staging
	PhasePublish    = "publish"    // the second half: staging to dwh
	PhaseFull       = "full"       // both, in one transaction
	PhaseRepair     = "repair"     // a full night that first counts what increments have left different
	PhaseIncrement  = "increment"  // changes to mirror, staging and dwh, in one transaction
)

// Limits of the Data API:
// https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
const (
	MaxStatements = 40
	maxStatement  = 100 << 10 // bytes
)

// Script is a generated SQL file.
type Script struct {
	Name string // with its folder: "procedures/dwh_verify.sql"
	Text string
}

// Phases returns the names of the phases in their order.
func Phases() []string {
	return []string{PhaseSchema, PhaseProcedures, PhaseFull, PhaseRepair, PhaseIncrement}
}

// Batches returns the statements of a phase, without semicolons, as batches of
// the Data API: a batch is one transaction. Phases that change the star are one
// batch.
func Batches(m model.Model, phase string) ([][]string, error) {
	g := generator{Model: m}
	var statements []string
	switch phase {
	case PhaseSchema:
		for _, schema := range schemas() {
			statements = append(statements, g.createSchema(schema))
		}
		for _, t := range Tables(m) {
			statements = append(statements, t.DDL())
		}
	case PhaseProcedures:
		for _, p := range g.procedures() {
			statements = append(statements, g.statement(p))
		}
		statements = append(statements, g.call(model.ETL, proveCollation))
	case PhaseStage:
		statements = g.stage()
	case PhasePublish:
		statements = g.publish()
	case PhaseFull:
		statements = g.full()
	case PhaseRepair:
		statements = g.repair()
	case PhaseIncrement:
		statements = g.changed()
	default:
		return nil, fmt.Errorf("look up phase %q: it is none of %s", phase, strings.Join(Phases(), ", "))
	}
	for _, s := range statements {
		if len(s) > maxStatement {
			first, _, _ := strings.Cut(s, "\n")
			return nil, fmt.Errorf("generate phase %q of model %q: the statement %q has %d bytes, and the Data API takes %d: give its table fewer columns",
				phase, m.Name, first, len(s), maxStatement)
		}
	}
	return slices.Collect(slices.Chunk(statements, MaxStatements)), nil
}

// schemas are the schemas in the order in which rows pass them, and the
// pipeline's own.
func schemas() []string {
	return []string{model.Changes, model.Mirror, model.Delta, model.Staging, model.DWH, model.ETL}
}

func (g generator) createSchema(name string) string {
	return "create schema if not exists " + model.QuoteName(g.Schema(name))
}

// Scripts returns everything as files, to be read and reviewed.
func Scripts(m model.Model) []Script {
	g := generator{Model: m}
	var created []string
	for _, name := range schemas() {
		created = append(created, g.createSchema(name)+";\n")
	}
	scripts := []Script{
		{"schema/010_schemas.sql", g.header("the schemas, in the order in which rows pass them, and the pipeline's own") + "\n" + strings.Join(created, "\n")},
		{"schema/020_mirror.sql", g.header("the mirror and the landing tables, which COPY loads") + render(append(g.changesTables(), g.mirrorTables()...))},
		{"schema/025_touched.sql", g.header("what an increment touches") + render(g.deltaTables())},
		{"schema/030_staging.sql", g.header("the staging tables and the surrogate keys") + render(g.stagingTables())},
		{"schema/040_dwh.sql", g.header("the star schema") + render(g.dwhTables())},
		{"schema/050_etl.sql", g.header("what the pipeline writes down") + render(g.etlTables())},
	}
	for _, p := range g.procedures() {
		text := comment(p.about...) + g.statement(p) + ";\n"
		if p.schema == model.ETL { // the phase calls it, too
			text += "\n" + g.call(p.schema, p.name) + ";\n"
		}
		scripts = append(scripts, Script{"procedures/" + p.schema + "_" + p.name + ".sql", text})
	}
	return append(scripts,
		Script{"phases/full.sql", comment(
			"A full night: landing to mirror, staging and dwh, in one transaction.",
			"The run states first what it has loaded, in etl.expected: the rows of each landing table, and the sums of measures as whole numbers of their last decimal place. "+
				"The last statement reports what was counted.",
		) + "\n" + strings.Join(g.full(), ";\n\n") + ";\n"},
		Script{"phases/repair.sql", comment(
			"A full night that also counts how the mirror which increments have made differs from the export.",
		) + "\n" + strings.Join(g.repair(), ";\n\n") + ";\n"},
		Script{"phases/increment.sql", comment(
			"An increment: changes to mirror, staging and dwh, in one transaction.",
			"The run states first which window it has loaded, in etl.landing_window, and how many changes, in etl.expected.",
		) + "\n" + strings.Join(g.changed(), ";\n\n") + ";\n"})
}

// stage lists the statements of the phase.
func (g generator) stage() []string {
	counts := []string{g.counts(model.Staging)}
	for _, r := range g.Relations() {
		counts = append(counts, "select '"+logical(model.Landing, r.Table)+" of run ' || run_id, cast(rows as decimal(38,0))\nfrom "+
			g.table(model.ETL, LoadTable(r.Table)))
	}
	return []string{
		g.call(model.Mirror, "replace"), g.call(model.Staging, "load"), g.call(model.Staging, "verify"),
		strings.Join(counts, "\nunion all\n") + "\norder by name",
	}
}

// publish lists the statements of the phase.
func (g generator) publish() []string {
	return []string{
		g.call(model.DWH, "load"), g.call(model.DWH, "verify"), g.call(model.Mirror, "advance"),
		g.counts(model.DWH) + "\nunion all\nselect 'dwh of run ' || run_id, cast(count(*) as decimal(38,0))\nfrom " +
			g.table(model.ETL, "content") + "\nwhere schema_name = 'dwh'\ngroup by run_id\norder by name",
	}
}

// full lists the statements of a full night.
func (g generator) full() []string {
	return []string{
		g.call(model.Mirror, "replace"), g.call(model.Staging, "load"), g.call(model.Staging, "verify"),
		g.call(model.DWH, "load"), g.call(model.DWH, "verify"), g.call(model.Mirror, "advance"), g.counted(),
	}
}

// repair lists the statements of a full night that compares. The load of dwh
// empties what was the mirror.
func (g generator) repair() []string {
	return slices.Insert(g.full(), 3, g.call(model.Mirror, "compare"))
}

// changed lists the statements of an increment.
func (g generator) changed() []string {
	return []string{g.call(model.Delta, "apply"), g.call(model.Delta, "verify"), g.call(model.Mirror, "proceed"), g.counted()}
}

// counted spells a query of all that was counted in a night, and whose it is.
func (g generator) counted() string {
	content := g.table(model.ETL, "content") + "\nwhere schema_name = 'dwh'"
	return "select name, counted as rows\nfrom " + g.table(model.ETL, "proof") + "\nwhere run_id in (select run_id from " + indent(4, content) + ")" +
		"\nunion all\nselect 'dwh of run ' || run_id, cast(count(*) as decimal(38,0))\nfrom " + content + "\ngroup by run_id\norder by name"
}

// counts spells a query of what was counted in a night.
func (g generator) counts(schema string) string {
	return "select name, counted as rows\nfrom " + g.table(model.ETL, "proof") + "\nwhere " + g.ofNight(schema)
}

func (g generator) header(what string) string {
	return comment(fmt.Sprintf("Model %q: %s.", g.Name, what), "Generated; change the model and run `make generate`.")
}

func render(tables []Table) string {
	var b strings.Builder
	for _, t := range tables {
		b.WriteString("\n" + comment(t.Comment) + t.DDL() + ";\n")
	}
	return b.String()
}
