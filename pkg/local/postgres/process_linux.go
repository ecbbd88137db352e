package postgres

import "syscall"

// attributes lets the kernel end the server at once if this process dies
// without closing it, as a test does that panics or runs out of time.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
}
