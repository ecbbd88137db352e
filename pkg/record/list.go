package record

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// Reader is what [List] calls of S3.
type Reader interface {
	document.Getter
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// readsInFlight bounds the records that are read at a time.
const readsInFlight = 32

// maxRecord bounds what is read of a record, in bytes. It is made of the data of
// a state machine, of which there are at most 256 KiB, and indented.
const maxRecord = 4 << 20

const recordsPrefix = "runs/"

func recordKey(run string) string { return recordsPrefix + run + "/run.json" }

// List returns the runs of a lake, the newest last. A run without a record is
// one that still goes on, or was ended from outside and has no successor yet: it
// has a RunID, no Result, and the time of its first object for StartedAt. So has
// one whose record can't be read, but its Result is [Damaged] and its Cause says
// what is wrong.
func List(ctx context.Context, api Reader, bucket string) ([]Run, error) {
	var names []string
	pages := s3.NewListObjectsV2Paginator(api, &s3.ListObjectsV2Input{
		Bucket: &bucket, Prefix: aws.String(recordsPrefix), Delimiter: aws.String("/"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", bucket, recordsPrefix, awsfault.Classify(err))
		}
		for _, folder := range page.CommonPrefixes {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(aws.ToString(folder.Prefix), recordsPrefix), "/"))
		}
	}
	runs := make([]Run, len(names))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(readsInFlight)
	for i, name := range names {
		group.Go(func() error {
			var err error
			runs[i], err = read(groupCtx, api, bucket, name)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err //nolint:wrapcheck // read says which record
	}
	slices.SortFunc(runs, func(a, b Run) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), strings.Compare(a.RunID, b.RunID))
	})
	return runs, nil
}

// read returns the record of a run, or what is known of a run without one.
func read(ctx context.Context, api Reader, bucket, name string) (Run, error) {
	run, err := fetch(ctx, api, bucket, name)
	switch {
	case document.Missing(err):
		return unrecorded(ctx, api, bucket, name)
	case fault.KindOf(err) == fault.Corrupt:
		run, errList := unrecorded(ctx, api, bucket, name)
		run.Result = Damaged
		run.Cause = fmt.Sprintf("%v; the run itself is not affected: put a copy of its record there, or delete it", err)
		return run, errList
	}
	return run, err
}

// fetch returns the record of a run. It is Corrupt if it is not one of that run.
func fetch(ctx context.Context, api document.Getter, bucket, name string) (Run, error) {
	key := recordKey(name)
	object, err := document.Read(ctx, api, bucket, key, maxRecord)
	if err != nil {
		return Run{}, err //nolint:wrapcheck // names the object
	}
	var run Run
	if err := json.Unmarshal(object.Body, &run); err != nil {
		return Run{}, fault.New(fault.Corrupt, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err))
	}
	if run.RunID != name || run.Result == "" {
		return Run{}, fault.New(fault.Corrupt, fmt.Errorf("read s3://%s/%s: it is the record of run %q with result %q",
			bucket, key, run.RunID, run.Result))
	}
	return run, nil
}

func unrecorded(ctx context.Context, api Reader, bucket, name string) (Run, error) {
	prefix := recordsPrefix + name + "/"
	out, err := api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix, MaxKeys: aws.Int32(1)})
	if err != nil {
		return Run{}, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, awsfault.Classify(err))
	}
	run := Run{RunID: name}
	for _, object := range out.Contents {
		run.StartedAt = aws.ToTime(object.LastModified).UTC()
	}
	return run, nil
}
