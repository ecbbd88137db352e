package redshiftdata

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
)

type requestBody = io.Reader

// apiError is an error of the API, as opposed to one of a statement.
type apiError struct {
	code    string
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// invalid is the error for a request that breaks a rule of the API.
func invalid(format string, args ...any) error {
	return &apiError{code: "ValidationException", message: fmt.Sprintf(format, args...)}
}

// decode reads a request strictly: a field that the endpoint does not know
// could change the meaning of a call, so it is refused.
func decode(body requestBody, into any) error {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return &apiError{code: "ValidationException", message: fmt.Sprintf("decode request: %v", err)}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return &apiError{code: "SerializationException", message: "the request has something after its JSON object"}
	}
	return nil
}

func writeError(w http.ResponseWriter, err error) {
	api, ok := errors.AsType[*apiError](err)
	if !ok {
		api = &apiError{code: "InternalServerException", message: err.Error()}
	}
	status := http.StatusBadRequest
	if api.code == "InternalServerException" {
		status = http.StatusInternalServerError
	}
	w.Header().Set("X-Amzn-Errortype", api.code)
	writeJSON(w, status, map[string]string{"__type": api.code, "Message": api.message})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil { // nothing that is written here can fail to marshal
		status, text = http.StatusInternalServerError, []byte(`{"__type":"InternalServerException"}`)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	w.WriteHeader(status)
	// A client that is gone can not be told.
	_, _ = w.Write(text)
}

// timestamp is a time on the wire: seconds since 1970, with milliseconds.
type timestamp time.Time

// MarshalJSON writes the time as a number.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", float64(time.Time(t).UnixMilli())/1000), nil
}
