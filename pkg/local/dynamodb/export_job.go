package dynamodb

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"
)

const (
	defaultPartitions = 4
	// partitionBytes is the size at which DynamoDB splits a partition.
	partitionBytes = 10 << 30
)

// leastBilled is the size that an incremental export is billed for at least, in
// bytes.
const leastBilled = 10_000_000

// exportJob is an export that has been accepted.
type exportJob struct {
	id          string
	table       *table
	objects     Objects
	spool       string
	partitions  int // at least
	empty       int
	period      exported
	description exportDescription
}

// failure is the reason of a failed export, as the description tells it.
type failure struct {
	code string
	err  error
}

// classify names the reason. Errors of S3 have its code behind "S3", as
// DynamoDB does it with S3NoSuchBucket; the other codes are our own.
func classify(ctx context.Context, err error) failure {
	if cause := context.Cause(ctx); cause != nil {
		return failure{code: "Interrupted", err: cause}
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return failure{code: "S3" + api.ErrorCode(), err: err}
	}
	return failure{code: "InternalFailure", err: err}
}

// run writes the export and returns its description when it is complete. The
// manifests come last, so that they are there only if everything is. Memory is
// bounded by 16 bytes for each change in the log up to the export time, and
// some hundred kilobytes for each file being written.
func (j *exportJob) run(ctx context.Context, now func() time.Time) (exportDescription, error) {
	if err := j.put(ctx, j.key("_started"), nil); err != nil {
		return exportDescription{}, err
	}
	partitions, begin, err := j.places(ctx)
	if err != nil {
		return exportDescription{}, err
	}
	files := make([]dataFile, len(partitions)+j.empty)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range files {
		group.Go(func() (err error) {
			var places []place
			if i < len(partitions) {
				places, partitions[i] = partitions[i], nil // lets go of the memory once the file is written
			}
			files[i], err = j.writePartition(groupCtx, places, begin)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return exportDescription{}, err
	}
	return j.complete(ctx, files, now())
}

// complete writes the manifests.
func (j *exportJob) complete(ctx context.Context, files []dataFile, end time.Time) (exportDescription, error) {
	d := j.description
	var items, bytes int64
	for _, f := range files {
		items += f.ItemCount
		bytes += f.size
	}
	d.ExportStatus = exportCompleted
	if end.Before(d.StartTime.Time) {
		end = d.StartTime.Time
	}
	d.EndTime = &timestamp{Time: end}
	if j.period.incremental {
		bytes = max(bytes, leastBilled)
	}
	d.ItemCount, d.BilledSizeBytes = &items, &bytes
	d.ExportManifest = j.key("manifest-summary.json")
	if err := j.putManifests(ctx, &d, files); err != nil {
		return exportDescription{}, err
	}
	return d, nil
}

// places returns where the changes are that the export is made of, by
// partitions, and where in the log its period begins.
func (j *exportJob) places(ctx context.Context) (partitions [][]place, begin int64, err error) {
	if !j.period.incremental {
		partitions, _, err = j.table.snapshot(ctx, 0, j.period.to.UnixMicro(), j.partitions)
		return partitions, 0, err
	}
	return j.table.snapshot(ctx, j.period.from.UnixMicro(), j.period.to.UnixMicro()-1, j.partitions)
}
