package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// ReconcileInput names the run and its work list.
type ReconcileInput struct {
	RunID string          `json:"runId"`
	Plan  lakedoc.Plan    `json:"plan"`
	Input json.RawMessage `json:"input"` // of the execution, for its field accept
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

	fingerprint string
}

// NewReconciler returns a Reconciler of a lake.
func NewReconciler(api Reader, m model.Model, lakeBucket string) *Reconciler {
	return &Reconciler{api: api, model: m, lakeBucket: lakeBucket}
}

// Sign makes the reconciler write the fingerprint of what is generated for the model
// into its nights, so that increments are applied to nothing else.
func (r *Reconciler) Sign(fingerprint string) { r.fingerprint = fingerprint }

// maxPlan bounds what is read of a work list, in bytes: some 200 for each data
// file of the export.
const maxPlan = 64 << 20

// maxResult bounds what is read of a result, in bytes. It has a few kilobytes,
// and some hundred for each unknown attribute that it may name.
const maxResult = 2 << 20

// readsInFlight bounds the results that are read at a time. Each can need its
// bound three times while it is decoded; the function has 1,769 MB.
const readsInFlight = 64

// Reconcile reads the result of every data file in the plan and proves: no file
// has a problem or is missing; each file's items are its rows plus what was set
// aside; all items are the export's; every object is there as it was
// written; the measures of every object were added up. It then writes the
// COPY manifests and the night's record. Anything that does not hold is Corrupt,
// with the first findings in one message.
//
// A night that must not be loaded is not a fault here, because too much is wrong in
// it for instance: Night.Refusal says so, and the pipeline goes no further. Nor is
// a night that lacks rows which the last published run had: Night.Shrunk says so.
//
// It only reads what other steps wrote and writes the same manifests every
// time, so it may run twice.
func (r *Reconciler) Reconcile(ctx context.Context, in ReconcileInput) (lakedoc.Night, error) {
	accept, err := lakedoc.ParseAccept(in.Input)
	if err != nil {
		return lakedoc.Night{}, fault.New(fault.Invalid, err)
	}
	var plan []lakedoc.File
	if err := r.read(ctx, in.Plan.Key, maxPlan, &plan); err != nil {
		return lakedoc.Night{}, err
	}
	results := make([]lakedoc.Result, len(plan))
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
		return lakedoc.Night{}, err
	}
	if err := join(findings); err != nil {
		return lakedoc.Night{}, fault.New(fault.Corrupt, fmt.Errorf("reconcile run %s: %w", in.RunID, err))
	}
	night := total(results)
	if night.Items != in.Plan.Items {
		return lakedoc.Night{}, fault.New(fault.Corrupt, fmt.Errorf(
			"reconcile run %s: the export counts %d items, its files hold %d", in.RunID, in.Plan.Items, night.Items))
	}
	tables, refusals, err := r.loads(ctx, in.RunID, results)
	if err != nil {
		return lakedoc.Night{}, err
	}
	night.Tables, night.ExportTime, night.TableARN = tables, in.Plan.ExportTime, in.Plan.TableARN
	night.Mode, night.From, night.TableID, night.Fingerprint = in.Plan.Mode, in.Plan.From, in.Plan.TableID, r.fingerprint
	last, err := r.last(ctx, &night)
	if err != nil {
		return lakedoc.Night{}, err
	}
	night.FullTime, night.Standing = night.ExportTime, night.Rows
	if night.Mode == lakedoc.Incremental {
		night.FullTime, night.Standing = last.Night.FullTime, last.Night.Standing
	}
	night.Refusal = r.refuse(in.RunID, night, results, refusals)
	r.compare(in, accept, last, lost(results), &night)
	return night, r.write(ctx, lakedoc.NightKey(in.RunID), night)
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
func (r *Reconciler) result(ctx context.Context, run string, file lakedoc.File) (lakedoc.Result, error) {
	var result lakedoc.Result
	if err := r.read(ctx, lakedoc.ResultKey(run, file.Number), maxResult, &result); err != nil {
		return lakedoc.Result{}, err
	}
	corrupt := func(format string, args ...any) error {
		return fault.New(fault.Corrupt, fmt.Errorf("data file %s: "+format, append([]any{file.Key}, args...)...))
	}
	switch {
	case result.Problem != "":
		return lakedoc.Result{}, corrupt("%s", result.Problem)
	case result.File != file.Number || result.Key != file.Key:
		return lakedoc.Result{}, corrupt("its result is that of file %d, %s", result.File, result.Key)
	}
	if err := r.addsUp(result, file); err != nil {
		return lakedoc.Result{}, corrupt("%w", err)
	}
	for _, object := range objects(result) {
		err := r.present(ctx, object)
		if fault.KindOf(err) == fault.Corrupt {
			return lakedoc.Result{}, corrupt("%w", err)
		}
		if err != nil {
			return lakedoc.Result{}, err
		}
	}
	return result, nil
}

// present checks that an object is there as it was written: with its size, and
// with its ETag, which S3 makes of the content.
func (r *Reconciler) present(ctx context.Context, object lakedoc.Object) error {
	head, err := r.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &r.lakeBucket, Key: &object.Key})
	if _, missing := errors.AsType[*types.NotFound](err); missing {
		return fault.New(fault.Corrupt, fmt.Errorf("the object s3://%s/%s made of it is gone", r.lakeBucket, object.Key))
	}
	if err != nil {
		return fmt.Errorf("head s3://%s/%s: %w", r.lakeBucket, object.Key, err)
	}
	if size := aws.ToInt64(head.ContentLength); head.ContentLength == nil || size != object.Bytes {
		return fault.New(fault.Corrupt, fmt.Errorf("the object s3://%s/%s made of it has %d bytes, not the %d that were written",
			r.lakeBucket, object.Key, size, object.Bytes))
	}
	if etag := aws.ToString(head.ETag); etag == "" || etag != object.ETag {
		return fault.New(fault.Corrupt, fmt.Errorf("the object s3://%s/%s made of it has ETag %s, not the %s that was written",
			r.lakeBucket, object.Key, etag, object.ETag))
	}
	return nil
}

func (r *Reconciler) read(ctx context.Context, key string, most int, into any) error {
	stored, err := document.Read(ctx, r.api, r.lakeBucket, key, most)
	if document.Missing(err) {
		return fault.New(fault.Corrupt, err)
	}
	if err != nil {
		return err //nolint:wrapcheck // names the object
	}
	decoder := json.NewDecoder(bytes.NewReader(stored.Body))
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
