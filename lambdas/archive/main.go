// Command archive is the step that moves the objects of earlier runs to an archive bucket.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/archive"
	"github.com/nightstar-elt/nightstar/pkg/lock"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("archive", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[archive.Input, archive.Output] {
	buckets := archive.Buckets{
		Raw: s[pipeline.RawBucket], RawArchive: s[pipeline.RawArchiveBucket],
		Lake: s[pipeline.LakeBucket], LakeArchive: s[pipeline.LakeArchiveBucket],
	}
	api := s3.NewFromConfig(cfg)
	return archive.New(api, lock.NewFence(api, buckets.Lake), buckets, archive.Options{}).Archive
}
