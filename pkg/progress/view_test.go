package progress_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creack/pty"

	"github.com/nightstar-elt/nightstar/pkg/progress"
)

// screen is a terminal of 80 columns and 24 lines that keeps what was written.
type screen struct {
	terminal *os.File
	reader   *bufio.Reader
	written  []string // each piece up to a redraw
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "NO_COLOR"} {
		t.Setenv(name, "")
	}
	t.Setenv("LANG", "C.UTF-8")
	t.Setenv("TERM", "xterm")
	master, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = master.Close(); _ = terminal.Close() })
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	return &screen{terminal: terminal, reader: bufio.NewReader(master)}
}

// line reads the next line that is written.
func (s *screen) line(t *testing.T) string {
	t.Helper()
	line, err := s.reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	line = strings.TrimRight(line, "\r\n")
	s.written = append(s.written, line)
	return line
}

// until reads lines until one holds a text, and returns it.
func (s *screen) until(t *testing.T, text string) string {
	t.Helper()
	for {
		if line := s.line(t); strings.Contains(line, text) {
			return line
		}
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|\r")

func plain(line string) string { return escapes.ReplaceAllString(line, "") }

func (s *screen) checkWidth(t *testing.T) {
	t.Helper()
	for _, line := range s.written {
		if width := progress.Width(plain(line)); width > 80 {
			t.Errorf("a line takes %d columns: %q", width, line)
		}
	}
}

// stages have long names, large numbers and one of each state.
func stages() []progress.Stage {
	return []progress.Stage{
		{Name: "Take lock", State: progress.Done, Seconds: 0.1},
		{Name: "Start export", State: progress.Done, Seconds: 700, Retries: 3},
		{Name: "Partition the files of a table with a long name 表", State: progress.Running, Seconds: 4000, Retries: 12, Count: progress.Count{
			Unit: "files", Done: 123_456, Total: 987_654, Items: 123_456_789_012, About: true,
		}},
		{Name: "Transform", State: progress.Failed, Seconds: 2},
		{Name: "Record run"},
	}
}

// TestView_moves draws on a terminal: without any call something changes, and no
// line is wider than the terminal.
func TestView_moves(t *testing.T) {
	s := newScreen(t)
	view := progress.New(s.terminal)
	view.Show("Run r1", stages())
	seen := map[string]bool{}
	for len(seen) < 10 { // would go on for ever on a view that stands still
		seen[s.until(t, "Partition the files")] = true
	}
	for _, want := range []string{"of 987,654 files", "retried 12×", "█"} {
		if !slices.ContainsFunc(s.written, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("no line says %q", want)
		}
	}
	fmt.Fprintf(view, "%s\n", strings.Repeat("a note that stays ", 9))
	s.until(t, "a note that stays")
	view.Close()
	fmt.Fprintln(s.terminal, "the end")
	s.until(t, "the end")
	// What stays: the slow stage and the one that failed.
	kept := s.written[len(s.written)-3:]
	if !strings.Contains(plain(kept[0]), "✓ Start export") || !strings.Contains(plain(kept[1]), "✗ Transform") || !strings.Contains(kept[1], "failed") {
		t.Errorf("the last lines are %q", kept)
	}
	s.checkWidth(t)
}

func TestView_fitsSmallTerminals(t *testing.T) {
	s := newScreen(t)
	if err := pty.Setsize(s.terminal, &pty.Winsize{Rows: 5, Cols: 40}); err != nil {
		t.Fatal(err)
	}
	view := progress.New(s.terminal)
	many := stages()
	for i := range 30 {
		many = append(many, progress.Stage{Name: fmt.Sprint("waiting ", i)})
	}
	view.Show("Run r1", many)
	for range 20 {
		line := s.line(t)
		if width := progress.Width(plain(line)); width > 40 {
			t.Errorf("a line takes %d columns: %q", width, line)
		}
		if up := regexp.MustCompile("\x1b\\[([0-9]+)A").FindStringSubmatch(line); up != nil && len(up[1]) > 1 {
			t.Errorf("the block has %s lines", up[1])
		}
	}
	view.Close()
}

func TestView_withoutColour(t *testing.T) {
	s := newScreen(t)
	t.Setenv("NO_COLOR", "1")
	t.Setenv("LANG", "C")
	view := progress.New(s.terminal)
	view.Show("", stages())
	for range 12 {
		s.line(t)
	}
	view.Close()
	for _, line := range s.written {
		if strings.Contains(line, "m") && regexp.MustCompile("\x1b\\[[0-9;]*m").MatchString(line) {
			t.Errorf("a line has colours: %q", line)
		}
		if strings.ContainsAny(line, "✓█⠋") {
			t.Errorf("a line has characters that the locale does not: %q", line)
		}
	}
}

// TestView_plain writes the same facts where there is no terminal.
func TestView_plain(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer
	view := progress.New(&out)
	view.Show("Run r1", stages())
	view.Show("Run r1", stages()) // says nothing twice
	count := view.Count("Load items", "items", 1_000_000)
	count.Set(500_000, 0, 0)
	count.Set(1_000_000, 0, 0)
	count.End(nil)
	fmt.Fprint(view, "a part of a line")
	view.Close()
	view.Close()
	text := out.String()
	for _, want := range []string{
		"Take lock: done in 0.1 s\n", "Start export: done in 11 min 40 s, retried 3×\n",
		"Partition the files of a table with a long name 表: running again for 1 h 06 min, 123,456 of 987,654 files, retried 12×, 7 h 46 min left, ~30,864,",
		"Transform: failed in 2.0 s\n", "Load items: done in 0.0 s, 1,000,000 items", "a part of a line\n",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") || strings.Contains(text, "Record run") {
		t.Errorf("plain lines are\n%s", text)
	}
}
