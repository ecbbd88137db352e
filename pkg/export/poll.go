package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// PollInput names the export to look at.
type PollInput struct {
	ExportARN string `json:"exportArn"`
}

// PollOutput is how far the export has come. Every field is always there,
// because a path of the state machine may not lead to nothing.
type PollOutput struct {
	ExportARN   string `json:"exportArn"`
	Done        bool   `json:"done"`
	ManifestKey string `json:"manifestKey"` // key of manifest-summary.json in the raw bucket; empty until done
	ExportTime  string `json:"exportTime"`  // moment that the data is of, RFC 3339 in UTC; empty until done
}

type describer interface {
	DescribeExport(
		context.Context, *dynamodb.DescribeExportInput, ...func(*dynamodb.Options),
	) (*dynamodb.DescribeExportOutput, error)
}

// Poller reports the progress of exports.
type Poller struct{ api describer }

// NewPoller returns the handler of the step export-poll.
func NewPoller(api describer) *Poller { return &Poller{api: api} }

// Poll reports the progress of one export. An export that is still running is
// no error; one that failed is Rejected, with the code and the message that
// DynamoDB gave. The codes are not documented, so none is interpreted.
//
// Running twice is safe: it only reads.
func (p *Poller) Poll(ctx context.Context, in PollInput) (PollOutput, error) {
	out, err := p.api.DescribeExport(ctx, &dynamodb.DescribeExportInput{ExportArn: &in.ExportARN})
	if err != nil {
		return PollOutput{}, fmt.Errorf("describe export %s: %w", in.ExportARN, awsfault.Classify(err))
	}
	export := out.ExportDescription
	if export == nil {
		return PollOutput{}, fmt.Errorf("describe export %s: the answer is empty", in.ExportARN)
	}
	switch export.ExportStatus {
	case types.ExportStatusInProgress:
		return PollOutput{ExportARN: in.ExportARN}, nil
	case types.ExportStatusCompleted:
		return completed(in.ExportARN, export)
	case types.ExportStatusFailed:
		reason := errors.New(aws.ToString(export.FailureCode) + ": " + aws.ToString(export.FailureMessage))
		return PollOutput{}, fault.New(fault.Rejected, fmt.Errorf("export %s: %w", in.ExportARN, reason))
	}
	return PollOutput{}, fmt.Errorf("describe export %s: status %q is not known", in.ExportARN, export.ExportStatus)
}

// completed takes the manifest's key as DynamoDB reports it; nothing promises
// that a key put together from the export's name would be the same.
func completed(arn string, export *types.ExportDescription) (PollOutput, error) {
	out := PollOutput{ExportARN: arn, Done: true, ManifestKey: aws.ToString(export.ExportManifest)}
	if out.ManifestKey == "" {
		err := fmt.Errorf("describe export %s: it is completed without a manifest", arn)
		return PollOutput{}, fault.New(fault.Corrupt, err)
	}
	if export.ExportTime != nil {
		out.ExportTime = export.ExportTime.UTC().Format(time.RFC3339)
	}
	return out, nil
}
