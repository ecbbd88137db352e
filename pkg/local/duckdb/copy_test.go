package duckdb_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
)

// columnsOf are the columns of a Parquet file: a node and the values of each.
// Parquet-go orders the columns of a group by name, so names have to ascend.
type columnsOf []struct {
	name   string
	node   parquet.Node
	values []any
}

// writeParquet writes columns of equal length, nil for null.
func writeParquet(t *testing.T, columns columnsOf) string {
	t.Helper()
	group := parquet.Group{}
	for _, c := range columns {
		group[c.name] = parquet.Optional(c.node)
	}
	path := filepath.Join(t.TempDir(), "part.parquet")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	writer := parquet.NewWriter(file, parquet.NewSchema("spark_schema", group))
	for r := range columns[0].values {
		row := make(parquet.Row, len(columns))
		for i, c := range columns {
			row[i] = parquet.NullValue().Level(0, 0, i)
			if v := c.values[r]; v != nil {
				row[i] = parquet.ValueOf(v).Level(0, 1, i)
			}
		}
		if _, err := writer.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// fixed is a big-endian number in two's complement of n bytes.
func fixed(n int, value int64) []byte {
	b := make([]byte, n)
	for i := range b {
		shift := 8 * (n - 1 - i)
		if shift > 56 {
			shift = 63
		}
		b[i] = byte(value >> shift)
	}
	return b
}

func decimalNode(precision, scale, length int) parquet.Node {
	return parquet.Decimal(scale, precision, parquet.FixedLenByteArrayType(length))
}

// copyInto loads files into a table in one transaction.
func copyInto(t *testing.T, engine *duckdb.Engine, name string, columns []string, files ...string) (int64, error) {
	t.Helper()
	tx := begin(t, engine)
	rows, err := tx.CopyParquet(t.Context(), name, columns, files)
	if err != nil {
		return 0, err
	}
	return rows, tx.Commit()
}

func TestCopyParquet_loadsEveryType(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create schema landing", `create table landing."order" (
		s varchar(5) not null, i integer, l bigint, d decimal(18,2), b boolean, day date,
		t timestamp, u timestamp, w timestamp, f float8, r real, n decimal(38,9), extra varchar(3) default 'x')`)
	// 2024-01-02T03:04:05.6789Z in microseconds; its Julian day is 2460312.
	const micros = 1704164645678900
	nanosOfDay := uint64((3*3600+4*60+5)*1e9 + 678900000)
	int96 := deprecated.Int96{uint32(nanosOfDay & 0xffffffff), uint32(nanosOfDay >> 32), 2460312}
	file := writeParquet(t, columnsOf{
		{"c00", parquet.String(), []any{"ab", "éé"}},
		{"c01", parquet.Int(32), []any{int32(-7), nil}},
		{"c02", parquet.Leaf(parquet.Int64Type), []any{int64(1) << 40, nil}},
		{"c03", decimalNode(18, 2, 8), []any{fixed(8, -1250), nil}},
		{"c04", parquet.Leaf(parquet.BooleanType), []any{true, nil}},
		{"c05", parquet.Date(), []any{int32(19724), nil}},
		{"c06", parquet.Timestamp(parquet.Microsecond), []any{int64(micros), nil}},
		{"c07", parquet.TimestampAdjusted(parquet.Microsecond, false), []any{int64(micros), nil}},
		{"c08", parquet.Leaf(parquet.Int96Type), []any{int96, nil}},
		{"c09", parquet.Leaf(parquet.DoubleType), []any{0.1, nil}},
		{"c10", parquet.Leaf(parquet.FloatType), []any{float32(0.5), nil}},
		{"c11", decimalNode(38, 9, 16), []any{fixed(16, -1), nil}},
	})
	columns := strings.Split("s i l d b day t u w f r n", " ")
	rows, err := copyInto(t, engine, `landing."Order"`, columns, file, file)
	if err != nil || rows != 4 {
		t.Fatalf("loaded %d, %v", rows, err)
	}
	got := table(mustRun(t, engine, `select distinct * from landing."order" order by s`))
	want := "ab | -7 | 1099511627776 | -12.50 | true | 2024-01-02 | 2024-01-02 03:04:05.6789 | 2024-01-02 03:04:05.6789 | 2024-01-02 03:04:05.6789 | 0.1 | 0.5 | -0.000000001 | x\n" +
		"éé | <nil> | <nil> | <nil> | <nil> | <nil> | <nil> | <nil> | <nil> | <nil> | <nil> | <nil> | x"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCopyParquet_mapsByPosition(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create table t (a varchar(5), b varchar(5))")
	text := parquet.String()
	one := writeParquet(t, columnsOf{{"b", text, []any{"1"}}, {"c", text, []any{"2"}}})
	two := writeParquet(t, columnsOf{{"x", text, []any{"3"}}, {"y", text, []any{"4"}}})
	if _, err := copyInto(t, engine, "t", []string{"b", "a"}, one, two); err != nil {
		t.Fatal(err)
	}
	if got := table(mustRun(t, engine, "select a, b from t order by a")); got != "2 | 1\n4 | 3" {
		t.Errorf("got %s", got)
	}
}

func TestCopyParquet_refuses(t *testing.T) {
	t.Parallel()
	one := func(node parquet.Node, value any) columnsOf { return columnsOf{{"c", node, []any{value}}} }
	tests := map[string]struct {
		columns string
		file    columnsOf
		want    []string
	}{
		"INT64 into integer":            {"c integer", one(parquet.Int(64), int64(1)), []string{"15007", "Column type: INTEGER", "optional int64 c"}},
		"INT32 into bigint":             {"c bigint", one(parquet.Int(32), int32(1)), []string{"Column type: BIGINT"}},
		"unsigned into bigint":          {"c bigint", one(parquet.Uint(64), int64(1)), []string{"incompatible", "UINT_64"}},
		"a timestamp into bigint":       {"c bigint", one(parquet.Timestamp(parquet.Microsecond), int64(1)), []string{"incompatible"}},
		"INT32 into smallint":           {"c smallint", one(parquet.Int(32), int32(1)), []string{"Column type: SMALLINT"}},
		"a date into integer":           {"c integer", one(parquet.Date(), int32(1)), []string{"incompatible"}},
		"bytes into varchar":            {"c varchar(5)", one(parquet.Leaf(parquet.ByteArrayType), []byte("a")), []string{"incompatible", "byte_array"}},
		"a number into varchar":         {"c varchar(5)", one(parquet.Int(64), int64(1)), []string{"incompatible"}},
		"INT64 decimal":                 {"c decimal(18,2)", one(parquet.Decimal(2, 18, parquet.Int64Type), int64(1)), []string{"incompatible", "int64"}},
		"a decimal of 13 bytes":         {"c decimal(18,2)", one(decimalNode(18, 2, 13), fixed(13, 1)), []string{"invalid type length. Expecting: 8 len in file: 13"}},
		"a decimal of 16 bytes for 9":   {"c decimal(9,2)", one(decimalNode(9, 2, 16), fixed(16, 1)), []string{"Expecting: 4 len in file: 16"}},
		"a decimal of another scale":    {"c decimal(18,2)", one(decimalNode(18, 3, 8), fixed(8, 1)), []string{"incompatible"}},
		"a decimal of another digits":   {"c decimal(18,2)", one(decimalNode(17, 2, 8), fixed(8, 1)), []string{"incompatible"}},
		"plain fixed bytes":             {"c decimal(18,2)", one(parquet.Leaf(parquet.FixedLenByteArrayType(8)), fixed(8, 1)), []string{"incompatible"}},
		"a double into decimal":         {"c decimal(18,2)", one(parquet.Leaf(parquet.DoubleType), 1.5), []string{"incompatible"}},
		"timestamp of nanoseconds":      {"c timestamp", one(parquet.Timestamp(parquet.Nanosecond), int64(1)), []string{"incompatible"}},
		"timestamp of milliseconds":     {"c timestamp", one(parquet.Timestamp(parquet.Millisecond), int64(1)), []string{"incompatible", "TIMESTAMP_MILLIS"}},
		"plain INT64 into timestamp":    {"c timestamp", one(parquet.Leaf(parquet.Int64Type), int64(1)), []string{"incompatible"}},
		"text into date":                {"c date", one(parquet.String(), "2024-01-01"), []string{"incompatible"}},
		"a float into double":           {"c float8", one(parquet.Leaf(parquet.FloatType), float32(1)), []string{"incompatible"}},
		"a list":                        {"c varchar(5)", columnsOf{{"c", parquet.List(parquet.String()), nil}}, []string{"no rows"}},
		"text that is too long":         {"c varchar(3)", columnsOf{{"c", parquet.String(), []any{"abc", "éé"}}}, []string{"String length exceeds DDL length", "4 bytes for varchar(3)", "part.parquet", `column "c"`}},
		"null in a NOT NULL column":     {"c varchar(3) not null", one(parquet.String(), nil), []string{"cannot insert a NULL value into column c"}},
		"one column too many":           {"c integer", columnsOf{{"a", parquet.Int(32), []any{int32(1)}}, {"b", parquet.Int(32), []any{int32(1)}}}, []string{"Unmatched number of columns between table and file. Table columns: 1, Data columns: 2"}},
		"one column too few":            {"c integer, d integer", one(parquet.Int(32), int32(1)), []string{"Table columns: 2, Data columns: 1"}},
		"no rows":                       {"c integer", columnsOf{{"c", parquet.Int(32), nil}}, []string{"no rows"}},
		"a column missing without null": {"c integer, d integer not null default 1, e integer", columnsOf{{"c", parquet.Int(32), []any{int32(1)}}}, []string{"Unmatched"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			engine := open(t)
			mustRun(t, engine, "create table t ("+test.columns+")")
			file := writeParquet(t, test.file)
			_, err := copyInto(t, engine, "t", nil, file)
			wantError(t, err, test.want...)
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error has several lines: %q", err)
			}
			if got := table(mustRun(t, engine, "select count(*) from t")); got != "0" {
				t.Errorf("%s rows were loaded", got)
			}
		})
	}
}

func TestCopyParquet_refusesFiles(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create table t (a varchar(5))", "create table n (a varchar(5), b integer not null)")
	good := writeParquet(t, columnsOf{{"a", parquet.String(), []any{"x"}}})
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	type row struct {
		A []string `parquet:"a,list"`
	}
	nested := filepath.Join(t.TempDir(), "nested.parquet")
	if err := parquet.WriteFile(nested, []row{{A: []string{"x"}}}); err != nil {
		t.Fatal(err)
	}
	notText := writeParquet(t, columnsOf{{"a", parquet.String(), []any{"a\xff"}}})
	tests := map[string]struct {
		table   string
		columns []string
		files   []string
		want    string
	}{
		"no files":                  {"t", nil, nil, "no files"},
		"a file that is not there":  {"t", nil, []string{"/nowhere/x.parquet"}, "/nowhere/x.parquet"},
		"a file cut short":          {"t", nil, []string{write("cut.parquet", whole[:len(whole)-9])}, "cut.parquet"},
		"text instead of Parquet":   {"t", nil, []string{write("x.parquet", []byte("a,b\n1,2\n"))}, "x.parquet"},
		"an empty file":             {"t", nil, []string{write("empty.parquet", nil)}, "empty.parquet"},
		"a pattern":                 {"t", nil, []string{filepath.Dir(good) + "/*.parquet"}, "pattern"},
		"a nested column":           {"t", nil, []string{nested}, "nested"},
		"text that is not UTF-8":    {"t", nil, []string{notText}, "UTF"},
		"a bad file after good one": {"t", nil, []string{good, nested}, "nested"},
		"no such table":             {"u", nil, []string{good}, `relation "public.u" does not exist`},
		"no such column":            {"t", []string{"b"}, []string{good}, `column "b"`},
		"a column twice":            {"t", []string{"a", "A"}, []string{good}, "stands twice"},
		"a column left out":         {"n", []string{"a"}, []string{good}, "cannot insert a NULL value into column b"},
		"a name that is none":       {"t; drop table t", nil, []string{good}, "too much"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := copyInto(t, engine, test.table, test.columns, test.files...)
			wantError(t, err, test.want)
		})
	}
}

func TestCopyParquet_rollsBack(t *testing.T) {
	t.Parallel()
	engine := open(t)
	mustRun(t, engine, "create table t (a varchar(5))", "insert into t values ('old')")
	file := writeParquet(t, columnsOf{{"a", parquet.String(), []any{"new"}}})
	tx := begin(t, engine)
	if _, err := tx.Exec(t.Context(), "delete from t"); err != nil {
		t.Fatal(err)
	}
	if rows, err := tx.CopyParquet(t.Context(), "t", nil, []string{file}); err != nil || rows != 1 {
		t.Fatal(rows, err)
	}
	other := begin(t, engine)
	_, err := other.CopyParquet(t.Context(), "t", nil, []string{file})
	wantError(t, err, "1023", "public.t")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := table(mustRun(t, engine, "select a from t")); got != "old" {
		t.Errorf("got %s", got)
	}
	if _, err := copyInto(t, engine, "t", nil, file); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(mustRun(t, engine, "select count(*) from t").Rows[0][0]); got != "2" {
		t.Errorf("got %s rows", got)
	}
}
