// Package awsjson is the AWS JSON protocol as the local services speak it: one
// path, the operation in a header, JSON in both directions, errors with a type.
// https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
package awsjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Error is an error that a protocol defines and clients branch on.
type Error struct {
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Refuse returns an [Error].
func Refuse(code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// The codes of errors that all services have.
const (
	CodeUnknownOperation = "UnknownOperationException"
	CodeSerialization    = "SerializationException"
	CodeValidation       = "ValidationException"
	CodeTooLarge         = "RequestEntityTooLarge"
)

// Operation answers one kind of call. An answer of type [json.RawMessage] is
// sent as it is.
type Operation func(ctx context.Context, body []byte) (answer any, err error)

// Service is what the protocol needs to know of a service.
type Service struct {
	Name    string // as people call it
	Target  string // how X-Amz-Target begins, with the dot
	Version string // of the protocol: 1.0 or 1.1
	MaxBody int64  // bytes of a request
	// Internal is the code of an error that is none of the protocol.
	Internal string
	// Namespace, if set, returns what stands before the # of an error's type.
	Namespace func(code string) string
	// Operation returns the operation of a name, or nil.
	Operation func(name string) Operation
}

// ServeHTTP answers one call. The path does not matter, so that services can
// share a port. What is not an [Error] is a failure of the service; its text is
// sent too, because the client is on the same machine.
func (s Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.call(r)
	status := http.StatusOK
	if err != nil {
		answer, status = s.failure(w, err)
	}
	body, err := Encode(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/x-amz-json-"+s.Version)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	h.Set("X-Amzn-Requestid", uuid.NewString())
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone gets no answer
}

func (s Service) call(r *http.Request) (any, error) {
	target := r.Header.Get("X-Amz-Target")
	name, ok := strings.CutPrefix(target, s.Target)
	if r.Method != http.MethodPost || !ok {
		return nil, Refuse(CodeUnknownOperation, "%s with X-Amz-Target %q is not a call of %s", r.Method, target, s.Name)
	}
	operation := s.Operation(name)
	if operation == nil {
		return nil, Refuse(CodeUnknownOperation, "the operation %q is not supported by the local %s endpoint", name, s.Name)
	}
	body, err := s.read(r)
	if err != nil {
		return nil, err
	}
	return operation(r.Context(), body)
}

// read reads the body, of which the length may be unknown (-1).
func (s Service) read(r *http.Request) ([]byte, error) {
	if r.ContentLength > s.MaxBody {
		return nil, Refuse(CodeTooLarge, "the request has %d bytes, more than %d", r.ContentLength, s.MaxBody)
	}
	var body []byte
	var err error
	if r.ContentLength >= 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
	} else if body, err = io.ReadAll(io.LimitReader(r.Body, s.MaxBody+1)); int64(len(body)) > s.MaxBody {
		return nil, Refuse(CodeTooLarge, "the request has more than %d bytes", s.MaxBody)
	}
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	return body, nil
}

// failure is an error as the client gets it, and its status.
func (s Service) failure(w http.ResponseWriter, err error) (answer any, status int) {
	failed, status := &Error{Code: s.Internal, Message: err.Error()}, http.StatusInternalServerError
	if refusal, ok := errors.AsType[*Error](err); ok {
		failed, status = refusal, http.StatusBadRequest
	}
	if failed.Code == CodeTooLarge {
		status = http.StatusRequestEntityTooLarge
	}
	kind := failed.Code
	if s.Namespace != nil {
		kind = s.Namespace(failed.Code) + "#" + failed.Code
	}
	w.Header().Set("X-Amzn-Errortype", failed.Code)
	return struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{kind, failed.Message}, status
}

// Decode reads a request into a struct.
func Decode(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if field, ok := strings.CutPrefix(fmt.Sprint(err), "json: unknown field "); ok {
		return Refuse(CodeValidation, "member %s is not supported by the local endpoint", field)
	}
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal
	}
	if err != nil {
		return Refuse(CodeSerialization, "decode request: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Refuse(CodeSerialization, "the request has something after its JSON object")
	}
	return nil
}

// Handle makes an operation of a function on decoded input. A member that the
// input does not have is refused: it would have no effect here, and one in AWS.
func Handle[In, Out any](do func(context.Context, In) (Out, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if err := Decode(body, &in); err != nil {
			return nil, err
		}
		return do(ctx, in)
	}
}

// Encode writes an answer.
func Encode(answer any) ([]byte, error) {
	if raw, ok := answer.(json.RawMessage); ok {
		return raw, nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(answer); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Time is a time as the protocol has it: seconds since 1970, here with
// milliseconds. More precision would not survive the clients, of which some cut
// a time to milliseconds.
type Time struct {
	time.Time
}

// MarshalJSON implements [json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t.UnixMilli())/1000, 'f', 3, 64), nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Time) UnmarshalJSON(text []byte) error {
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.Abs(seconds) > 1e11 {
		return Refuse(CodeSerialization, "%s is not a time in seconds since 1970", text)
	}
	t.Time = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}
