package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/explain"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

type watchCommand struct {
	ARN  string `arg:"" name:"arn" help:"ARN of an execution, or of the state machine, whose latest execution is taken."`
	JSON bool   `name:"json" help:"Print one JSON summary at the end instead of progress."`
}

// Help has examples.
func (watchCommand) Help() string {
	return `The run is read with the AWS credentials of the environment, in the Region of the ARN. It needs states:DescribeExecution,
states:GetExecutionHistory, states:DescribeMapRun and, for the ARN of a machine, states:ListExecutions. The exit status is 0 if the
run succeeded.

Examples:
  nightstar watch arn:aws:states:us-east-1:000000000000:stateMachine:nightstar
  nightstar watch --json arn:aws:states:us-east-1:000000000000:stateMachine:nightstar`
}

const (
	// followEvery is how often a run on this machine is asked about.
	followEvery = 100 * time.Millisecond
	// watchEvery is the same on AWS, where a look costs three calls.
	watchEvery = time.Second
)

// Run watches a run to its end.
func (c watchCommand) Run(ctx context.Context, to output) error {
	named, err := arn.Parse(c.ARN)
	if err != nil || named.Service != "states" {
		return fmt.Errorf("watch %q: it is not the ARN of an execution or a state machine, such as arn:aws:states:REGION:ACCOUNT:execution:MACHINE:RUN", c.ARN)
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion(named.Region))
	if err != nil {
		return fmt.Errorf("load AWS configuration: %w", err)
	}
	cfg.Region = named.Region
	api := sfn.NewFromConfig(cfg)
	run, machine, err := c.execution(ctx, api, named)
	if err != nil {
		return err
	}
	shown := to.err
	if c.JSON {
		shown = io.Discard
	}
	view := progress.New(shown)
	summary, err := follow(ctx, api, run, watchEvery, view, to.verbose)
	view.Close()
	if err != nil && ctx.Err() != nil {
		return &stopped{fmt.Sprintf("You stopped watching. The run continues. Watch again: nightstar watch %s. "+
			"Stop the run: aws stepfunctions stop-execution --execution-arn %s", run, run)}
	}
	if err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(to.out, summary)
	} else {
		verdict(to.out, summary, nil, explain.Place{RunID: summary.RunID, Machine: machine}, "")
	}
	return cmp.Or(err, failure(summary))
}

// failure is an error if the run did not succeed.
func failure(s execution.Summary) error {
	if s.Status != "SUCCEEDED" {
		return errNightFailed
	}
	return nil
}

// execution returns the execution that an ARN names, and its machine.
func (c watchCommand) execution(ctx context.Context, api *sfn.Client, named arn.ARN) (run, machine string, err error) {
	kind, rest, _ := strings.Cut(named.Resource, ":")
	switch kind {
	case "execution":
		name, _, _ := strings.Cut(rest, ":")
		named.Resource = "stateMachine:" + name
		return c.ARN, named.String(), nil
	case "stateMachine":
		out, err := api.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &c.ARN, MaxResults: 1})
		if err != nil {
			return "", "", fmt.Errorf("list executions of %s: %w", c.ARN, err)
		}
		if len(out.Executions) == 0 {
			return "", "", errors.New("watch " + c.ARN + ": the state machine has no execution yet; start one: " +
				"aws stepfunctions start-execution --state-machine-arn " + c.ARN)
		}
		return *out.Executions[0].ExecutionArn, c.ARN, nil
	}
	return "", "", fmt.Errorf("watch %s: it is the ARN of a %s; give that of an execution or of a state machine", c.ARN, kind)
}
