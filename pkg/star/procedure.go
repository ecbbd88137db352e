package star

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// procedure is a stored procedure.
type procedure struct {
	schema  string // without prefix
	name    string
	about   []string // paragraphs of the comment above it
	declare string   // declarations of variables
	body    string   // statements, each with a semicolon
}

// call spells a statement that calls the procedure.
func (g generator) call(schema, name string) string {
	return "call " + g.table(schema, name) + "()"
}

// statement spells CREATE PROCEDURE, without a semicolon.
func (g generator) statement(p procedure) string {
	quote := "$$"
	if strings.Contains(p.body, quote) {
		quote = "$procedure$" // a text of the model has the usual one
	}
	return "create or replace procedure " + g.table(p.schema, p.name) + "()\nas " + quote + "\n" + p.declare +
		"begin\n\n" + p.body + "\nend;\n" + quote + " language plpgsql"
}

// procedures lists the procedures in the order of the night.
func (g generator) procedures() []procedure {
	all, proofs := []procedure{g.collation()}, []procedure(nil)
	made := map[string]int{} // schema whose night is proved → proofs
	prove := func(night, schema, name, about string, p proving) {
		made[night] += p.proofs
		proofs = append(proofs, procedure{schema: schema, name: "prove_" + name, about: []string{about}, body: p.statement})
	}
	for _, d := range g.Dimensions {
		all = append(all, procedure{schema: model.Staging, name: "load_" + d.Name, about: g.aboutDimension(d), body: g.loadDimension(d)})
	}
	for _, f := range g.Facts {
		all = append(all, procedure{schema: model.Staging, name: "load_" + f.Name, about: g.aboutFact(f), body: g.loadFact(f)})
	}
	all = append(all, g.replace(), g.load(model.Staging, g.holdStaging()))
	for _, r := range g.Relations() {
		prove(model.Staging, model.Mirror, r.Table, fmt.Sprintf("Counts %s, and whether that is what was loaded.", g.table(model.Mirror, r.Table)), g.proveLanding(r))
	}
	for _, d := range g.Dimensions {
		prove(model.Staging, model.Staging, d.Name, fmt.Sprintf("Counts the keys and the members of %s.", g.table(model.Staging, d.Name)), g.proveDimension(d))
	}
	for _, f := range g.Facts {
		prove(model.Staging, model.Staging, f.Name, fmt.Sprintf("Counts the facts of %s. Whether they have their members is counted in %s.",
			g.table(model.Staging, f.Name), g.table(model.DWH, f.Name)), g.proveFact(f))
	}
	all = append(append(all, proofs...), g.verify(model.Staging, g.proveLoads(), proofs, made[model.Staging]))
	proofs = nil
	all = append(all, procedure{
		schema: model.Mirror, name: "clear", body: g.clear(),
		about: []string{
			"Empties what landing tables hold. A TRUNCATE would commit (https://docs.aws.amazon.com/redshift/latest/dg/r_TRUNCATE.html).",
		},
	})
	for _, d := range g.Dimensions {
		each, gone := "member", "What the source no longer holds keeps its row and is marked deleted. When it comes back, its row is replaced and the mark is gone."
		if d.Versions {
			each, gone = "version of each member", "Staging holds all versions, also of members that the source no longer holds."
		}
		all = append(all, procedure{schema: model.DWH, name: "load_" + d.Name, body: g.publishDimension(d), about: []string{
			fmt.Sprintf("Publishes the members of %s.", g.table(model.Staging, d.Name)),
			fmt.Sprintf("Grain: one row for each %s ever seen, and the unknown one with key 0. Reads: %s. Writes: %s.",
				each, g.table(model.Staging, d.Name), g.table(model.DWH, d.Name)),
			gone,
		}})
		prove(model.DWH, model.DWH, d.Name, fmt.Sprintf("Counts the members of %s.", g.table(model.DWH, d.Name)), g.proveStarDimension(d))
	}
	for _, f := range g.Facts {
		all = append(all, procedure{schema: model.DWH, name: "load_" + f.Name, body: g.publishFact(f), about: []string{
			fmt.Sprintf("Publishes the facts of %s. The night is a full export, so they replace all others.", g.table(model.Staging, f.Name)),
			fmt.Sprintf("Grain: %s Reads: %s. Writes: %s.", f.Grain, g.table(model.Staging, f.Name), g.table(model.DWH, f.Name)),
		}})
		prove(model.DWH, model.DWH, f.Name, fmt.Sprintf("Counts the facts of %s, and those without a member.", g.table(model.DWH, f.Name)), g.proveStarFact(f))
	}
	all = append(append(all, g.load(model.DWH, g.holdDWH())), proofs...)
	all = append(all, g.verify(model.DWH, g.proveContent(), proofs, made[model.DWH]), g.advanceFull())
	return append(append(all, g.compare()), g.incrementProcedures()...)
}

// aboutDimension is the comment above the procedure that loads a dimension.
func (g generator) aboutDimension(d model.Dimension) []string {
	reads := g.readBy(d.Of, d.With)
	if d.Calendar {
		reads = nil
		for _, day := range d.Days {
			reads = append(reads, g.readBy(day.Of, nil)...)
		}
	}
	about := fmt.Sprintf("Gives the members of %s surrogate keys, and describes those of the night.", d.Name)
	if d.Calendar {
		about = "Gives every day that a fact refers to a surrogate key, and describes the days of the night."
	}
	if d.Versions {
		about = fmt.Sprintf("Gives new versions of members of %s surrogate keys, and states all versions.", d.Name)
		reads = append(reads, g.table(model.DWH, d.Name), g.table(model.ETL, windowTable))
	}
	return []string{
		sentence(about, d.Doc),
		fmt.Sprintf("Grain: one row for each %s, and the unknown member with key 0. Reads: %s. Writes: %s.",
			strings.Join(quotedKeys(versionKey(d)), " and "), strings.Join(unique(reads), ", "), strings.Join([]string{
				g.table(model.Staging, d.SurrogateKey()), g.table(model.Staging, d.Name+"_maxkey"), g.table(model.Staging, d.Name),
			}, ", ")),
	}
}

// aboutFact is the comment above the procedure that loads a fact.
func (g generator) aboutFact(f model.Fact) []string {
	reads := g.readBy(f.Of, f.With)
	for _, role := range f.Roles {
		reads = append(reads, g.table(model.Staging, role.Dimension))
	}
	var writes []string
	if len(f.Document) > 0 {
		writes = []string{g.table(model.Staging, f.SurrogateKey()), g.table(model.Staging, f.Name+"_maxkey")}
	}
	writes = append(writes, g.table(model.Staging, f.Name))
	return []string{
		sentence("States the facts of the night.", f.Doc),
		fmt.Sprintf("Grain: %s Reads: %s. Writes: %s.", f.Grain, strings.Join(unique(reads), ", "), strings.Join(writes, ", ")),
		"A fact is never lost for want of a member. What the night does not hold is unknown, key 0.",
	}
}

// readBy lists the tables that are read for rows and what they look up.
func (g generator) readBy(of string, with []model.Lookup) []string {
	rows, _ := g.Relation(of)
	all := []string{g.table(model.Mirror, rows.Table)}
	for _, l := range with {
		rows, _ := g.Relation(l.Of)
		all = append(all, g.table(model.Mirror, rows.Table))
	}
	return all
}

// load is the procedure that calls those which load a schema, and then notes
// whose night it holds.
func (g generator) load(schema, hold string) procedure {
	var body strings.Builder
	if schema == model.DWH {
		body.WriteString(g.call(model.Mirror, "clear") + ";\n\n")
	}
	for _, d := range g.Dimensions {
		body.WriteString(g.call(schema, "load_"+d.Name) + ";\n\n")
	}
	for _, f := range g.Facts {
		body.WriteString(g.call(schema, "load_"+f.Name) + ";\n\n")
	}
	about := "Mirror to staging. Facts come after the dimensions, which they join."
	if schema == model.DWH {
		about = "Staging to dwh. Readers see the night before until the transaction commits, and the new night whole afterwards."
	}
	return procedure{schema: schema, name: "load", about: []string{about}, body: body.String() +
		"delete from " + g.table(model.ETL, "content") + "\nwhere schema_name = " + text(schema) + ";\n\n" + hold}
}

// holdStaging notes the run whose night staging holds. That there is one only
// is proved afterwards.
func (g generator) holdStaging() string {
	var loads []string
	for _, r := range g.Relations() {
		loads = append(loads, "select run_id from "+g.table(model.ETL, LoadTable(r.Table)))
	}
	return insert(g.table(model.ETL, "content"), []string{"schema_name", "run_id"},
		selection([]string{"'staging'", "coalesce(max(run_id), '')"}, "from (\n    "+indent(4, strings.Join(loads, "\nunion all\n"))+"\n) as loads")) + ";\n"
}

func (g generator) holdDWH() string {
	content := g.table(model.ETL, "content")
	return insert(content, []string{"schema_name", "run_id"},
		selection([]string{"'dwh'", "run_id"}, "from "+content+"\nwhere schema_name = 'staging'")) + ";\n"
}

// ofNight is the condition on etl.proof for the proofs of a schema.
func (g generator) ofNight(schema string) string {
	if schema == model.Delta { // an increment is proved at once
		schema = model.Staging
	}
	condition := "run_id in (select run_id from " + g.table(model.ETL, "content") + " where schema_name = " + text(schema) + ")"
	if schema == model.DWH {
		return condition + "\n    and name like 'dwh%'"
	}
	return condition
}

// verify is the procedure that proves a night, and raises an exception if it
// cannot.
func (g generator) verify(schema string, first proving, proofs []procedure, made int) procedure {
	table := g.table(model.ETL, "proof")
	var body strings.Builder
	body.WriteString("delete from " + table + "\nwhere " + g.ofNight(schema) + ";\n\n" + first.statement + "\n")
	for _, p := range proofs {
		body.WriteString(g.call(p.schema, p.name) + ";\n\n")
	}
	fmt.Fprintf(&body, `select into made count(*)
from %[1]s
where %[2]s;
if made <> %[3]d then
    raise exception '%% proofs of the night were made, not %[3]d', made;
end if;

select into failed, was, should_be name, counted, expected
from %[1]s
where counted <> expected
    and %[2]s
order by name
limit 1;
if failed is not null then
    raise exception '%%: counted %%, expected %%', failed, was, should_be;
end if;
`, table, g.ofNight(schema), made+first.proofs)
	if schema != model.DWH {
		body.WriteString(g.asExpected(schema))
	}
	return procedure{
		schema: schema, name: "verify", body: body.String(),
		declare: "declare\n    made bigint;\n    failed varchar(1024);\n    was decimal(38,0);\n    should_be decimal(38,0);\n",
		about: []string{
			"Proves the night in " + g.Schema(schema) + ", and raises an exception where it cannot: the transaction is then rolled back.",
			"Redshift enforces no key and its planner believes every declared one, so all of them are counted.",
		},
	}
}

// unique returns values without those that came before.
func unique(values []string) []string {
	var all []string
	seen := map[string]bool{}
	for _, v := range values {
		if !seen[v] {
			all = append(all, v)
		}
		seen[v] = true
	}
	return all
}
