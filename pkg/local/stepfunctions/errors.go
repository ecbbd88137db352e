package stepfunctions

import "github.com/nightstar-elt/nightstar/pkg/local/awsjson"

// The codes of the errors that the endpoint answers with.
const (
	codeExecutionExists    = "ExecutionAlreadyExists"
	codeExecutionNotFound  = "ExecutionDoesNotExist"
	codeInvalidARN         = "InvalidArn"
	codeInvalidDefinition  = "InvalidDefinition"
	codeInvalidInput       = "InvalidExecutionInput"
	codeInvalidName        = "InvalidName"
	codeInvalidToken       = "InvalidToken"
	codeMachineExists      = "StateMachineAlreadyExists"
	codeMachineNotFound    = "StateMachineDoesNotExist"
	codeMissingParameter   = "MissingRequiredParameter"
	codeResourceNotFound   = "ResourceNotFound"
	codeNotRedrivable      = "ExecutionNotRedrivable"
	codeUnsupportedMachine = "StateMachineTypeNotSupported"
	codeValidation         = awsjson.CodeValidation
)

func refuse(code, format string, args ...any) error {
	return awsjson.Refuse(code, format, args...)
}
