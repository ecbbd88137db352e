package redshiftdata

import "github.com/nightstar-elt/nightstar/pkg/local/awsjson"

// invalid is the error for a request that breaks a rule of the API.
func invalid(format string, args ...any) error {
	return awsjson.Refuse(awsjson.CodeValidation, format, args...)
}

// missing is the error for what is not there.
func missing(format string, args ...any) error {
	return awsjson.Refuse("ResourceNotFoundException", format, args...)
}

type timestamp = awsjson.Time
