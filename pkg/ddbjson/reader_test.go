package ddbjson_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

type line struct {
	Text   string
	Number int64
	Offset int64
}

// readAll returns all lines and the error that ended them.
func readAll(r *ddbjson.Reader) ([]line, error) {
	var lines []line
	for {
		text, err := r.Next()
		if err != nil {
			return lines, err
		}
		lines = append(lines, line{string(text), r.Line(), r.Offset()})
	}
}

func TestReader_Next(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 50_000) // beyond several doublings of the buffer
	tests := map[string]struct {
		in   string
		want []line
	}{
		"has no lines in an empty stream":       {"", nil},
		"cuts lines":                            {"a\nbc\n", []line{{"a", 1, 0}, {"bc", 2, 2}}},
		"takes a last line without a newline":   {"a\nbc", []line{{"a", 1, 0}, {"bc", 2, 2}}},
		"returns empty lines":                   {"\n\na\n", []line{{"", 1, 0}, {"", 2, 1}, {"a", 3, 2}}},
		"tolerates CR LF":                       {"a\r\n\r\nb\r\n", []line{{"a", 1, 0}, {"", 2, 3}, {"b", 3, 5}}},
		"keeps other carriage returns":          {"a\rb\r\r\nc\r", []line{{"a\rb\r", 1, 0}, {"c\r", 2, 6}}},
		"grows to long lines and goes on after": {"x\n" + long + "\ny\n" + long, []line{{"x", 1, 0}, {long, 2, 2}, {"y", 3, 500_003}, {long, 4, 500_005}}},
	}
	sources := map[string]func(io.Reader) io.Reader{
		"whole":          func(r io.Reader) io.Reader { return r },
		"byte by byte":   iotest.OneByteReader,
		"halves":         iotest.HalfReader,
		"error with EOF": iotest.DataErrReader,
	}
	for name, test := range tests {
		for source, wrap := range sources {
			t.Run(name+", "+source, func(t *testing.T) {
				t.Parallel()
				got, err := readAll(ddbjson.NewReader(wrap(strings.NewReader(test.in)), 0))
				if err != io.EOF { //nolint:errorlint // EOF itself is promised
					t.Errorf("the last error is %v, want EOF itself", err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestReader_Next_errors(t *testing.T) {
	t.Parallel()
	t.Run("returns whole lines before an error, and not the cut one", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("broken")
		r := ddbjson.NewReader(io.MultiReader(strings.NewReader("a\nb\nhalf"), iotest.ErrReader(broken)), 0)
		got, err := readAll(r)
		if diff := cmp.Diff([]line{{"a", 1, 0}, {"b", 2, 2}}, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		if !errors.Is(err, broken) || err.Error() != "read line 3 at byte 4: broken" {
			t.Errorf("the error is %v", err)
		}
		if _, again := r.Next(); !errors.Is(again, broken) {
			t.Errorf("the error after the error is %v", again)
		}
	})
	t.Run("says that a stream was cut", func(t *testing.T) {
		t.Parallel()
		_, err := readAll(ddbjson.NewReader(io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(io.ErrUnexpectedEOF)), 0))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("gives up on a source that returns nothing", func(t *testing.T) {
		t.Parallel()
		_, err := readAll(ddbjson.NewReader(silent{}, 0))
		if !errors.Is(err, io.ErrNoProgress) {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("distrusts a source that counts wrongly", func(t *testing.T) {
		t.Parallel()
		if _, err := readAll(ddbjson.NewReader(boastful{}, 0)); err == nil || !strings.Contains(err.Error(), "more bytes") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("gives up on a line without an end", func(t *testing.T) {
		t.Parallel()
		const bound = 1 << 20
		source := &endless{}
		_, err := readAll(ddbjson.NewReader(source, bound))
		if !errors.Is(err, ddbjson.ErrLineTooLong) || source.given > 4*bound {
			t.Errorf("the error is %v after %d bytes", err, source.given)
		}
	})
	for _, size := range []int{10, 200_000} {
		t.Run(fmt.Sprintf("bounds lines to %d bytes", size), func(t *testing.T) {
			t.Parallel()
			fits := strings.Repeat("x", size)
			for _, end := range []string{"\n", "\r\n"} {
				in := fits + end + fits + "y" + end + "z" + end
				r := ddbjson.NewReader(strings.NewReader(in), size)
				got, err := readAll(r)
				if diff := cmp.Diff([]line{{fits, 1, 0}}, got); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
				want := fmt.Sprintf("read line 2 at byte %d: line is too long: more than %d bytes", size+len(end), size)
				if !errors.Is(err, ddbjson.ErrLineTooLong) || err.Error() != want {
					t.Errorf("the error is %v, want %s", err, want)
				}
				if _, again := r.Next(); !errors.Is(again, ddbjson.ErrLineTooLong) {
					t.Errorf("the error after the error is %v", again)
				}
			}
		})
	}
}

type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

// endless is one line that never ends.
type endless struct{ given int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.given += len(p)
	return len(p), nil
}

type boastful struct{}

func (boastful) Read(p []byte) (int, error) { return len(p) + 1, nil }

func TestReader_Reset(t *testing.T) {
	t.Parallel()
	r := ddbjson.NewReader(strings.NewReader("a\nb"), 3)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	r.Reset(strings.NewReader("c\ndddd\n"))
	got, err := readAll(r)
	if diff := cmp.Diff([]line{{"c", 1, 0}}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if !errors.Is(err, ddbjson.ErrLineTooLong) {
		t.Errorf("the bound is not kept: %v", err)
	}
}

// FuzzReader checks that lines are those of bytes.Split, whatever the sizes of
// the reads, and that offsets point at them.
func FuzzReader(f *testing.F) {
	f.Add([]byte("a\r\n\nbc"), uint8(1))
	f.Add([]byte("\r\n\r"), uint8(3))
	f.Fuzz(func(t *testing.T, in []byte, step uint8) {
		r := ddbjson.NewReader(&stepReader{in, int(step)%7 + 1}, 0)
		want := bytes.Split(in, []byte("\n"))
		for i, text := range want {
			if i == len(want)-1 && len(text) == 0 {
				break // a newline at the end starts no line
			}
			if i < len(want)-1 {
				text = bytes.TrimSuffix(text, []byte("\r"))
			}
			got, err := r.Next()
			if err != nil || !bytes.Equal(got, text) {
				t.Fatalf("line %d is %q, %v, want %q", i+1, got, err, text)
			}
			if !bytes.HasPrefix(in[r.Offset():], text) || r.Line() != int64(i+1) {
				t.Fatalf("line %d is said to be line %d at %d", i+1, r.Line(), r.Offset())
			}
		}
		if got, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatalf("after the last line: %q, %v", got, err)
		}
	})
}

type stepReader struct {
	rest []byte
	step int
}

func (r *stepReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.step)], r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
