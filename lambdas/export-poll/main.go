// Command export-poll is the step that reports the progress of that export.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func main() { step.Run("export-poll", build) }

func build(cfg aws.Config, _ step.Settings) step.Handler[export.PollInput, export.PollOutput] {
	return export.NewPoller(dynamodb.NewFromConfig(cfg)).Poll
}
