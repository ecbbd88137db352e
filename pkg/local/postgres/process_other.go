//go:build unix && !linux

package postgres

import "syscall"

// attributes has nothing to set where the kernel cannot tell a child that its
// parent has died.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
