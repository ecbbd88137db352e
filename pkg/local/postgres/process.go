package postgres

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a child that ends, whatever happens, not much later than it
// should.
type process struct {
	child *os.Process
	ended chan struct{} // closed when the child has ended
	err   error         // how it ended; read it after ended is closed
}

// startProcess starts cmd from a thread that lives as long as the child does:
// Linux sends the signal of a parent's death when the thread that started the
// child ends, and Go may end threads at any time
// (https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html).
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		p.child = cmd.Process
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// grace is how long the server may take to end its sessions.
const grace = 10 * time.Second

// stop asks the server to end: first its sessions (fast shutdown), then at
// once, then it is killed. Only the last is an error.
func (p *process) stop() error {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGQUIT, os.Kill} {
		if err := p.child.Signal(signal); errors.Is(err, os.ErrProcessDone) {
			<-p.ended
			return nil
		}
		select {
		case <-p.ended:
			if signal == os.Kill {
				return errors.New("server ignored two requests to end and was killed")
			}
			return nil
		case <-time.After(grace):
		}
	}
	return errors.New("server was killed and has not ended")
}
