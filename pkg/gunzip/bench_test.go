package gunzip_test

import (
	"bytes"
	standardgzip "compress/gzip"
	"io"
	"testing"

	klauspost "github.com/klauspost/compress/gzip"

	"github.com/nightstar-elt/nightstar/pkg/gunzip"
)

// BenchmarkReader decompresses items like those of an export; bytes are those
// of the items.
func BenchmarkReader(b *testing.B) {
	content := bytes.Repeat(contents()["items"], 10)
	zipped := zip(b, standardgzip.DefaultCompression, content)
	for name, open := range map[string]func(io.Reader) (io.Reader, error){
		"ours":      func(src io.Reader) (io.Reader, error) { return gunzip.NewReader(src) },
		"klauspost": func(src io.Reader) (io.Reader, error) { return klauspost.NewReader(src) },
		"standard":  func(src io.Reader) (io.Reader, error) { return standardgzip.NewReader(src) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			buffer := make([]byte, 128<<10)
			for b.Loop() {
				r, err := open(bytes.NewReader(zipped))
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = r.Read(buffer)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}
