package stepfunctions

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// historyEvent is an event as GetExecutionHistory gives it. The details stand
// under a name that depends on the type; see
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html.
type historyEvent struct {
	eventHead

	details *eventDetails
}

type eventHead struct {
	ID         int64     `json:"id"`
	PreviousID int64     `json:"previousEventId"`
	Timestamp  timestamp `json:"timestamp"`
	Type       string    `json:"type"`
}

// eventDetails holds the members of all kinds of details.
type eventDetails struct {
	Name          string     `json:"name,omitempty"`
	Index         *int       `json:"index,omitempty"`
	Length        *int       `json:"length,omitempty"`
	Input         string     `json:"input,omitempty"`
	InputDetails  *truncated `json:"inputDetails,omitempty"`
	Output        string     `json:"output,omitempty"`
	OutputDetails *truncated `json:"outputDetails,omitempty"`
	RoleARN       string     `json:"roleArn,omitempty"`
	ResourceType  string     `json:"resourceType,omitempty"`
	Resource      string     `json:"resource,omitempty"`
	Region        string     `json:"region,omitempty"`
	Parameters    string     `json:"parameters,omitempty"`
	Seconds       int64      `json:"timeoutInSeconds,omitempty"`
	Error         string     `json:"error,omitempty"`
	Cause         string     `json:"cause,omitempty"`
	MapRunARN     string     `json:"mapRunArn,omitempty"`
}

type truncated struct {
	Truncated bool `json:"truncated"`
}

// detailsName is the member that holds the details of a type of event.
func detailsName(eventType string) string {
	switch {
	case strings.HasSuffix(eventType, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(eventType, "StateExited"):
		return "stateExitedEventDetails"
	case eventType == "":
		return ""
	default:
		return string(unicode.ToLower(rune(eventType[0]))) + eventType[1:] + "EventDetails"
	}
}

// MarshalJSON writes the details under their name.
func (e historyEvent) MarshalJSON() ([]byte, error) {
	head, err := json.Marshal(e.eventHead)
	if err != nil || e.details == nil {
		return head, err
	}
	details, err := json.Marshal(e.details)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(head[:len(head)-1], `,%q:%s}`, detailsName(e.Type), details), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *historyEvent) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &e.eventHead); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	e.details = nil
	if details, ok := members[detailsName(e.Type)]; ok {
		return json.Unmarshal(details, &e.details)
	}
	return nil
}

// withoutData returns the event without inputs and outputs.
func (e historyEvent) withoutData() historyEvent {
	if e.details != nil {
		details := *e.details
		details.Input, details.InputDetails, details.Output, details.OutputDetails = "", nil, "", nil
		details.Parameters = ""
		e.details = &details
	}
	return e
}

// historyEvent converts an event of an execution.
func (s *Server) historyEvent(e *execution, event asl.Event) historyEvent {
	return historyEvent{
		eventHead: eventHead{
			ID: event.ID, PreviousID: event.PreviousID, Timestamp: timestamp(event.Time), Type: string(event.Type),
		},
		details: s.details(e, event),
	}
}

// details returns nil for the types of event that have none.
func (s *Server) details(e *execution, event asl.Event) *eventDetails {
	task := eventDetails{ResourceType: asl.TaskResourceType, Resource: asl.TaskResource}
	switch event.Type {
	case asl.ExecutionStarted:
		return withData(&eventDetails{RoleARN: e.RoleARN}, event)
	case asl.ExecutionSucceeded:
		return withData(&eventDetails{}, event)
	case asl.ExecutionFailed, asl.ExecutionTimedOut, asl.ExecutionAborted, asl.MapRunFailed:
		return &eventDetails{Error: event.Error, Cause: event.Cause}
	case asl.TaskScheduled:
		task.Region, task.Parameters, task.Seconds = s.opts.Region, event.Input, int64(event.TimeLimit/time.Second)
		return &task
	case asl.TaskStarted:
		return &task
	case asl.TaskSucceeded:
		return withData(&task, event)
	case asl.TaskFailed, asl.TaskTimedOut:
		task.Error, task.Cause = event.Error, event.Cause
		return &task
	case asl.MapStateStarted:
		return &eventDetails{Length: &event.Length}
	case asl.MapIterationStarted, asl.MapIterationSucceeded, asl.MapIterationFailed, asl.MapIterationAborted:
		return &eventDetails{Name: event.State, Index: &event.Index}
	case asl.MapRunStarted:
		return &eventDetails{MapRunARN: event.MapRunARN}
	case asl.ParallelStateStarted, asl.ParallelStateSucceeded, asl.ParallelStateFailed,
		asl.MapStateSucceeded, asl.MapStateFailed, asl.MapRunSucceeded, asl.MapRunAborted:
		return nil
	default:
		return stateDetails(event)
	}
}

// stateDetails are those of entering and leaving a state.
func stateDetails(event asl.Event) *eventDetails {
	if strings.HasSuffix(string(event.Type), "StateAborted") {
		return nil
	}
	return withData(&eventDetails{Name: event.State}, event)
}

// withData adds the input or output of an event.
func withData(details *eventDetails, event asl.Event) *eventDetails {
	if event.Input != "" {
		details.Input, details.InputDetails = event.Input, &truncated{}
	}
	if event.Output != "" {
		details.Output, details.OutputDetails = event.Output, &truncated{}
	}
	return details
}
