// Package archive moves the objects of earlier runs out of the raw and the
// lake bucket into their archive buckets: copy, verify, then delete.
//
// It is the step archive, the last of a night and called once for each of the
// two buckets: until the new night is in the warehouse, the objects of the one
// before stay where readers find them. It decides by keys and times alone, opens an
// object (S3 copies within itself) only if nothing else proves its copy, and
// never touches an object of the run that calls it, nor of one that took the
// lock after it. That one run goes on at a time is the business of package lock.
package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// Input names the run that archives, and the bucket it tidies up.
type Input struct {
	RunID  string `json:"runId"`
	Source string `json:"source"` // "raw" or "lake"
	Mode   string `json:"mode"`   // of the run: [lakedoc.Full] or [lakedoc.Incremental]

	Objects int   `json:"objects"` // moved by earlier calls for this run and bucket
	Bytes   int64 `json:"bytes"`   // moved by earlier calls for this run and bucket

	Notes []string `json:"notes"` // of earlier calls for this run and bucket
}

// Output tells how far the archiving has come.
type Output struct {
	Done    bool  `json:"done"`    // false: time is up, call again with the numbers below
	Objects int   `json:"objects"` // moved by this call and those before it
	Bytes   int64 `json:"bytes"`   // moved by this call and those before it

	Notes []string `json:"notes"` // what was odd, for the record of the run: a sentence each; never null
}

// Buckets are the names of the four buckets, each different from the others.
type Buckets struct {
	Raw, RawArchive   string
	Lake, LakeArchive string
}

// Options tune the archiver. The zero value is right for S3.
type Options struct {
	MultipartAbove int64         // size in bytes that one CopyObject may have; 5 GiB, S3's limit
	PartSize       int64         // bytes of a part of a larger object; 512 MiB
	Objects        int           // objects copied at the same time; 16
	Parts          int           // parts of one object copied at the same time; 8
	Reserve        time.Duration // time kept free before the deadline, to delete what was copied; 30 s
}

// client is what the archiver calls of S3.
type client interface {
	store
	copier
	lister
}

type store interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

type copier interface {
	CopyObject(context.Context, *s3.CopyObjectInput, ...func(*s3.Options)) (*s3.CopyObjectOutput, error)
	CreateMultipartUpload(
		context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options),
	) (*s3.CreateMultipartUploadOutput, error)
	UploadPartCopy(context.Context, *s3.UploadPartCopyInput, ...func(*s3.Options)) (*s3.UploadPartCopyOutput, error)
	CompleteMultipartUpload(
		context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options),
	) (*s3.CompleteMultipartUploadOutput, error)
	AbortMultipartUpload(
		context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options),
	) (*s3.AbortMultipartUploadOutput, error)
}

type lister interface {
	ListMultipartUploads(
		context.Context, *s3.ListMultipartUploadsInput, ...func(*s3.Options),
	) (*s3.ListMultipartUploadsOutput, error)
	ListParts(context.Context, *s3.ListPartsInput, ...func(*s3.Options)) (*s3.ListPartsOutput, error)
}

// fence tells when a run took the lock, or that it does not hold it any more.
type fence interface {
	Pass(ctx context.Context, runID string) (time.Time, error)
}

// Archiver moves objects of earlier runs.
type Archiver struct {
	api     client
	fence   fence
	buckets Buckets
	options Options
}

// New returns the handler of the step archive, for runs that the fence lets pass.
func New(api client, fence fence, buckets Buckets, options Options) *Archiver {
	options.MultipartAbove = positive(options.MultipartAbove, 5<<30)
	options.PartSize = positive(options.PartSize, 512<<20)
	options.Objects = positive(options.Objects, 16)
	options.Parts = positive(options.Parts, 8)
	options.Reserve = positive(options.Reserve, 30*time.Second)
	return &Archiver{api: api, fence: fence, buckets: buckets, options: options}
}

func positive[N int | int64 | time.Duration](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}

// Archive moves every object of the source bucket that has an element run=… in
// its key, unless one names this run, to run=<this run>/<key> in the archive
// bucket. Objects without such an element stay. In the lake only items/, changes/,
// setaside/, unknown/ and wrong/ are looked at; the records below runs/ stay. Before
// anything of the lake is moved, runs/current.json names this run as the one to read.
//
// An incremental run moves nothing of the lake that the state of the table is still
// made of: what the last full run left, and the changes of all runs since.
//
// What is newer than this run's lock is left alone: only a run that took the
// lock later can have written it, while this one was given up and its function
// went on.
//
// It stops before the deadline of ctx and reports done=false; the state
// machine calls it again, and a copy in parts goes on where it was. Memory is
// flat: a listing is worked off page by page.
//
// Running twice is safe, at once or after a crash at any point: an object is
// deleted only when its copy has been verified, a copy that is there already
// is verified instead of made again, also if a run that did not finish
// made it, and an object that another delivery of the same message has moved
// in the meantime is accepted if its copy verifies.
//
// An object that is not what its own checksum says was damaged where it lay. It
// is archived as it is, byte for byte, and noted: no later call would find it
// whole. A damaged note of who has not finished is noted and replaced. Multipart uploads that
// earlier runs left open are aborted in the end.
func (a *Archiver) Archive(ctx context.Context, in Input) (Output, error) {
	r, prefixes, err := a.route(in)
	if err != nil {
		return Output{}, err
	}
	if r.since, err = a.fence.Pass(ctx, in.RunID); err != nil {
		return Output{}, fmt.Errorf("archive s3://%s: %w", r.from, err)
	}
	if in.Source == sourceLake {
		current, err := a.writeCurrent(ctx, in)
		if err != nil {
			return Output{}, err
		}
		r.keeps = current.Holds
	}
	r.notes.add(in.Notes...)
	if r.before, err = a.begin(ctx, in, &r.notes); err != nil {
		return Output{}, err
	}
	began := time.Now()
	working, cancel := beforeDeadline(ctx, a.options.Reserve)
	defer cancel()
	out := Output{Done: true}
	for _, prefix := range prefixes {
		if err := r.move(ctx, working, prefix, &out); err != nil {
			return Output{}, fmt.Errorf("archive s3://%s/%s: %w", r.from, prefix, err)
		}
	}
	if !out.Done && out.Objects == 0 && r.parts.Load() == 0 {
		// Calling again would take as long and end as here, for ever.
		err := fmt.Errorf("archive s3://%s: no object was moved in %s", r.from, time.Since(began).Round(time.Second))
		return Output{}, fault.New(fault.Rejected, err)
	}
	if out.Done {
		if err := a.end(ctx, r, in); err != nil {
			return Output{}, err
		}
	}
	out.Objects += in.Objects
	out.Bytes += in.Bytes
	out.Notes = r.notes.list()
	return out, nil
}

const (
	sourceRaw  = "raw"
	sourceLake = "lake"
)

// route decides from where to where objects move, and below which prefixes.
func (a *Archiver) route(in Input) (*route, []string, error) {
	r := &route{api: a.api, options: a.options, runID: in.RunID}
	r.keeps = r.isOwn
	var prefixes []string
	var err error
	switch in.Source {
	case sourceRaw:
		r.from, r.to, prefixes = a.buckets.Raw, a.buckets.RawArchive, []string{""}
	case sourceLake:
		r.from, r.to, prefixes = a.buckets.Lake, a.buckets.LakeArchive, []string{lakedoc.ItemsPrefix, lakedoc.ChangesPrefix, lakedoc.SetAsidePrefix, lakedoc.UnknownPrefix, lakedoc.WrongPrefix}
	default:
		err = fmt.Errorf("source %q is neither %q nor %q", in.Source, sourceRaw, sourceLake)
	}
	switch {
	case err != nil:
	case in.Mode != lakedoc.Full && in.Mode != lakedoc.Incremental:
		err = fmt.Errorf("mode %q is neither %q nor %q", in.Mode, lakedoc.Full, lakedoc.Incremental)
	case in.RunID == "" || strings.Contains(in.RunID, "/"):
		err = fmt.Errorf("run id %q is not one element of a key", in.RunID)
	case r.from == "" || r.to == "" || r.from == r.to:
		err = fmt.Errorf("bucket %q cannot be archived to bucket %q", r.from, r.to)
	}
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, fmt.Errorf("check input: %w", err))
	}
	return r, prefixes, nil
}

// maxCurrent bounds what is read of the document that names the run to read, in
// bytes: a week of runs every 15 minutes is some 20,000.
const maxCurrent = 1 << 20

// writeCurrent names the run whose objects a reader of the lake should use
// while those of two runs lie side by side.
func (a *Archiver) writeCurrent(ctx context.Context, in Input) (lakedoc.Current, error) {
	const key = lakedoc.CurrentKey
	var before lakedoc.Current
	if in.Mode == lakedoc.Incremental {
		stored, err := document.Read(ctx, a.api, a.buckets.Lake, key, maxCurrent)
		if err != nil {
			return before, fmt.Errorf("read what the changes are applied to: %w", err)
		}
		if err := json.Unmarshal(stored.Body, &before); err != nil {
			return before, fault.New(fault.Corrupt, fmt.Errorf("read s3://%s/%s: %w", a.buckets.Lake, key, err))
		}
	}
	current := before.Then(in.RunID, in.Mode == lakedoc.Incremental)
	if err := a.write(ctx, key, []any{current}, ""); err != nil {
		return current, err
	}
	var runs []any
	for _, run := range current.Runs() {
		runs = append(runs, run)
	}
	return current, a.write(ctx, lakedoc.StateKey, runs, "\n")
}

// write writes documents into one object of the lake, each with an end.
func (a *Archiver) write(ctx context.Context, key string, documents []any, end string) error {
	var body bytes.Buffer
	for _, document := range documents {
		text, err := json.Marshal(document)
		if err != nil {
			return fmt.Errorf("encode %s: %w", key, err)
		}
		body.Write(text)
		body.WriteString(end)
	}
	_, err := a.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &a.buckets.Lake, Key: &key, ContentType: aws.String("application/json"), Body: bytes.NewReader(body.Bytes()),
	})
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", a.buckets.Lake, key, awsfault.Classify(err))
	}
	return nil
}

// beforeDeadline returns a context that ends the given time before ctx does.
func beforeDeadline(ctx context.Context, reserve time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, deadline.Add(-reserve), errTime)
}

// errTime is the cause of a context that beforeDeadline has ended.
var errTime = errors.New("the time of this call is up")
