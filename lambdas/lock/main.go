// Command lock is the step that lets one run at a time change the lake and the warehouse.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/nightstar-elt/nightstar/pkg/lock"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("lock", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[lock.Input, lock.Output] {
	api := s3.NewFromConfig(cfg)
	closer := record.NewCloser(api, s[pipeline.LakeBucket])
	return lock.NewTaker(api, sfn.NewFromConfig(cfg), closer, s[pipeline.LakeBucket]).Take
}
