package parquet_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// BenchmarkWriter appends and encodes columns of one shape; bytes are those of
// the values in plain encoding.
func BenchmarkWriter(b *testing.B) {
	const n = 100_000
	rnd := rand.New(rand.NewPCG(13, 14))
	words := func(distinct int, format string) [][]byte {
		all := make([][]byte, n)
		for i := range all {
			all[i] = fmt.Appendf(nil, format, rnd.IntN(distinct))
		}
		return all
	}
	texts := map[string][][]byte{
		"string few":    words(10, "category %d"),
		"string some":   words(1000, "product name %d"),
		"string unique": words(1<<40, "ORD#%016x"),
	}
	for name, values := range texts {
		b.Run(name, func(b *testing.B) {
			size := 0
			for _, v := range values {
				size += len(v) + 4
			}
			benchmark(b, parquet.Column{Name: "v", Kind: parquet.String, Optional: true}, n, size, func(w *parquet.Writer, i int) error {
				return w.AppendString(0, values[i])
			})
		})
	}
	numbers := make([]int64, n)
	for i := range numbers {
		numbers[i] = rnd.Int64N(1 << 40)
	}
	b.Run("decimal few", func(b *testing.B) {
		benchmark(b, parquet.Column{Name: "v", Kind: parquet.Decimal, Precision: 18, Scale: 2}, n, 8*n, func(w *parquet.Writer, i int) error {
			return w.AppendDecimal(0, 0, uint64(numbers[i]%500))
		})
	})
	b.Run("decimal many", func(b *testing.B) {
		benchmark(b, parquet.Column{Name: "v", Kind: parquet.Decimal, Precision: 18, Scale: 2}, n, 8*n, func(w *parquet.Writer, i int) error {
			return w.AppendDecimal(0, 0, uint64(numbers[i]))
		})
	})
	b.Run("timestamp many", func(b *testing.B) {
		benchmark(b, parquet.Column{Name: "v", Kind: parquet.Timestamp}, n, 12*n, func(w *parquet.Writer, i int) error {
			return w.AppendTimestamp(0, numbers[i]*1000)
		})
	})
	b.Run("int32 some", func(b *testing.B) {
		benchmark(b, parquet.Column{Name: "v", Kind: parquet.Int32}, n, 4*n, func(w *parquet.Writer, i int) error {
			return w.AppendInt32(0, int32(numbers[i]%1000))
		})
	})
	b.Run("null", func(b *testing.B) {
		benchmark(b, parquet.Column{Name: "v", Kind: parquet.Int32, Optional: true}, n, n, func(w *parquet.Writer, i int) error {
			return w.AppendNull(0)
		})
	})
}

// benchmark writes files of n rows of one column.
func benchmark(b *testing.B, column parquet.Column, n, size int, appendValue func(w *parquet.Writer, i int) error) {
	b.Helper()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		w, err := parquet.NewWriter(io.Discard, []parquet.Column{column}, parquet.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for i := range n {
			if err := appendValue(w, i); err != nil {
				b.Fatal(err)
			}
			if err := w.EndRow(); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
}
