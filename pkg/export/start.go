package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// StartInput names the run that wants an export.
type StartInput struct {
	RunID string `json:"runId"` // name of the execution, "run-20261121-020000.000"
}

// StartOutput names the export, which has only just begun.
type StartOutput struct {
	ExportARN string `json:"exportArn"`
}

type exporter interface {
	ExportTableToPointInTime(
		context.Context, *dynamodb.ExportTableToPointInTimeInput, ...func(*dynamodb.Options),
	) (*dynamodb.ExportTableToPointInTimeOutput, error)
}

// Target is where exports are written to.
type Target struct {
	Bucket string // the raw bucket
	KeyARN string // KMS key to encrypt with; empty for S3's own keys
}

// Starter asks for exports of one table into one bucket.
type Starter struct {
	api      exporter
	tableARN string
	target   Target
}

// NewStarter returns the handler of the step export-start. The table is named
// by its ARN; the export is written into the bucket by DynamoDB itself, with
// the rights of the step's role.
func NewStarter(api exporter, tableARN string, target Target) *Starter {
	return &Starter{api: api, tableARN: tableARN, target: target}
}

// Start asks for a full export in DynamoDB JSON below run=<run id>/.
//
// Running twice is safe: the client token is made of run and table, and for
// eight hours DynamoDB answers a repeated token with the export it started the
// first time (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html).
// The SDK would make up a new token for every call, and each would be billed.
//
// ExportTime is left out on purpose. DynamoDB then takes the latest moment it
// can, which a step could only guess at: the point-in-time window trails by
// minutes and its clock is not ours. A time taken from the clock would also
// differ in a retry, and one token with two sets of parameters is refused as
// ExportConflictException.
//
// The encryption is always named. Without it DynamoDB asks for S3's own keys,
// whatever the default of the bucket, and a bucket that denies all but one KMS
// key lets the export fail
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html).
//
// A bucket that does not exist is accepted here; the export fails later.
func (s *Starter) Start(ctx context.Context, in StartInput) (StartOutput, error) {
	if err := checkRunID(in.RunID); err != nil {
		return StartOutput{}, err
	}
	request := &dynamodb.ExportTableToPointInTimeInput{
		TableArn:       &s.tableARN,
		S3Bucket:       &s.target.Bucket,
		S3Prefix:       aws.String("run=" + in.RunID),
		S3SseAlgorithm: types.S3SseAlgorithmAes256,
		ExportType:     types.ExportTypeFullExport,
		ExportFormat:   types.ExportFormatDynamodbJson,
		ClientToken:    aws.String(clientToken(in.RunID, s.tableARN)),
	}
	if s.target.KeyARN != "" {
		request.S3SseAlgorithm, request.S3SseKmsKeyId = types.S3SseAlgorithmKms, &s.target.KeyARN
	}
	out, err := s.api.ExportTableToPointInTime(ctx, request)
	if err != nil {
		return StartOutput{}, fmt.Errorf("start export of %s: %w", s.tableARN, awsfault.Classify(err))
	}
	if out.ExportDescription == nil || aws.ToString(out.ExportDescription.ExportArn) == "" {
		return StartOutput{}, fmt.Errorf("start export of %s: the answer names no export", s.tableARN)
	}
	return StartOutput{ExportARN: *out.ExportDescription.ExportArn}, nil
}

// clientToken is 64 characters long. The line break keeps the two parts apart:
// neither can hold one.
func clientToken(runID, tableARN string) string {
	sum := sha256.Sum256([]byte(runID + "\n" + tableARN))
	return hex.EncodeToString(sum[:])
}

// checkRunID makes sure that run=<id> is one element of a key.
func checkRunID(id string) error {
	if id == "" || strings.Contains(id, "/") {
		err := errors.New("a run id is one element of a key: not empty, without a slash")
		return fault.New(fault.Invalid, fmt.Errorf("check run id %q: %w", id, err))
	}
	return nil
}
