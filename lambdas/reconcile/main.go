// Command reconcile is the step that proves that every item is accounted for and lists the files to load.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("reconcile", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[lake.ReconcileInput, lake.Night] {
	return lake.NewReconciler(s3.NewFromConfig(cfg), model.Store(), s[pipeline.LakeBucket]).Reconcile
}
