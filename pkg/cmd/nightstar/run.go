package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/explain"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/exportdir"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

// errNightFailed ends a command whose run failed: the summary has said why.
var errNightFailed = errors.New("the run failed") //nolint:gochecknoglobals // a sentinel

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

// Help has examples.
func (runCommand) Help() string {
	return `A run exports the table, or takes the export of --export, and makes the star of it. It never leaves half a star: it loads everything it
can prove, or nothing.

Examples:
  nightstar run                                        one more run over the table of the directory
  nightstar run --export my-export --dir mine          a star from an export that AWS wrote
  nightstar run --json                                 a summary for programs`
}

// command is the command line that runs this again.
func (c runCommand) command() string {
	words := []string{"nightstar", "run"}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, flag, quoted(value))
		}
	}
	if c.Dir != defaultDir {
		add("--dir", c.Dir)
	}
	add("--model", c.Model)
	add("--export", c.Export)
	if c.Mode != lakedoc.Full {
		add("--mode", c.Mode)
	}
	add("--from", c.From)
	add("--to", c.To)
	for _, name := range c.Accept {
		add("--accept", name)
	}
	if c.Rebuild {
		words = append(words, "--rebuild")
	}
	return strings.Join(words, " ")
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\n\"'`$&|;<>()[]{}*?!#~\\") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Run runs one night.
func (c runCommand) Run(ctx context.Context, to output) error {
	summary, m, err := c.run(ctx, to)
	if err != nil {
		// Also what never became a run is one document for --json.
		summary.Status, summary.Error, summary.Cause = "FAILED", explain.NotRun, err.Error()
	}
	if c.JSON {
		if err := printJSON(to.out, summary); err != nil {
			return err
		}
	} else if err == nil {
		verdict(to.out, summary, m, c.situation(ctx, summary, c.command(), c.Export, c.Model), c.example(summary, c.Export))
	}
	if err == nil {
		reportOn(ctx, c.Dir, summary.RunID, to.err)
	}
	if err == nil && summary.Status != "SUCCEEDED" {
		return errNightFailed
	}
	return err
}

// printJSON prints a document for programs.
func printJSON(to io.Writer, document any) error {
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// run runs one night in an environment of its own. An error is one of this
// command; that the night failed is in the summary.
func (c runCommand) run(ctx context.Context, to output) (summary execution.Summary, m *model.Model, err error) {
	summary = execution.Empty()
	var export *exportdir.Export
	if c.Export != "" && (c.Mode != lakedoc.Full || c.From != "" || c.To != "") {
		return summary, nil, errors.New("--export loads an existing export, so it excludes --mode, --from and --to")
	}
	if (c.From != "" || c.To != "") && (c.From == "" || c.To == "" || c.Mode != lakedoc.Incremental) {
		return summary, nil, errors.New("give --from and --to together, and with --mode incremental")
	}
	wanted, err := c.read()
	if err != nil {
		return summary, nil, err
	}
	if c.Export == "" {
		if err := c.mustExist("load a table first with nightstar seed, or give an export: nightstar run --export DIR"); err != nil {
			return summary, nil, err
		}
	} else {
		if export, err = exportdir.Open(c.Export); err != nil {
			return summary, nil, err
		}
		defer func() { err = errors.Join(err, export.Close()) }()
		if err := export.RefuseInside(c.Dir); err != nil {
			return summary, nil, err
		}
	}
	shown := to.err
	if c.JSON {
		shown = io.Discard
	}
	view := progress.New(shown)
	defer view.Close()
	environment, err := c.open(ctx, view, wanted, c.Rebuild)
	if err != nil {
		return summary, nil, err
	}
	if export == nil {
		if err := sayCost(ctx, environment, c.Mode, view); err != nil {
			return summary, nil, errors.Join(err, environment.Close())
		}
	}
	read := environment.Model()
	in := execution.Input{Accept: c.Accept, Rebuild: c.Rebuild, Mode: c.Mode, From: c.From, To: c.To}
	summary, err = night(ctx, environment, in, export, view, to.verbose)
	err = errors.Join(err, environment.Close())
	return summary, &read, c.interrupted(ctx, err, summary, c.command())
}

// night runs the state machine once and follows it to its end.
func night(
	ctx context.Context, environment *local.Environment, in execution.Input, export *exportdir.Export, view *progress.View, verbose bool,
) (execution.Summary, error) {
	runID := execution.RunID(time.Now())
	in.StartedBy = "nightstar"
	if verbose {
		fmt.Fprintf(view, "Run %s on %s\n", runID, environment.Endpoint())
	}
	if export != nil {
		count := view.Count("Copy the export", "bytes", 0)
		key, err := environment.UploadExport(ctx, export, runID, func(done, total int64) { count.Set(done, total, 0) })
		count.End(err)
		if err != nil {
			return execution.Empty(), err
		}
		in.Export = &execution.Export{ManifestKey: key}
	}
	api := sfn.NewFromConfig(environment.Config())
	arn, err := execution.Start(ctx, api, environment.StateMachineARN(), runID, in)
	if err != nil {
		return execution.Empty(), err
	}
	return follow(ctx, api, arn, followEvery, view, verbose)
}
