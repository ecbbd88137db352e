package export_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

const (
	tableARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/store"
	runID    = "run-20261121-020000.000"
)

// exports is the part of DynamoDB that knows exports. As at AWS, a token that
// comes again means the export it began, and other parameters are a conflict.
type exports struct {
	mu      sync.Mutex
	started []*dynamodb.ExportTableToPointInTimeInput
	err     error
}

func (e *exports) ExportTableToPointInTime(
	_ context.Context, in *dynamodb.ExportTableToPointInTimeInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ExportTableToPointInTimeOutput, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return nil, e.err
	}
	n := len(e.started)
	for i, known := range e.started {
		if aws.ToString(known.ClientToken) != aws.ToString(in.ClientToken) {
			continue
		}
		if !cmp.Equal(known, in, cmpopts.IgnoreUnexported(dynamodb.ExportTableToPointInTimeInput{})) {
			return nil, &types.ExportConflictException{Message: aws.String("another export has this token")}
		}
		n = i
	}
	if n == len(e.started) {
		e.started = append(e.started, in)
	}
	return &dynamodb.ExportTableToPointInTimeOutput{ExportDescription: &types.ExportDescription{
		ExportArn: aws.String(fmt.Sprintf("%s/export/%d", aws.ToString(in.TableArn), n+1)),
	}}, nil
}

func TestStarter_Start(t *testing.T) {
	t.Parallel()

	api := &exports{}
	start := export.NewStarter(api, tableARN, export.Target{Bucket: "raw"}).Start
	first, err := start(t.Context(), export.StartInput{RunID: runID})
	if err != nil {
		t.Fatal(err)
	}
	again, err := start(t.Context(), export.StartInput{RunID: runID})
	if err != nil {
		t.Fatal(err)
	}
	if len(api.started) != 1 || again != first {
		t.Errorf("one run started %d exports: %v, then %v; want one", len(api.started), first, again)
	}
	other, err := start(t.Context(), export.StartInput{RunID: "another"})
	if err != nil {
		t.Fatal(err)
	}
	if other == first {
		t.Errorf("two runs share the export %v", other)
	}
	second := export.NewStarter(api, tableARN+"2", export.Target{Bucket: "raw"}).Start
	if _, err := second(t.Context(), export.StartInput{RunID: runID}); err != nil {
		t.Errorf("Start() for another table = %v, want an export of its own", err)
	}

	in := api.started[0]
	if n := len(aws.ToString(in.ClientToken)); n != 64 {
		t.Errorf("the client token has %d characters, DynamoDB takes 64 at most and we use all", n)
	}
	want := &dynamodb.ExportTableToPointInTimeInput{
		TableArn: aws.String(tableARN), S3Bucket: aws.String("raw"), S3Prefix: aws.String("run=" + runID),
		ExportType: types.ExportTypeFullExport, ExportFormat: types.ExportFormatDynamodbJson, ClientToken: in.ClientToken,
		S3SseAlgorithm: types.S3SseAlgorithmAes256,
	}
	if diff := cmp.Diff(want, in, cmpopts.IgnoreUnexported(dynamodb.ExportTableToPointInTimeInput{})); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

// TestStarter_Start_withKey: without the key in the request, DynamoDB would
// write with S3's own keys, whatever the bucket is set to.
func TestStarter_Start_withKey(t *testing.T) {
	t.Parallel()

	const key = "arn:aws:kms:eu-central-1:111122223333:key/k"
	api := &exports{}
	start := export.NewStarter(api, tableARN, export.Target{Bucket: "raw", KeyARN: key}).Start
	if _, err := start(t.Context(), export.StartInput{RunID: runID}); err != nil {
		t.Fatal(err)
	}
	if in := api.started[0]; in.S3SseAlgorithm != types.S3SseAlgorithmKms || aws.ToString(in.S3SseKmsKeyId) != key {
		t.Errorf("the export is asked for with %q and key %q", in.S3SseAlgorithm, aws.ToString(in.S3SseKmsKeyId))
	}
}

func TestStarter_Start_refusals(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		runID string
		err   error
		want  fault.Kind
	}{
		"needs a run id":                {runID: "", want: fault.Invalid},
		"refuses a run id with a slash": {runID: "a/b", want: fault.Invalid},
		"blames the caller for a missing table": {
			runID: "r", err: &types.TableNotFoundException{}, want: fault.Invalid,
		},
		"blames the caller for a table without point-in-time recovery": {
			runID: "r", err: &types.PointInTimeRecoveryUnavailableException{}, want: fault.Invalid,
		},
		"may be retried when too many exports run": {
			runID: "r", err: &types.LimitExceededException{}, want: fault.Transient,
		},
		"may be retried when throttled": {
			runID: "r", err: &smithy.GenericAPIError{Code: "ThrottlingException"}, want: fault.Transient,
		},
		"is rejected when the token stands for another export": {
			runID: "r", err: &types.ExportConflictException{}, want: fault.Rejected,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := export.NewStarter(&exports{err: tt.err}, tableARN, export.Target{Bucket: "raw"}).Start
			out, err := start(t.Context(), export.StartInput{RunID: tt.runID})
			if err == nil || fault.KindOf(err) != tt.want {
				t.Fatalf("Start() = %v, %v, want kind %s", out, err, tt.want)
			}
			if tt.err != nil && !strings.Contains(err.Error(), tableARN) {
				t.Errorf("Start() = %v, want the table named", err)
			}
		})
	}
}
