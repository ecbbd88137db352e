package dynamodb

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// exportRequest is what ExportTableToPointInTime acts upon. Two requests with
// one ClientToken must be equal in it.
type exportRequest struct {
	TableArn       string
	S3Bucket       string
	ExportTime     *timestamp `json:",omitempty"`
	ClientToken    string     `json:",omitempty"`
	ExportFormat   string     `json:",omitempty"`
	ExportType     string     `json:",omitempty"`
	S3BucketOwner  string     `json:",omitempty"`
	S3Prefix       string     `json:",omitempty"`
	S3SseAlgorithm string     `json:",omitempty"`
	S3SseKmsKeyID  string     `json:"S3SseKmsKeyId,omitempty"`

	IncrementalExportSpecification *exportPeriod `json:",omitempty"`
}

// exportDescription is what the protocol tells about an export.
type exportDescription struct {
	ExportArn       string
	ExportStatus    string
	StartTime       timestamp
	EndTime         *timestamp `json:",omitempty"`
	ExportManifest  string     `json:",omitempty"`
	TableID         string     `json:"TableId"`
	ExportTime      *timestamp `json:",omitempty"` // of a full export
	ExportFormat    string
	FailureCode     string `json:",omitempty"`
	FailureMessage  string `json:",omitempty"`
	BilledSizeBytes *int64 `json:",omitempty"`
	ItemCount       *int64 `json:",omitempty"`
	TableArn        string
	ClientToken     string `json:",omitempty"`
	ExportType      string `json:",omitempty"`
	S3Bucket        string
	S3BucketOwner   string `json:",omitempty"`
	S3Prefix        string `json:",omitempty"`
	S3SseAlgorithm  string
	S3SseKmsKeyID   string `json:"S3SseKmsKeyId,omitempty"`

	IncrementalExportSpecification *exportPeriod `json:",omitempty"`
}

// The states of an export, and the values of parameters that are the default.
const (
	exportInProgress = "IN_PROGRESS"
	exportCompleted  = "COMPLETED"
	exportFailed     = "FAILED"

	fullExport        = "FULL_EXPORT"
	incrementalExport = "INCREMENTAL_EXPORT"
	dynamoDBJSON      = "DYNAMODB_JSON"
)

// check refuses what DynamoDB refuses and what this endpoint doesn't do.
func (r *exportRequest) check() error {
	switch {
	case r.TableArn == "" || r.S3Bucket == "":
		return invalid("TableArn and S3Bucket are required")
	case r.ExportType != "" && r.ExportType != fullExport && r.ExportType != incrementalExport:
		return invalid("ExportType %q must be FULL_EXPORT or INCREMENTAL_EXPORT", r.ExportType)
	case r.ExportFormat == "ION":
		return unsupported("ExportFormat ION")
	case r.ExportFormat != "" && r.ExportFormat != dynamoDBJSON:
		return invalid("ExportFormat %q must be DYNAMODB_JSON or ION", r.ExportFormat)
	case r.S3SseAlgorithm != "" && r.S3SseAlgorithm != "AES256" && r.S3SseAlgorithm != "KMS":
		return invalid("S3SseAlgorithm %q must be AES256 or KMS", r.S3SseAlgorithm)
	case r.S3SseKmsKeyID != "" && r.S3SseAlgorithm != "KMS":
		return invalid("S3SseKmsKeyId can only be given with S3SseAlgorithm KMS")
	case len(r.S3Prefix) > 1024:
		return invalid("S3Prefix has %d characters; 1024 are allowed", len(r.S3Prefix))
	case len(r.S3Bucket) > 255:
		return invalid("S3Bucket has %d characters; 255 are allowed", len(r.S3Bucket))
	}
	return r.checkPeriod()
}

// same reports whether two requests ask for the same.
func (r *exportRequest) same(o *exportRequest) bool {
	a, b := *r, *o
	a.ExportTime, b.ExportTime = nil, nil
	a.IncrementalExportSpecification, b.IncrementalExportSpecification = nil, nil
	return a == b && sameTime(r.ExportTime, o.ExportTime) &&
		r.IncrementalExportSpecification.same(o.IncrementalExportSpecification)
}

func sameTime(a, b *timestamp) bool {
	return a == b || a != nil && b != nil && a.Equal(b.Time)
}

func (s *Server) exportTableToPointInTime(ctx context.Context, body []byte) ([]byte, error) {
	var r exportRequest
	err := decode(body, params{
		"TableArn":       &r.TableArn,
		"S3Bucket":       &r.S3Bucket,
		"ExportTime":     &r.ExportTime,
		"ClientToken":    &notEmpty{"ClientToken", &r.ClientToken},
		"ExportFormat":   &notEmpty{"ExportFormat", &r.ExportFormat},
		"ExportType":     &notEmpty{"ExportType", &r.ExportType},
		"S3BucketOwner":  &notEmpty{"S3BucketOwner", &r.S3BucketOwner},
		"S3Prefix":       &notEmpty{"S3Prefix", &r.S3Prefix},
		"S3SseAlgorithm": &notEmpty{"S3SseAlgorithm", &r.S3SseAlgorithm},
		"S3SseKmsKeyId":  &r.S3SseKmsKeyID,

		"IncrementalExportSpecification": &r.IncrementalExportSpecification,
	})
	if err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	now := s.opts.Now()
	description, err := s.exports.begin(&r, now, func() (*exportJob, error) { return s.newExport(&r, now) })
	if err != nil {
		return nil, err
	}
	if description.job != nil {
		s.exports.run(context.WithoutCancel(ctx), description.job, s.opts.Now)
	}
	return encode(map[string]any{"ExportDescription": description.exportDescription})
}

// newExport validates a request against the table and fixes what is exported.
func (s *Server) newExport(r *exportRequest, now time.Time) (*exportJob, error) {
	name, ok := strings.CutPrefix(r.TableArn, s.tableARN(""))
	if !ok {
		return nil, s.foreignARN(r.TableArn)
	}
	t, err := s.backupTable(name)
	if err != nil {
		return nil, err
	}
	w, on := t.window(now)
	if !on {
		return nil, refuse(codeNoRecovery, "Point in time recovery is not enabled for table '%s'", name)
	}
	period, err := r.fix(w, s.opts.ShortestWindow)
	if err != nil {
		return nil, err
	}
	at := period.to
	began := now
	if at.After(began) { // by less than a millisecond, since the window ends at a whole one
		began = at
	}
	id := fmt.Sprintf("%014d-%s", now.UnixMilli(), randomHex(4))
	job := &exportJob{
		id: id, table: t, objects: s.objects, spool: s.spoolDir(),
		partitions: s.opts.Partitions, empty: s.opts.EmptyPartitions, period: period,
		description: exportDescription{
			ExportArn:      s.tableARN(name) + "/export/" + id,
			ExportStatus:   exportInProgress,
			StartTime:      timestamp{Time: began},
			TableID:        t.id,
			ExportFormat:   dynamoDBJSON,
			TableArn:       s.tableARN(name),
			ClientToken:    r.ClientToken,
			ExportType:     r.ExportType,
			S3Bucket:       r.S3Bucket,
			S3BucketOwner:  r.S3BucketOwner,
			S3Prefix:       r.S3Prefix,
			S3SseAlgorithm: r.S3SseAlgorithm,
			S3SseKmsKeyID:  r.S3SseKmsKeyID,
		},
	}
	if period.incremental {
		job.description.IncrementalExportSpecification = period.describe()
	} else {
		job.description.ExportTime = &timestamp{Time: at}
	}
	if job.description.S3SseAlgorithm == "" {
		job.description.S3SseAlgorithm = "AES256"
	}
	return job, nil
}

// foreignARN refuses an ARN that is not one of a table here, as DynamoDB does:
// another account or Region is no business of the caller.
func (s *Server) foreignARN(arn string) error {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "dynamodb" || !strings.HasPrefix(parts[5], "table/") {
		return invalid("Invalid ARN: %q is not the ARN of a table", arn)
	}
	return s.foreign(arn)
}

func (s *Server) foreign(arn string) error {
	return refuse(codeAccessDenied, "%s is not in account %s, Region %s, which this endpoint serves", arn, Account,
		s.opts.Region)
}

func (s *Server) describeExport(_ context.Context, body []byte) ([]byte, error) {
	var arn string
	if err := decode(body, params{"ExportArn": &arn}); err != nil {
		return nil, err
	}
	if parts := strings.SplitN(arn, ":", 6); len(parts) < 6 || parts[0] != "arn" ||
		!strings.HasPrefix(parts[5], "table/") || !strings.Contains(parts[5], "/export/") {
		return nil, invalid("Invalid Export ARN: %q", arn)
	}
	if !strings.HasPrefix(arn, s.tableARN("")) {
		return nil, s.foreign(arn)
	}
	d, ok := s.exports.describe(arn)
	if !ok {
		return nil, refuse(codeExportNotFound, "Export not found: %s", arn)
	}
	return encode(map[string]any{"ExportDescription": d})
}

// notEmpty is where a text goes that may be absent, but not empty.
type notEmpty struct {
	name string
	to   *string
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *notEmpty) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, n.to); err != nil {
		return err
	}
	if *n.to == "" {
		return invalid("%s is empty; it must have at least one character", n.name)
	}
	return nil
}

// maxExportPage is the largest and the default page of ListExports.
const maxExportPage = 25

func (s *Server) listExports(_ context.Context, body []byte) ([]byte, error) {
	var arn, after string
	limit := maxExportPage
	if err := decode(body, params{"TableArn": &arn, "NextToken": &after, "MaxResults": &limit}); err != nil {
		return nil, err
	}
	if limit < 1 || limit > maxExportPage {
		return nil, invalid("MaxResults %d must be 1 to %d", limit, maxExportPage)
	}
	type summary struct {
		ExportArn    string
		ExportStatus string
		ExportType   string
	}
	answer := struct {
		ExportSummaries []summary
		NextToken       string `json:",omitempty"`
	}{ExportSummaries: []summary{}}
	skipping := after != ""
	for _, d := range s.exports.list() {
		if arn != "" && d.TableArn != arn {
			continue
		}
		if skipping {
			skipping = d.ExportArn != after
			continue
		}
		if len(answer.ExportSummaries) == limit {
			answer.NextToken = answer.ExportSummaries[limit-1].ExportArn
			break
		}
		answer.ExportSummaries = append(answer.ExportSummaries, summary{d.ExportArn, d.ExportStatus, d.kind()})
	}
	if skipping {
		return nil, invalid("Invalid NextToken: %q was not given out for this list", after)
	}
	return encode(answer)
}

// isoTime writes a time as the manifests have it: with milliseconds and Z.
func isoTime(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
