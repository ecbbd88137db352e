package dialect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb/dialect"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// scanOne scans a text that holds at most one statement.
func scanOne(text string) ([]sqltext.Token, error) {
	tokens, err := sqltext.Scan(text)
	if err != nil {
		return nil, err
	}
	if n := len(sqltext.Split(tokens)); n > 1 {
		return nil, fmt.Errorf("%d statements", n)
	}
	return tokens, nil
}

// outline writes a parsed body for comparison.
func outline(p *dialect.Procedure) []string {
	var lines []string
	for _, v := range p.Variables {
		lines = append(lines, fmt.Sprintf("declare %s %s = %s", v.Name, v.Type, strings.TrimSpace(v.Initial)))
	}
	values := map[string]string{"n": "5", "m": "7"}
	for _, s := range p.Steps {
		if g := s.Guard; g != nil {
			line := fmt.Sprintf("%d: if%s raise %s", s.Line, g.Condition.SQL(values), g.Format)
			for _, a := range g.Arguments {
				line += " |" + a.SQL(values)
			}
			lines = append(lines, line)
			continue
		}
		line := fmt.Sprintf("%d: %s", s.Line, s.Statement.SQL)
		if s.Statement.Kind == dialect.Call {
			line += "call " + s.Statement.Target.String()
		}
		if s.Into != nil {
			line += " into " + strings.Join(s.Into, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}

func TestParseBody(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want []string
	}{
		"reads statements with their lines": {
			"begin\n-- first\ndelete from a.t;\n\ninsert into a.t select ';' as x;\ncall a.p();\nend;",
			[]string{"3: delete from a.t", `5: insert into "a"."t" select ';' as x`, "6: call a.p"},
		},
		"reads both spellings of select into": {
			"declare n bigint; m numeric(10,2) := 1.5; begin select into n count(*) from t; select max(a), 2 into m, n from t; end",
			[]string{
				"declare n bigint = null", "declare m decimal ( 10 , 2 ) = 1.5",
				"1: select count ( * ) from t into n", "1: select max ( a ) , 2 from t into m, n",
			},
		},
		"reads a guard": {
			"declare n integer; m integer default 0; begin if n <> m and not (n is null) then raise exception 'n % of %, 100%%', n, coalesce(m, 0) + 1; end if; end;",
			[]string{
				"declare n integer = null", "declare m integer = 0",
				"1: if (5) <> (7) and not ( (5) is null ) raise n % of %, 100%% | (5) | coalesce ( (7) , 0 ) + 1",
			},
		},
		"reads a guard with case": {
			"declare n int; begin if case when n = 1 then true else false end then raise exception 'no'; end if; end",
			[]string{"declare n integer = null", "1: if case when (5) = 1 then true else false end raise no"},
		},
		"reads temporary tables": {
			"begin create temp table x as select 1 as a; drop table x; end",
			[]string{`1: create temp table "x" as select 1 as a`, `1: drop table "x"`},
		},
		"reads an empty body": {"begin end", nil},
		"reads a query with case": {
			"declare n int; begin select into n sum(case when a then 1 else 0 end) from t; end",
			[]string{"declare n integer = null", "1: select sum ( case when a then 1 else 0 end ) from t into n"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := dialect.ParseBody(test.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, outline(p)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseBody_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ body, want string }{
		"a loop":                        {"begin for i in 1..3 loop delete from t; end loop; end", `"for" in a procedure`},
		"while":                         {"begin while true loop end loop; end", `"while" in a procedure`},
		"an endless loop":               {"begin loop delete from t; end loop; end", `"loop" in a procedure`},
		"an exception handler":          {"begin delete from t; exception when others then delete from u; end", `"exception" in a procedure`},
		"execute":                       {"begin execute 'delete from t'; end", `"execute" in a procedure`},
		"commit":                        {"begin delete from t;\ncommit; end", `line 2: "commit" in a procedure`},
		"rollback":                      {"begin rollback; end", `"rollback" in a procedure`},
		"truncate":                      {"begin truncate t; end", `"truncate" in a procedure`},
		"perform":                       {"begin perform 1; end", `"perform" in a procedure`},
		"return":                        {"begin return; end", `"return" in a procedure`},
		"raise by itself":               {"begin raise exception 'x'; end", `"raise" in a procedure`},
		"raise notice":                  {"declare n int; begin if n = 1 then raise notice 'x'; end if; end", `can only raise an exception`},
		"an assignment":                 {"declare n int; begin n := 1; end", `"n" in a procedure`},
		"a nested block":                {"begin begin delete from t; end; end", `"begin" in a procedure`},
		"grant":                         {"begin grant usage on schema a to b; end", `"grant" in a procedure`},
		"create schema":                 {"begin create schema a; end", "tables only"},
		"create procedure":              {"begin create procedure a.b() as $$begin end$$ language plpgsql; end", "tables only"},
		"drop schema":                   {"begin drop schema a; end", "tables only"},
		"else":                          {"declare n int; begin if n = 1 then raise exception 'x'; else delete from t; end if; end", "end if should stand"},
		"two statements in an if":       {"declare n int; begin if n = 1 then raise exception 'x'; raise exception 'y'; end if; end", "end if should stand"},
		"a statement in an if":          {"declare n int; begin if n = 1 then delete from t; end if; end", "can only raise"},
		"a query without into":          {"begin select 1; end", `needs "into"`},
		"into a table":                  {"begin select a into b from t; end", "not a variable"},
		"a query in a condition":        {"begin if (select count(*) from t) > 0 then raise exception 'x'; end if; end", "select into"},
		"a column in a condition":       {"begin if a > 0 then raise exception 'x'; end if; end", "not a variable"},
		"a column in a message":         {"declare n int; begin if n > 0 then raise exception '%', a; end if; end", "not a variable"},
		"too few arguments":             {"declare n int; begin if n > 0 then raise exception '% %', n; end if; end", "1 arguments for 2"},
		"too many arguments":            {"declare n int; begin if n > 0 then raise exception 'x', n; end if; end", "1 arguments for 0"},
		"a variable in a statement":     {"declare n int; begin insert into t values (n); end", "uses a variable"},
		"a variable in select into":     {"declare n int; begin select into n max(a) from t where a < n; end", "uses a variable"},
		"a variable as a column":        {"declare n int; begin insert into t (n) values (1); end", "uses a variable"},
		"a date variable":               {"declare n date; begin end", "numeric or varchar"},
		"a variable declared twice":     {"declare n int; n int; begin end", "declared twice"},
		"a variable named as a keyword": {"declare distinct int; begin end", "keyword"},
		"a variable from a variable":    {"declare n int := 1; m int := n; begin end", "another variable"},
		"an unknown function":           {"declare n int; begin if pg_sleep(n) then raise exception 'x'; end if; end", "function pg_sleep"},
		"refused SQL":                   {"begin\n\ninsert into t values (1) on conflict do nothing; end", `line 3: "on conflict"`},
		"no begin":                      {"delete from t; end", `"begin" is expected`},
		"no end":                        {"begin delete from t;", "no end"},
		"no semicolon":                  {"begin delete from t end", "no semicolon"},
		"something after the end":       {"begin end; delete from t;", "should end before"},
		"a quote without end":           {"begin delete from t where a = 'x; end", "no closing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := dialect.ParseBody(test.body)
			if err == nil {
				t.Fatalf("accepted as %q", outline(p))
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not name %q", err, test.want)
			}
		})
	}
}

func TestTranslate_procedure(t *testing.T) {
	t.Parallel()
	s, err := dialect.Translate("create or replace procedure a.p() language plpgsql as $$begin delete from t; end$$;")
	if err != nil {
		t.Fatal(err)
	}
	if s.Kind != dialect.SaveProcedure || !s.Replace || s.Target.String() != "a.p" || s.Procedure.Source != "begin delete from t; end" {
		t.Errorf("got %+v", s)
	}
	for text, want := range map[string]string{
		"create procedure p() language plpgsql as $$begin end$$":              "needs a schema",
		"create procedure a.p() as $$begin end$$":                             "language plpgsql",
		"create procedure a.p() language plpgsql":                             "needs a body",
		"create procedure a.p() language plpythonu as $$x$$":                  "default mode",
		"create procedure a.p() nonatomic language plpgsql as $$begin end$$":  "default mode",
		"create procedure a.p() language plpgsql security definer as $$x$$":   "default mode",
		"create procedure a.p() language plpgsql as delete":                   "between $$",
		"create procedure a.p() language plpgsql as $$\nbegin\ncommit; end$$": "procedure a.p: line 3",
	} {
		if _, err := dialect.Translate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not name %q", text, err, want)
		}
	}
}

func TestGuard_Message(t *testing.T) {
	t.Parallel()
	g := dialect.Guard{Format: "% of %, 100%%"}
	if got := g.Message([]string{"1", "%"}); got != "1 of %, 100%" {
		t.Errorf("got %q", got)
	}
}

// FuzzParseBody checks that ParseBody never panics, and that what it accepts
// holds no statement that ends a transaction.
func FuzzParseBody(f *testing.F) {
	f.Add("declare n bigint := 0; begin select into n count(*) from t; if n <> 1 then raise exception 'n %', n; end if; end;")
	f.Add("begin delete from a.t using b where a.t.k = b.k; insert into a.t select * from b; call a.p(); end")
	f.Add("begin if case when 1 then 2 end then raise exception ''; end if; end")
	f.Fuzz(func(t *testing.T, body string) {
		p, err := dialect.ParseBody(body)
		if err != nil {
			return
		}
		for _, s := range p.Steps {
			if (s.Statement == nil) == (s.Guard == nil) || s.Line < 1 {
				t.Fatalf("%q has step %+v", body, s)
			}
			if s.Guard != nil {
				s.Guard.Message(nil)
				s.Guard.Condition.SQL(nil)
				continue
			}
			switch s.Statement.Kind {
			case dialect.Query, dialect.Change, dialect.Define, dialect.Call, dialect.Nothing:
			default:
				t.Fatalf("%q has statement %+v", body, s.Statement)
			}
		}
	})
}
