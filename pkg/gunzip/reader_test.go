package gunzip_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/nightstar-elt/nightstar/pkg/gunzip"
)

// zip compresses with the standard library.
func zip(tb testing.TB, level int, content []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func unzip(src io.Reader) ([]byte, error) {
	r, err := gunzip.NewReader(src)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func standard(zipped []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// contents are texts that compress to blocks of every kind.
func contents() map[string][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	var items bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&items, `{"Item":{"PK":{"S":"CUST#%x"},"price":{"N":"%d.%02d"},"type":{"S":"product"}}}`+"\n", rnd.Uint64(), rnd.IntN(500), i%100)
	}
	skewed := make([]byte, 200_000) // frequencies that halve, for the longest codes
	for i := range skewed {
		skewed[i] = byte(rnd.ExpFloat64() * 6)
	}
	return map[string][]byte{
		"nothing": nil, "a byte": {0}, "noise": noise, "items": items.Bytes(), "skewed": skewed,
		"one byte repeated": bytes.Repeat([]byte{7}, 500_000), "three bytes repeated": bytes.Repeat([]byte("abc"), 100_000),
		"nine bytes repeated": bytes.Repeat([]byte("abcdefghi"), 50_000), "noise repeated": bytes.Repeat(noise[:30_000], 10),
		"noise repeated beyond the window": bytes.Repeat(noise[:40_000], 5), "noise between items": slices.Concat(items.Bytes(), noise, items.Bytes()),
	}
}

func TestReader(t *testing.T) {
	t.Parallel()
	for name, content := range contents() {
		for level := gzip.HuffmanOnly; level <= gzip.BestCompression; level++ {
			t.Run(fmt.Sprintf("%s at level %d", name, level), func(t *testing.T) {
				t.Parallel()
				zipped := zip(t, level, content)
				for how, src := range map[string]io.Reader{
					"at once": bytes.NewReader(zipped), "half reads": iotest.HalfReader(bytes.NewReader(zipped)),
					"bytes": iotest.OneByteReader(bytes.NewReader(zipped)), "EOF with data": iotest.DataErrReader(bytes.NewReader(zipped)),
				} {
					if got, err := unzip(src); err != nil || !bytes.Equal(got, content) {
						t.Errorf("%s: %d bytes, %v; want %d bytes that are equal", how, len(got), err, len(content))
					}
				}
			})
		}
	}
}

func TestReader_members(t *testing.T) {
	t.Parallel()
	var zipped, want []byte
	for _, content := range contents() {
		zipped = append(zipped, zip(t, 6, content)...)
		want = append(want, content...)
	}
	if got, err := unzip(bytes.NewReader(zipped)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("members one after another: %d bytes, %v; want %d bytes", len(got), err, len(want))
	}
	if _, err := unzip(bytes.NewReader(append(zipped, 0))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a byte after the last member: %v", err)
	}
	if _, err := unzip(bytes.NewReader(append(zipped, "more than ten bytes"...))); !errors.Is(err, gunzip.ErrHeader) {
		t.Errorf("text after the last member: %v", err)
	}
}

func TestReader_header(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Comment, w.Extra = "a name", "a comment", bytes.Repeat([]byte{1}, 1000)
	if err := errors.Join(w.Flush(), w.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := unzip(&b); err != nil || len(got) != 0 {
		t.Errorf("a header with all fields: %d bytes, %v", len(got), err)
	}
}

func TestReader_refuses(t *testing.T) {
	t.Parallel()
	good := zip(t, 6, []byte(strings.Repeat("what is cut or altered ", 50)))
	alter := func(i int) []byte {
		altered := slices.Clone(good)
		altered[(i+len(altered))%len(altered)] ^= 1
		return altered
	}
	tests := map[string]struct {
		zipped []byte
		want   error
	}{
		"nothing":               {nil, io.EOF},
		"half a header":         {good[:5], io.ErrUnexpectedEOF},
		"another format":        {[]byte("PK\x03\x04 and so on"), gunzip.ErrHeader},
		"half the content":      {good[:len(good)/2], io.ErrUnexpectedEOF},
		"no checksum":           {good[:len(good)-8], io.ErrUnexpectedEOF},
		"half a checksum":       {good[:len(good)-3], io.ErrUnexpectedEOF},
		"another checksum":      {alter(-8), gunzip.ErrChecksum},
		"another length":        {alter(-4), gunzip.ErrChecksum},
		"a block of no type":    {[]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0}, gunzip.ErrCorrupt},
		"a match before it all": {[]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0}, gunzip.ErrCorrupt},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := unzip(bytes.NewReader(tt.zipped)); !errors.Is(err, tt.want) {
				t.Errorf("%q, %v; want %v", got, err, tt.want)
			}
			if tt.want == io.EOF {
				return
			}
			if _, err := standard(tt.zipped); err == nil {
				t.Error("the standard library accepts it")
			}
		})
	}
}

func TestReader_passesOnErrorsOfTheSource(t *testing.T) {
	t.Parallel()
	broken := errors.New("the connection broke")
	zipped := zip(t, 6, contents()["noise"])
	src := io.MultiReader(bytes.NewReader(zipped[:len(zipped)/2]), iotest.ErrReader(broken))
	got, err := unzip(src)
	if !errors.Is(err, broken) || !bytes.HasPrefix(contents()["noise"], got) {
		t.Errorf("%d bytes, %v; want the beginning and the error", len(got), err)
	}
}

func TestReader_Reset(t *testing.T) {
	t.Parallel()
	all := contents()
	r, err := gunzip.NewReader(bytes.NewReader(zip(t, 6, all["noise"])))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"items", "skewed", "nothing"} {
		if _, err := io.CopyN(io.Discard, r, 10); err != nil {
			t.Fatal(err)
		}
		if name == "nothing" {
			break
		}
		if err := r.Reset(bytes.NewReader(zip(t, 6, all[name]))); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, all[name]) {
			t.Errorf("%s after Reset: %d bytes, %v", name, len(got), err)
		}
		if err := r.Reset(bytes.NewReader(zip(t, 6, all["noise"]))); err != nil {
			t.Fatal(err)
		}
	}
}

// agree compares with the standard library: both accept a stream, and read the
// same from it, or both refuse it. What was read before the error is the same as
// far as both got.
func agree(tb testing.TB, zipped []byte) (accepted bool) {
	tb.Helper()
	want, wantErr := standard(zipped)
	got, err := unzip(bytes.NewReader(zipped))
	if (err == nil) != (wantErr == nil) {
		tb.Fatalf("%d bytes, %v; the standard library says %d bytes, %v", len(got), err, len(want), wantErr)
	}
	if err == nil && !bytes.Equal(got, want) {
		tb.Fatalf("%d bytes that differ from the standard library's %d", len(got), len(want))
	}
	if err != nil && !bytes.HasPrefix(got, want) && !bytes.HasPrefix(want, got) {
		tb.Fatalf("before the error %v: %d bytes that differ from the standard library's %d, %v", err, len(got), len(want), wantErr)
	}
	return err == nil
}

// TestReader_agreesOnAlteredStreams alters bits, cuts and doubles parts of
// streams of every kind.
func TestReader_agreesOnAlteredStreams(t *testing.T) {
	t.Parallel()
	rounds := 30
	if testing.Short() {
		rounds = 3
	}
	for name, content := range contents() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(3, uint64(len(content))))
			content = content[:min(len(content), 60_000)]
			for level := gzip.HuffmanOnly; level <= gzip.BestCompression; level++ {
				good := zip(t, level, content)
				for range rounds {
					altered := slices.Clone(good)
					at := rnd.IntN(len(altered))
					switch rnd.IntN(4) {
					case 0:
						altered[at] ^= 1 << rnd.IntN(8)
					case 1:
						altered = altered[:at]
					case 2:
						altered[min(at, 10+rnd.IntN(80))%len(altered)] = byte(rnd.Uint32()) // where codes are
					default:
						altered = slices.Insert(altered, at, altered[at/2:at]...)
					}
					agree(t, altered)
				}
			}
		})
	}
}

// FuzzReader holds any bytes against the standard library: both accept them and
// read the same, or both refuse them.
func FuzzReader(f *testing.F) {
	for _, content := range contents() {
		f.Add(zip(f, 6, content[:min(len(content), 500)]))
		f.Add(zip(f, 0, content[:min(len(content), 500)]))
	}
	f.Fuzz(func(t *testing.T, zipped []byte) { agree(t, zipped) })
}

// FuzzReader_content compresses the bytes, and expects them back.
func FuzzReader_content(f *testing.F) {
	f.Add([]byte("some text, some text"), 6)
	f.Fuzz(func(t *testing.T, content []byte, level int) {
		got, err := unzip(bytes.NewReader(zip(t, (level%12+12)%12-2, content)))
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes, %v; want %d bytes that are equal", len(got), err, len(content))
		}
	})
}
