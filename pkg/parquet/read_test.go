package parquet_test

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	other "github.com/parquet-go/parquet-go"

	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// A row of a test is a list of values: nil, string, int32, int64, bool,
// float64; *big.Int for a decimal without its point, int64 microseconds for a
// timestamp, int32 days for a date.
type row []any

// appendRow appends one row.
func appendRow(w *parquet.Writer, columns []parquet.Column, r row) error {
	for i, c := range columns {
		if err := appendValue(w, i, c, r[i]); err != nil {
			return err
		}
	}
	return w.EndRow()
}

func appendValue(w *parquet.Writer, i int, c parquet.Column, v any) error {
	if v == nil {
		return w.AppendNull(i)
	}
	switch c.Kind {
	case parquet.String:
		return w.AppendString(i, []byte(v.(string)))
	case parquet.Int32:
		return w.AppendInt32(i, v.(int32))
	case parquet.Date:
		return w.AppendDate(i, v.(int32))
	case parquet.Int64:
		return w.AppendInt64(i, v.(int64))
	case parquet.Boolean:
		return w.AppendBool(i, v.(bool))
	case parquet.Double:
		return w.AppendDouble(i, v.(float64))
	case parquet.Timestamp, parquet.TimestampMicros:
		return w.AppendTimestamp(i, v.(int64))
	case parquet.Decimal:
		high, low := split(v.(*big.Int))
		return w.AppendDecimal(i, high, low)
	}
	return fmt.Errorf("no append for %v", c.Kind)
}

// split returns n as 128 bits.
func split(n *big.Int) (high int64, low uint64) {
	two128 := new(big.Int).Lsh(big.NewInt(1), 128)
	b := new(big.Int).Mod(n, two128).FillBytes(make([]byte, 16))
	return int64(binary.BigEndian.Uint64(b)), binary.BigEndian.Uint64(b[8:])
}

// write returns the file of these rows.
func write(tb testing.TB, columns []parquet.Column, rows []row, opts parquet.Options) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, columns, opts)
	if err != nil {
		tb.Fatal(err)
	}
	for _, r := range rows {
		if err := appendRow(w, columns, r); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// open reads the file's metadata with parquet-go/parquet-go.
func open(tb testing.TB, file []byte) *other.File {
	tb.Helper()
	f, err := other.OpenFile(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		tb.Fatalf("parquet-go refuses the file: %v", err)
	}
	return f
}

// readParquetGo reads the file with parquet-go/parquet-go.
func readParquetGo(tb testing.TB, file []byte, columns []parquet.Column) []row {
	tb.Helper()
	var rows []row
	for _, group := range open(tb, file).RowGroups() {
		reader := group.Rows()
		buffer := make([]other.Row, 100)
		for {
			n, err := reader.ReadRows(buffer)
			for _, values := range buffer[:n] {
				r := make(row, len(columns))
				for _, v := range values {
					r[v.Column()] = fromParquetGo(columns[v.Column()], v)
				}
				rows = append(rows, r)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				tb.Fatalf("parquet-go: %v", err)
			}
		}
		if err := reader.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return rows
}

func fromParquetGo(c parquet.Column, v other.Value) any {
	if v.IsNull() {
		return nil
	}
	switch c.Kind {
	case parquet.String:
		return string(v.ByteArray())
	case parquet.Int32, parquet.Date:
		return v.Int32()
	case parquet.Int64, parquet.TimestampMicros:
		return v.Int64()
	case parquet.Boolean:
		return v.Boolean()
	case parquet.Double:
		return v.Double()
	case parquet.Decimal:
		return signed(v.ByteArray())
	case parquet.Timestamp:
		v := v.Int96()
		nanos := int64(v[1])<<32 | int64(v[0])
		return (int64(v[2])-2440588)*86_400_000_000 + nanos/1000
	}
	return v
}

// signed reads a big-endian number in two's complement.
func signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// duck opens DuckDB in UTC and saves the file for it.
func duck(tb testing.TB, file []byte) (db *sql.DB, path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), "test.parquet")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		tb.Fatal(err)
	}
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		tb.Fatal(err)
	}
	db = sql.OpenDB(connector)
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db, path
}

// readDuckDB reads the file with DuckDB.
func readDuckDB(tb testing.TB, file []byte, columns []parquet.Column) []row {
	tb.Helper()
	db, path := duck(tb, file)
	found, err := db.QueryContext(tb.Context(), "select * from read_parquet('"+path+"')")
	if err != nil {
		tb.Fatalf("DuckDB refuses the file: %v", err)
	}
	defer func() { _ = found.Close() }()
	types, err := found.ColumnTypes()
	if err != nil {
		tb.Fatal(err)
	}
	for i, c := range columns {
		if want := duckType(c); types[i].DatabaseTypeName() != want || types[i].Name() != c.Name {
			tb.Errorf("DuckDB sees %s %s, want %s %s", types[i].Name(), types[i].DatabaseTypeName(), c.Name, want)
		}
	}
	var rows []row
	for found.Next() {
		r := make(row, len(columns))
		into := make([]any, len(columns))
		for i := range r {
			into[i] = &r[i]
		}
		if err := found.Scan(into...); err != nil {
			tb.Fatal(err)
		}
		for i, c := range columns {
			r[i] = fromDuckDB(c, r[i])
		}
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		tb.Fatalf("DuckDB: %v", err)
	}
	return rows
}

func duckType(c parquet.Column) string {
	switch c.Kind {
	case parquet.String:
		return "VARCHAR"
	case parquet.Int32:
		return "INTEGER"
	case parquet.Int64:
		return "BIGINT"
	case parquet.Boolean:
		return "BOOLEAN"
	case parquet.Double:
		return "DOUBLE"
	case parquet.Decimal:
		return fmt.Sprintf("DECIMAL(%d,%d)", c.Precision, c.Scale)
	case parquet.Timestamp:
		return "TIMESTAMP"
	case parquet.TimestampMicros:
		return "TIMESTAMPTZ"
	case parquet.Date:
		return "DATE"
	}
	return "unknown"
}

func fromDuckDB(c parquet.Column, v any) any {
	switch v := v.(type) {
	case duckdb.Decimal:
		return v.Value
	case time.Time:
		if c.Kind == parquet.Date {
			return int32(v.Unix() / 86400)
		}
		return v.UnixMicro()
	}
	return v
}

// query returns the one line that DuckDB answers, values separated by spaces;
// %s stands for the file.
func query(tb testing.TB, file []byte, text string) string {
	tb.Helper()
	db, path := duck(tb, file)
	found, err := db.QueryContext(tb.Context(), strings.ReplaceAll(text, "%s", "'"+path+"'"))
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	defer func() { _ = found.Close() }()
	names, err := found.Columns()
	if err != nil || !found.Next() {
		tb.Fatalf("%s: no row, %v", text, err)
	}
	values := make([]any, len(names))
	for i := range values {
		values[i] = new(any)
	}
	if err := found.Scan(values...); err != nil {
		tb.Fatal(err)
	}
	var parts []string
	for _, v := range values {
		parts = append(parts, fmt.Sprint(*v.(*any)))
	}
	return strings.Join(parts, " ")
}
