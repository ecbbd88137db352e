package s3

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/versity/versitygw/backend/posix"
)

// sweep removes what processes that were killed have left in a directory: parts
// and descriptions of uploads that nobody completed, and files that were not
// written to their end.
func sweep(root string) error {
	var left []string
	var err error
	for _, pattern := range []string{
		filepath.Join(quoted(root), "*", posix.MetaTmpDir),
		filepath.Join(quoted(root), metadataFolder, "*", "*", posix.MetaTmpDir),
		filepath.Join(quoted(root), probePrefix+"*"),
	} {
		found, globErr := filepath.Glob(pattern)
		left, err = append(left, found...), errors.Join(err, globErr)
	}
	for _, name := range left {
		err = errors.Join(err, os.RemoveAll(name))
	}
	if err != nil {
		return fmt.Errorf("remove what was left of uploads: %w", err)
	}
	return nil
}

// quoted returns a path as a pattern that matches only itself.
func quoted(path string) string {
	var pattern []byte
	for _, c := range []byte(path) {
		switch c {
		case '*', '?', '[', '\\':
			pattern = append(pattern, '\\')
		}
		pattern = append(pattern, c)
	}
	return string(pattern)
}

// youngest is the age below which the folder of a socket is left alone: the
// process that made it may be about to listen.
const youngest = time.Minute

// sweepSockets removes the folders of sockets that nobody listens on any more,
// which is what tells a process that was killed from one that runs. Folders of
// other users are left to them.
func sweepSockets(folder string) error {
	found, err := filepath.Glob(filepath.Join(quoted(folder), socketPrefix+"*"))
	for _, name := range found {
		info, statErr := os.Lstat(name)
		if statErr != nil || !info.IsDir() || time.Since(info.ModTime()) < youngest {
			continue
		}
		path := filepath.Join(name, socketName)
		connection, dialErr := net.Dial("unix", path)
		switch {
		case dialErr == nil:
			_ = connection.Close()
		case errors.Is(dialErr, syscall.ECONNREFUSED), errors.Is(dialErr, fs.ErrNotExist):
			if removed := os.Remove(path); removed != nil && !errors.Is(removed, fs.ErrNotExist) {
				continue // somebody else's
			}
			_ = os.Remove(name) // fails for a folder with something else in it, which is not ours
		}
	}
	return err
}
