package stepfunctions

import (
	"errors"
	"fmt"
	"net/http"
)

// apiError is an error that the protocol defines and clients branch on.
type apiError struct {
	code    string
	message string
}

func (e *apiError) Error() string {
	return e.code + ": " + e.message
}

// The codes of the errors that the endpoint answers with.
const (
	codeExecutionExists    = "ExecutionAlreadyExists"
	codeExecutionNotFound  = "ExecutionDoesNotExist"
	codeInternal           = "InternalFailure"
	codeInvalidARN         = "InvalidArn"
	codeInvalidDefinition  = "InvalidDefinition"
	codeInvalidInput       = "InvalidExecutionInput"
	codeInvalidName        = "InvalidName"
	codeInvalidToken       = "InvalidToken"
	codeMachineExists      = "StateMachineAlreadyExists"
	codeMachineNotFound    = "StateMachineDoesNotExist"
	codeMissingParameter   = "MissingRequiredParameter"
	codeNotRedrivable      = "ExecutionNotRedrivable"
	codeSerialization      = "SerializationException"
	codeUnknownOperation   = "UnknownOperationException"
	codeUnsupportedMachine = "StateMachineTypeNotSupported"
	codeValidation         = "ValidationException"
)

func refuse(code, format string, args ...any) error {
	return &apiError{code: code, message: fmt.Sprintf(format, args...)}
}

// wireError is an error as the client gets it.
type wireError struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

// asWireError maps any error to what the client gets, and its HTTP status.
// What is not a refusal is a failure of the endpoint; its text is sent too,
// because the client is on the same machine.
func asWireError(err error) (wireError, int) {
	if refusal, ok := errors.AsType[*apiError](err); ok {
		return wireError{Type: refusal.code, Message: refusal.message}, http.StatusBadRequest
	}
	return wireError{Type: codeInternal, Message: err.Error()}, http.StatusInternalServerError
}
