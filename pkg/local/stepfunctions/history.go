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
	RedriveCount  int        `json:"redriveCount,omitempty"`
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
			ID: event.ID, PreviousID: event.PreviousID, Timestamp: timestamp{Time: event.Time}, Type: string(event.Type),
		},
		details: s.details(e, event),
	}
}

// details returns nil for the types of event that have none.
func (s *Server) details(e *execution, event asl.Event) *eventDetails {
	kind := string(event.Type)
	switch {
	case event.Type == asl.ExecutionStarted:
		return withData(&eventDetails{RoleARN: e.RoleARN}, event)
	case event.Type == asl.ExecutionRedriven:
		return &eventDetails{RedriveCount: event.RedriveCount}
	case event.Type == asl.ExecutionSucceeded:
		return withData(&eventDetails{}, event)
	case strings.HasPrefix(kind, "Execution"), event.Type == asl.MapRunFailed:
		return &eventDetails{Error: event.Error, Cause: event.Cause}
	case strings.HasSuffix(kind, "StateEntered"), strings.HasSuffix(kind, "StateExited"):
		return withData(&eventDetails{Name: event.State}, event)
	case strings.HasPrefix(kind, "Task") && !strings.HasSuffix(kind, "StateAborted"):
		return s.taskDetails(event)
	case event.Type == asl.MapStateStarted:
		return &eventDetails{Length: &event.Length}
	case strings.HasPrefix(kind, "MapIteration"):
		return &eventDetails{Name: event.State, Index: &event.Index}
	case event.Type == asl.MapRunStarted:
		return &eventDetails{MapRunARN: event.MapRunARN}
	default:
		return nil
	}
}

// taskDetails are those of scheduling, starting and ending a task.
func (s *Server) taskDetails(event asl.Event) *eventDetails {
	details := &eventDetails{
		ResourceType: asl.TaskResourceType, Resource: asl.TaskResource, Error: event.Error, Cause: event.Cause,
	}
	if event.Type == asl.TaskScheduled {
		details.Region, details.Parameters = s.opts.Region, event.Input
		details.Seconds = int64(event.TimeLimit / time.Second)
		return details
	}
	return withData(details, event)
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
