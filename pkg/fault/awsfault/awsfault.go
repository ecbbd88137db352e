// Package awsfault gives errors of the AWS SDK their [fault.Kind], in one table.
//
// It decides by the service's error code, never by its message. What it does
// not know stays unmarked and so becomes fault.Unknown, which the state
// machine does not retry.
package awsfault

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// Classify marks err with the kind that its AWS error code stands for. An
// error that is marked already, or is not the SDK's, is returned as it is.
func Classify(err error) error {
	if err == nil || fault.KindOf(err) != fault.Unknown {
		return err
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if kind := kindOfCode(api.ErrorCode(), api.ErrorFault()); kind != fault.Unknown {
			return fault.New(kind, err)
		}
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Transient, err)
	}
	// An answer that is cut short is an error of decoding to the SDK, which does
	// not ask again.
	if _, ok := errors.AsType[*smithy.OperationError](err); ok && errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.Transient, err)
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return fault.New(fault.Transient, err)
	}
	return err
}

// kindOfCode lists the codes of the services that the steps call. Codes that
// only a caller can interpret (an S3 NoSuchKey may be normal) are left out.
func kindOfCode(code string, blame smithy.ErrorFault) fault.Kind {
	switch code {
	case "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
		"ProvisionedThroughputExceededException", "LimitExceededException", "SlowDown", "ServiceUnavailable",
		"RequestTimeout", "RequestTimeoutException", "InternalError", "InternalFailure", "InternalServerError",
		"InternalServerException", "ContinuousBackupsUnavailableException", "ActiveStatementsExceededException",
		"ActiveSessionsExceededException", "DatabaseConnectionException", "OperationAborted":
		return fault.Transient
	case "ExportConflictException", "ExecuteStatementException", "BatchExecuteStatementException", "QueryTimeoutException":
		return fault.Rejected
	case "ValidationException", "InvalidExportTimeException", "PointInTimeRecoveryUnavailableException",
		"TableNotFoundException", "ExportNotFoundException", "ResourceNotFoundException", "AccessDenied",
		"AccessDeniedException", "Forbidden", "InvalidAccessKeyId", "SignatureDoesNotMatch", "UnrecognizedClientException",
		"NoSuchBucket", "PermanentRedirect":
		return fault.Invalid
	}
	if blame == smithy.FaultServer {
		return fault.Transient
	}
	return fault.Unknown
}
