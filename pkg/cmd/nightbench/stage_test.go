package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/gunzip"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

// BenchmarkStages runs the hot path over one data file, each time one stage
// further; bytes are those of the JSON.
func BenchmarkStages(b *testing.B) {
	data := b.TempDir()
	if err := generate(data, 100_000, 1); err != nil {
		b.Fatal(err)
	}
	t, err := readTruth(data)
	if err != nil {
		b.Fatal(err)
	}
	zipped, err := os.ReadFile(filepath.Join(data, t.Files[0].Key))
	if err != nil {
		b.Fatal(err)
	}
	store, err := models.Read(models.Default)
	if err != nil {
		b.Fatal(err)
	}
	splitter, err := lake.NewSplitter(store)
	if err != nil {
		b.Fatal(err)
	}
	decoder, err := newDecoder()
	if err != nil {
		b.Fatal(err)
	}
	stages := []struct {
		name string
		run  func(ctx context.Context) error
	}{
		{"gunzip", func(context.Context) error {
			zip, err := gunzip.NewReader(bytes.NewReader(zipped))
			if err != nil {
				return err
			}
			_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{zip}, make([]byte, 128<<10))
			return err
		}},
		{"lines", func(context.Context) error {
			return decodeLines(bytes.NewReader(zipped), func([]byte) error { return nil })
		}},
		{"tokenise", func(context.Context) error { return decodeLines(bytes.NewReader(zipped), decoder.Decode) }},
		{"partition", func(ctx context.Context) error {
			in := lake.PartitionInput{RunID: "bench", File: t.Files[0]}
			result, err := splitter.Split(ctx, in, "bench", bytes.NewReader(zipped), func(string) lake.Output { return nowhere{} })
			if err == nil && len(result.SetAside) > 0 {
				err = fmt.Errorf("set aside %v", result.SetAside)
			}
			return err
		}},
	}
	for _, stage := range stages {
		b.Run(stage.name, func(b *testing.B) {
			b.SetBytes(t.Bytes)
			b.ReportAllocs()
			for b.Loop() {
				if err := stage.run(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*100_000), "ns/item")
		})
	}
}

// nowhere is an output that keeps nothing.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Commit() (string, error)     { return "", nil }
func (nowhere) Abandon()                    {}
