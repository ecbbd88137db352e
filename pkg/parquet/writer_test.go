package parquet_test

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// sameValue compares decimals by value, and floating-point numbers by bits.
var sameValue = []cmp.Option{
	cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 }),
	cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }),
}

// readBack compares the rows with what two other readers find in the file.
func readBack(t *testing.T, columns []parquet.Column, want []row, file []byte) {
	t.Helper()
	compareRows(t, "parquet-go", want, readParquetGo(t, file, columns))
	compareRows(t, "DuckDB", want, readDuckDB(t, file, columns))
}

// compareRows shows the first row that differs; a whole diff of many rows takes long.
func compareRows(t *testing.T, reader string, want, got []row) {
	t.Helper()
	if len(want) != len(got) {
		t.Errorf("%s reads %d rows, want %d", reader, len(got), len(want))
	}
	for i := range min(len(want), len(got)) {
		if slices.EqualFunc(want[i], got[i], equal) {
			continue
		}
		t.Errorf("%s reads row %d (-want +got):\n%s", reader, i, cmp.Diff(want[i], got[i], sameValue...))
		return
	}
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case *big.Int:
		b, ok := b.(*big.Int)
		return ok && a.Cmp(b) == 0
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	}
	return a == b
}

func decimal(text string) *big.Int {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic(text)
	}
	return n
}

// kinds are columns of every kind with values at the limits.
func kinds() map[string]struct {
	column parquet.Column
	values []any
} {
	nines := strings.Repeat("9", 38)
	const day = 86_400_000_000
	return map[string]struct {
		column parquet.Column
		values []any
	}{
		"string": {
			parquet.Column{Kind: parquet.String},
			[]any{"", "a", "é😀東京", "\x00", strings.Repeat("long ", 1000), "ab", "\u007f", "ÿ"},
		},
		"int32":   {parquet.Column{Kind: parquet.Int32}, []any{int32(0), int32(1), int32(-1), int32(math.MaxInt32), int32(math.MinInt32)}},
		"int64":   {parquet.Column{Kind: parquet.Int64}, []any{int64(0), int64(256), int64(-1), int64(math.MaxInt64), int64(math.MinInt64)}},
		"boolean": {parquet.Column{Kind: parquet.Boolean}, []any{true, false, true, true, false, false, true, true, true}},
		"double": {
			parquet.Column{Kind: parquet.Double},
			[]any{0.0, 1.5, -2.25, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.Copysign(0, -1)},
		},
		"decimal of 2 digits": {
			parquet.Column{Kind: parquet.Decimal, Precision: 2, Scale: 1},
			[]any{decimal("0"), decimal("99"), decimal("-99"), decimal("-1"), decimal("1")},
		},
		"decimal of 9 digits": {
			parquet.Column{Kind: parquet.Decimal, Precision: 9, Scale: 9},
			[]any{decimal("999999999"), decimal("-999999999"), decimal("-256")},
		},
		"decimal of 18 digits": {
			parquet.Column{Kind: parquet.Decimal, Precision: 18, Scale: 2},
			[]any{decimal("12345678901234567"), decimal("-12345678901234567"), decimal("9007199254740993"), decimal("-16"), decimal("0")},
		},
		"decimal of 19 digits": {
			parquet.Column{Kind: parquet.Decimal, Precision: 19, Scale: 0},
			[]any{decimal("9999999999999999999"), decimal("-9999999999999999999"), decimal("9223372036854775808")},
		},
		"decimal of 38 digits": {
			parquet.Column{Kind: parquet.Decimal, Precision: 38, Scale: 10},
			[]any{decimal(nines), decimal("-" + nines), decimal("1"), decimal("-1"), decimal("18446744073709551616"), decimal("-18446744073709551616")},
		},
		"timestamp": {
			parquet.Column{Kind: parquet.Timestamp},
			[]any{int64(0), int64(-1), int64(1620036672123456), int64(-62135596800000000), int64(-day), int64(day - 1), int64(-day - 1), int64(253402300799999999)},
		},
		"timestamp in microseconds": {
			parquet.Column{Kind: parquet.TimestampMicros},
			[]any{int64(0), int64(-1), int64(1620036672123456), int64(-62135596800000000), int64(253402300799999999)},
		},
		"date": {parquet.Column{Kind: parquet.Date}, []any{int32(0), int32(-1), int32(18750), int32(-719162), int32(2932896)}},
	}
}

func TestWriter_kinds(t *testing.T) {
	t.Parallel()
	for name, test := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			required, optional := test.column, test.column
			required.Name, optional.Name, optional.Optional = "required", "optional", true
			columns := []parquet.Column{required, optional}
			var rows []row
			for i := range 3 * len(test.values) {
				r := row{test.values[i%len(test.values)], nil}
				if i%3 > 0 {
					r[1] = test.values[i*7%len(test.values)]
				}
				rows = append(rows, r)
			}
			readBack(t, columns, rows, write(t, columns, rows, parquet.Options{}))
			// Pages of a few rows, and row groups of a few pages.
			readBack(t, columns, rows, write(t, columns, rows, parquet.Options{PageBytes: 1, RowGroupBytes: 1}))
		})
	}
}

// patterns are columns whose nulls or repetitions are special.
func patterns(n int) map[string]func(i int) any {
	rnd := rand.New(rand.NewPCG(5, 6))
	return map[string]func(i int) any{
		"is all null":                     func(int) any { return nil },
		"has no null":                     func(i int) any { return fmt.Sprint(i % 10) },
		"starts with a null":              func(i int) any { return orNull(i > 0, fmt.Sprint(i%10)) },
		"ends with a null":                func(i int) any { return orNull(i < n-1, fmt.Sprint(i%10)) },
		"has one value":                   func(i int) any { return orNull(i == n/2, "x") },
		"has a null every other row":      func(i int) any { return orNull(i%2 == 0, "same") },
		"has nulls at random":             func(int) any { return orNull(rnd.IntN(3) > 0, fmt.Sprint(rnd.IntN(100))) },
		"repeats one value":               func(int) any { return "same" },
		"repeats in long runs":            func(i int) any { return fmt.Sprint(i / 100) },
		"repeats in runs of nine":         func(i int) any { return fmt.Sprint(i / 9 % 7) },
		"is different in each row":        func(i int) any { return fmt.Sprintf("%d/%d", i*7919%n, i) },
		"is different after a while":      func(i int) any { return orNull(i%17 > 0, fmt.Sprint(max(i-n/2, i%50))) },
		"repeats a lot of values":         func(int) any { return fmt.Sprint(rnd.IntN(n / 3)) },
		"is empty strings and nulls":      func(i int) any { return orNull(i%3 > 0, "") },
		"is long strings, different ones": func(i int) any { return orNull(i%5 > 0, strings.Repeat(fmt.Sprint(i), 50)) },
	}
}

func orNull(there bool, v any) any {
	if there {
		return v
	}
	return nil
}

func TestWriter_patterns(t *testing.T) {
	t.Parallel()
	const n = 5000
	for name, pattern := range patterns(n) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			columns := []parquet.Column{{Name: "v", Kind: parquet.String, Optional: true}, {Name: "i", Kind: parquet.Int32}}
			var rows []row
			present := 0
			for i := range n {
				r := row{pattern(i), int32(i)}
				if r[0] != nil {
					present++
				}
				rows = append(rows, r)
			}
			for _, opts := range []parquet.Options{{}, {PageBytes: 2000}, {PageBytes: 500, RowGroupBytes: 5000}} {
				file := write(t, columns, rows, opts)
				readBack(t, columns, rows, file)
				got := query(t, file, `select count(*) filter (v is not null), count(*) filter (v is null), count(*) from %s`)
				if want := fmt.Sprint(present, n-present, n); got != want {
					t.Errorf("DuckDB counts %s, want %s", got, want)
				}
				pushed := query(t, file, `select (select count(*) from %s where v is not null), (select count(*) from %s where v is null)`)
				if want := fmt.Sprint(present, n-present); pushed != want {
					t.Errorf("DuckDB finds %s, want %s", pushed, want)
				}
			}
		})
	}
}

// TestWriter_sharedBuffers interleaves writers that share memory.
func TestWriter_sharedBuffers(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{{Name: "v", Kind: parquet.String}, {Name: "i", Kind: parquet.Int64}}
	opts := parquet.Options{Buffers: new(parquet.Buffers), RowGroupBytes: 150_000, PageBytes: 30_000}
	var files [3]bytes.Buffer
	var writers [3]*parquet.Writer
	var rows [3][]row
	for i := range writers {
		w, err := parquet.NewWriter(&files[i], columns, opts)
		if err != nil {
			t.Fatal(err)
		}
		writers[i] = w
	}
	rnd := rand.New(rand.NewPCG(15, 16))
	for range 60_000 {
		i := rnd.IntN(len(writers))
		r := row{fmt.Sprintf("%d of %d", rnd.Uint64(), i), rnd.Int64()}
		rows[i] = append(rows[i], r)
		if err := appendRow(writers[i], columns, r); err != nil {
			t.Fatal(err)
		}
	}
	for i, w := range writers {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		readBack(t, columns, rows[i], files[i].Bytes())
		if groups := len(open(t, files[i].Bytes()).Metadata().RowGroups); groups < 3 {
			t.Errorf("%d row groups, want several", groups)
		}
	}
}

// TestWriter_indexWidths fills dictionaries until indexes take 1 to 16 bits,
// with runs of every length around the eight that are worth a run.
func TestWriter_indexWidths(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{{Name: "v", Kind: parquet.Int32}}
	for width := 1; width <= 16; width++ {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			var rows []row
			distinct := 1<<(width-1) + 1 // the first number of values that needs the width
			for i := range distinct {
				value := int32(i * 7919)
				for range 2 + i%3 {
					rows = append(rows, row{value})
				}
				if i < 100 {
					for range i % 25 {
						rows = append(rows, row{value})
					}
				}
			}
			file := write(t, columns, rows, parquet.Options{})
			readBack(t, columns, rows, file)
			if m := open(t, file).Metadata().RowGroups[0].Columns[0].MetaData; m.DictionaryPageOffset == 0 || len(m.EncodingStats) != 2 {
				t.Errorf("the column is not encoded with a dictionary only: %+v", m.EncodingStats)
			}
		})
	}
}

// TestWriter_fullDictionary has more distinct values than an index can tell
// apart, after pages that have indexes.
func TestWriter_fullDictionary(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{{Name: "n", Kind: parquet.Int32}, {Name: "s", Kind: parquet.String}}
	var rows []row
	for i := range 400_000 {
		rows = append(rows, row{int32(i / 5 * 31), fmt.Sprint(i / 5)})
	}
	file := write(t, columns, rows, parquet.Options{})
	readBack(t, columns, rows, file)
	for _, chunk := range open(t, file).Metadata().RowGroups[0].Columns {
		if m := chunk.MetaData; len(m.EncodingStats) != 3 {
			t.Errorf("%s has pages %+v, want a dictionary, indexes and plain ones", m.PathInSchema, m.EncodingStats)
		}
	}
}
