// Command transform is the step that submits one phase of the warehouse's statements.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/lock"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
	"github.com/nightstar-elt/nightstar/sql"
)

func main() { step.Run("transform", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[warehouse.TransformInput, warehouse.Submitted] {
	target := warehouse.Target{
		Database: s[pipeline.RedshiftDatabase], SecretARN: s[pipeline.RedshiftSecretARN],
		Workgroup: s[pipeline.RedshiftWorkgroup], Cluster: s[pipeline.RedshiftCluster],
	}
	fence := lock.NewFence(s3.NewFromConfig(cfg), s[pipeline.LakeBucket])
	transform := warehouse.NewTransformer(redshiftdata.NewFromConfig(cfg), target, sql.Statements).Transform
	return lock.Fenced(fence, func(in warehouse.TransformInput) string { return in.RunID }, transform)
}
