package parquet_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

func TestNewWriter_refuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		columns []parquet.Column
		want    string
	}{
		"no columns":           {nil, "declare at least one column"},
		"no name":              {[]parquet.Column{{Kind: parquet.String}}, `column "": give it a name`},
		"no kind":              {[]parquet.Column{{Name: "a"}}, `column "a": kind 0 is none of the declared kinds`},
		"an unknown kind":      {[]parquet.Column{{Name: "a", Kind: 99}}, `column "a": kind 99 is none of the declared kinds`},
		"a name twice":         {[]parquet.Column{{Name: "a", Kind: parquet.Date}, {Name: "a", Kind: parquet.Date}}, `column "a" is declared twice`},
		"no precision":         {[]parquet.Column{{Name: "a", Kind: parquet.Decimal}}, `decimal(0,0) is not within`},
		"39 digits":            {[]parquet.Column{{Name: "a", Kind: parquet.Decimal, Precision: 39}}, `decimal(39,0) is not within`},
		"scale over precision": {[]parquet.Column{{Name: "a", Kind: parquet.Decimal, Precision: 3, Scale: 4}}, `decimal(3,4) is not within`},
		"a negative scale":     {[]parquet.Column{{Name: "a", Kind: parquet.Decimal, Precision: 3, Scale: -1}}, `decimal(3,-1) is not within`},
		"precision of a date":  {[]parquet.Column{{Name: "a", Kind: parquet.Date, Precision: 3}}, `a date has neither precision nor scale`},
		"length of a boolean":  {[]parquet.Column{{Name: "a", Kind: parquet.Boolean, Length: 3}}, `a boolean of length 3 does not exist`},
		"a negative length":    {[]parquet.Column{{Name: "a", Kind: parquet.String, Length: -1}}, `a string of length -1 does not exist`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := parquet.NewWriter(&bytes.Buffer{}, test.columns, parquet.Options{})
			if err == nil || !strings.Contains(err.Error(), test.want) || w != nil {
				t.Errorf("NewWriter(%v) = %v, want %s", test.columns, err, test.want)
			}
		})
	}
}

func TestWriter_Append_refuses(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{
		{Name: "s", Kind: parquet.String, Length: 3},
		{Name: "d", Kind: parquet.Decimal, Precision: 3, Scale: 1},
		{Name: "t", Kind: parquet.Timestamp, Optional: true},
		{Name: "b", Kind: parquet.Boolean},
		{Name: "big", Kind: parquet.Decimal, Precision: 38},
	}
	tests := map[string]struct {
		act  func(w *parquet.Writer) error
		want string
	}{
		"a column that is not there":        {func(w *parquet.Writer) error { return w.AppendInt32(5, 1) }, `append to column 5: there are 5 columns`},
		"a negative column":                 {func(w *parquet.Writer) error { return w.AppendBool(-1, true) }, `append to column -1: there are 5 columns`},
		"a null in a column not there":      {func(w *parquet.Writer) error { return w.AppendNull(7) }, `append to column 7: there are 5 columns`},
		"a timestamp in a column not there": {func(w *parquet.Writer) error { return w.AppendTimestamp(5, 0) }, `append to column 5: there are 5 columns`},
		"a null in a required column":       {func(w *parquet.Writer) error { return w.AppendNull(0) }, `append to column "s": a required column does not take a null`},
		"a string for a decimal":            {func(w *parquet.Writer) error { return w.AppendString(1, []byte("1")) }, `append to column "d": a decimal does not take a string`},
		"an int32 for a string":             {func(w *parquet.Writer) error { return w.AppendInt32(0, 1) }, `append to column "s": a string does not take a int32`},
		"an int64 for a timestamp":          {func(w *parquet.Writer) error { return w.AppendInt64(2, 1) }, `append to column "t": a timestamp does not take a int64`},
		"a timestamp for a string":          {func(w *parquet.Writer) error { return w.AppendTimestamp(0, 1) }, `append to column "s": a string does not take a timestamp`},
		"a date for a boolean":              {func(w *parquet.Writer) error { return w.AppendDate(3, 1) }, `append to column "b": a boolean does not take a date`},
		"a double for a decimal":            {func(w *parquet.Writer) error { return w.AppendDouble(1, 1) }, `append to column "d": a decimal does not take a double`},
		"a boolean for a timestamp":         {func(w *parquet.Writer) error { return w.AppendBool(2, true) }, `append to column "t": a timestamp does not take a boolean`},
		"a decimal for a string":            {func(w *parquet.Writer) error { return w.AppendDecimal(0, 0, 1) }, `append to column "s": a string does not take a decimal`},
		"a long string":                     {func(w *parquet.Writer) error { return w.AppendString(0, []byte("aé€")) }, `append to column "s": a string of 6 bytes is longer than 3`},
		"invalid UTF-8":                     {func(w *parquet.Writer) error { return w.AppendString(0, []byte("a\xff")) }, `append to column "s": the string is not valid UTF-8`},
		"a digit too many":                  {func(w *parquet.Writer) error { return w.AppendDecimal(1, 0, 1000) }, `append to column "d": the value has more than 3 digits`},
		"a negative digit too many":         {func(w *parquet.Writer) error { return w.AppendDecimal(1, -1, math.MaxUint64-999) }, `append to column "d": the value has more than 3 digits`},
		"a value of more than 64 bits":      {func(w *parquet.Writer) error { return w.AppendDecimal(1, 1, 1) }, `append to column "d": the value has more than 3 digits`},
		"39 digits":                         {func(w *parquet.Writer) error { return w.AppendDecimal(4, 0x4b3b4ca85a86c47a, 0x098a224000000000) }, `append to column "big": the value has more than 38 digits`},
		"the least of 128 bits":             {func(w *parquet.Writer) error { return w.AppendDecimal(4, math.MinInt64, 0) }, `append to column "big": the value has more than 38 digits`},
		"a second value": {func(w *parquet.Writer) error {
			return errors.Join(w.AppendBool(3, true), w.AppendBool(3, true))
		}, `append to column "b": the row has a value for it already`},
		"a null after a value": {func(w *parquet.Writer) error {
			return errors.Join(w.AppendTimestamp(2, 1), w.AppendNull(2))
		}, `append to column "t": the row has a value for it already`},
		"a row that is not complete": {func(w *parquet.Writer) error {
			return errors.Join(w.AppendString(0, nil), w.EndRow())
		}, `end row 1: column "d" has no value`},
		"an empty row": {func(w *parquet.Writer) error { return w.EndRow() }, `end row 1: column "s" has no value`},
		"a flush within a row": {func(w *parquet.Writer) error {
			return errors.Join(w.AppendString(0, nil), w.Flush())
		}, `flush row 1: the row is not finished`},
		"a close within a row": {func(w *parquet.Writer) error {
			return errors.Join(w.AppendString(0, nil), w.Close())
		}, `flush row 1: the row is not finished`},
	}
	good := row{"abc", decimal("-999"), nil, true, decimal("-99999999999999999999999999999999999999")}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			w, err := parquet.NewWriter(&b, columns, parquet.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := appendRow(w, columns, good); err != nil {
				t.Fatal(err)
			}
			if err := test.act(w); err == nil || err.Error() != test.want {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
			// The mistake leaves no trace once the row is discarded.
			w.DiscardRow()
			if err := errors.Join(appendRow(w, columns, good), w.Close()); err != nil {
				t.Fatal(err)
			}
			readBack(t, columns, []row{good, good}, b.Bytes())
		})
	}
}

func TestWriter_Close(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{{Name: "a", Kind: parquet.Int32}}
	t.Run("has nothing to publish without rows", func(t *testing.T) {
		t.Parallel()
		var b bytes.Buffer
		w, err := parquet.NewWriter(&b, columns, parquet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Errorf("Flush() = %v", err)
		}
		if err := w.AppendInt32(0, 1); err != nil {
			t.Fatal(err)
		}
		w.DiscardRow()
		if err := w.Close(); !errors.Is(err, parquet.ErrNoRows) || b.Len() > 0 {
			t.Errorf("Close() = %v with %d bytes written, want ErrNoRows and none", err, b.Len())
		}
	})
	t.Run("ends the writer", func(t *testing.T) {
		t.Parallel()
		var b bytes.Buffer
		w, err := parquet.NewWriter(&b, columns, parquet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(appendRow(w, columns, row{int32(1)}), w.Close()); err != nil {
			t.Fatal(err)
		}
		size := b.Len()
		for _, err := range []error{w.AppendInt32(0, 1), w.AppendNull(0), w.EndRow(), w.Flush(), w.Close()} {
			if err == nil || err.Error() != "the parquet file is closed" {
				t.Errorf("after Close: %v", err)
			}
		}
		if b.Len() != size {
			t.Errorf("%d bytes were written after Close", b.Len()-size)
		}
	})
}

// TestWriter_AppendString_plain refuses strings in a column that has given up
// its dictionary.
func TestWriter_AppendString_plain(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{{Name: "s", Kind: parquet.String, Optional: true}}
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, columns, parquet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for i := range 3000 {
		rows = append(rows, row{distinct(columns[0], nil, i)})
		if err := w.AppendString(0, []byte("bad\xff")); err == nil {
			t.Fatalf("row %d takes invalid UTF-8", i)
		}
		if err := appendRow(w, columns, rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	readBack(t, columns, rows, b.Bytes())
}

// full is a destination with room for so many bytes.
type full struct{ room int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.room {
		n := f.room
		f.room = 0
		return n, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

// short takes less than it is given and says nothing.
type short struct{}

func (short) Write(p []byte) (int, error) { return len(p) - 1, nil }

// TestWriter_destination fails the destination at every byte of a file.
func TestWriter_destination(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{{Name: "a", Kind: parquet.Int32}, {Name: "b", Kind: parquet.String}}
	rows := []row{{int32(1), "x"}, {int32(1), "x"}, {int32(2), "y"}}
	opts := parquet.Options{PageBytes: 1, RowGroupBytes: 1}
	size := len(write(t, columns, rows, opts))
	for room := range size {
		w, err := parquet.NewWriter(&full{room}, columns, opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if err = appendRow(w, columns, r); err != nil {
				break
			}
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Fatalf("with room for %d of %d bytes: %v", room, size, err)
		}
		if again := w.Close(); !errors.Is(again, errFull) {
			t.Fatalf("with room for %d of %d bytes, closed again: %v", room, size, again)
		}
	}
	w, err := parquet.NewWriter(short{}, columns, opts)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(appendRow(w, columns, rows[0]), w.Close())
	if err == nil || !strings.HasPrefix(err.Error(), `write row group 0: short write`) {
		t.Errorf("a short write is %v", err)
	}
}

// TestWriter_DiscardRow discards every row once before it is written, with
// another value each time, at every stage that a column can be in.
func TestWriter_DiscardRow(t *testing.T) {
	t.Parallel()
	const n = 5000
	for name, test := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			column := test.column
			column.Name, column.Optional = "v", true
			columns := []parquet.Column{column, {Name: "last", Kind: parquet.Boolean}}
			for pattern, value := range map[string]func(i int) any{
				"repeated": func(i int) any { return orNull(i%3 > 0, test.values[i%len(test.values)]) },
				"distinct": func(i int) any { return orNull(i%30 > 0, distinct(column, test.values, i)) },
			} {
				var b bytes.Buffer
				w, err := parquet.NewWriter(&b, columns, parquet.Options{PageBytes: 3000})
				if err != nil {
					t.Fatal(err)
				}
				var want []row
				for i := range n {
					for _, discarded := range []any{distinct(column, test.values, n+i), nil} {
						if err := appendValue(w, 0, column, discarded); err != nil {
							t.Fatal(err)
						}
						w.DiscardRow()
					}
					want = append(want, row{value(i), i%2 == 0})
					if err := appendRow(w, columns, want[i]); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.AppendBool(1, true); err != nil {
					t.Fatal(err)
				}
				w.DiscardRow()
				if err := w.Close(); err != nil || w.Rows() != n {
					t.Fatalf("%s: Close() = %v after %d rows", pattern, err, w.Rows())
				}
				if diff := cmp.Diff(write(t, columns, want, parquet.Options{PageBytes: 3000}), b.Bytes()); diff != "" {
					t.Errorf("%s: the file differs from one without discarded rows", pattern)
				}
			}
		})
	}
}

// distinct returns a value that is different for each i, as far as the kind allows.
func distinct(c parquet.Column, values []any, i int) any {
	switch c.Kind {
	case parquet.String:
		return strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26%50) + string(rune(0x4e00+i))
	case parquet.Int32, parquet.Date:
		return int32(i * 31)
	case parquet.Int64, parquet.Timestamp, parquet.TimestampMicros:
		return int64(i) * 1_000_003
	case parquet.Double:
		return float64(i) / 3
	case parquet.Boolean, parquet.Decimal:
	}
	return values[i%len(values)]
}

// TestWriter_BufferedBytes checks that memory is bounded by row groups, and that
// flushing frees it.
func TestWriter_BufferedBytes(t *testing.T) {
	t.Parallel()
	columns := []parquet.Column{{Name: "a", Kind: parquet.String}, {Name: "b", Kind: parquet.Int64, Optional: true}}
	const limit, page = 100_000, 10_000
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, columns, parquet.Options{RowGroupBytes: limit, PageBytes: page})
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	for i := range 200_000 {
		if err := appendRow(w, columns, row{distinct(columns[0], nil, i), orNull(i%2 == 0, int64(i)*7919)}); err != nil {
			t.Fatal(err)
		}
		most = max(most, w.BufferedBytes())
	}
	if most < limit || most > limit+2*page {
		t.Errorf("at most %d bytes were held, want about %d", most, limit)
	}
	if err := w.Flush(); err != nil || w.BufferedBytes() != 0 {
		t.Errorf("Flush() = %v, and %d bytes are held", err, w.BufferedBytes())
	}
	size := b.Len()
	if err := w.Flush(); err != nil || b.Len() != size {
		t.Errorf("a second Flush() = %v, and %d bytes written", err, b.Len()-size)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if groups := len(open(t, b.Bytes()).Metadata().RowGroups); groups < 10 {
		t.Errorf("%d row groups, want many", groups)
	}
}
