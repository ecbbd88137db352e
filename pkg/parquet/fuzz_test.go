package parquet_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// source turns bytes into choices; when they are used up, it repeats zeros.
type source struct{ rest []byte }

func (s *source) byte() byte {
	if len(s.rest) == 0 {
		return 0
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b
}

func (s *source) uint64() uint64 {
	var b [8]byte
	s.rest = s.rest[copy(b[:], s.rest):]
	return binary.LittleEndian.Uint64(b[:])
}

// columns declares up to four columns of any kind.
func (s *source) columns() []parquet.Column {
	var columns []parquet.Column
	for i := range 1 + int(s.byte())%4 {
		c := parquet.Column{
			Name:     string(rune('a' + i)),
			Kind:     parquet.String + parquet.Kind(s.byte())%(parquet.Date-parquet.String+1),
			Optional: s.byte()%2 == 0,
		}
		if c.Kind == parquet.Decimal {
			c.Precision = 1 + int(s.byte())%38
			c.Scale = int(s.byte()) % (c.Precision + 1)
		}
		columns = append(columns, c)
	}
	return columns
}

// value is a value of the column. Small choices make values that repeat.
func (s *source) value(c parquet.Column) any {
	choice := s.byte()
	if c.Optional && choice%5 == 0 {
		return nil
	}
	bits := uint64(int8(choice))
	if choice > 200 {
		bits = s.uint64()
	}
	switch c.Kind {
	case parquet.String:
		text := s.rest[:min(len(s.rest), int(choice)%20)]
		s.rest = s.rest[len(text):]
		return string(bytes.ToValidUTF8(text, []byte("?")))
	case parquet.Int32:
		return int32(bits)
	case parquet.Date:
		return int32(bits) % 3_000_000
	case parquet.Int64:
		return int64(bits)
	case parquet.Boolean:
		return choice%2 == 0
	case parquet.Double:
		if f := math.Float64frombits(bits); !math.IsNaN(f) {
			return f
		}
		return math.NaN() // one of many that no reader has to tell apart
	case parquet.Timestamp, parquet.TimestampMicros:
		return int64(bits) % (1 << 57)
	case parquet.Decimal:
		n := new(big.Int).Mul(big.NewInt(int64(bits)), new(big.Int).SetUint64(s.uint64()|1))
		return n.Rem(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.Precision)), nil))
	}
	return nil
}

// file writes rows as the source says, discards some, and flushes at times.
func (s *source) file(t *testing.T) (columns []parquet.Column, rows []row, file []byte) {
	t.Helper()
	columns = s.columns()
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, columns, parquet.Options{PageBytes: 1 + int(s.byte()), RowGroupBytes: 1 + 16*int(s.byte())})
	if err != nil {
		t.Fatal(err)
	}
	for len(s.rest) > 0 || len(rows) == 0 {
		r := make(row, len(columns))
		for i, c := range columns {
			r[i] = s.value(c)
		}
		if s.byte()%8 == 7 {
			for i, c := range columns[:int(s.byte())%len(columns)] {
				if err := appendValue(w, i, c, r[i]); err != nil {
					t.Fatal(err)
				}
			}
			w.DiscardRow()
			continue
		}
		for range 1 + int(s.byte())%3*4 { // runs
			if err := appendRow(w, columns, r); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, r)
		}
		if s.byte() == 255 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return columns, rows, b.Bytes()
}

// FuzzWriter checks that whatever rows are written, with whatever sizes of
// pages and row groups, another reader finds the same rows.
func FuzzWriter(f *testing.F) {
	rnd := rand.New(rand.NewPCG(9, 10))
	for size := range 20 {
		seed := make([]byte, 1+size*size)
		for i := range seed {
			seed[i] = byte(rnd.Uint32())
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		columns, rows, file := (&source{choices}).file(t)
		compareRows(t, "parquet-go", rows, readParquetGo(t, file, columns))
	})
}

// TestWriter_random is the fuzz test with long files, read by DuckDB too.
func TestWriter_random(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(11, 12))
	for range 20 {
		choices := make([]byte, 1000+rnd.IntN(10_000))
		for i := range choices {
			choices[i] = byte(rnd.Uint32())
		}
		columns, rows, file := (&source{choices}).file(t)
		readBack(t, columns, rows, file)
	}
}

// FuzzWriter_AppendString checks that strings are refused exactly if they are not UTF-8.
func FuzzWriter_AppendString(f *testing.F) {
	f.Add([]byte("é"), []byte("\xc3"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		w, err := parquet.NewWriter(&bytes.Buffer{}, []parquet.Column{{Name: "a", Kind: parquet.String}}, parquet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range [][]byte{first, second, first} {
			if err := w.AppendString(0, value); (err == nil) != utf8.Valid(value) {
				t.Errorf("AppendString(%q) = %v", value, err)
			}
			w.DiscardRow()
		}
	})
}
