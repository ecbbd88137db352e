package lambda_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestService_childrenDieWithParent kills a parent in a way that it cannot
// notice, in the middle of an invocation.
func TestService_childrenDieWithParent(t *testing.T) {
	t.Parallel()

	parent := exec.Command(filepath.Join(binaries, "parent"), filepath.Join(binaries, "function"))
	parent.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var child answer
	err = json.NewDecoder(out).Decode(&child)
	if killErr := parent.Process.Kill(); err != nil || killErr != nil {
		t.Fatal(err, killErr)
	}
	_ = parent.Wait()
	wantGone(t, child.PID)
}

// TestService_Close_killsGrandchildren leaves a process behind that the function
// has started and that holds the function's standard output open.
func TestService_Close_killsGrandchildren(t *testing.T) {
	t.Parallel()

	s, _ := start(t, function())
	grandchild, err := strconv.Atoi(invoke(t, s, `{"do": "leave grandchild"}`).Text)
	if err != nil {
		t.Fatal(err)
	}
	if isGone(grandchild) {
		t.Fatalf("process %d is gone already", grandchild)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wantGone(t, grandchild)
}

func wantGone(t *testing.T, pid int) {
	t.Helper()
	for range 250 {
		if isGone(pid) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

// isGone also counts a process that is dead but that nobody has reaped, because
// the process that inherits it may not do so.
func isGone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true
	}
	_, fields, _ := bytes.Cut(stat, []byte(") "))
	return bytes.HasPrefix(fields, []byte("Z"))
}
