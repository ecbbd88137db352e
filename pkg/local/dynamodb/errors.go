package dynamodb

import "github.com/nightstar-elt/nightstar/pkg/local/awsjson"

// The codes of the errors that the endpoint answers with.
const (
	codeValidation      = awsjson.CodeValidation
	codeSerialization   = awsjson.CodeSerialization
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
	return awsjson.Refuse(code, format, args...)
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

// namespace returns what DynamoDB puts before a code.
func namespace(code string) string {
	switch code {
	case codeValidation:
		return "com.amazon.coral.validate"
	case codeSerialization, awsjson.CodeUnknownOperation, codeAccessDenied:
		return "com.amazon.coral.service"
	}
	return "com.amazonaws.dynamodb.v20120810"
}
