package dynamodb

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// apiError is an error that the protocol defines and the client branches on.
type apiError struct {
	code    string
	message string
}

func (e *apiError) Error() string {
	return e.code + ": " + e.message
}

// The codes of the errors that the endpoint answers with.
const (
	codeValidation      = "ValidationException"
	codeSerialization   = "SerializationException"
	codeUnknown         = "UnknownOperationException"
	codeTooLarge        = "RequestEntityTooLarge"
	codeAccessDenied    = "AccessDeniedException"
	codeNotFound        = "ResourceNotFoundException"
	codeInUse           = "ResourceInUseException"
	codeTableNotFound   = "TableNotFoundException"
	codeLimit           = "LimitExceededException"
	codeNoRecovery      = "PointInTimeRecoveryUnavailableException"
	codeExportTime      = "InvalidExportTimeException"
	codeExportConflict  = "ExportConflictException"
	codeExportNotFound  = "ExportNotFoundException"
	codeInternalFailure = "InternalServerError"
)

func refuse(code, format string, args ...any) error {
	return &apiError{code: code, message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error {
	return refuse(codeValidation, format, args...)
}

// wrong refuses the value of a parameter with DynamoDB's usual opening words.
func wrong(format string, args ...any) error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}

// unsupported refuses something that DynamoDB knows and this endpoint does not.
func unsupported(format string, args ...any) error {
	return invalid(format+" is not supported by the local DynamoDB endpoint", args...)
}

// wireError is an error as the client gets it.
type wireError struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
	status  int
}

// asWireError maps any error to what the client gets. What is not a refusal is a
// failure of the endpoint, and its text is sent too: the client is on the same
// machine.
func asWireError(err error) wireError {
	code, message, status := codeInternalFailure, err.Error(), http.StatusInternalServerError
	if e, ok := errors.AsType[*item.Error](err); ok {
		code, message, status = e.Code, e.Message, http.StatusBadRequest
	}
	if e, ok := errors.AsType[*apiError](err); ok {
		code, message, status = e.code, e.message, http.StatusBadRequest
	}
	namespace := "com.amazonaws.dynamodb.v20120810"
	switch code {
	case codeValidation:
		namespace = "com.amazon.coral.validate"
	case codeSerialization, codeUnknown, codeAccessDenied:
		namespace = "com.amazon.coral.service"
	case codeTooLarge:
		status = http.StatusRequestEntityTooLarge
	}
	return wireError{Type: namespace + "#" + code, Message: message, status: status}
}
