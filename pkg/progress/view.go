package progress

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	// every is how often a terminal is redrawn.
	every = 100 * time.Millisecond
	// tellEvery is how often a plain line says how far a stage is.
	tellEvery = 5 * time.Second
	// widest is how many columns a view takes, however wide the terminal is.
	widest = 80
)

// View shows stages. It is safe for concurrent use. What is written to it are
// lines that stay, above the stages.
type View struct {
	to   io.Writer
	file *os.File // the terminal; nil if there is none
	live style

	mu      sync.Mutex
	title   string
	stages  []Stage
	shown   time.Time // when the stages were so far
	drawn   int       // lines of the block on the screen
	partial []byte    // of a line that is not whole yet
	told    map[string]told

	stop   chan struct{}
	ticker sync.WaitGroup
}

// told is what plain lines have said about a stage.
type told struct {
	state State
	at    time.Time
}

// New returns a view on a terminal, or one of plain lines if the writer is none.
// The environment variables NO_COLOR, TERM and those of the locale are heeded.
func New(to io.Writer) *View {
	v := &View{to: to, told: map[string]told{}, stop: make(chan struct{})}
	if file, ok := to.(*os.File); ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb" {
		v.file = file
		locale := strings.ToUpper(cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG")))
		v.live = style{colour: os.Getenv("NO_COLOR") == "", ascii: locale != "" && !strings.Contains(locale, "UTF")}
	}
	v.ticker.Go(v.tick)
	return v
}

// Size returns the columns and lines of a terminal, and whether a writer is one.
func Size(to io.Writer) (columns, lines int, ok bool) {
	file, isFile := to.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return 0, 0, false
	}
	columns, lines, err := term.GetSize(int(file.Fd()))
	if err != nil || columns <= 0 || lines <= 0 {
		return widest, 24, true
	}
	return columns, lines, true
}

// Columns is how wide text may be that is written to a writer: at most 80 columns.
func Columns(to io.Writer) int {
	if columns, _, ok := Size(to); ok {
		return min(columns, widest)
	}
	return widest
}

// tick keeps the view moving.
func (v *View) tick() {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-v.stop:
			return
		case <-ticker.C:
			v.mu.Lock()
			v.draw()
			v.mu.Unlock()
		}
	}
}

// Show replaces the stages by what they are now.
func (v *View) Show(title string, stages []Stage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.title, v.stages, v.shown = title, slices.Clone(stages), time.Now()
	if v.file == nil {
		v.tell()
	}
}

// Keep ends the stages that are shown: what matters of them stays, and others may
// follow.
func (v *View) Keep() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keep()
}

func (v *View) keep() {
	if v.file != nil {
		kept := slices.DeleteFunc(v.now(), func(s Stage) bool { return !s.keeps() })
		v.clear()
		style := v.style()
		for _, stage := range kept {
			fmt.Fprintln(v.to, style.line(stage))
		}
	}
	v.title, v.stages, v.told = "", nil, map[string]told{}
}

// Write prints lines that stay. A line that is not ended waits for its end.
func (v *View) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.partial = append(v.partial, p...)
	end := bytes.LastIndexByte(v.partial, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	v.clear()
	text := strings.TrimSuffix(string(v.partial[:end]), "\n")
	v.partial = v.partial[end:]
	if v.file != nil {
		text = Wrap(text, Columns(v.to))
	}
	_, err := fmt.Fprintln(v.to, text)
	v.draw()
	return len(p), err //nolint:wrapcheck // the writer's own
}

// Close ends the view. It may be called more than once.
func (v *View) Close() {
	v.mu.Lock()
	select {
	case <-v.stop:
		v.mu.Unlock()
		return
	default:
		close(v.stop)
	}
	v.mu.Unlock()
	v.ticker.Wait()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keep()
	if len(v.partial) > 0 {
		fmt.Fprintln(v.to, string(v.partial))
		v.partial = nil
	}
}

// now returns the stages with the time that has passed since they were shown.
func (v *View) now() []Stage {
	stages := slices.Clone(v.stages)
	for i := range stages {
		if stages[i].State == Running {
			stages[i].Seconds += time.Since(v.shown).Seconds()
		}
	}
	return stages
}

func (v *View) style() style {
	style := v.live
	columns, lines, _ := Size(v.to)
	style.width, style.height = min(columns, widest), lines
	return style
}

// draw redraws the block, or says what is new. The caller holds the lock.
func (v *View) draw() {
	if v.file == nil {
		v.tell()
		return
	}
	if len(v.stages) == 0 {
		return
	}
	v.live.frame++
	lines := v.style().block(v.title, v.now())
	var b strings.Builder
	if v.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r", v.drawn)
	}
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
	}
	if v.drawn > len(lines) {
		b.WriteString("\x1b[J")
	}
	v.drawn = len(lines)
	fmt.Fprint(v.to, b.String())
}

// clear removes the block from the screen.
func (v *View) clear() {
	if v.drawn > 0 {
		fmt.Fprintf(v.to, "\x1b[%dA\r\x1b[J", v.drawn)
		v.drawn = 0
	}
}

// tell writes a line for each stage that is new in its state, and now and then one
// for a stage that goes on.
func (v *View) tell() {
	for _, stage := range v.now() {
		before := v.told[stage.Name]
		facts := strings.Join(stage.facts(), ", ")
		if facts != "" {
			facts = ", " + facts
		}
		switch {
		case stage.State == Waiting, stage.State == before.state && stage.State != Running:
			continue
		case stage.State == Running && (stage.Seconds < tellEvery.Seconds() || time.Since(before.at) < tellEvery):
			continue
		case stage.State == Running:
			fmt.Fprintf(v.to, "%s: %s for %s%s\n", stage.Name, stage.word(), Duration(stage.Seconds), facts)
		default:
			fmt.Fprintf(v.to, "%s: %s in %s%s\n", stage.Name, stage.word(), Duration(stage.Seconds), facts)
		}
		v.told[stage.Name] = told{stage.State, time.Now()}
	}
}
