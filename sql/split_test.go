package sql_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/sql"
)

func TestSplit(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		script string
		want   []string
	}{
		"nothing":                               {script: " \n\t; ;", want: nil},
		"a last statement without semicolon":    {script: "select 1; select 2", want: []string{"select 1", "select 2"}},
		"comments around statements go":         {script: "-- a; b\nselect 1 -- c;\n; /* d; */ select 2; -- e", want: []string{"select 1", "select 2"}},
		"comments within statements stay":       {script: "select -- one;\n 1 /* ; */ + 2;", want: []string{"select -- one;\n 1 /* ; */ + 2"}},
		"comments nest":                         {script: "/* /* ; */ ; */ select 1;", want: []string{"select 1"}},
		"a comment that ends the text":          {script: "select 1 --", want: []string{"select 1"}},
		"a semicolon in text":                   {script: "select ';', 'it''s;'; select 2", want: []string{"select ';', 'it''s;'", "select 2"}},
		"a comment in text is text":             {script: "select '--', '/*'; select 2", want: []string{"select '--', '/*'", "select 2"}},
		"a backslash is a character":            {script: `select '\'; select 2`, want: []string{`select '\'`, "select 2"}},
		"a semicolon in a name":                 {script: `select "a;""b"; select 2`, want: []string{`select "a;""b"`, "select 2"}},
		"a quote in a comment":                  {script: "-- it's\nselect 1; select 2", want: []string{"select 1", "select 2"}},
		"a body":                                {script: "create x as $$ begin a; end; $$ language plpgsql; call x()", want: []string{"create x as $$ begin a; end; $$ language plpgsql", "call x()"}},
		"a body with a tag":                     {script: "$a_1$ $$;' $b$ $a_1$; x", want: []string{"$a_1$ $$;' $b$ $a_1$", "x"}},
		"a dollar in a name opens nothing":      {script: "select a$b$c; select 2", want: []string{"select a$b$c", "select 2"}},
		"a dollar before a digit opens nothing": {script: "select $1; select $2$3", want: []string{"select $1", "select $2$3"}},
		"a dollar by itself":                    {script: "select $; x", want: []string{"select $", "x"}},
		"minus and division are no comments":    {script: "select 1 - -1 / 2;", want: []string{"select 1 - -1 / 2"}},
		"letters of every alphabet":             {script: "select 'ß;', ä; x", want: []string{"select 'ß;', ä", "x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := sql.Split(tt.script)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSplit_refusesWhatIsNotClosed(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ script, want string }{
		"text":            {"select 1;\nselect 'a;", `line 2: the quote ' is not closed`},
		"name":            {`select "a`, `line 1: the quote " is not closed`},
		"comment":         {"select 1;\n\n/* /* */", "line 3: the comment /* is not closed"},
		"body":            {"create x as $$ begin", "line 1: the body $$ is not closed"},
		"body with a tag": {"x $a$ $A$", "line 1: the body $a$ is not closed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := sql.Split(tt.script)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Split() = %q, %v, want error %q", got, err, tt.want)
			}
		})
	}
}

// FuzzSplit checks that splitting never panics, that every statement is text
// of the script in its order, and that the statements written one after the
// other split into themselves.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"select 1; select 2", "-- a\nselect ';' /* b */;", `"a;""b"`, "$$ ; $$; $t$ $$ $t$", "a$b$ /* /* */ */ ';", "$1$2", "x--",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, script string) {
		statements, err := sql.Split(script)
		if err != nil {
			return
		}
		rest := script
		for _, s := range statements {
			_, after, found := strings.Cut(rest, s)
			if s == "" || !found {
				t.Fatalf("statement %q of %q is not in the script at its place", s, script)
			}
			rest = after
		}
		again, err := sql.Split(strings.Join(statements, ";\n"))
		if err != nil {
			t.Fatalf("statements of %q do not split: %v", script, err)
		}
		if diff := cmp.Diff(statements, again); diff != "" {
			t.Errorf("statements of %q split otherwise (-once +twice):\n%s", script, diff)
		}
	})
}
