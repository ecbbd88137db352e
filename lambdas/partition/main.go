// Command partition is the step that turns one data file into Parquet, one file for each item type.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lock"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("partition", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[lake.PartitionInput, lakedoc.Done] {
	m, err := models.Load(s[pipeline.Model])
	if err != nil {
		return step.Refused[lake.PartitionInput, lakedoc.Done](err)
	}
	api := s3.NewFromConfig(cfg)
	partitioner, err := lake.NewPartitioner(api, m, s[pipeline.RawBucket], s[pipeline.LakeBucket])
	if err != nil {
		return step.Refused[lake.PartitionInput, lakedoc.Done](err)
	}
	// A delivery that comes after the next run has begun would put archived files back.
	fence := lock.NewFence(api, s[pipeline.LakeBucket])
	partition := func(ctx context.Context, in lake.PartitionInput) (lakedoc.Done, error) {
		result, err := partitioner.Partition(ctx, in)
		return result.Done(), err //nolint:wrapcheck // Partition says what and where
	}
	return lock.Fenced(fence, func(in lake.PartitionInput) string { return in.RunID }, partition)
}
