// Command reconcile is the step that proves that every item is accounted for and lists the files to load.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("reconcile", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[lake.ReconcileInput, lakedoc.Night] {
	m, err := models.Load(s[pipeline.Model])
	if err != nil {
		return step.Refused[lake.ReconcileInput, lakedoc.Night](err)
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With(slog.String("step", "reconcile"))
	reconciler := lake.NewReconciler(s3.NewFromConfig(cfg), m, s[pipeline.LakeBucket])
	reconciler.Sign(star.Fingerprint(m))
	return func(ctx context.Context, in lake.ReconcileInput) (lakedoc.Night, error) {
		night, err := reconciler.Reconcile(ctx, in)
		if err == nil { // deployment makes metrics of this record
			log.InfoContext(ctx, pipeline.NightReconciled,
				slog.Int64(pipeline.ItemsField, night.Items), slog.Int64(pipeline.SetAsideField, night.SetAside.Total()),
				slog.Int64(pipeline.WrongField, night.Wrong.Total()))
		}
		return night.Public(), err //nolint:wrapcheck // Reconcile says what and where
	}
}
