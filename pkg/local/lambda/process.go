package lambda

import (
	"bytes"
	"os/exec"
	"runtime"
	"strings"
	"sync"
)

// spawner starts processes from one thread that lives as long as it does.
// Linux sends a child's parent-death signal when the thread that started it
// ends, not the process, so no thread that may end must start one:
// https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
type spawner struct {
	starts chan func()
}

func newSpawner() *spawner {
	s := &spawner{starts: make(chan func())}
	go func() {
		runtime.LockOSThread()
		// Unlocking keeps the thread for other work.
		defer runtime.UnlockOSThread()
		for start := range s.starts {
			start()
		}
	}()
	return s
}

// start starts a process. It must not be called after close.
func (s *spawner) start(command *exec.Cmd) error {
	result := make(chan error, 1)
	s.starts <- func() { result <- command.Start() }
	return <-result
}

func (s *spawner) close() { close(s.starts) }

// maxLine is the size of a CloudWatch log event; a longer line is cut there.
const maxLine = 256 << 10

// lineWriter cuts what a process writes into lines.
type lineWriter struct {
	emit func(line string)

	lock    sync.Mutex
	pending []byte
}

// Write never fails.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.pending = append(w.pending, p...)
	for {
		end := bytes.IndexByte(w.pending, '\n')
		switch {
		case end >= 0 && end <= maxLine:
			w.send(end)
			w.pending = w.pending[1:]
		case len(w.pending) > maxLine:
			w.send(maxLine)
		default:
			return len(p), nil
		}
	}
}

// send emits the first n pending bytes.
func (w *lineWriter) send(n int) {
	w.emit(strings.TrimSuffix(string(w.pending[:n]), "\r"))
	w.pending = w.pending[n:]
}

// flush emits a last line that has no end.
func (w *lineWriter) flush() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.pending) > 0 {
		w.send(len(w.pending))
	}
}
