package faults_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

// base is the directory that every run starts from.
type base struct {
	dir    string
	expect expectation
	census chaos.Census
	plain  report
	change chaos.Census // of an increment
}

// prepare makes the base, and runs the undisturbed night and the undisturbed
// increment that all others are compared with.
func prepare(t *testing.T) base {
	t.Helper()
	dir := t.TempDir()
	b := base{dir: filepath.Join(dir, "base")}
	made := spawn(t, dir, scenario{Name: "prepare", Phase: phasePrepare, Dir: b.dir})
	fail(t, "the base", made)
	world := filepath.Join(dir, "plain")
	copyWorld(t, b.dir, world)
	b.plain = spawn(t, dir, scenario{Name: "plain", Phase: phasePlain, Dir: world, Expect: made.Expect})
	fail(t, "the undisturbed night", b.plain)
	world = filepath.Join(dir, "changes")
	copyWorld(t, b.dir, world)
	changes := spawn(t, dir, scenario{Name: "changes", Phase: phasePlain, Dir: world, Mode: "incremental", Expect: b.plain.Expect})
	fail(t, "the undisturbed increment", changes)
	b.expect, b.census, b.change = changes.Expect, b.plain.Census, changes.Census
	return b
}

func fail(t *testing.T, name string, r report) {
	t.Helper()
	if len(r.Problems) > 0 {
		t.Fatalf("%s: %q\n%s", name, r.Problems, r.Log)
	}
}

// copyWorld copies a directory with its extended attributes, which hold what S3
// keeps beside an object.
func copyWorld(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Errorf("copy %s: %v: %s", from, err, out)
	}
}

// spawn plays a scenario in a process of its own. The zero report is that of a
// process that was killed.
func spawn(t *testing.T, dir string, s scenario) report {
	t.Helper()
	s.Lambdas = lambdas
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.CreateTemp(dir, "scenario-")
	if err == nil {
		_, err = file.Write(data)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0])
	// Many short lives on few cores: collecting garbage would be a good part of them.
	command.Env = append(os.Environ(), worldVariable+"="+file.Name(), "GOGC=800")
	timer := time.AfterFunc(6*time.Minute, func() { _ = command.Process.Signal(syscall.SIGQUIT) })
	out, err := command.CombinedOutput()
	timer.Stop()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL {
			return report{}
		}
	}
	var r report
	data, readErr := os.ReadFile(file.Name() + ".report")
	if err := errors.Join(err, readErr); err != nil {
		return report{Problems: []string{fmt.Sprintf("%v: %s", err, out)}}
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return report{Problems: []string{err.Error()}}
	}
	return r
}

// playThrough plays a scenario from the base to its end.
func playThrough(t *testing.T, b base, s scenario) report {
	t.Helper()
	dir, err := os.MkdirTemp(filepath.Dir(b.dir), "world-")
	if err != nil {
		t.Fatal(err)
	}
	s.Dir, s.Expect, s.Phase = filepath.Join(dir, "world"), b.expect, phaseDisturb
	copyWorld(t, b.dir, s.Dir)
	r := spawn(t, dir, s)
	if r.Injected == nil && len(r.Problems) == 0 { // killed
		s.Phase = phaseRecover
		r = spawn(t, dir, s)
		r.Ends = []string{"killed"}
		if r.Injected == nil {
			r.Injected = map[chaos.Kind]int{}
		}
		r.Injected[chaos.KillProcess]++
	}
	if len(r.Problems) == 0 || os.Getenv("FAULTS_KEEP") == "" {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}
	return r
}

// playAll plays scenarios, about as many at a time as there are processors.
func playAll(t *testing.T, b base, scenarios []scenario) *tally {
	t.Helper()
	var mu sync.Mutex
	total := newTally(b)
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU() + 2) // some of them wait
	for _, s := range scenarios {
		group.Go(func() error {
			r := playThrough(t, b, s)
			mu.Lock()
			defer mu.Unlock()
			total.add(s, r)
			for _, p := range r.Problems {
				t.Errorf("%s\n%s\n%s", s, p, tail(r.Log))
			}
			return nil
		})
	}
	_ = group.Wait() //nolint:errcheck // failures are reported where they arise
	return total
}

// tail is the end of a long log.
func tail(log string) string {
	const longest = 6000
	return log[max(0, len(log)-longest):]
}

// setting is a number from the environment.
func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestFaults disturbs FAULTS_RUNS nights: those that the definition asks for,
// and as many drawn by seed, from FAULTS_SEED on, as are left. Without
// FAULTS_RUNS it takes a few of both.
//
// After each: every execution succeeded, ended in a Fail state that tells the
// truth about the warehouse, or was ended from outside; no two of them held the
// lock at once; then an undisturbed night or increment, or a redrive, leaves the
// star, the landing tables and the counts of an undisturbed world; every
// Parquet object that the current runs name is whole and no other is there;
// every object of an earlier run that the table is not made of is archived once; no upload is unfinished;
// every run that took the lock has a record, in the lake and in the warehouse.
// A run that has lost the lock and is redriven changes nothing that runs share.
// After all: every state was entered, and every Retry and Catch took an error.
func TestFaults(t *testing.T) {
	b := prepare(t)
	scenarios, few := scripted(b.census), 6
	runs := setting(t, "FAULTS_RUNS", few)
	if runs < len(scenarios) {
		scenarios = sampled(scenarios, runs/2)
	}
	first := setting(t, "FAULTS_SEED", 1)
	for seed := range runs - len(scenarios) {
		scenarios = append(scenarios, drawn(uint64(first+seed), b))
	}
	only := os.Getenv("FAULTS_ONLY") // part of the names of those to play
	scenarios = slices.DeleteFunc(scenarios, func(s scenario) bool { return !strings.Contains(s.Name, only) })
	began := time.Now()
	total := playAll(t, b, scenarios)
	t.Logf("%v in %.0f s", total, time.Since(began).Seconds())
	if missing := total.missing(); len(missing) > 0 && runs > few && only == "" {
		t.Errorf("never at work: %s", strings.Join(missing, "; "))
	}
}

// sampled takes some scenarios, evenly.
func sampled(scenarios []scenario, n int) []scenario {
	var some []scenario
	for i := range n {
		some = append(some, scenarios[i*len(scenarios)/n])
	}
	return some
}

// drawn is the scenario of a seed: every other night is an increment, and so may be
// the night after it.
func drawn(seed uint64, b base) scenario {
	s := scenario{Name: fmt.Sprintf("seed %d", seed), Redrive: seed%2 == 0}
	census := b.census
	if seed/2%2 == 0 {
		s.Name, s.Mode, census = s.Name+", an increment", "auto", b.change
	}
	if seed%3 == 0 {
		s.Next = "auto"
	}
	s.Faults = chaos.Draw(seed, census)
	return s
}
