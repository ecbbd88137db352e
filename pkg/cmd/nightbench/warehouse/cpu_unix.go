//go:build unix

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processTime is the CPU time of this process, user and system.
func processTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// backendTime is the CPU time of another process, as Linux tells it, in
// nanoseconds: https://docs.kernel.org/scheduler/sched-stats.html
func backendTime(pid string) (time.Duration, error) {
	text, err := os.ReadFile("/proc/" + pid + "/schedstat")
	if err != nil {
		return 0, fmt.Errorf("read the CPU time of the server, which takes Linux: %w", err)
	}
	first, _, _ := strings.Cut(string(text), " ")
	nanoseconds, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the CPU time of the server: %w", err)
	}
	return time.Duration(nanoseconds), nil
}
