// Command export-start is the step that asks DynamoDB for a point-in-time export of the table.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("export-start", build) }

func build(cfg aws.Config, s step.Settings) step.Handler[export.StartInput, export.StartOutput] {
	target := export.Target{Bucket: s[pipeline.RawBucket], KeyARN: s[pipeline.ExportKeyARN]}
	return export.NewStarter(dynamodb.NewFromConfig(cfg), s[pipeline.TableARN], target).Start
}
