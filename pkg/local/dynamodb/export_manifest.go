package dynamodb

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // the checksum that DynamoDB writes
	"encoding/base64"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// manifestSummary is manifest-summary.json.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
type manifestSummary struct {
	Version            string  `json:"version"`
	ExportArn          string  `json:"exportArn"`
	StartTime          string  `json:"startTime"`
	EndTime            string  `json:"endTime"`
	TableArn           string  `json:"tableArn"`
	TableID            string  `json:"tableId"`
	ExportTime         string  `json:"exportTime,omitempty"`     // of a full export
	ExportFromTime     string  `json:"exportFromTime,omitempty"` // of an incremental export, as the next two
	ExportToTime       string  `json:"exportToTime,omitempty"`
	S3Bucket           string  `json:"s3Bucket"`
	S3Prefix           *string `json:"s3Prefix"`
	S3SseAlgorithm     string  `json:"s3SseAlgorithm"`
	S3SseKmsKeyID      *string `json:"s3SseKmsKeyId"`
	ManifestFilesS3Key string  `json:"manifestFilesS3Key"`
	BilledSizeBytes    int64   `json:"billedSizeBytes"`
	ItemCount          int64   `json:"itemCount"`
	OutputFormat       string  `json:"outputFormat"`
	OutputView         string  `json:"outputView,omitempty"` // of an incremental export
	ExportType         string  `json:"exportType,omitempty"` // of a full export, if the request named it
}

// putManifests writes the manifests of a complete export, each with its MD5. The
// one that clients read first comes last.
func (j *exportJob) putManifests(ctx context.Context, d *exportDescription, files []dataFile) error {
	var lines []byte
	for _, f := range files {
		line, err := encode(f)
		if err != nil {
			return err
		}
		lines = append(append(lines, line...), '\n')
	}
	if err := j.putWithMD5(ctx, "manifest-files", lines); err != nil {
		return err
	}
	content := manifestSummary{
		Version:            "2020-06-30",
		ExportArn:          d.ExportArn,
		StartTime:          isoTime(d.StartTime.Time),
		EndTime:            isoTime(d.EndTime.Time),
		TableArn:           d.TableArn,
		TableID:            d.TableID,
		S3Bucket:           d.S3Bucket,
		S3Prefix:           orNull(d.S3Prefix),
		S3SseAlgorithm:     d.S3SseAlgorithm,
		S3SseKmsKeyID:      orNull(d.S3SseKmsKeyID),
		ManifestFilesS3Key: j.key("manifest-files.json"),
		BilledSizeBytes:    *d.BilledSizeBytes,
		ItemCount:          *d.ItemCount,
		OutputFormat:       dynamoDBJSON,
		ExportType:         d.ExportType,
	}
	if p := d.IncrementalExportSpecification; p != nil {
		content.Version, content.OutputView = "2023-08-01", p.ExportViewType
		content.ExportFromTime, content.ExportToTime = isoTime(p.ExportFromTime.Time), isoTime(p.ExportToTime.Time)
	} else {
		content.ExportTime = isoTime(d.ExportTime.Time)
	}
	summary, err := encode(content)
	if err != nil {
		return err
	}
	return j.putWithMD5(ctx, "manifest-summary", summary)
}

// putWithMD5 writes name.json and, in name.md5, the Base64 of its MD5.
func (j *exportJob) putWithMD5(ctx context.Context, name string, content []byte) error {
	if err := j.put(ctx, j.key(name+".json"), content); err != nil {
		return err
	}
	sum := md5.Sum(content) //nolint:gosec // as above
	return j.put(ctx, j.key(name+".md5"), []byte(base64.StdEncoding.EncodeToString(sum[:])))
}

// put writes a small object.
func (j *exportJob) put(ctx context.Context, key string, content []byte) error {
	algorithm, keyID := j.encryption()
	_, err := j.objects.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &j.description.S3Bucket, Key: &key, ExpectedBucketOwner: j.bucketOwner(),
		Body:                 bytes.NewReader(content),
		ServerSideEncryption: algorithm, SSEKMSKeyId: keyID,
	})
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", j.description.S3Bucket, key, err)
	}
	return nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
