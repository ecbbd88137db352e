package sql_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/sql"
)

func phases() []string {
	return []string{sql.PhaseSchema, sql.PhaseProcedures, sql.PhaseStage, sql.PhasePublish}
}

// everyStatement returns all statements by where they come from, those in the
// bodies of procedures too.
func everyStatement(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, phase := range phases() {
		statements, err := sql.Statements(phase)
		if err != nil {
			t.Fatal(err)
		}
		all["phase "+phase] = statements
	}
	for _, statement := range all["phase "+sql.PhaseProcedures] {
		name, body := procedure(t, statement)
		all["procedure "+name] = plain(t, body)
	}
	queries, err := sql.Queries()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		all["query "+q.Name] = []string{q.SQL}
	}
	return all
}

var procedureForm = regexp.MustCompile(`(?s)^create or replace procedure ([a-z]+\.[a-z_]+)\(\)\nas \$\$\n(.*)\n\$\$ language plpgsql$`)

// procedure takes CREATE PROCEDURE apart.
func procedure(t *testing.T, statement string) (name, body string) {
	t.Helper()
	parts := procedureForm.FindStringSubmatch(statement)
	if parts == nil {
		t.Fatalf("not spelled as procedures are:\n%s", statement)
	}
	return parts[1], parts[2]
}

var (
	declareForm = regexp.MustCompile(`(?s)^declare\n    counted bigint;\n    expected bigint;\n`)
	plainForm   = regexp.MustCompile(`^(insert into|delete from|update) `)
	selectInto  = regexp.MustCompile(`^select into (counted|expected) `)
	raiseForm   = regexp.MustCompile(`(?s)^if counted <> (expected|\d+) then\s+raise exception '[^']*'(, counted)(, expected)?$`)
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
		switch {
		case plainForm.MatchString(part):
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

func TestStatements_fitOneBatch(t *testing.T) {
	t.Parallel()

	for _, phase := range phases() {
		statements, err := sql.Statements(phase)
		if err != nil || len(statements) == 0 || len(statements) > sql.MaxStatements {
			t.Errorf("phase %s has %d statements, %v", phase, len(statements), err)
		}
	}
}

func TestStatements_unknownPhase(t *testing.T) {
	t.Parallel()

	const want = `look up phase "land": it is none of schema, procedures, stage, publish`
	if got, err := sql.Statements("land"); err == nil || err.Error() != want {
		t.Errorf("Statements() = %q, %v, want error %q", got, err, want)
	}
}

func TestScripts_refusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()

	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	tests := map[string]struct {
		files fs.FS
		want  string
	}{
		"too many statements": {
			fstest.MapFS{"schema/1.sql": file(strings.Repeat("x;", 41))},
			`phase "schema" has 41 statements: a batch takes 1 to 40`,
		},
		"no statement": {fstest.MapFS{}, `phase "schema" has 0 statements: a batch takes 1 to 40`},
		"a quote that is open": {
			fstest.MapFS{"schema/1.sql": file("x;\n'")},
			"split schema/1.sql: line 2: the quote ' is not closed",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if _, err := (sql.Scripts{FS: tt.files}).Statements(sql.PhaseSchema); err == nil || err.Error() != tt.want {
				t.Errorf("error = %v, want %s", err, tt.want)
			}
		})
	}
}

func TestScripts_Queries_refusesWhatIsNoQuestion(t *testing.T) {
	t.Parallel()

	for name, text := range map[string]string{
		"no question": "select 1", "two statements": "-- What?\nselect 1; select 2", "none": "-- What?", "open": "-- What?\n'",
	} {
		if got, err := (sql.Scripts{FS: fstest.MapFS{"queries/q.sql": {Data: []byte(text)}}}).Queries(); err == nil {
			t.Errorf("%s: Queries() = %v, want an error", name, got)
		}
	}
}

func TestQueries_openWithTheirQuestion(t *testing.T) {
	t.Parallel()

	queries, err := sql.Queries()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		if !strings.HasSuffix(q.Question, "?") || len(q.Question) > 160 || !strings.HasPrefix(q.SQL, "select") && !strings.HasPrefix(q.SQL, "with") {
			t.Errorf("query %s has the question %q", q.Name, q.Question)
		}
	}
}

// Each procedure is alone in a file that is called like it, and called once.
func TestProcedures_areNamedAsTheirFiles(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob("procedures/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	created := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		statements, err := sql.Split(string(text))
		if err != nil || len(statements) != 1 {
			t.Fatalf("%s holds %d statements, %v", file, len(statements), err)
		}
		name, _ := procedure(t, statements[0])
		created[filepath.Base(file)[4:]] = "call " + name + "()"
		if want := strings.ReplaceAll(name, ".", "_") + ".sql"; filepath.Base(file)[4:] != want {
			t.Errorf("procedure %s is in %s, want …_%s", name, file, want)
		}
	}
	var called []string
	for _, phase := range []string{sql.PhaseStage, sql.PhasePublish} {
		statements, err := sql.Statements(phase)
		if err != nil {
			t.Fatal(err)
		}
		called = append(called, slices.DeleteFunc(statements, func(s string) bool { return !strings.HasPrefix(s, "call ") })...)
	}
	slices.Sort(called)
	if diff := cmp.Diff(slices.Sorted(maps.Values(created)), called); diff != "" {
		t.Errorf("(-created +called):\n%s", diff)
	}
}

var insertForm = regexp.MustCompile(`^insert into ([a-z]+)\.("?)([a-z_]+)"? \(([^)]*)\)`)

// Redshift and the others fill columns by position, so each INSERT names all
// columns of its table, in the order of the model.
func TestInserts_nameTheColumnsOfTheModel(t *testing.T) {
	t.Parallel()

	m := model.Store()
	written := map[string]bool{}
	for where, statements := range everyStatement(t) {
		for _, statement := range statements {
			if !strings.HasPrefix(statement, "insert into") {
				continue
			}
			parts := insertForm.FindStringSubmatch(statement)
			if parts == nil {
				t.Errorf("%s inserts without naming columns:\n%s", where, statement)
				continue
			}
			table, ok := m.Table(parts[1], parts[3])
			if !ok {
				t.Errorf("%s inserts into %s.%s, which the model does not declare", where, parts[1], parts[3])
				continue
			}
			written[table.String()] = true
			columns := strings.FieldsFunc(parts[4], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
			if diff := cmp.Diff(model.Names(table.Columns), columns); diff != "" {
				t.Errorf("%s, insert into %s (-model +procedure):\n%s", where, table, diff)
			}
		}
	}
	for _, table := range m.Tables() {
		if (table.Schema == model.SchemaStaging || table.Schema == model.SchemaDWH) && !written[table.String()] {
			t.Errorf("no procedure fills %s", table)
		}
	}
}

func TestTables_haveTheColumnsOfTheModelInEveryEngine(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		for _, table := range w.model.Tables() {
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
