package chaos

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// killPeer kills the child process at the other end of a connection from an
// address of this machine, and reports whether there was one. See
// https://man7.org/linux/man-pages/man5/proc_pid_net.5.html for the tables.
func killPeer(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	inode := socketOf(port)
	if inode == "" {
		return false
	}
	for _, pid := range children() {
		descriptors, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, descriptor := range descriptors {
			if link, err := os.Readlink(descriptor); err == nil && link == "socket:["+inode+"]" {
				return syscall.Kill(pid, syscall.SIGKILL) == nil
			}
		}
	}
	return false
}

// children lists the processes that this one has started.
func children() []int {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	var found []int
	for _, folder := range folders {
		if pid, err := strconv.Atoi(filepath.Base(folder)); err == nil && isChild(pid) {
			found = append(found, pid)
		}
	}
	return found
}

// socketOf returns the inode of the socket that has a local port.
func socketOf(port string) string {
	number, err := strconv.Atoi(port)
	if err != nil {
		return ""
	}
	suffix := fmt.Sprintf(":%04X", number)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		rows, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for row := range strings.Lines(string(rows)) {
			columns := strings.Fields(row)
			if len(columns) > 9 && strings.HasSuffix(columns[1], suffix) {
				return columns[9]
			}
		}
	}
	return ""
}

// isChild reports whether this process has started another.
func isChild(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// The name, in brackets, may hold anything.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	return len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid())
}
