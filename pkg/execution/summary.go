package execution

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// Summary is what a run did, as far as it has come.
type Summary struct {
	RunID    string                `json:"runId"`
	Status   string                `json:"status"`             // RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED
	Error    string                `json:"error,omitempty"`    // name of the Fail state's error
	Cause    string                `json:"cause,omitempty"`    // what was reported, and what to do
	Seconds  float64               `json:"seconds"`            // from start to end, or to now
	Stages   []Stage               `json:"stages"`             // states of the machine, in the order they were entered
	Items    int64                 `json:"items"`              // items in the export's manifest
	Rows     map[string]int64      `json:"rows"`               // rows written to the lake, by set of rows
	SetAside map[string]int64      `json:"setAside"`           // items kept aside, by "type: reason"
	Skipped  map[string]int64      `json:"skipped,omitempty"`  // items, by item types that the model skips
	Wrong    map[string]int64      `json:"wrong,omitempty"`    // values that are null in rows, by "rows.column: reason"
	Unknown  map[string]int64      `json:"unknown,omitempty"`  // items with an attribute that the model does not know, by "type.attribute"
	Tables   map[string]scalar.Sum `json:"tables"`             // rows of warehouse tables, and what was counted beside them
	Archived map[string]int64      `json:"archived,omitempty"` // objects moved to the archive, by source
	Notes    []string              `json:"notes,omitempty"`    // what was odd, and did not stop the run: a sentence each
}

// Stage is one state of the machine that a run has entered.
type Stage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"` // summed over all visits
	Done    bool    `json:"done"`    // false while the state is still running
}

// document is the part of the machine's data that the summary shows. Its
// fields are filled state by state.
type document struct {
	Lock struct {
		Notes []string `json:"notes"`
	} `json:"lock"`
	Plan   lakedoc.Plan  `json:"plan"`
	Night  lakedoc.Night `json:"night"`
	Landed []struct {
		Counts map[string]scalar.Sum `json:"counts"`
	} `json:"landed"`
	Transformed []struct {
		Counts map[string]scalar.Sum `json:"counts"`
	} `json:"transformed"`
	Archived []struct {
		Source  string   `json:"source"`
		Objects int64    `json:"objects"`
		Notes   []string `json:"notes"`
	} `json:"archived"`
}

func summarise(described *sfn.DescribeExecutionOutput, events []types.HistoryEvent) (Summary, error) {
	topLevel, err := topLevelStates()
	if err != nil {
		return Summary{}, err
	}
	summary := Summary{
		RunID:  aws.ToString(described.Name),
		Status: string(described.Status),
		Error:  aws.ToString(described.Error),
		Cause:  aws.ToString(described.Cause),
	}
	var last string
	var clock stageClock
	for _, event := range events {
		at := aws.ToTime(event.Timestamp)
		if entered := event.StateEnteredEventDetails; entered != nil && topLevel[aws.ToString(entered.Name)] {
			clock.enter(aws.ToString(entered.Name), at)
		}
		if exited := event.StateExitedEventDetails; exited != nil && topLevel[aws.ToString(exited.Name)] {
			clock.exit(aws.ToString(exited.Name), at)
			last = aws.ToString(exited.Output)
		}
		summary.Seconds = seconds(aws.ToTime(described.StartDate), at)
	}
	summary.Stages = clock.stages
	return summary, summary.fill(last)
}

// fill takes the counts from the machine's data as the last state left it.
func (s *Summary) fill(data string) error {
	var doc document
	if data != "" {
		if err := json.Unmarshal([]byte(data), &doc); err != nil {
			return fmt.Errorf("decode the data of the last state: %w", err)
		}
	}
	s.Items = doc.Plan.Items
	night := doc.Night
	s.Rows, s.SetAside, s.Tables = map[string]int64{}, map[string]int64{}, map[string]scalar.Sum{}
	maps.Copy(s.Rows, night.Rows)
	s.Skipped = night.Skipped
	for itemType, reasons := range night.SetAside {
		for reason, n := range reasons {
			s.SetAside[itemType+": "+string(reason)] = n
		}
	}
	for rows, columns := range night.Wrong {
		for column, reasons := range columns {
			for reason, n := range reasons {
				add(&s.Wrong, rows+"."+column+": "+string(reason), n)
			}
		}
	}
	for _, unknown := range night.Unknown {
		add(&s.Unknown, unknown.Type+"."+unknown.Attribute, unknown.Items)
	}
	for _, table := range doc.Landed {
		maps.Copy(s.Tables, table.Counts)
	}
	for _, phase := range doc.Transformed {
		maps.Copy(s.Tables, phase.Counts)
	}
	s.Notes = slices.Concat(s.Notes, doc.Lock.Notes, night.Notes)
	for _, archive := range doc.Archived {
		s.Notes = append(s.Notes, archive.Notes...)
		add(&s.Archived, archive.Source, archive.Objects)
	}
	return nil
}

// seconds are none if the clock went back meanwhile.
func seconds(from, to time.Time) float64 { return max(0, to.Sub(from).Seconds()) }

// add counts n more in a map that is nil as long as there is nothing to count.
func add(to *map[string]int64, name string, n int64) {
	if *to == nil {
		*to = map[string]int64{}
	}
	(*to)[name] += n
}

// stageClock adds up the time that each state took, visit by visit.
type stageClock struct {
	stages  []Stage
	entered map[string]time.Time
}

func (c *stageClock) enter(name string, at time.Time) {
	if c.entered == nil {
		c.entered = map[string]time.Time{}
	}
	c.entered[name] = at
	if i := c.find(name); i >= 0 {
		c.stages[i].Done = false
		return
	}
	c.stages = append(c.stages, Stage{Name: name})
}

func (c *stageClock) exit(name string, at time.Time) {
	if i := c.find(name); i >= 0 {
		c.stages[i].Seconds += seconds(c.entered[name], at)
		c.stages[i].Done = true
	}
}

func (c *stageClock) find(name string) int {
	for i, stage := range c.stages {
		if stage.Name == name {
			return i
		}
	}
	return -1
}

// topLevelStates are the stages of a run: the states that take time. States
// inside a map or a parallel state belong to the state around them, and states
// that only route data are no stages.
func topLevelStates() (map[string]bool, error) {
	var machine struct {
		States map[string]struct{ Type string }
	}
	if err := json.Unmarshal([]byte(statemachine.Definition()), &machine); err != nil {
		return nil, fmt.Errorf("decode the state machine: %w", err)
	}
	names := make(map[string]bool, len(machine.States))
	for name, state := range machine.States {
		switch state.Type {
		case "Task", "Map", "Parallel", "Wait":
			names[name] = true
		}
	}
	return names, nil
}
