//go:build !linux

package lambda

import (
	"os"
	"syscall"
)

// attributes asks for nothing: where there is no parent-death signal a child
// notices that its Runtime API is gone, and exits.
func attributes() *syscall.SysProcAttr { return nil }

// killAll kills the child.
func killAll(process *os.Process) error { return process.Kill() }
