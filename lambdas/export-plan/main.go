// Command export-plan is the step that proves the export's manifests and lists its data files as work.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("export-plan", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[export.PlanInput, lakedoc.Plan] {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With(slog.String("step", "export-plan"))
	return export.NewPlanner(s3.NewFromConfig(cfg), s[pipeline.RawBucket], s[pipeline.LakeBucket], log).Plan
}
