package asl

import (
	"encoding/json"
	"strconv"
	"time"
)

// timeFormat is how the service writes times: UTC with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z"

func formatTime(t time.Time) string {
	return t.UTC().Format(timeFormat)
}

// contextObject builds what $$ means in a visit.
func (r *run) contextObject(v *visit) map[string]any {
	state := map[string]any{"Name": v.state.name, "EnteredTime": formatTime(v.entered)}
	switch v.state.kind {
	case "Task", "Parallel", "Map":
		state["RetryCount"] = json.Number(strconv.Itoa(v.retries))
	}
	execution := map[string]any{
		"Id":           r.start.ID,
		"Input":        r.input,
		"Name":         r.start.Name,
		"RoleArn":      r.start.RoleARN,
		"StartTime":    formatTime(r.startTime),
		"RedriveCount": json.Number("0"),
	}
	if redrive := r.start.Redrive; redrive != nil {
		execution["RedriveCount"] = json.Number(strconv.Itoa(redrive.Count))
	}
	return map[string]any{
		"Execution": execution,
		"StateMachine": map[string]any{
			"Id":   r.start.MachineID,
			"Name": r.start.MachineName,
		},
		"State": state,
	}
}

// withItem returns the scope of an ItemSelector for one item of a Map.
func (v *visit) withItem(data any, index int, item any) scope {
	sc := v.scope(data)
	sc.context["Map"] = map[string]any{
		"Item": map[string]any{"Index": json.Number(strconv.Itoa(index)), "Value": item},
	}
	return sc
}
