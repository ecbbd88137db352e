package stepfunctions

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// TargetPrefix starts the X-Amz-Target header of every call, by which a shared
// port can tell Step Functions from other services.
const TargetPrefix = "AWSStepFunctions."

// maxRequest bounds the body of a request: a definition of 1 MiB, quoted.
const maxRequest = 8 << 20

// operation answers one kind of call.
type operation func(ctx context.Context, body []byte) (any, error)

// ServeHTTP answers one call. The path does not matter, so that the endpoint
// can share a port; the operation is in the header X-Amz-Target.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.call(r)
	status := http.StatusOK
	if err != nil {
		answer, status = asWireError(err)
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/x-amz-json-1.0")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("X-Amzn-Requestid", uuid.NewString())
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a client that has gone gets no answer
}

func (s *Server) call(r *http.Request) (any, error) {
	target := r.Header.Get("X-Amz-Target")
	name, ok := strings.CutPrefix(target, TargetPrefix)
	if r.Method != http.MethodPost || !ok {
		return nil, refuse(codeUnknownOperation,
			"%s with X-Amz-Target %q is no call of Step Functions", r.Method, target)
	}
	op := s.operation(name)
	if op == nil {
		return nil, refuse(codeUnknownOperation,
			"operation %q is not supported by the local Step Functions endpoint", name)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	if len(body) > maxRequest {
		return nil, refuse(codeValidation, "request is larger than %d bytes", maxRequest)
	}
	return op(r.Context(), body)
}

func (s *Server) operation(name string) operation {
	return map[string]operation{
		"CreateStateMachine":             handle(s.createStateMachine),
		"UpdateStateMachine":             handle(s.updateStateMachine),
		"DescribeStateMachine":           handle(s.describeStateMachine),
		"ListStateMachines":              handle(s.listStateMachines),
		"DeleteStateMachine":             handle(s.deleteStateMachine),
		"ValidateStateMachineDefinition": handle(s.validateDefinition),
		"StartExecution":                 handle(s.startExecution),
		"DescribeExecution":              handle(s.describeExecution),
		"ListExecutions":                 handle(s.listExecutions),
		"RedriveExecution":               handle(s.redriveExecution),
		"StopExecution":                  handle(s.stopExecution),
		"GetExecutionHistory":            handle(s.executionHistory),
	}[name]
}

// handle decodes the request of an operation. A member that the operation does
// not know is refused: it would have no effect here, and one in AWS.
func handle[In, Out any](do func(context.Context, In) (Out, error)) operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&in); err != nil {
			if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
				return nil, refuse(codeValidation,
					"member %s is not supported by the local Step Functions endpoint", field)
			}
			return nil, refuse(codeSerialization, "request: %v", err)
		}
		return do(ctx, in)
	}
}

// timestamp is a time as the protocol has it: seconds since 1970 with three
// decimal places.
type timestamp time.Time

// MarshalJSON writes the seconds.
func (t timestamp) MarshalJSON() ([]byte, error) {
	milliseconds := time.Time(t).UnixMilli()
	return fmt.Appendf(nil, "%d.%03d", milliseconds/1000, milliseconds%1000), nil
}

// UnmarshalJSON reads the seconds.
func (t *timestamp) UnmarshalJSON(data []byte) error {
	seconds, err := strconv.ParseFloat(string(data), 64)
	if err != nil {
		return fmt.Errorf("time %s is no number of seconds", data)
	}
	*t = timestamp(time.UnixMilli(int64(seconds*1000 + 0.5)).UTC())
	return nil
}

func timestampOrNil(t time.Time) *timestamp {
	if t.IsZero() {
		return nil
	}
	result := timestamp(t)
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
