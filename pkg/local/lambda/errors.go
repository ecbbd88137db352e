package lambda

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// FunctionError is a failure of the function itself: an error it returned, a
// panic, a crash or a timeout. Step Functions matches its Type. Lambda reports
// it with status 200 and the header X-Amz-Function-Error.
type FunctionError struct {
	// Type is the errorType, such as "Transient" or "Sandbox.Timedout".
	Type string
	// Message is the errorMessage.
	Message string
	// Payload is the JSON document that the invocation answers with.
	Payload json.RawMessage
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// The types of failure that the service itself observes; the words are AWS's.
const (
	typeTimedOut = "Sandbox.Timedout"
	typeExit     = "Runtime.ExitError"
	typeTooLarge = "Function.ResponseSizeTooLarge"
)

// functionError is a failure that the service observed during a request.
func functionError(kind, requestID, message string) *FunctionError {
	message = fmt.Sprintf("RequestId: %s Error: %s", requestID, message)
	// Marshalling a map of strings cannot fail.
	payload, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	return &FunctionError{Type: kind, Message: message, Payload: payload}
}

// reportedError is a failure that the runtime reported in a document, which is
// passed on as it is. The header names the type where the document does not.
func reportedError(document []byte, header string) *FunctionError {
	var body struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal(document, &body); err != nil {
		body.Message = string(document)
		document, _ = json.Marshal(map[string]string{"errorType": header, "errorMessage": body.Message})
	}
	if body.Type == "" {
		body.Type = header
	}
	return &FunctionError{Type: body.Type, Message: body.Message, Payload: document}
}

// APIError is a refusal by the service: the function was not run. Step
// Functions knows it as "Lambda." followed by the code.
type APIError struct {
	// Code is AWS's name of the error, such as "ResourceNotFoundException".
	Code string
	// Message says what is wrong.
	Message string
	// Status is the HTTP status that Lambda gives it.
	Status int
}

func (e *APIError) Error() string { return e.Code + ": " + e.Message }

func notFound(name string) *APIError {
	return &APIError{"ResourceNotFoundException", "Function not found: " + name, http.StatusNotFound}
}

func invalid(format string, values ...any) *APIError {
	return &APIError{"InvalidParameterValueException", fmt.Sprintf(format, values...), http.StatusBadRequest}
}

// unavailable is what AWS calls a failure of its own.
func unavailable(err error) *APIError {
	return &APIError{"ServiceException", err.Error(), http.StatusInternalServerError}
}
