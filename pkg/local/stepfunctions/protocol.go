package stepfunctions

import (
	"encoding/base64"
	"net/http"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
)

// TargetPrefix starts the X-Amz-Target header of every call, by which a shared
// port can tell Step Functions from other services.
const TargetPrefix = "AWSStepFunctions."

// maxRequest bounds the body of a request: a definition of 1 MiB, quoted.
const maxRequest = 8 << 20

// ServeHTTP answers one call. The path does not matter, so that the endpoint
// can share a port; the operation is in the header X-Amz-Target.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	awsjson.Service{
		Name: "Step Functions", Target: TargetPrefix, Version: "1.0", MaxBody: maxRequest, Internal: "InternalFailure",
		Operation: s.operation,
	}.ServeHTTP(w, r)
}

func (s *Server) operation(name string) awsjson.Operation {
	return map[string]awsjson.Operation{
		"CreateStateMachine":             awsjson.Handle(s.createStateMachine),
		"UpdateStateMachine":             awsjson.Handle(s.updateStateMachine),
		"DescribeStateMachine":           awsjson.Handle(s.describeStateMachine),
		"ListStateMachines":              awsjson.Handle(s.listStateMachines),
		"DeleteStateMachine":             awsjson.Handle(s.deleteStateMachine),
		"ValidateStateMachineDefinition": awsjson.Handle(s.validateDefinition),
		"StartExecution":                 awsjson.Handle(s.startExecution),
		"DescribeExecution":              awsjson.Handle(s.describeExecution),
		"ListExecutions":                 awsjson.Handle(s.listExecutions),
		"RedriveExecution":               awsjson.Handle(s.redriveExecution),
		"StopExecution":                  awsjson.Handle(s.stopExecution),
		"GetExecutionHistory":            awsjson.Handle(s.executionHistory),
		"DescribeMapRun":                 awsjson.Handle(s.describeMapRun),
	}[name]
}

type timestamp = awsjson.Time

func timestampOrNil(t time.Time) *timestamp {
	if t.IsZero() {
		return nil
	}
	result := timestamp{Time: t}
	return &result
}

const (
	defaultPage = 100
	maxPage     = 1000
)

// pageSize checks maxResults; 0 asks for the default.
func pageSize(maxResults int) (int, error) {
	if maxResults < 0 || maxResults > maxPage {
		return 0, refuse(codeValidation, "maxResults is %d, want 0 to %d", maxResults, maxPage)
	}
	if maxResults == 0 {
		return defaultPage, nil
	}
	return maxResults, nil
}

// page cuts a list to a page; key makes the token of the last entry of a page
// behind which there is more.
func page[T any](list []T, size int, key func(T) string) ([]T, string) {
	if len(list) <= size {
		return list, ""
	}
	return list[:size], encodeToken(key(list[size-1]))
}

// encodeToken hides the place where a listing goes on.
func encodeToken(place string) string {
	return base64.URLEncoding.EncodeToString([]byte(place))
}

func decodeToken(token string) (string, error) {
	place, err := base64.URLEncoding.DecodeString(token)
	if err != nil {
		return "", refuse(codeInvalidToken, "token %q was not given out by this endpoint", token)
	}
	return string(place), nil
}
