package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// ReconcileInput names the run and its work list.
type ReconcileInput struct {
	RunID string `json:"runId"`
	Plan  struct {
		Key   string `json:"key"`   // in the lake bucket
		Items int64  `json:"items"` // as the export's summary counts them
	} `json:"plan"`
}

// Night is what the run has in the lake, and what to load.
type Night struct {
	Items    int64            `json:"items"`
	Rows     map[string]int64 `json:"rows"`     // by item type
	SetAside map[Reason]int64 `json:"setAside"` // by reason
	Tables   []TableLoad      `json:"tables"`
}

// TableLoad is the load of one landing table.
type TableLoad struct {
	Table    string `json:"table"`
	Manifest string `json:"manifest"` // s3:// URL; empty if there are no files
	Files    int    `json:"files"`
	Rows     int64  `json:"rows"`
}

// Reader is what the reconciler calls of S3.
type Reader interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Reconciler proves that a night is complete before anything is loaded.
type Reconciler struct {
	api        Reader
	model      model.Model
	lakeBucket string
}

// NewReconciler returns a Reconciler of a lake.
func NewReconciler(api Reader, m model.Model, lakeBucket string) *Reconciler {
	return &Reconciler{api: api, model: m, lakeBucket: lakeBucket}
}

// readsInFlight bounds the results that are read at a time.
const readsInFlight = 128

// Reconcile reads the result of every data file in the plan and proves: no file
// has a problem or is missing; each file's items are its rows plus what was set
// aside; all items are the export's; every object is there with the size that
// was written. It then writes the COPY manifests. Anything that does not hold
// is Corrupt, with the first findings in one message.
//
// It only reads what other steps wrote and writes the same manifests every
// time, so it may run twice.
func (r *Reconciler) Reconcile(ctx context.Context, in ReconcileInput) (Night, error) {
	var plan []File
	if err := r.read(ctx, in.Plan.Key, &plan); err != nil {
		return Night{}, err
	}
	results := make([]Result, len(plan))
	findings := make([]error, len(plan))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(readsInFlight)
	for i, file := range plan {
		group.Go(func() error {
			result, err := r.result(groupCtx, in.RunID, file)
			if fault.KindOf(err) == fault.Corrupt {
				findings[i] = err
				return nil
			}
			results[i] = result
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Night{}, err
	}
	night := total(results)
	if err := join(findings); err != nil {
		return Night{}, fault.New(fault.Corrupt, fmt.Errorf("reconcile run %s: %w", in.RunID, err))
	}
	if night.Items != in.Plan.Items {
		return Night{}, fault.New(fault.Corrupt, fmt.Errorf(
			"reconcile run %s: the export counts %d items, its files hold %d", in.RunID, in.Plan.Items, night.Items))
	}
	tables, err := r.manifests(ctx, in.RunID, results)
	night.Tables = tables
	return night, err
}

// maxFindings bounds an error that may speak of every file of a large table:
// Step Functions takes 256 KiB.
const maxFindings = 5

// join makes one error of the first findings and counts the rest.
func join(findings []error) error {
	found := slices.DeleteFunc(findings, func(err error) bool { return err == nil })
	if len(found) > maxFindings {
		more := fmt.Errorf("and %d more data files", len(found)-maxFindings)
		return errors.Join(append(found[:maxFindings:maxFindings], more)...)
	}
	return errors.Join(found...)
}

// result reads what one data file reported and checks it.
func (r *Reconciler) result(ctx context.Context, run string, file File) (Result, error) {
	var result Result
	if err := r.read(ctx, resultKey(run, file.Number), &result); err != nil {
		return Result{}, err
	}
	corrupt := func(format string, args ...any) error {
		return fault.New(fault.Corrupt, fmt.Errorf("data file %s: "+format, append([]any{file.Key}, args...)...))
	}
	var rows, aside, written int64
	for _, n := range result.Rows {
		rows += n
	}
	for _, n := range result.SetAside {
		aside += n
	}
	for _, object := range result.Objects {
		written += object.Rows
	}
	switch {
	case result.Problem != "":
		return Result{}, corrupt("%s", result.Problem)
	case result.File != file.Number || result.Key != file.Key:
		return Result{}, corrupt("its result is that of file %d, %s", result.File, result.Key)
	case result.Items != file.Items || result.Items != rows+aside || rows != written:
		return Result{}, corrupt("%d items in the manifest, %d lines decoded, %d rows, %d rows in objects, %d set aside",
			file.Items, result.Items, rows, written, aside)
	}
	for _, object := range result.Objects {
		head, err := r.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &r.lakeBucket, Key: &object.Key})
		if err != nil {
			if _, missing := errors.AsType[*types.NotFound](err); missing {
				return Result{}, corrupt("the object s3://%s/%s made of it is gone", r.lakeBucket, object.Key)
			}
			return Result{}, fmt.Errorf("head s3://%s/%s: %w", r.lakeBucket, object.Key, err)
		}
		if head.ContentLength == nil || *head.ContentLength != object.Bytes {
			return Result{}, corrupt("the object s3://%s/%s made of it has not the %d bytes that were written",
				r.lakeBucket, object.Key, object.Bytes)
		}
	}
	return result, nil
}

// total adds up what all files reported.
func total(results []Result) Night {
	night := Night{Rows: map[string]int64{}, SetAside: map[Reason]int64{}}
	for _, result := range results {
		night.Items += result.Items
		for name, n := range result.Rows {
			night.Rows[name] += n
		}
		for reason, n := range result.SetAside {
			night.SetAside[reason] += n
		}
	}
	return night
}

// copyManifest is what COPY … MANIFEST reads. For Parquet the length of each
// object is required:
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
type copyManifest struct {
	Entries []copyEntry `json:"entries"`
}

type copyEntry struct {
	URL       string `json:"url"`
	Mandatory bool   `json:"mandatory"`
	Meta      struct {
		ContentLength int64 `json:"content_length"`
	} `json:"meta"`
}

// manifests writes one COPY manifest for each item type that has rows, and
// lists the loads of all landing tables. A table without files gets no
// manifest: COPY refuses an empty one.
func (r *Reconciler) manifests(ctx context.Context, run string, results []Result) ([]TableLoad, error) {
	byType := map[string]*copyManifest{}
	rows := map[string]int64{}
	for _, result := range results {
		for _, object := range result.Objects {
			entry := copyEntry{URL: "s3://" + r.lakeBucket + "/" + object.Key, Mandatory: true}
			entry.Meta.ContentLength = object.Bytes
			if byType[object.Type] == nil {
				byType[object.Type] = &copyManifest{}
			}
			byType[object.Type].Entries = append(byType[object.Type].Entries, entry)
			rows[object.Type] += object.Rows
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byType)) {
		if err := r.write(ctx, manifestKey(run, name), byType[name]); err != nil {
			return nil, err
		}
	}
	loads := make([]TableLoad, 0, len(r.model.Landing))
	for _, landing := range r.model.Landing {
		load := TableLoad{Table: landing.Name}
		if manifest := byType[landing.Item]; manifest != nil {
			load.Manifest = "s3://" + r.lakeBucket + "/" + manifestKey(run, landing.Item)
			load.Files, load.Rows = len(manifest.Entries), rows[landing.Item]
		}
		loads = append(loads, load)
	}
	return loads, nil
}

func (r *Reconciler) read(ctx context.Context, key string, into any) error {
	out, err := r.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &r.lakeBucket, Key: &key})
	if err != nil {
		err = fmt.Errorf("get s3://%s/%s: %w", r.lakeBucket, key, err)
		if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
			return fault.New(fault.Corrupt, err)
		}
		return err
	}
	body, err := io.ReadAll(out.Body)
	if err := errors.Join(err, out.Body.Close()); err != nil {
		return fault.New(fault.Transient, fmt.Errorf("read s3://%s/%s: %w", r.lakeBucket, key, err))
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fault.New(fault.Corrupt, fmt.Errorf("decode s3://%s/%s: %w", r.lakeBucket, key, err))
	}
	return nil
}

func (r *Reconciler) write(ctx context.Context, key string, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode s3://%s/%s: %w", r.lakeBucket, key, err)
	}
	_, err = r.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &r.lakeBucket, Key: &key, Body: strings.NewReader(string(body)),
	})
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", r.lakeBucket, key, err)
	}
	return nil
}
