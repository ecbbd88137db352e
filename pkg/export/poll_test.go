package export_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// descriptions are exports by ARN.
type descriptions map[string]*types.ExportDescription

func (d descriptions) DescribeExport(
	_ context.Context, in *dynamodb.DescribeExportInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeExportOutput, error) {
	described, ok := d[aws.ToString(in.ExportArn)]
	if !ok {
		return nil, &types.ExportNotFoundException{}
	}
	return &dynamodb.DescribeExportOutput{ExportDescription: described}, nil
}

func TestPoller_Poll(t *testing.T) {
	t.Parallel()

	const arn, key = tableARN + "/export/1", "run=r/AWSDynamoDB/1/manifest-summary.json"
	missing := &types.ExportDescription{} // stands for an export that DynamoDB does not know
	at := time.Date(2026, 11, 21, 2, 54, 30, 0, time.FixedZone("CET", 3600))
	tests := map[string]struct {
		described *types.ExportDescription
		want      export.PollOutput
		kind      fault.Kind // of the error, if one is wanted
		message   string     // part of the error
	}{
		"goes on while the export runs": {
			described: &types.ExportDescription{ExportStatus: types.ExportStatusInProgress},
			want:      export.PollOutput{ExportARN: arn},
		},
		"hands on the manifest's key as it is reported": {
			described: &types.ExportDescription{
				ExportStatus: types.ExportStatusCompleted, ExportManifest: aws.String(key), ExportTime: &at,
			},
			want: export.PollOutput{ExportARN: arn, Done: true, ManifestKey: key, ExportTime: "2026-11-21T01:54:30Z"},
		},
		"is rejected with code and message when the export failed": {
			described: &types.ExportDescription{
				ExportStatus: types.ExportStatusFailed,
				FailureCode:  aws.String("S3NoSuchBucket"), FailureMessage: aws.String("no bucket raw"),
			},
			kind: fault.Rejected, message: "S3NoSuchBucket: no bucket raw",
		},
		"refuses a completed export without a manifest": {
			described: &types.ExportDescription{ExportStatus: types.ExportStatusCompleted},
			kind:      fault.Corrupt, message: "without a manifest",
		},
		"does not guess at a status it does not know": {
			described: &types.ExportDescription{ExportStatus: "PAUSED"}, kind: fault.Unknown, message: `"PAUSED"`,
		},
		"does not guess at an empty answer":         {described: nil, kind: fault.Unknown, message: "empty"},
		"blames the caller for an export not there": {described: missing, kind: fault.Invalid, message: arn},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := descriptions{arn: tt.described}
			if tt.described == missing {
				delete(api, arn)
			}
			got, err := export.NewPoller(api).Poll(t.Context(), export.PollInput{ExportARN: arn})
			if tt.kind != "" {
				if err == nil || fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.message) {
					t.Fatalf("Poll() = %v, %v, want kind %s and %q", got, err, tt.kind, tt.message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Poll() (-want +got):\n%s", diff)
			}
		})
	}
}
