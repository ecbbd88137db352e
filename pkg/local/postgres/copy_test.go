package postgres_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

// write makes a Parquet file of rows, two in each row group, with a writer
// that is not ours.
func write[T any](t *testing.T, rows ...T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rows.parquet")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := parquet.NewGenericWriter[T](file, parquet.MaxRowsPerRowGroup(2), parquet.Compression(&parquet.Snappy))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

type everything struct {
	Text    *string           `parquet:"text,optional"`
	Number  *int32            `parquet:"number,optional"`
	Large   *int64            `parquet:"large,optional"`
	Yes     *bool             `parquet:"yes,optional"`
	Exact   *[8]byte          `parquet:"exact,optional,decimal(2:18)"`
	Day     *int32            `parquet:"day,optional,date"`
	Instant *int64            `parquet:"instant,optional,timestamp(microsecond)"`
	Old     *deprecated.Int96 `parquet:"old,optional"`
}

const everythingTable = `create table landing."order" (text varchar(4), number integer, large bigint, yes boolean,
	exact decimal(18, 2), day date, instant timestamp, old timestamp)`

func TestTx_CopyParquet(t *testing.T) {
	t.Parallel()

	instant := time.Date(1969, 12, 31, 23, 59, 59, 500_000_000, time.UTC).UnixMicro()
	full := everything{
		Text: new("üü"), Number: new(int32(-7)), Large: new(int64(1) << 40), Yes: new(true),
		Exact: &[8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x6a}, Day: new(int32(-1)), Instant: &instant,
		// An hour of 1 January 1970, whose Julian number is 2440588.
		Old: &deprecated.Int96{0x30b8a000, 0x346, 2440588},
	}
	tx := begin(t, open(t))
	run(t, tx, "create schema landing", everythingTable)
	rows, err := tx.CopyParquet(t.Context(), `landing."order"`, nil, []string{
		write(t, full, everything{}, full), write(t, everything{Text: new("")}),
	})
	if err != nil || rows != 4 {
		t.Fatalf("CopyParquet() = %d, %v, want 4 rows", rows, err)
	}
	result := run(t, tx, `select text, number, large, yes, exact, day, instant, old from landing."order" order by text`)
	value := []any{
		"üü", int64(-7), int64(1) << 40, true, "-1.50", "1969-12-31", "1969-12-31 23:59:59.5", "1970-01-01 01:00:00",
	}
	want := [][]any{
		{"", nil, nil, nil, nil, nil, nil, nil}, value, value, {nil, nil, nil, nil, nil, nil, nil, nil},
	}
	if diff := cmp.Diff(want, result.Rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type pair struct {
	A string `parquet:"a"`
	B string `parquet:"b"`
}

func TestTx_CopyParquet_goesByPosition(t *testing.T) {
	t.Parallel()

	tx := begin(t, open(t))
	run(t, tx, "create schema landing", "create table landing.t (a varchar(9), b varchar(9), c integer)")
	if _, err := tx.CopyParquet(t.Context(), "Landing.T", []string{"b", "A"}, []string{write(t, pair{"first", "second"})}); err != nil {
		t.Fatal(err)
	}
	want := [][]any{{"second", "first", nil}}
	if diff := cmp.Diff(want, run(t, tx, "select a, b, c from landing.t").Rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTx_CopyParquet_refusesWhatRedshiftWould(t *testing.T) {
	t.Parallel()

	type wide struct {
		A int64 `parquet:"a"`
	}
	type scaled struct {
		A [8]byte `parquet:"a,decimal(3:18)"`
	}
	type shorter struct {
		A [8]byte `parquet:"a,decimal(2:18)"`
	}
	type milliseconds struct {
		A int64 `parquet:"a,timestamp(millisecond)"`
	}
	type plainBytes struct {
		A []byte `parquet:"a"`
	}
	type many struct {
		A []string `parquet:"a"`
	}
	type nested struct {
		A struct {
			B string `parquet:"b"`
		} `parquet:"a"`
	}
	type text struct {
		A string `parquet:"a"`
	}
	garbage := filepath.Join(t.TempDir(), "garbage.parquet")
	if err := os.WriteFile(garbage, []byte("no Parquet"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		table   string
		columns []string
		typ     string
		file    string
		want    string
	}{
		"more columns": {
			typ: "varchar(9)", file: write(t, pair{}),
			want: "unmatched number of columns between table and file: table columns 1, data columns 2",
		},
		"a large number":         {typ: "integer", file: write(t, wide{}), want: `incompatible Parquet schema for column "a"`},
		"another scale":          {typ: "decimal(18,2)", file: write(t, scaled{}), want: "of 8 bytes, scale 3"},
		"a shorter decimal":      {typ: "decimal(19,2)", file: write(t, shorter{}), want: "of 8 bytes, scale 2"},
		"milliseconds":           {typ: "timestamp", file: write(t, milliseconds{}), want: `incompatible Parquet schema for column "a"`},
		"bytes that are no text": {typ: "varchar(9)", file: write(t, plainBytes{}), want: `incompatible Parquet schema for column "a"`},
		"lists":                  {typ: "varchar(9)", file: write(t, many{}), want: `incompatible Parquet schema for column "a"`},
		"groups":                 {typ: "varchar(9)", file: write(t, nested{}), want: "unmatched number of columns"},
		"text for a number":      {typ: "bigint", file: write(t, text{}), want: `incompatible Parquet schema for column "a"`},
		"text for a day":         {typ: "date", file: write(t, text{}), want: `incompatible Parquet schema for column "a"`},
		"text for true":          {typ: "boolean", file: write(t, text{}), want: `incompatible Parquet schema for column "a"`},
		"types of PostgreSQL":    {typ: "json", file: write(t, text{}), want: `incompatible Parquet schema for column "a"`},
		"text that is too long in bytes": {
			typ: "varchar(3)", file: write(t, text{"a"}, text{"üü"}),
			want: "string length exceeds DDL length: 4 bytes for VARCHAR(3)",
		},
		"a null where none may be": {
			typ: "varchar(3) not null", file: write(t, struct {
				A *string `parquet:"a,optional"`
			}{}),
			want: "violates not-null constraint",
		},
		"no such file":        {typ: "integer", file: "/nowhere.parquet", want: "file /nowhere.parquet: open /nowhere.parquet: no such file"},
		"what is not Parquet": {typ: "integer", file: garbage, want: "file " + garbage},
		"no such table":       {table: "landing.u", typ: "integer", file: garbage, want: "copy landing.u: the table does not exist"},
		"no such column":      {columns: []string{"z"}, typ: "integer", file: garbage, want: `column "z" does not exist`},
		"no schema":           {table: "t", typ: "integer", file: garbage, want: "the name t is not schema.table"},
		"an open quote":       {table: `landing."t`, typ: "integer", file: garbage, want: `the name "t is not well quoted`},
		"a quote within":      {table: `landing.t"`, typ: "integer", file: garbage, want: `is not well formed`},
	}
	engine := open(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			table := tt.table
			if table == "" {
				table = "landing.t"
			}
			tx := begin(t, engine)
			run(t, tx, "create schema landing", "create table landing.t (a "+tt.typ+")")
			rows, err := tx.CopyParquet(t.Context(), table, tt.columns, []string{tt.file})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("CopyParquet() = %d, %v, want error %q", rows, err, tt.want)
			}
			if _, err := tx.CopyParquet(t.Context(), "landing.t", nil, nil); err == nil {
				t.Error("the transaction goes on after the error")
			}
		})
	}
}
