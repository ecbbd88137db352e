package parquet_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go/format"

	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// compareValues orders two values of a kind.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case string:
		return strings.Compare(a, b.(string))
	case int32:
		return int(int64(a) - int64(b.(int32)))
	case int64:
		switch b := b.(int64); {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	case float64:
		switch b := b.(float64); {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	case bool:
		return map[bool]int{true: 1}[a] - map[bool]int{true: 1}[b.(bool)]
	case *big.Int:
		return a.Cmp(b.(*big.Int))
	}
	panic(a)
}

// bound decodes a minimum or maximum.
func bound(c parquet.Column, b []byte) any {
	switch c.Kind {
	case parquet.String:
		return string(b)
	case parquet.Int32, parquet.Date:
		return int32(binary.LittleEndian.Uint32(b))
	case parquet.Int64, parquet.TimestampMicros:
		return int64(binary.LittleEndian.Uint64(b))
	case parquet.Double:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case parquet.Boolean:
		return b[0] == 1
	case parquet.Decimal:
		return signed(b)
	case parquet.Timestamp:
	}
	return nil
}

// expect computes minimum, maximum and null count the slow way.
func expect(values []any) (least, most any, nulls int64) {
	for _, v := range values {
		if v == nil {
			nulls++
			continue
		}
		if least == nil || compareValues(v, least) < 0 {
			least = v
		}
		if most == nil || compareValues(v, most) > 0 {
			most = v
		}
	}
	return least, most, nulls
}

func TestWriter_statistics(t *testing.T) {
	t.Parallel()
	for name, test := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			column := test.column
			column.Name, column.Optional = "v", true
			values := test.values
			if column.Kind == parquet.String {
				values = []any{"", "a", "é😀東京", "\x00", "ab", "\u007f", "ÿ", strings.Repeat("z", 256)}
			}
			if column.Kind == parquet.Double {
				values = values[:5] // DuckDB shows no infinite bounds
			}
			rnd := rand.New(rand.NewPCG(7, 8))
			var rows []row
			for range 3000 {
				v := values[rnd.IntN(len(values))]
				if n, ok := v.(int64); ok && column.Kind == parquet.Int64 {
					v = n/2 + rnd.Int64N(math.MaxInt64/4) // plain pages too
				}
				rows = append(rows, row{orNull(rnd.IntN(4) > 0, v)})
			}
			file := write(t, []parquet.Column{column}, rows, parquet.Options{PageBytes: 200, RowGroupBytes: 2000})
			groups := open(t, file).Metadata().RowGroups
			start := 0
			for g, group := range groups {
				var inGroup []any
				for _, r := range rows[start : start+int(group.NumRows)] {
					inGroup = append(inGroup, r[0])
				}
				start += len(inGroup)
				least, most, nulls := expect(inGroup)
				s := group.Columns[0].MetaData.Statistics
				if s.NullCount != nulls {
					t.Errorf("group %d: null count %d, want %d", g, s.NullCount, nulls)
				}
				if s.Min != nil || s.Max != nil {
					t.Errorf("group %d has the deprecated statistics", g)
				}
				if column.Kind == parquet.Timestamp {
					if s.MinValue != nil || s.MaxValue != nil {
						t.Errorf("group %d: INT96 has bounds", g)
					}
					continue
				}
				if diff := cmp.Diff([]any{least, most}, []any{bound(column, s.MinValue), bound(column, s.MaxValue)}, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
					t.Errorf("group %d: bounds (-want +got):\n%s", g, diff)
				}
			}
			if start != len(rows) || len(groups) < 2 && column.Kind != parquet.Boolean {
				t.Errorf("%d rows in %d groups, want %d in several", start, len(groups), len(rows))
			}
			if column.Kind == parquet.Timestamp || column.Kind == parquet.TimestampMicros {
				return
			}
			// DuckDB reads the bounds as the values that it finds itself.
			text := map[bool]string{true: "::decimal(38,10)::varchar"}[column.Kind == parquet.Decimal]
			kind := fmt.Sprintf("%v", duckType(column))
			got := query(t, file, `select min(stats_min_value::`+kind+`)`+text+`, max(stats_max_value::`+kind+`)`+text+`, sum(stats_null_count) from parquet_metadata(%s)`)
			want := query(t, file, `select min(v)`+text+`, max(v)`+text+`, count(*) - count(v) from %s`)
			if got != want {
				t.Errorf("DuckDB reads statistics %s, and finds %s", got, want)
			}
		})
	}
}

func TestWriter_statistics_specialValues(t *testing.T) {
	t.Parallel()
	nan, minusZero := math.NaN(), math.Copysign(0, -1)
	long := strings.Repeat("x", 257)
	tests := map[string]struct {
		kind        parquet.Kind
		values      []any
		least, most any
	}{
		"leaves NaN out":                          {parquet.Double, []any{nan, 1.0, nan, 2.0}, 1.0, 2.0},
		"has no bounds for nothing but NaN":       {parquet.Double, []any{nan, nan}, nil, nil},
		"gives zero both signs":                   {parquet.Double, []any{0.0}, minusZero, 0.0},
		"gives negative zero both signs":          {parquet.Double, []any{minusZero}, minusZero, 0.0},
		"has no bounds for nulls":                 {parquet.Int32, []any{nil, nil}, nil, nil},
		"tells an empty string from no bound":     {parquet.String, []any{""}, "", ""},
		"has no bounds with a long greatest":      {parquet.String, []any{"a", long}, nil, nil},
		"has no bounds with a long least":         {parquet.String, []any{"y", long}, nil, nil},
		"keeps bounds with a long one in between": {parquet.String, []any{"a", long, "y"}, "a", "y"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			column := parquet.Column{Name: "v", Kind: test.kind, Optional: true}
			var rows []row
			for _, v := range test.values {
				rows = append(rows, row{v})
			}
			s := open(t, write(t, []parquet.Column{column}, rows, parquet.Options{})).Metadata().RowGroups[0].Columns[0].MetaData.Statistics
			var got [2]any
			if s.MinValue != nil {
				got[0] = bound(column, s.MinValue)
			}
			if s.MaxValue != nil {
				got[1] = bound(column, s.MaxValue)
			}
			if diff := cmp.Diff([2]any{test.least, test.most}, got, sameValue...); diff != "" {
				t.Errorf("bounds (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWriter_metadata walks the pages of a file that has everything in it, and
// compares them with what the footer says.
func TestWriter_metadata(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{
		{Name: "low", Kind: parquet.String},
		{Name: "high", Kind: parquet.String},
		{Name: "mixed", Kind: parquet.Int32, Optional: true},
		{Name: "price", Kind: parquet.Decimal, Precision: 18, Scale: 2, Optional: true},
	}
	const n = 200_000
	var rows []row
	for i := range n {
		mixed := any(int32(i % 1000))
		if i > n/2 {
			mixed = int32(i)
		}
		rows = append(rows, row{fmt.Sprint(i % 5), fmt.Sprint(i * 7919 % n), mixed, orNull(i%3 > 0, big.NewInt(int64(i%200)))})
	}
	opts := parquet.Options{Metadata: []parquet.KeyValue{{Key: "run", Value: "r-1"}, {Key: "empty", Value: ""}}}
	file := write(t, columns, rows, opts)
	f := open(t, file)
	meta := f.Metadata()

	// The expression is that of parquet-java's VersionParser, before it took what has no build.
	writer := regexp.MustCompile(`^(.*?)\s+version\s*(?:([^(]*?)\s*(?:\(\s*build\s*([^)]*?)\s*\)))$`).FindStringSubmatch(meta.CreatedBy)
	if !slices.Equal(writer, []string{meta.CreatedBy, "nightstar", "1.0.0", "1"}) || meta.Version != 1 || meta.NumRows != n || len(meta.ColumnOrders) != len(columns) {
		t.Errorf("created by %q, version %d, %d rows, %d orders", meta.CreatedBy, meta.Version, meta.NumRows, len(meta.ColumnOrders))
	}
	for _, entry := range opts.Metadata {
		if got, ok := f.Lookup(entry.Key); !ok || got != entry.Value {
			t.Errorf("metadata %q is %q, %t", entry.Key, got, ok)
		}
	}
	plain, rle, dictionary := format.Plain, format.RLE, format.PlainDictionary //nolint:staticcheck // the name that readers of version 1 know
	want := map[string][]format.Encoding{
		"low": {dictionary}, "high": {plain}, "mixed": {plain, rle, dictionary}, "price": {rle, dictionary},
	}
	if len(meta.RowGroups) != 1 {
		t.Fatalf("%d row groups, want 1", len(meta.RowGroups))
	}
	group := meta.RowGroups[0]
	offset, raw := int64(4), int64(0)
	for i, chunk := range group.Columns {
		m := chunk.MetaData
		name := m.PathInSchema[0]
		if diff := cmp.Diff(want[name], []format.Encoding(m.Encoding)); name != columns[i].Name || diff != "" {
			t.Errorf("encodings of %s (-want +got):\n%s", name, diff)
		}
		if m.NumValues != n || m.Codec != format.Snappy {
			t.Errorf("%s has %d values, %v", name, m.NumValues, m.Codec)
		}
		first := m.DataPageOffset
		if m.DictionaryPageOffset != 0 {
			first = m.DictionaryPageOffset
		}
		if first != offset || chunk.FileOffset != offset {
			t.Errorf("%s starts at %d, file offset %d, want %d", name, first, chunk.FileOffset, offset)
		}
		offset += m.TotalCompressedSize
		raw += m.TotalUncompressedSize
	}
	if group.TotalByteSize != raw || group.TotalCompressedSize != offset-4 || group.FileOffset != 4 || group.NumRows != n {
		t.Errorf("the row group has %d bytes, %d compressed, at %d, %d rows; want %d, %d, at 4, %d",
			group.TotalByteSize, group.TotalCompressedSize, group.FileOffset, group.NumRows, raw, offset-4, n)
	}
	footer := int64(binary.LittleEndian.Uint32(file[len(file)-8:]))
	if offset+footer+8 != int64(len(file)) {
		t.Errorf("pages end at %d, the footer of %d bytes begins elsewhere in %d", offset, footer, len(file))
	}
	got := query(t, file, `select count(*), count(distinct high), sum(mixed), sum(price), count(price) from %s`)
	if want := expectSums(rows); got != want {
		t.Errorf("DuckDB sums %s, want %s", got, want)
	}
}

func expectSums(rows []row) string {
	distinct := map[any]bool{}
	mixed, price, count := int64(0), int64(0), 0
	for _, r := range rows {
		distinct[r[1]] = true
		mixed += int64(r[2].(int32))
		if r[3] != nil {
			price += r[3].(*big.Int).Int64()
			count++
		}
	}
	return fmt.Sprintf("%d %d %d %.2f %d", len(rows), len(distinct), mixed, float64(price)/100, count)
}

// TestWriter_schema reads the types as DuckDB describes them.
func TestWriter_schema(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{
		{Name: "s", Kind: parquet.String},
		{Name: "i", Kind: parquet.Int32, Optional: true},
		{Name: "l", Kind: parquet.Int64},
		{Name: "b", Kind: parquet.Boolean},
		{Name: "f", Kind: parquet.Double},
		{Name: "t", Kind: parquet.Timestamp},
		{Name: "u", Kind: parquet.TimestampMicros},
		{Name: "d", Kind: parquet.Date},
	}
	r := row{"", int32(0), int64(0), false, 0.0, int64(0), int64(0), int32(0)}
	want := []string{
		"the root, below",
		"s BYTE_ARRAY <nil> REQUIRED <nil> UTF8 <nil> <nil> StringType()",
		"i INT32 <nil> OPTIONAL <nil> <nil> <nil> <nil> <nil>",
		"l INT64 <nil> REQUIRED <nil> <nil> <nil> <nil> <nil>",
		"b BOOLEAN <nil> REQUIRED <nil> <nil> <nil> <nil> <nil>",
		"f DOUBLE <nil> REQUIRED <nil> <nil> <nil> <nil> <nil>",
		"t INT96 <nil> REQUIRED <nil> <nil> <nil> <nil> <nil>",
		"u INT64 <nil> REQUIRED <nil> TIMESTAMP_MICROS <nil> <nil> TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))",
		"d INT32 <nil> REQUIRED <nil> DATE <nil> <nil> DateType()",
	}
	// The least number of bytes for each precision, by the specification's formula.
	for p := 1; p <= 38; p++ {
		name := fmt.Sprintf("d%d", p)
		columns = append(columns, parquet.Column{Name: name, Kind: parquet.Decimal, Precision: p, Scale: p / 2})
		r = append(r, big.NewInt(1))
		size := int(math.Ceil((float64(p)*math.Log2(10) + 1) / 8))
		want = append(want, fmt.Sprintf("%s FIXED_LEN_BYTE_ARRAY %d REQUIRED <nil> DECIMAL %d %d DecimalType(scale=%d, precision=%d)", name, size, p/2, p, p/2, p))
	}
	want[0] = fmt.Sprintf("schema <nil> <nil> <nil> %d <nil> <nil> <nil> <nil>", len(columns))
	file := write(t, columns, []row{r}, parquet.Options{})
	got := strings.Split(query(t, file, `select string_agg(concat_ws(' ', name, coalesce(type, '<nil>'), coalesce(type_length, '<nil>'), coalesce(repetition_type, '<nil>'),
		coalesce(num_children::varchar, '<nil>'), coalesce(converted_type, '<nil>'), coalesce(scale::varchar, '<nil>'), coalesce(precision::varchar, '<nil>'), coalesce(logical_type, '<nil>')), chr(10)) from parquet_schema(%s)`), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}
