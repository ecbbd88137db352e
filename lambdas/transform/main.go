// Command transform is the step that submits one phase of the warehouse's statements.
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

func main() { step.Run("transform", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[warehouse.TransformInput, warehouse.Submitted] {
	m, err := models.Load(s[pipeline.Model])
	if err != nil {
		return step.Refused[warehouse.TransformInput, warehouse.Submitted](err)
	}
	target := warehouse.Target{
		Database: s[pipeline.RedshiftDatabase], SecretARN: s[pipeline.RedshiftSecretARN],
		Workgroup: s[pipeline.RedshiftWorkgroup], Cluster: s[pipeline.RedshiftCluster],
	}
	fence := lock.NewFence(s3.NewFromConfig(cfg), s[pipeline.LakeBucket])
	transform := warehouse.NewTransformer(redshiftdata.NewFromConfig(cfg), target, m).Transform
	return lock.Fenced(fence, func(in warehouse.TransformInput) string { return in.RunID }, transform)
}
