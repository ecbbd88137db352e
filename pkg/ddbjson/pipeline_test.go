package ddbjson_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"syscall"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// target is one item type of the delivered model: its file, and for each
// column the slot of storePaths that it comes from.
type target struct {
	columns []parquet.Column
	slots   []int
	writer  *parquet.Writer
}

func varchar(name string, length int) parquet.Column {
	return parquet.Column{Name: name, Kind: parquet.String, Optional: true, Length: length}
}

// storeTargets are the files of the delivered model.
func storeTargets() map[string]*target {
	price := parquet.Column{Kind: parquet.Decimal, Precision: 18, Scale: 2, Optional: true}
	amount := price
	price.Name, amount.Name = "price", "amount"
	return map[string]*target{
		"customer": {
			columns: []parquet.Column{
				varchar("username", 128), varchar("email", 320), varchar("fullname", 400), varchar("addressline1", 400),
				varchar("addressline2", 400), varchar("city", 200), varchar("postcode", 40), varchar("country", 100),
			},
			slots: []int{3, 4, 5, 6, 7, 8, 9, 10},
		},
		"order": {
			columns: []parquet.Column{
				varchar("pk", 140), varchar("orderid", 64), {Name: "numberofitems", Kind: parquet.Int32, Optional: true},
				amount, {Name: "orderdate", Kind: parquet.Timestamp, Optional: true},
			},
			slots: []int{1, 11, 12, 13, 14},
		},
		"product": {
			columns: []parquet.Column{
				varchar("orderid", 64), varchar("productid", 64), varchar("productname", 200), varchar("category", 100), varchar("color", 50), price,
			},
			slots: []int{11, 15, 16, 17, 18, 19},
		},
	}
}

// convert appends one value.
func (t *target) convert(i int, v ddbjson.Value, scratch *[]byte) error {
	c := &t.columns[i]
	switch v.Kind() {
	case ddbjson.Missing, ddbjson.Null:
		return t.writer.AppendNull(i)
	case ddbjson.String, ddbjson.Number:
	default:
		return fmt.Errorf("column %q: unexpected %v", c.Name, v.Kind())
	}
	content := v.Text(scratch)
	switch c.Kind {
	case parquet.Int32:
		n, err := scalar.Int32(content)
		return errors.Join(err, t.writer.AppendInt32(i, n))
	case parquet.Decimal:
		n, err := scalar.Decimal(content, c.Precision, c.Scale)
		return errors.Join(err, t.writer.AppendDecimal(i, n.High, n.Low))
	case parquet.Timestamp:
		micros, err := scalar.Timestamp(content)
		return errors.Join(err, t.writer.AppendTimestamp(i, micros))
	default:
		return t.writer.AppendString(i, content)
	}
}

// loop is the hot path of the partition step, up to one of its stages.
type loop struct {
	source  *bytes.Reader
	gzip    *gzip.Reader
	reader  *ddbjson.Reader
	decoder *ddbjson.Decoder
	targets map[string]*target
	scratch []byte
}

func newLoop(tb testing.TB) *loop {
	tb.Helper()
	return &loop{
		source: bytes.NewReader(nil), gzip: new(gzip.Reader), reader: ddbjson.NewReader(nil, 0),
		decoder: newDecoder(tb, storePaths...), targets: storeTargets(),
	}
}

// partition runs the loop over one file and returns how many rows it wrote.
func (l *loop) partition(compressed []byte, out func() io.Writer) (rows int, err error) {
	for _, t := range l.targets {
		if t.writer, err = parquet.NewWriter(out(), t.columns, parquet.Options{}); err != nil {
			return 0, err
		}
	}
	if err := l.decode(compressed, l.write); err != nil {
		return 0, err
	}
	for _, t := range l.targets {
		if err := t.writer.Close(); err != nil {
			return 0, err
		}
		rows += int(t.writer.Rows())
	}
	return rows, nil
}

// write appends the decoded item to the file of its type.
func (l *loop) write() error {
	t := l.targets[string(l.decoder.Value(0).Text(&l.scratch))]
	for i, slot := range t.slots {
		if err := t.convert(i, l.decoder.Value(slot), &l.scratch); err != nil {
			return err
		}
	}
	return t.writer.EndRow()
}

// decode calls each for every item.
func (l *loop) decode(compressed []byte, each func() error) error {
	l.source.Reset(compressed)
	if err := l.gzip.Reset(l.source); err != nil {
		return err
	}
	l.reader.Reset(l.gzip)
	for {
		line, err := l.reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.decoder.Decode(line); err != nil {
			return err
		}
		if err := each(); err != nil {
			return err
		}
	}
}

func compress(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// cpuTime is what the process has used so far, in nanoseconds: on a shared
// machine it says more than the clock.
func cpuTime(tb testing.TB) int64 {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// BenchmarkPipeline measures the stages of the hot path one on top of the
// other. Bytes are those of the JSON lines.
func BenchmarkPipeline(b *testing.B) {
	const items = 200_000
	data := storeLines(items)
	compressed := compress(b, data)
	discard := func() io.Writer { return io.Discard }
	stages := []struct {
		name string
		run  func(l *loop) error
	}{
		{"gunzip", func(l *loop) error {
			l.source.Reset(compressed)
			if err := l.gzip.Reset(l.source); err != nil {
				return err
			}
			_, err := io.Copy(io.Discard, l.gzip)
			return err
		}},
		{"gunzip+decode", func(l *loop) error { return l.decode(compressed, func() error { return nil }) }},
		{"gunzip+decode+encode", func(l *loop) error { _, err := l.partition(compressed, discard); return err }},
	}
	for _, stage := range stages {
		b.Run(stage.name, func(b *testing.B) {
			l := newLoop(b)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			start := cpuTime(b)
			for b.Loop() {
				if err := stage.run(l); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N*items), "cpu-ns/item")
		})
	}
}
