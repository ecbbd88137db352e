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
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// PlanInput names the exports that the run loads: one full export, or incremental
// ones without a hole between them.
type PlanInput struct {
	RunID   string          `json:"runId"`
	Exports []Done          `json:"exports"`
	Input   json.RawMessage `json:"input"` // of the execution, for its field accept
}

// Done is an export that is in the raw bucket.
type Done struct {
	ManifestKey string `json:"manifestKey"` // key of manifest-summary.json
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

// Plan reads both manifests of each export, proves them against their checksums,
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
	exports, err := p.readAll(ctx, in.Exports)
	if err != nil {
		return lakedoc.Plan{}, err
	}
	files := []lakedoc.File{}
	out := lakedoc.Plan{Bucket: p.lake, Key: lakedoc.PlanKey(in.RunID)}
	for _, e := range exports {
		out.Items += e.items
		out.Bytes += aws.ToInt64(e.BilledSizeBytes)
		for _, file := range e.files {
			file.Number = len(files) + 1
			files = append(files, file)
		}
	}
	out.Files = len(files)
	if err := p.join(exports, &out); err != nil {
		return lakedoc.Plan{}, err
	}
	if err := p.compare(ctx, in.RunID, accept, &out); err != nil || out.Refusal != "" {
		return out, err
	}
	if err := p.checkFiles(ctx, files); err != nil {
		return lakedoc.Plan{}, err
	}
	return out, p.write(ctx, out.Key, files)
}

// proven is an export whose manifests agree.
type proven struct {
	summary

	key      string // of the summary
	files    []lakedoc.File
	items    int64
	from, to string // of changes; to is the moment of a full export, or empty
}

// readAll reads the manifests of all exports, in the order of what they show.
func (p *Planner) readAll(ctx context.Context, exports []Done) ([]proven, error) {
	if len(exports) == 0 {
		return nil, fault.New(fault.Invalid, errors.New("the run has no export"))
	}
	var all []proven
	for _, e := range exports {
		read, err := p.readExport(ctx, e.ManifestKey)
		if err != nil {
			return nil, err
		}
		all = append(all, read)
	}
	slices.SortStableFunc(all, func(a, b proven) int { return instant(a.from).Compare(instant(b.from)) })
	return all, nil
}

// readExport reads both manifests of an export and proves them.
func (p *Planner) readExport(ctx context.Context, key string) (proven, error) {
	at, err := locate(key)
	if err != nil {
		return proven{}, err
	}
	out := proven{key: key}
	if out.summary, err = p.readSummary(ctx, key); err != nil {
		return proven{}, err
	}
	filesKey, err := at.resolve(*out.ManifestFilesS3Key)
	if err != nil {
		return proven{}, fmt.Errorf("read manifestFilesS3Key of %s: %w", p.url(key), err)
	}
	if out.files, out.items, err = p.readFiles(ctx, filesKey, at, out.isIncremental()); err != nil {
		return proven{}, err
	}
	if out.items != *out.ItemCount {
		return proven{}, fault.New(fault.Corrupt, fmt.Errorf(
			"compare item counts: the lines of %s sum up to %d, %s says %d",
			p.url(filesKey), out.items, p.url(key), *out.ItemCount))
	}
	if out.isIncremental() {
		out.from, out.to, err = out.span()
	} else {
		out.to, err = out.at()
	}
	if err != nil {
		return proven{}, fmt.Errorf("read %s: %w", p.url(key), err)
	}
	return out, nil
}

// join says in the plan what all exports show together: they are of one table, and
// have no hole between them.
func (p *Planner) join(exports []proven, out *lakedoc.Plan) error {
	first := exports[0]
	out.Mode, out.From, out.ExportTime = lakedoc.Full, first.from, first.to
	out.TableARN, out.TableID = aws.ToString(first.TableARN), aws.ToString(first.TableID)
	if first.isIncremental() {
		out.Mode = lakedoc.Incremental
	}
	if len(exports) == 1 {
		out.ManifestKey = first.key
	}
	for i, next := range exports[1:] {
		before := exports[i]
		switch {
		case !before.isIncremental() || !next.isIncremental():
			return fault.New(fault.Invalid, fmt.Errorf("%s and %s: a run loads one full export, or incremental ones", p.url(before.key), p.url(next.key)))
		case aws.ToString(next.TableARN) != out.TableARN || aws.ToString(next.TableID) != out.TableID:
			return fault.New(fault.Invalid, fmt.Errorf("%s and %s are exports of two tables", p.url(before.key), p.url(next.key)))
		case instant(next.from).After(instant(out.ExportTime)):
			return fault.New(fault.Corrupt, fmt.Errorf("%s ends at %s, and %s begins at %s: what has changed between is missing",
				p.url(before.key), out.ExportTime, p.url(next.key), next.from))
		case instant(next.from).Before(instant(out.ExportTime)):
			return fault.New(fault.Invalid, fmt.Errorf("%s ends at %s, and %s begins at %s: windows must not overlap",
				p.url(before.key), out.ExportTime, p.url(next.key), next.from))
		}
		out.ExportTime = next.to
	}
	return nil
}

// instant reads a time of our own documents; text that is not a time is before all others.
func instant(text string) time.Time {
	at, _ := time.Parse(time.RFC3339Nano, text) //nolint:errcheck // see above
	return at
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
