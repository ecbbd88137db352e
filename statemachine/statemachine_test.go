package statemachine_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// state is what the tests look at in any state; the interpreter's parser is
// the strict reader of the definition.
type state struct {
	Type           string
	Comment        string
	Next           string
	Error          string
	CausePath      string
	ResultPath     string
	TimeoutSeconds int
	Parameters     map[string]any
	ItemProcessor  *machine
	Branches       []machine
	Choices        []choice
	Retry          []rule
	Catch          []rule
}

type choice struct {
	Variable  string
	IsPresent bool
	Next      string
}

type rule struct {
	ErrorEquals    []string
	Next           string
	ResultPath     string
	MaxAttempts    int
	BackoffRate    float64
	MaxDelay       int `json:"MaxDelaySeconds"`
	JitterStrategy string
}

type machine struct {
	StartAt        string
	TimeoutSeconds int
	States         map[string]state
}

// walk calls visit for every state of m, nested ones too.
func walk(m machine, nested bool, visit func(name string, s state, nested bool)) {
	for name, s := range m.States {
		visit(name, s, nested)
		if s.ItemProcessor != nil {
			walk(*s.ItemProcessor, true, visit)
		}
		for _, branch := range s.Branches {
			walk(branch, true, visit)
		}
	}
}

func load(t *testing.T) machine {
	t.Helper()
	var m machine
	if err := json.Unmarshal([]byte(statemachine.Definition()), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTokens_areTheSteps(t *testing.T) {
	t.Parallel()

	want := []string{statemachine.PartitionToken, statemachine.ConcurrencyToken}
	for _, step := range pipeline.Steps() {
		want = append(want, step.Token())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, statemachine.Tokens()); diff != "" {
		t.Errorf("tokens of the definition and pipeline.Steps (-steps +tokens):\n%s", diff)
	}
}

func TestSteps_areTheFoldersOfLambdas(t *testing.T) {
	t.Parallel()

	var want []string
	for _, step := range pipeline.Steps() {
		want = append(want, step.Name)
	}
	mains, err := filepath.Glob("../lambdas/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, main := range mains {
		got = append(got, filepath.Base(filepath.Dir(main)))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("folders under lambdas/ and pipeline.Steps (-steps +folders):\n%s", diff)
	}
}

func TestDefinition_tasks(t *testing.T) {
	t.Parallel()

	m := load(t)
	if m.TimeoutSeconds == 0 {
		t.Error("the machine has no TimeoutSeconds, so a poll loop could run for a year")
	}
	timeouts := map[string]int{}
	for _, step := range pipeline.Steps() {
		timeouts["${"+step.Token()+"}"] = int(step.Timeout.Seconds())
	}
	walk(m, false, func(name string, s state, nested bool) {
		if s.Type != "Task" {
			return
		}
		function, _ := s.Parameters["FunctionName"].(string)
		// The state waits longer than the function may run: giving up first
		// would start a second invocation beside the one still running.
		if want := timeouts[function] + 30; s.TimeoutSeconds != want {
			t.Errorf("state %q has TimeoutSeconds %d, want %d", name, s.TimeoutSeconds, want)
		}
		// Throttling is the account's, not the step's: it has a retrier of its
		// own, so that an hour of it takes none of the attempts of real errors.
		if len(s.Retry) != 3 || !slices.Equal(s.Retry[0].ErrorEquals, []string{"Lambda.TooManyRequestsException"}) ||
			!slices.Contains(s.Retry[1].ErrorEquals, string(fault.Transient)) {
			t.Fatalf("state %q does not retry throttling by itself, then %s: %+v", name, fault.Transient, s.Retry)
		}
		if s.Retry[0].MaxAttempts < 60 || s.Retry[0].MaxDelay != 60 {
			t.Errorf("state %q gives up on throttling after %d attempts of up to %d s", name, s.Retry[0].MaxAttempts, s.Retry[0].MaxDelay)
		}
		for _, r := range s.Retry {
			if r.MaxAttempts == 0 || r.MaxDelay == 0 || r.JitterStrategy != "FULL" {
				t.Errorf("state %q retries without MaxAttempts, MaxDelaySeconds and jitter", name)
			}
		}
		if !nested && len(s.Catch) == 0 {
			t.Errorf("state %q catches nothing", name)
		}
	})
}

// TestDefinition_everyFailureEndsInItsFailState follows what is caught: it is
// kept under the name of an error, and the last choice sends that name to the
// Fail state which tells it.
func TestDefinition_everyFailureEndsInItsFailState(t *testing.T) {
	t.Parallel()

	m := load(t)
	ends := map[string]string{} // Fail state by the path of what was caught
	for _, c := range m.States["How did it end?"].Choices {
		if !c.IsPresent {
			t.Errorf("the last choice asks %+v", c)
		}
		ends[c.Variable] = c.Next
	}
	told := map[string]bool{}
	check := func(path, fail string) {
		s := m.States[fail]
		if s.Type != "Fail" || path != "$.failed."+s.Error || !strings.Contains(s.CausePath, path+".Error, "+path+".Cause)") {
			t.Errorf("what is kept in %s ends in %q, which does not tell it: %+v", path, fail, s)
		}
		told[fail] = true
	}
	for name, s := range m.States {
		if s.Type == "Pass" && strings.HasPrefix(s.ResultPath, "$.failed.") {
			check(s.ResultPath, ends[s.ResultPath])
		}
		if s.Type != "Task" && s.Type != "Map" && s.Type != "Parallel" {
			continue
		}
		if len(s.Catch) == 0 || !slices.Equal(s.Catch[len(s.Catch)-1].ErrorEquals, []string{"States.ALL"}) {
			t.Errorf("state %q does not catch States.ALL at last", name)
		}
		for _, c := range s.Catch {
			switch m.States[c.Next].Type {
			case "Fail": // before the lock is taken there is nothing to record
				check(c.ResultPath, c.Next)
			default:
				if c.Next != "Record run" && c.Next != "Submit row" && c.ResultPath != "$.failed.RunNotRecorded" {
					t.Errorf("state %q catches to %q, which records nothing", name, c.Next)
				}
				check(c.ResultPath, ends[c.ResultPath])
			}
		}
	}
	for name, s := range m.States {
		if s.Type == "Fail" && !told[name] {
			t.Errorf("no failure ends in %q", name)
		}
	}
}

func TestDefinition_errorNamesAreFaultKinds(t *testing.T) {
	t.Parallel()

	kinds := fault.Kinds()
	walk(load(t), false, func(name string, s state, _ bool) {
		for _, r := range slices.Concat(s.Retry, s.Catch) {
			for _, e := range r.ErrorEquals {
				foreign := strings.HasPrefix(e, "States.") || strings.HasPrefix(e, "Lambda.") || e == "Sandbox.Timedout" || e == "Runtime.ExitError"
				if !foreign && !slices.Contains(kinds, fault.Kind(e)) {
					t.Errorf("state %q matches %q, which is no fault kind", name, e)
				}
			}
		}
	})
}

func TestDefinition_everyFailStateIsInTheRunbook(t *testing.T) {
	t.Parallel()

	runbook, err := os.ReadFile("RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	headings := regexp.MustCompile(`(?m)^## (\w+)`).FindAllStringSubmatch(string(runbook), -1)
	var documented, want []string
	for _, h := range headings {
		documented = append(documented, h[1])
	}
	for name, s := range load(t).States {
		if s.Type != "Fail" {
			continue
		}
		want = append(want, s.Error)
		if anchor := fmt.Sprintf("RUNBOOK.md#%s.", strings.ToLower(s.Error)); !strings.Contains(s.CausePath, anchor) {
			t.Errorf("state %q does not point at %s", name, anchor)
		}
	}
	slices.Sort(want)
	slices.Sort(documented)
	if diff := cmp.Diff(want, documented); diff != "" {
		t.Errorf("errors of the Fail states and sections of RUNBOOK.md (-states +runbook):\n%s", diff)
	}
}
