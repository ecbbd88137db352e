// Command landing-load is the step that submits the COPY of one landing table.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/lock"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

func main() { step.Run("landing-load", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[warehouse.LoadInput, warehouse.Submitted] {
	m, err := models.Load(s[pipeline.Model])
	if err != nil {
		return step.Refused[warehouse.LoadInput, warehouse.Submitted](err)
	}
	target := warehouse.Target{
		CopyRoleARN: s[pipeline.CopyRoleARN],
		Database:    s[pipeline.RedshiftDatabase], SecretARN: s[pipeline.RedshiftSecretARN],
		Workgroup: s[pipeline.RedshiftWorkgroup], Cluster: s[pipeline.RedshiftCluster],
	}
	fence := lock.NewFence(s3.NewFromConfig(cfg), s[pipeline.LakeBucket])
	load := warehouse.NewLoader(redshiftdata.NewFromConfig(cfg), target, m).Load
	return lock.Fenced(fence, func(in warehouse.LoadInput) string { return in.RunID }, load)
}
