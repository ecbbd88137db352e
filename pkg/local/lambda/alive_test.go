//go:build unix

package lambda_test

import "syscall"

// isAlive reports whether a process exists.
func isAlive(pid int) bool { return syscall.Kill(pid, 0) == nil }
