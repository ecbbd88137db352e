package star_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/sql"
)

// A denial is something that one of the three engines does not have, or means
// otherwise. Grammars, and engines, accept many of them.
type denial struct {
	pattern string
	reason  string
}

// The pages behind these are the lists of unsupported PostgreSQL features and
// functions, and of functions that run on the leader node only:
// https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-features.html
// https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-functions.html
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions_leader_node_only.html
func denials() []denial {
	return []denial{
		{`\b(commit|rollback|truncate|savepoint|vacuum)\b`, "a batch is one transaction"},
		{`\bon conflict\b|\breturning\b|\bis (not )?distinct from\b|\bdistinct on\b|\bfilter \(`, "Redshift does not have it"},
		{`\blateral\b|\bunnest\b|\barray\b|\bjsonb?\b|\buuid\b|\bbytea\b|\benum\b|\[`, "Redshift does not have it"},
		{`\b(create|drop) (unique )?(index|sequence|trigger)\b|\bserial\b|\bidentity\b|\bcheck \(`, "Redshift does not have it, or numbers with gaps"},
		{`\b(from|join) \(?values\b|\bvalues \([^;]*\), *\(`, "Redshift does not take VALUES as a table"},
		{`\b(ctid|xmin|oid)\b`, "Redshift has no system columns"},
		{`\b(string_agg|array_agg|listagg|regexp_matches|regexp_replace|format|encode|clock_timestamp|pg_sleep|div)\s*\(`, "not in every engine"},
		{`\b(generate_series|substr|log|factorial|age|now|setseed|random)\s*\(`, "only on the leader node, or not in Redshift"},
		{`\bcurrent_(date|time|timestamp)\b|\bsysdate\b|\bgetdate\b|\blocaltime`, "the result depends on the clock"},
		{`\b(to_char|to_date|to_timestamp|dateadd|datediff|date_trunc|date_part|last_day|interval)\b`, "engines disagree"},
		{`\b(nvl|nvl2|decode|isnull|ifnull|iff|len|top \d|qualify|pivot|minus)\b`, "not in PostgreSQL"},
		{`\bmerge\b`, "Redshift's has no conditions, and PostgreSQL's other clauses"},
		{`\b(ilike|similar to|~)\b|~`, "not in every engine"},
		{`::`, "write cast"},
		{`\bround\s*\(`, "engines round halves differently"},
		{`\bgroup by all\b|\border by all\b|\bexclude\b|\busing \(`, "DuckDB only, or other columns by engine"},
		{`\bselect \*`, "name the columns"},
		{`\brecursive\b`, "another syntax in Redshift"},
		{`\\`, "an escape in Redshift, a character elsewhere"},
		{`/\*`, "comments of the files are lines"},
		{`\bdesc\b( [^n]|[,\n)])`, "say nulls last, or show that there are none"},
	}
}

// everyStatementOfEveryModel returns all statements by model and where they come
// from.
func everyStatementOfEveryModel(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for name, m := range everyModel(t) {
		for where, statements := range everyStatement(t, m) {
			all["model "+name+", "+where] = statements
		}
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

var (
	lineComment = regexp.MustCompile(`--[^\n]*`)
	textLiteral = regexp.MustCompile(`'[^']*'`)
)

func TestStatements_stayInTheCommonDialect(t *testing.T) {
	t.Parallel()

	for where, statements := range everyStatementOfEveryModel(t) {
		for _, statement := range statements {
			if strings.HasSuffix(where, "phase "+star.PhaseProcedures) {
				statement, _, _ = strings.Cut(statement, "$") // its body is another entry
			}
			code := textLiteral.ReplaceAllString(lineComment.ReplaceAllString(statement, ""), "''")
			code = strings.ReplaceAll(code, "order by revenue desc", "order by revenue") // which is never null
			// Of the minute the engines agree, and expressions of models count minutes.
			code = strings.ReplaceAll(code, "date_trunc(''", "trunc(''")
			for _, d := range denials() {
				if found := regexp.MustCompile(d.pattern).FindString(code); found != "" {
					t.Errorf("%s uses %q: %s:\n%s", where, found, d.reason, statement)
				}
			}
			if code != strings.ToLower(code) {
				t.Errorf("%s: keywords and names are lower case:\n%s", where, statement)
			}
			if bare := regexp.MustCompile(`[^"a-z_]order\b(\s+by\b)?`).FindAllString(code, -1); slices.ContainsFunc(bare, func(s string) bool {
				return !strings.HasSuffix(s, "by")
			}) {
				t.Errorf(`%s names order without quotes:\n%s`, where, statement)
			}
		}
	}
}

// Each pattern must find what it is there for, or the test above is blind.
func TestDenials_findSomething(t *testing.T) {
	t.Parallel()

	samples := []string{
		"truncate t", "insert into t select 1 on conflict do nothing", "select x[1]", "create index i", "select a from (values (1))",
		"select ctid from t", "select string_agg(a, b)", "select now()", "select current_date", "select to_char(a, b)", "select nvl(a, b)",
		"merge into t", "select a ilike b", "select a::int", "select round(a, 1)", "select a group by all", "select * from t",
		"with recursive a as", `select '\'`, "/* a */", "order by a desc, b",
	}
	for i, d := range denials() {
		if !regexp.MustCompile(d.pattern).MatchString(samples[i]) {
			t.Errorf("the pattern %s does not find %q", d.pattern, samples[i])
		}
	}
}

// Every statement parses under a Redshift grammar that is not ours, those in
// procedures too.
func TestStatements_parseAsRedshift(t *testing.T) {
	t.Parallel()

	if _, err := os.Stat("../../.ci/node_modules/@polyglot-sql/sdk"); errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the Redshift grammar is not installed: run `npm ci --prefix .ci` in the top folder")
	}
	wrong := []string{"select from where", "delete dwh.date where", "insert into dwh.date (select"}
	all := slices.Clone(wrong)
	for _, statements := range everyStatementOfEveryModel(t) {
		all = append(all, statements...)
	}
	input, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "parse-redshift.mjs")
	cmd.Dir = "../../.ci"
	cmd.Stdin = strings.NewReader(string(input))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("node .ci/parse-redshift.mjs: %v\n%s", err, stderr.String())
	}
	var verdicts []*string
	if err := json.Unmarshal(output, &verdicts); err != nil || len(verdicts) != len(all) {
		t.Fatalf("%d verdicts on %d statements, %v", len(verdicts), len(all), err)
	}
	for i, verdict := range verdicts {
		switch {
		case i < len(wrong) && verdict == nil:
			t.Errorf("the grammar accepts %q, so it proves nothing", all[i])
		case i >= len(wrong) && verdict != nil:
			t.Errorf("%s:\n%s", *verdict, all[i])
		}
	}
}
