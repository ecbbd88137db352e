package warehouse

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // an engine that we did not write
)

// FuzzQuoteLiteral: what is quoted is one string to SQL, with the same text;
// what could be read in more than one way is refused.
func FuzzQuoteLiteral(f *testing.F) {
	for _, seed := range []string{
		"s3://lake/runs/r/copy/order.manifest", "it's", "''",
		`\'`, "'; drop table x --", "ü€😀", "\x00", "\xff", "$1", ":a", "?",
	} {
		f.Add(seed)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := quoteLiteral(text)
		if err != nil {
			if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789:/.-_=' ") == "" {
				t.Fatalf("quoteLiteral(%q) = %v, want plain text accepted", text, err)
			}
			return
		}
		if strings.ContainsAny(quoted, "\\\x00\n") {
			t.Fatalf("quoteLiteral(%q) = %s, which engines read differently", text, quoted)
		}
		var got string
		if err := db.QueryRowContext(t.Context(), "select "+quoted).Scan(&got); err != nil || got != text {
			t.Fatalf("select %s = %q, %v, want %q", quoted, got, err, text)
		}
	})
}
