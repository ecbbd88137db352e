package stepfunctions

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// KeptHistory returns the events of an execution that is kept in a directory, as
// GetExecutionHistory would without data. It starts and changes nothing.
func KeptHistory(dir, executionARN string) ([]types.HistoryEvent, error) {
	s := Server{dir: dir}
	data, err := os.ReadFile(s.file(executionARN))
	if err != nil {
		return nil, fmt.Errorf("read kept execution: %w", err)
	}
	var kept struct {
		Events []keptEvent `json:"events"`
	}
	if err := json.Unmarshal(data, &kept); err != nil {
		return nil, fmt.Errorf("read kept execution %s: %w", filepath.Base(s.file(executionARN)), err)
	}
	events := make([]types.HistoryEvent, len(kept.Events))
	for i, e := range kept.Events {
		events[i] = e.event()
	}
	return events, nil
}

// keptEvent is what a reader of histories needs of an event.
type keptEvent struct {
	eventHead

	Entered *keptState `json:"stateEnteredEventDetails"`
	Exited  *keptState `json:"stateExitedEventDetails"`
}

type keptState struct {
	Name string `json:"name"`
}

func (e keptEvent) event() types.HistoryEvent {
	event := types.HistoryEvent{
		Id: e.ID, PreviousEventId: e.PreviousID, Timestamp: aws.Time(e.Timestamp.Time), Type: types.HistoryEventType(e.Type),
	}
	if e.Entered != nil {
		event.StateEnteredEventDetails = &types.StateEnteredEventDetails{Name: &e.Entered.Name}
	}
	if e.Exited != nil {
		event.StateExitedEventDetails = &types.StateExitedEventDetails{Name: &e.Exited.Name}
	}
	return event
}
