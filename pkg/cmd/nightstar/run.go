package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local"
)

// errNightFailed ends a command whose run failed: the summary has said why.
var errNightFailed = errors.New("the run failed") //nolint:gochecknoglobals // a sentinel

const followEvery = 100 * time.Millisecond

type runCommand struct {
	services
	Export string `help:"Load this DynamoDB export instead of exporting the table: a folder that holds AWSDynamoDB/<id>/manifest-summary.json." placeholder:"DIR" type:"existingdir"`
	JSON   bool   `help:"Print one JSON summary instead of progress."`
}

// Run runs one night.
func (c runCommand) Run(ctx context.Context, to output) error {
	environment, err := c.open(ctx, to.err)
	if err != nil {
		return err
	}
	progress := to.err
	if c.JSON {
		progress = io.Discard
	}
	summary, err := night(ctx, environment, c.Export, progress)
	if err := errors.Join(err, environment.Close()); err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(to.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(summary); err != nil {
			return fmt.Errorf("write summary: %w", err)
		}
	} else {
		report(to.out, summary)
	}
	if summary.Status != "SUCCEEDED" {
		return errNightFailed
	}
	return nil
}

// night runs the state machine once and follows it to its end.
func night(ctx context.Context, environment *local.Environment, export string, progress io.Writer) (execution.Summary, error) {
	runID := execution.RunID(time.Now())
	var in execution.Input
	if export != "" {
		key, err := environment.UploadExport(ctx, export, runID)
		if err != nil {
			return execution.Summary{}, err
		}
		in.Export = &execution.Export{ManifestKey: key}
	}
	api := sfn.NewFromConfig(environment.Config())
	arn, err := execution.Start(ctx, api, environment.StateMachineARN(), runID, in)
	if err != nil {
		return execution.Summary{}, err
	}
	lines := stageLines{to: progress}
	return execution.Follow(ctx, api, arn, followEvery, lines.show)
}
