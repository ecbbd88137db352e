package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// PartitionInput is one data file of a run.
type PartitionInput struct {
	RunID string       `json:"runId"`
	File  lakedoc.File `json:"file"`
}

// Partitioner turns data files in S3 into Parquet objects in S3.
type Partitioner struct {
	api        transfermanager.S3APIClient
	uploads    *transfermanager.Client
	splitter   *Splitter
	rawBucket  string
	lakeBucket string
}

// NewPartitioner returns a Partitioner for a model.
func NewPartitioner(
	api transfermanager.S3APIClient, m model.Model, rawBucket, lakeBucket string,
) (*Partitioner, error) {
	splitter, err := NewSplitter(m)
	if err != nil {
		return nil, fault.New(fault.Invalid, err)
	}
	return &Partitioner{
		api: api, uploads: newUploader(api), splitter: splitter, rawBucket: rawBucket, lakeBucket: lakeBucket,
	}, nil
}

// Partition streams one data file into Parquet objects, sets aside what cannot
// be loaded, and writes down what became of it. Objects become visible only
// after the whole file was read and its checksum and count were found right.
//
// A file that contradicts its manifest is reported in the result, not as an
// error: the reconciler names all such files at once. Everything written is
// named after run and file, so a repeat replaces it with the same bytes.
func (p *Partitioner) Partition(ctx context.Context, in PartitionInput) (lakedoc.Result, error) {
	result, err := p.split(ctx, in)
	if c, ok := errors.AsType[*contradictionError](err); ok {
		result = emptyResult(in.File)
		result.Problem = c.text
	} else if err != nil {
		return lakedoc.Result{}, fmt.Errorf("partition s3://%s/%s: %w", p.rawBucket, in.File.Key, err)
	}
	return result, p.report(ctx, in.RunID, result)
}

func (p *Partitioner) split(ctx context.Context, in PartitionInput) (lakedoc.Result, error) {
	body, err := p.open(ctx, in.File.Key)
	if err != nil {
		return lakedoc.Result{}, err
	}
	object := "s3://" + p.rawBucket + "/" + in.File.Key
	result, err := p.splitter.Split(ctx, in, object, body, func(key string) Output {
		return startUpload(ctx, p.uploads, p.lakeBucket, key)
	})
	return result, errors.Join(err, body.Close())
}

// report writes the result for the reconciler.
func (p *Partitioner) report(ctx context.Context, run string, result lakedoc.Result) error {
	body, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("encode result of file %d: %w", result.File, err)
	}
	key := lakedoc.ResultKey(run, result.File)
	if _, err := p.api.PutObject(ctx, &s3.PutObjectInput{Bucket: &p.lakeBucket, Key: &key, Body: bytes.NewReader(body)}); err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", p.lakeBucket, key, err)
	}
	return nil
}
