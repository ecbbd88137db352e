package progress_test

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/progress"
)

func TestNumbers(t *testing.T) {
	t.Parallel()

	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_700: "1.0 MB", 12_345_678: "12 MB", 5e15: "5000 TB"} {
		if got := progress.Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %s, want %s", n, got, want)
		}
	}
	for seconds, want := range map[float64]string{0: "0.0 s", 9.94: "9.9 s", 9.96: "10 s", 59.6: "1 min 00 s", 200: "3 min 20 s", 7500: "2 h 05 min"} {
		if got := progress.Duration(seconds); got != want {
			t.Errorf("Duration(%v) = %s, want %s", seconds, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{"abcde": "abcde", "abcdef": "abcd…", "日本語": "日本…", "": ""} {
		if got := progress.Fit(text, 5); got != want || progress.Width(got) > 5 {
			t.Errorf("Fit(%q) = %q, want %q", text, got, want)
		}
	}
	if got := progress.Fit("abc", 0); got != "" {
		t.Errorf("Fit to nothing = %q", got)
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("  one two three\n\n four-and-a-long-word five", 9)
	f.Add("日本 語 e\u0301 x", 3)
	// Wrapping keeps every word, and lines of several words fit.
	f.Fuzz(func(t *testing.T, text string, width int) {
		got := progress.Wrap(text, width)
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("Wrap(%q, %d) = %q loses words", text, width, got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			inner := strings.TrimLeft(line, " ")
			if progress.Width(line) > width && strings.Contains(strings.TrimRight(inner, " "), " ") {
				t.Errorf("Wrap(%q, %d) has the line %q", text, width, line)
			}
		}
	})
}
