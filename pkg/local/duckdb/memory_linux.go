package duckdb

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// resident returns how many bytes of memory this process holds.
func resident() (int64, bool) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	var size, pages int64
	if _, err := fmt.Sscan(string(statm), &size, &pages); err != nil {
		return 0, false
	}
	return pages * int64(os.Getpagesize()), true
}

// machineMemory returns how many bytes this process can have: those of the machine,
// or of the container around it. It is 0 where that is unknown.
func machineMemory() int64 {
	var total int64
	info, _ := os.ReadFile("/proc/meminfo") // without it the memory is unknown
	if _, line, ok := bytes.Cut(info, []byte("MemTotal:")); ok {
		var kibibytes int64
		if _, err := fmt.Sscan(string(line), &kibibytes); err == nil {
			total = kibibytes << 10
		}
	}
	group, _ := os.ReadFile("/sys/fs/cgroup/memory.max") // "max", or no file, where nothing limits it
	if limit, err := strconv.ParseInt(strings.TrimSpace(string(group)), 10, 64); err == nil && limit < total {
		return limit
	}
	return total
}
