package faults_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

// What the process of a scenario does.
const (
	phasePrepare = "prepare" // run a night, then change the table
	phasePlain   = "plain"   // run the next night, or increment, undisturbed
	phaseDisturb = "disturb" // run the next night with the faults, then recover
	phaseRecover = "recover" // go on in a directory whose process was killed
)

// scenario is one disturbed night.
type scenario struct {
	Name   string
	Faults []chaos.Fault
	Two    bool // two executions are started at the same time
	// Redrive goes on with what did not succeed, if it can; otherwise a new
	// execution is started.
	Redrive bool
	// Given has the disturbed execution take the export of the base.
	Given bool `json:",omitzero"`
	// Mode is that of the disturbed execution; empty for a full one. The star that it
	// leaves is the same.
	Mode string `json:",omitzero"`
	// Next is the mode of the night after it.
	Next string `json:",omitzero"`
	// Keyless has it take an export, but does not say which.
	Keyless bool `json:",omitzero"`
	// Refused floods the table with items that will be set aside.
	Refused int `json:",omitzero"`

	// What the process is told.
	Phase   string
	Dir     string
	Lambdas string
	Expect  expectation
}

// has reports whether a fault of a kind is among those of the scenario.
func (s scenario) has(kind chaos.Kind) bool {
	return slices.ContainsFunc(s.Faults, func(f chaos.Fault) bool { return f.Kind == kind })
}

func (s scenario) String() string {
	var parts []string
	for _, f := range s.Faults {
		parts = append(parts, f.String())
	}
	if s.Two {
		parts = append(parts, "two executions at once")
	}
	if s.Redrive {
		parts = append(parts, "then redrive")
	}
	if s.Next != "" {
		parts = append(parts, "then "+s.Next)
	}
	return fmt.Sprintf("%s [%s]", s.Name, strings.Join(parts, "; "))
}

// expectation is what undisturbed nights leave.
type expectation struct {
	BaseRun string              // the night that is in the base
	Before  map[string][]string // rows of dwh tables before the disturbed night
	After   map[string][]string // and after an undisturbed one
	Landing map[string][]string // rows of landing tables after an undisturbed night
	Summary execution.Summary   // of an undisturbed night
	Changes execution.Summary   // of an undisturbed increment
	Objects map[string]string   // ETag of each object of the base that has to be archived, by bucket/key
}

// report is what the process of a scenario found.
type report struct {
	Problems []string
	Ends     []string // how each disturbed execution ended
	Redriven bool
	Injected map[chaos.Kind]int
	Marks    []markCount
	Census   chaos.Census
	Expect   expectation // filled by prepare and plain
	Log      string
}

type markCount struct {
	State string
	Field string
	Index int
	Count int
}
