package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// PlanInput names the export that the run loads.
type PlanInput struct {
	RunID       string `json:"runId"`
	ManifestKey string `json:"manifestKey"` // key of manifest-summary.json in the raw bucket

	Input json.RawMessage `json:"input"` // of the execution, for its field accept
}

// objects is what a plan asks of S3. The role needs s3:ListBucket too: without
// it S3 answers AccessDenied for a key that does not exist.
type objects interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Planner proves manifests and writes work lists.
type Planner struct {
	api  objects
	raw  string
	lake string
	log  *slog.Logger
}

// NewPlanner returns the handler of the step export-plan. It logs only what a
// run may go on without: a manifest that has no checksum beside it, or has a
// version that is not known.
func NewPlanner(api objects, rawBucket, lakeBucket string, log *slog.Logger) *Planner {
	return &Planner{api: api, raw: rawBucket, lake: lakeBucket, log: log}
}

// Plan reads both manifests of an export, proves them against their checksums,
// against each other and against what is in the bucket, and writes the data
// files down as the work list of the map. An export of another table than the
// last published run's, or of an earlier moment, is no fault, but not for loading
// unless the run accepts that: Plan.Refusal says so, and no list is written. Memory grows with the number of data
// files, by a few hundred bytes each.
//
// Running twice is safe: manifests do not change, and the same list is written
// to the same key.
func (p *Planner) Plan(ctx context.Context, in PlanInput) (lakedoc.Plan, error) {
	if err := checkRunID(in.RunID); err != nil {
		return lakedoc.Plan{}, err
	}
	accept, err := lakedoc.ParseAccept(in.Input)
	if err != nil {
		return lakedoc.Plan{}, fault.New(fault.Invalid, err)
	}
	at, err := locate(in.ManifestKey)
	if err != nil {
		return lakedoc.Plan{}, err
	}
	summary, err := p.readSummary(ctx, in.ManifestKey)
	if err != nil {
		return lakedoc.Plan{}, err
	}
	filesKey, err := at.resolve(*summary.ManifestFilesS3Key)
	if err != nil {
		return lakedoc.Plan{}, fmt.Errorf("read manifestFilesS3Key of %s: %w", p.url(in.ManifestKey), err)
	}
	files, items, err := p.readFiles(ctx, filesKey, at)
	if err != nil {
		return lakedoc.Plan{}, err
	}
	if items != *summary.ItemCount {
		return lakedoc.Plan{}, fault.New(fault.Corrupt, fmt.Errorf(
			"compare item counts: the lines of %s sum up to %d, %s says %d",
			p.url(filesKey), items, p.url(in.ManifestKey), *summary.ItemCount))
	}
	shows, err := summary.at()
	if err != nil {
		return lakedoc.Plan{}, fmt.Errorf("read %s: %w", p.url(in.ManifestKey), err)
	}
	out := lakedoc.Plan{
		Bucket: p.lake, Key: lakedoc.PlanKey(in.RunID), Files: len(files), Items: items,
		ExportTime: shows, TableARN: aws.ToString(summary.TableARN), Bytes: aws.ToInt64(summary.BilledSizeBytes),
	}
	if out.Refusal, err = p.compare(ctx, in, accept, out); err != nil || out.Refusal != "" {
		return out, err
	}
	if err := p.checkFiles(ctx, files); err != nil {
		return lakedoc.Plan{}, err
	}
	return out, p.write(ctx, out.Key, files)
}

// maxAhead is how many data files are asked for at the same time.
const maxAhead = 16

// maxNamed is how many missing data files an error names; the state machine
// cuts long causes anyway.
const maxNamed = 5

// checkFiles proves that every data file of the manifest is in the bucket. Its
// content is proved by the step that reads it.
func (p *Planner) checkFiles(ctx context.Context, files []lakedoc.File) error {
	var mu sync.Mutex
	var missing []string
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(maxAhead)
	for _, file := range files {
		group.Go(func() error {
			_, err := p.api.HeadObject(groupCtx, &s3.HeadObjectInput{Bucket: &p.raw, Key: &file.Key})
			if _, gone := errors.AsType[*types.NotFound](err); gone {
				mu.Lock()
				defer mu.Unlock()
				missing = append(missing, p.url(file.Key))
				return nil
			}
			if err != nil {
				return fmt.Errorf("look up %s: %w", p.url(file.Key), awsfault.Classify(err))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return fault.New(fault.Corrupt, fmt.Errorf("look up data files: %d of %d are missing: %s",
			len(missing), len(files), strings.Join(missing[:min(len(missing), maxNamed)], ", ")))
	}
	return nil
}

func (p *Planner) write(ctx context.Context, key string, files []lakedoc.File) error {
	body, err := json.Marshal(files)
	if err != nil {
		return fmt.Errorf("encode plan: %w", err)
	}
	_, err = p.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &p.lake, Key: &key, Body: bytes.NewReader(body), ContentType: aws.String("application/json"),
	})
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", p.lake, key, awsfault.Classify(err))
	}
	return nil
}

// url names an object of the raw bucket in messages.
func (p *Planner) url(key string) string { return "s3://" + p.raw + "/" + key }
