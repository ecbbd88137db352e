// Command record is the step that writes down how a run ended.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/step"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

func main() { step.Run("record", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[record.Input, warehouse.Submitted] {
	objects := s3.NewFromConfig(cfg)
	m, err := models.Load(s[pipeline.Model])
	if err != nil { // a run with a broken model is recorded in the lake all the same
		return record.New(objects, s[pipeline.LakeBucket], record.NoWarehouse(err), nil).Record
	}
	recorder := warehouse.NewRecorder(redshiftdata.NewFromConfig(cfg), warehouse.Target{
		Database: s[pipeline.RedshiftDatabase], SecretARN: s[pipeline.RedshiftSecretARN],
		Workgroup: s[pipeline.RedshiftWorkgroup], Cluster: s[pipeline.RedshiftCluster],
	}, m)
	return record.New(objects, s[pipeline.LakeBucket], recorder, m.Source).Record
}
