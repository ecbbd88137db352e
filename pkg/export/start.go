package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// StartInput names the run that wants an export, and what the export shows.
type StartInput struct {
	RunID   string `json:"runId"` // name of the execution, "run-20261121-020000.000"
	Window  Window `json:"window"`
	Attempt int    `json:"attempt"` // how often the window was asked for, from 1
}

// StartOutput names the export, which has only just begun. If DynamoDB cannot
// export the window yet, it has no export, and says when to ask for which window.
type StartOutput struct {
	ExportARN string `json:"exportArn"` // empty if the window must be asked for again
	Window    Window `json:"window"`
	Attempt   int    `json:"attempt"`
	Wait      int    `json:"wait"` // seconds until then
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

// Start asks for an export in DynamoDB JSON below run=<run id>/.
//
// Running twice is safe: the client token is made of run, table and window, and for
// eight hours DynamoDB answers a repeated token with the export it started the
// first time (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html).
// The SDK would make up a new token for every call, and each would be billed.
//
// A full export has no ExportTime unless the window names one. DynamoDB then takes the latest moment it
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
		ExportFormat:   types.ExportFormatDynamodbJson,
		ClientToken:    aws.String(clientToken(in.RunID, s.tableARN, in.Window)),
	}
	length, err := in.Window.ask(request)
	if err != nil {
		return StartOutput{}, fault.New(fault.Invalid, fmt.Errorf("start export of %s: %w", s.tableARN, err))
	}
	if s.target.KeyARN != "" {
		request.S3SseAlgorithm, request.S3SseKmsKeyId = types.S3SseAlgorithmKms, &s.target.KeyARN
	}
	out, err := s.api.ExportTableToPointInTime(ctx, request)
	if again, early := in.later(err, length); early {
		return again, nil
	}
	if err != nil {
		return StartOutput{}, fmt.Errorf("start export of %s: %w", s.tableARN, awsfault.Classify(err))
	}
	if out.ExportDescription == nil || aws.ToString(out.ExportDescription.ExportArn) == "" {
		return StartOutput{}, fmt.Errorf("start export of %s: the answer names no export", s.tableARN)
	}
	return StartOutput{ExportARN: *out.ExportDescription.ExportArn, Window: in.Window, Attempt: max(in.Attempt, 1)}, nil
}

// ask fills in what a request exports, and returns how long a time that is; 0 for
// one moment.
func (w Window) ask(request *dynamodb.ExportTableToPointInTimeInput) (time.Duration, error) {
	request.ExportType = types.ExportTypeFullExport
	var times [2]*time.Time
	for i, text := range []string{w.From, w.To} {
		if text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return 0, fmt.Errorf("read window: %w", err)
		}
		times[i] = &at
	}
	if w.From == "" {
		request.ExportTime = times[1]
		return 0, nil
	}
	if times[1] == nil || !times[1].After(*times[0]) {
		return 0, fmt.Errorf("the window from %s has no end behind it: %q", w.From, w.To)
	}
	request.ExportType = types.ExportTypeIncrementalExport
	request.IncrementalExportSpecification = &types.IncrementalExportSpecification{
		ExportFromTime: times[0], ExportToTime: times[1], ExportViewType: types.ExportViewTypeNewAndOldImages,
	}
	return times[1].Sub(*times[0]), nil
}

const (
	// patience is how long to wait for the end of a window that DynamoDB says it
	// cannot export yet, and how often: the latest restorable time trails the clock
	// by some minutes, and is another for each part of DynamoDB that is asked
	// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html).
	patience    = time.Minute
	mostPatient = 20
)

// later says when to ask for which window if DynamoDB refuses one that is too
// short, or ends too late, for now. A short window is asked for all the same,
// because only the refusal shows that it is too short.
func (in StartInput) later(err error, length time.Duration) (StartOutput, bool) {
	api, refused := errors.AsType[smithy.APIError](err)
	if !refused || length == 0 || in.Attempt >= mostPatient {
		return StartOutput{}, false
	}
	out := StartOutput{Window: in.Window, Attempt: max(in.Attempt, 1) + 1, Wait: int(patience.Seconds())}
	early := api.ErrorCode() == "InvalidExportTimeException"
	if length < shortestWindow && (early || api.ErrorCode() == "ValidationException") {
		from, _ := time.Parse(time.RFC3339Nano, in.Window.From) //nolint:errcheck // ask has read it
		out.Window.To = format(from.Add(shortestWindow))
		out.Wait = int((shortestWindow - length + time.Second - 1).Seconds())
		early = true
	}
	return out, early
}

// clientToken is 64 characters long. The line breaks keep the parts apart: none
// can hold one.
func clientToken(runID, tableARN string, w Window) string {
	parts := []string{runID, tableARN}
	if w != (Window{}) {
		parts = append(parts, w.From, w.To)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
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
