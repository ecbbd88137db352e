// Command statement-poll is the step that reports the progress of a submitted statement and proves its counts.
package main

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/nightstar-elt/nightstar/pkg/step"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

func main() { step.Run("statement-poll", build) }

func build(cfg aws.Config, _ step.Settings) step.Handler[warehouse.Submitted, warehouse.PollOutput] {
	return warehouse.NewPoller(redshiftdata.NewFromConfig(cfg)).Poll
}
