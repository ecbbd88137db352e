//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak is how many MiB a process had in memory at most.
func peak(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	unit := int64(1 << 10)
	if runtime.GOOS == "darwin" {
		unit = 1 // macOS counts bytes, all others count KiB
	}
	return float64(usage.Maxrss*unit) / (1 << 20)
}
