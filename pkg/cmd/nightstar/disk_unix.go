//go:build unix

package main

import "syscall"

// freeSpace is how many bytes this user may still write on the file system of a
// folder.
func freeSpace(folder string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, err //nolint:wrapcheck // the caller says what it was about
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:gosec,unconvert // types differ between systems
}
