// Command landing-load submits the COPY of one landing table.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

func main() {
	step.Run("landing-load", func(cfg aws.Config, s step.Settings) step.Handler[warehouse.LoadInput, warehouse.Submitted] {
		target := warehouse.Target{
			Database: s[pipeline.RedshiftDatabase], Workgroup: s[pipeline.RedshiftWorkgroup],
			Cluster: s[pipeline.RedshiftCluster], SecretARN: s[pipeline.RedshiftSecretARN],
		}
		return warehouse.NewLoader(redshiftdata.NewFromConfig(cfg), target, model.Store()).Load
	})
}
