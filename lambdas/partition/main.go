// Command partition turns one data file of an export into Parquet.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() {
	step.Run("partition", func(cfg aws.Config, s step.Settings) step.Handler[lake.PartitionInput, lake.Result] {
		return func(ctx context.Context, in lake.PartitionInput) (lake.Result, error) {
			p, err := lake.NewPartitioner(s3.NewFromConfig(cfg), model.Store(), s[pipeline.RawBucket], s[pipeline.LakeBucket])
			if err != nil {
				return lake.Result{}, err
			}
			return p.Partition(ctx, in)
		}
	})
}
