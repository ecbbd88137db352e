// Command export-window is the step that decides whether a run loads the whole table or what has changed.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("export-window", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[export.WindowInput, export.Decision] {
	m, err := models.Load(s[pipeline.Model])
	if err != nil {
		return step.Refused[export.WindowInput, export.Decision](err)
	}
	every, err := export.Days(s[pipeline.FullEveryDays])
	if err != nil {
		return step.Refused[export.WindowInput, export.Decision](err)
	}
	return export.NewDecider(dynamodb.NewFromConfig(cfg), s3.NewFromConfig(cfg), export.Source{
		TableARN: s[pipeline.TableARN], Lake: s[pipeline.LakeBucket], Fingerprint: star.Fingerprint(m), FullEvery: every,
	}).Decide
}
