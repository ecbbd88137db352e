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
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/exportdir"
)

// errNightFailed ends a command whose run failed: the summary has said why.
var errNightFailed = errors.New("the run failed") //nolint:gochecknoglobals // a sentinel

const followEvery = 100 * time.Millisecond

type runCommand struct {
	services
	modelled
	Rebuild bool     `help:"Make a new star of this export, where the model has changed in a way that would lose or reinterpret data. Surrogate keys stay where business keys are equal."`
	Export  string   `help:"Load this DynamoDB export instead of exporting the table: a folder that holds AWSDynamoDB/<id>/manifest-summary.json, or that of <id>. Only what its manifests name is read." placeholder:"DIR" type:"existingdir"`
	Accept  []string `help:"Accept what looks like a mistake, by name: an item type that shrinks, \"table\" for another table than before, \"exportTime\" for an older export. May be given more than once." placeholder:"NAME"`
	Mode    string   `help:"What to export: everything (full), what has changed since the last run (incremental), or the second where that is possible (auto)." enum:"full,incremental,auto" default:"full"`
	From    string   `help:"Load the changes from this time on, with --to and --mode incremental, instead of those since the last run: 2026-11-28T02:00:00Z." placeholder:"TIME"`
	To      string   `help:"Load the changes before this time; see --from." placeholder:"TIME"`
	JSON    bool     `help:"Print one JSON summary instead of progress."`
}

// Run runs one night.
func (c runCommand) Run(ctx context.Context, to output) error {
	summary, err := c.run(ctx, to)
	if err != nil {
		// Also what never became a run is one document for --json.
		summary.Status, summary.Error, summary.Cause = "FAILED", "NotRun", err.Error()
	}
	if c.JSON {
		encoder := json.NewEncoder(to.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(summary); err != nil {
			return fmt.Errorf("write summary: %w", err)
		}
	} else if err == nil {
		report(to.out, summary)
	}
	if err == nil {
		reportOn(ctx, c.Dir, summary.RunID, to.err)
	}
	if err == nil && summary.Status != "SUCCEEDED" {
		return errNightFailed
	}
	return err
}

// run runs one night in an environment of its own. An error is one of this
// command; that the night failed is in the summary.
func (c runCommand) run(ctx context.Context, to output) (summary execution.Summary, err error) {
	var export *exportdir.Export
	if c.Export != "" && (c.Mode != lakedoc.Full || c.From != "" || c.To != "") {
		return execution.Summary{}, errors.New("--export loads an export that is there, so --mode, --from and --to do not go with it")
	}
	if (c.From != "" || c.To != "") && (c.From == "" || c.To == "" || c.Mode != lakedoc.Incremental) {
		return execution.Summary{}, errors.New("--from and --to go together, and with --mode incremental")
	}
	if c.Export != "" {
		if export, err = exportdir.Open(c.Export); err != nil {
			return execution.Summary{}, err
		}
		defer func() { err = errors.Join(err, export.Close()) }()
		if err := export.RefuseInside(c.Dir); err != nil {
			return execution.Summary{}, err
		}
	}
	m, err := c.read()
	if err != nil {
		return execution.Summary{}, err
	}
	environment, err := c.open(ctx, to.err, m, c.Rebuild)
	if err != nil {
		return execution.Summary{}, err
	}
	progress := to.err
	if c.JSON {
		progress = io.Discard
	}
	if export == nil {
		if err := sayCost(ctx, environment, c.Mode, progress); err != nil {
			return execution.Summary{}, errors.Join(err, environment.Close())
		}
	}
	summary, err = night(ctx, environment, execution.Input{Accept: c.Accept, Rebuild: c.Rebuild, Mode: c.Mode, From: c.From, To: c.To}, export, progress)
	return summary, errors.Join(err, environment.Close())
}

// night runs the state machine once and follows it to its end.
func night(
	ctx context.Context, environment *local.Environment, in execution.Input, export *exportdir.Export, progress io.Writer,
) (execution.Summary, error) {
	runID := execution.RunID(time.Now())
	in.StartedBy = "nightstar"
	if export != nil {
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
