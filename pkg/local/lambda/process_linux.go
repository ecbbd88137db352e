package lambda

import (
	"errors"
	"os"
	"syscall"
)

// attributes makes the kernel kill a child whose parent dies, however it dies,
// and puts the child into a process group of its own, so that an interrupt from
// the terminal reaches this process first.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// killAll kills the child and whatever it has started in its process group.
func killAll(process *os.Process) error {
	err := syscall.Kill(-process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
