package star_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/sql"
)

// everyModel returns the models that statements are generated of, by name.
func everyModel(t *testing.T) map[string]model.Model {
	t.Helper()
	all := map[string]model.Model{"wide": wide(t), "odd": odd(t)}
	for _, name := range models.Names() {
		m, err := models.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = m
	}
	return all
}

// read reads a model that a test spells.
func read(t *testing.T, text string) model.Model {
	t.Helper()
	m, err := model.Read("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// wide is a model of 60 item types, 40 dimensions and 15 facts.
func wide(t *testing.T) model.Model {
	t.Helper()
	var items, dimensions, facts strings.Builder
	for i := range 60 {
		fmt.Fprintf(&items, "  item%d:\n    keys: { PK: \"I%d#{id%d}\", SK: \"#{place}\" }\n    columns: { id%d: string(40), place: string(40), "+
			"amount: { type: \"decimal(18,2)\", required: true }, label: string(200), at: { type: timestamp, required: true } }\n", i, i, i, i)
		if i < 39 {
			fmt.Fprintf(&dimensions, "  d%d: { of: item%d, key: [id%d], duplicates: first, columns: [label] }\n", i, i, i)
		}
		if i < 15 {
			fmt.Fprintf(&facts, "  f%d:\n    of: item%d\n    grain: One row for each item.\n    dimensions: { day: at, d%d: id%d, next: { d%d: id%d } }\n    measures: [amount]\n", i, i, i, i, i+1, i)
		}
	}
	return read(t, "nightstar: 1\nmodel: wide\ntable: { partitionKey: PK, sortKey: SK }\nitems:\n"+items.String()+
		"dimensions:\n  day: { calendar: day }\n"+dimensions.String()+"facts:\n"+facts.String())
}

// everyStatement returns all statements of a model by where they come from,
// those in the bodies of procedures too.
func everyStatement(t *testing.T, m model.Model) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, phase := range star.Phases() {
		batches, err := star.Batches(m, phase)
		if err != nil {
			t.Fatal(err)
		}
		for _, statements := range batches {
			all["phase "+phase] = append(all["phase "+phase], statements...)
		}
	}
	for _, statement := range all["phase "+star.PhaseProcedures] {
		if strings.HasPrefix(statement, "call ") {
			continue
		}
		name, body := procedure(t, statement)
		all["procedure "+name] = plain(t, body)
	}
	return all
}

var procedureForm = regexp.MustCompile(`(?s)^create or replace procedure ([a-z0-9_."]+)\(\)\nas (\$[a-z]*\$)\n(.*)\n(\$[a-z]*\$) language plpgsql$`)

// procedure takes CREATE PROCEDURE apart.
func procedure(t *testing.T, statement string) (name, body string) {
	t.Helper()
	parts := procedureForm.FindStringSubmatch(statement)
	if parts == nil || parts[2] != parts[4] || strings.Contains(parts[3], parts[2]) {
		t.Fatalf("not spelled as procedures are:\n%s", statement)
	}
	return parts[1], parts[3]
}

var (
	declareForm = regexp.MustCompile(`^declare\n(    [a-z_]+ (bigint|varchar\(1024\)|decimal\(38,0\));\n)+`)
	plainForm   = regexp.MustCompile(`^(insert into|delete from|update|call) `)
	selectInto  = regexp.MustCompile(`^select into (made|failed|failed, was, should_be|equal_pairs) `)
	raiseForm   = regexp.MustCompile(`(?s)^if ((made|equal_pairs) <> \d+|failed is not null) then\s+raise exception '[^']*'(, [a-z_]+)*$`)
)

// plain returns the statements of a procedure's body and checks that the body
// holds nothing but what every engine runs: plain statements, and in a verify
// procedure also SELECT INTO and IF … RAISE EXCEPTION.
func plain(t *testing.T, body string) []string {
	t.Helper()
	body = declareForm.ReplaceAllString(body, "")
	body, ok := strings.CutPrefix(body, "begin\n")
	if !ok {
		t.Fatalf("a body begins with begin:\n%.80s", body)
	}
	parts, err := sql.Split(body)
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) == 0 || parts[len(parts)-1] != "end" {
		t.Fatalf("a body ends with end:\n%s", body)
	}
	var statements []string
	for _, part := range parts[:len(parts)-1] {
		if strings.Contains(part, "not exists (") {
			t.Errorf("Redshift refuses some forms of not exists:\n%s", part)
		}
		switch {
		case plainForm.MatchString(part), strings.HasPrefix(part, "alter table ") && strings.Contains(part, " rename to "):
			statements = append(statements, part)
		case selectInto.MatchString(part):
			statements = append(statements, selectInto.ReplaceAllString(part, "select "))
		case part == "end if", raiseForm.MatchString(part):
		default:
			t.Errorf("the DuckDB engine does not run this within a procedure:\n%s", part)
		}
	}
	return statements
}

func TestBatches_fitTheDataAPI(t *testing.T) {
	t.Parallel()

	for name, m := range everyModel(t) {
		for _, phase := range star.Phases() {
			batches, err := star.Batches(m, phase)
			if err != nil {
				t.Fatal(err)
			}
			if one := phase == star.PhaseStage || phase == star.PhasePublish; one && len(batches) != 1 {
				t.Errorf("model %s: phase %s has %d batches", name, phase, len(batches))
			}
			for _, statements := range batches {
				if len(statements) == 0 || len(statements) > 40 {
					t.Errorf("model %s: a batch of phase %s has %d statements", name, phase, len(statements))
				}
			}
		}
	}
}

func TestBatches_unknownPhase(t *testing.T) {
	t.Parallel()

	const want = `look up phase "land": it is none of schema, procedures, full, repair, increment`
	if got, err := star.Batches(store(t), "land"); err == nil || err.Error() != want {
		t.Errorf("Batches() = %q, %v, want error %q", got, err, want)
	}
}

func TestBatches_refuseAStatementThatIsTooLong(t *testing.T) {
	t.Parallel()

	m := store(t)
	for i := range 4000 {
		m.Items[0].Columns = append(m.Items[0].Columns, model.Column{Name: fmt.Sprintf("a_column_with_a_long_name_%d", i), Type: model.Integer()})
	}
	const want = `the statement "create table if not exists changes.customer (" has `
	if _, err := star.Batches(m, star.PhaseSchema); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Batches() = %v, want error with %s", err, want)
	}
}

// The files are what runs: each holds the statements of its phase.
func TestScripts_holdTheStatements(t *testing.T) {
	t.Parallel()

	for name, m := range everyModel(t) {
		got := map[string]map[string]bool{}
		for _, script := range star.Scripts(m) {
			statements, err := sql.Split(script.Text)
			if err != nil {
				t.Fatalf("model %s, %s: %v", name, script.Name, err)
			}
			folder, file, _ := strings.Cut(script.Name, "/")
			if folder == "phases" {
				folder = strings.TrimSuffix(file, ".sql")
			}
			if got[folder] == nil {
				got[folder] = map[string]bool{}
			}
			for _, s := range statements {
				got[folder][s] = true
			}
		}
		want := map[string]map[string]bool{}
		for _, phase := range star.Phases() {
			batches, err := star.Batches(m, phase)
			if err != nil {
				t.Fatal(err)
			}
			want[phase] = map[string]bool{}
			for _, statements := range batches {
				for _, s := range statements {
					want[phase][s] = true
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("model %s (-batches +scripts):\n%s", name, diff)
		}
	}
}

// Each procedure is created and called once, by a phase or another procedure.
func TestProcedures_areCalled(t *testing.T) {
	t.Parallel()

	for name, m := range everyModel(t) {
		created, called := map[string]int{}, map[string]int{}
		for where, statements := range everyStatement(t, m) {
			if p, ok := strings.CutPrefix(where, "procedure "); ok {
				created["call "+p+"()"]++
			}
			for _, s := range statements {
				if strings.HasPrefix(s, "call ") {
					called[s]++
				}
			}
		}
		for call := range called {
			called[call] = 1 // emptying is called by two
		}
		if diff := cmp.Diff(created, called); diff != "" {
			t.Errorf("model %s (-created +called):\n%s", name, diff)
		}
	}
}

var insertForm = regexp.MustCompile(`^insert into "?([a-z_]+)"?\."?([a-z0-9_]+)"? \(([^)]*)\)`)

// Redshift and the others fill columns by position, so each INSERT names all
// columns of its table, in their order.
func TestInserts_nameTheColumns(t *testing.T) {
	t.Parallel()

	for name, m := range everyModel(t) {
		tables, written := map[string]star.Table{}, map[string]bool{}
		for _, table := range star.Tables(m) {
			tables[table.Schema+"."+table.Name] = table
		}
		for where, statements := range everyStatement(t, m) {
			for _, statement := range statements {
				if !strings.HasPrefix(statement, "insert into") {
					continue
				}
				parts := insertForm.FindStringSubmatch(statement)
				if parts == nil {
					t.Errorf("%s inserts without naming columns:\n%s", where, statement)
					continue
				}
				table, ok := tables[parts[1]+"."+parts[2]]
				if !ok {
					t.Errorf("model %s: %s inserts into %s.%s, which is no table", name, where, parts[1], parts[2])
					continue
				}
				written[table.String()] = true
				columns := strings.FieldsFunc(parts[3], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
				if diff := cmp.Diff(table.ColumnNames(), columns); diff != "" {
					t.Errorf("model %s: %s, insert into %s (-table +procedure):\n%s", name, where, table, diff)
				}
			}
		}
		for _, table := range tables {
			if (table.Schema == m.Schema(model.Staging) || table.Schema == m.Schema(model.DWH)) && !written[table.String()] {
				t.Errorf("model %s: no procedure fills %s", name, table)
			}
		}
	}
}

func TestTables_haveTheirColumnsInEveryEngine(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		for _, table := range star.Tables(w.model) {
			tx, err := w.engine.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			result, err := tx.Exec(t.Context(), "select * from "+table.String())
			if err != nil {
				t.Fatal(err)
			}
			var want, got []string
			for _, c := range table.Columns {
				want = append(want, c.Name+" "+catalogueType(c.Type))
			}
			for _, c := range result.Columns {
				got = append(got, c.Name+" "+c.Type)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-model +engine):\n%s", table, diff)
			}
			if err := tx.Rollback(); err != nil {
				t.Error(err)
			}
		}
	})
}

// catalogueType is what the Data API calls a type.
func catalogueType(t model.Type) string {
	return map[model.Kind]string{
		model.KindString: "varchar", model.KindInteger: "int4", model.KindBigInt: "int8", model.KindDecimal: "numeric",
		model.KindBoolean: "bool", model.KindTimestamp: "timestamp", model.KindDate: "date",
	}[t.Kind]
}

// The files under sql are those of the store.
func TestScripts_areTheFilesOfTheStore(t *testing.T) {
	t.Parallel()

	const top = "../../sql"
	want := map[string]string{}
	for _, script := range star.Scripts(store(t)) {
		want[script.Name] = script.Text
	}
	if *update {
		for _, folder := range []string{"schema", "procedures", "phases"} {
			if err := os.RemoveAll(filepath.Join(top, folder)); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(top, folder), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(top, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := map[string]string{}
	for _, folder := range []string{"schema", "procedures", "phases"} {
		names, err := filepath.Glob(filepath.Join(top, folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got[folder+"/"+filepath.Base(name)] = string(text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sql differs from the model, run `make generate` (-model +files):\n%s", diff)
	}
}

// update rewrites the generated files: go test ./pkg/star -run Scripts -update.
var update = flag.Bool("update", false, "rewrite the generated files under sql")
