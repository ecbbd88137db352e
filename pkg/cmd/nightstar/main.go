// Command nightstar runs the whole pipeline on one machine: sample data in a
// DynamoDB-compatible table, the deployed state machine and Lambda
// executables against loopback AWS endpoints, and the star schema in a DuckDB
// file.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

const description = `Turns a DynamoDB single-table design into a star schema, on this machine and without an AWS account.

Examples:
  nightstar demo                                  sample data, one night, the growth report
  nightstar demo --model tickets.yaml             the same with made-up data that follows a model
  nightstar model check tickets.yaml              what is wrong with a model file, and what to write instead
  nightstar run                                   one more night over the same table
  nightstar run --model tickets.yaml --export ./my-export
                                                  a star schema from an export that AWS wrote
  nightstar runs                                  what all runs counted, and how they ended
  nightstar query quarterly_growth                a question that comes with the project
  nightstar query "select count(*) from dwh.customer"
  nightstar up                                    keep the endpoints up for the aws CLI`

type cli struct {
	Demo    demoCommand    `cmd:"" help:"Load sample data, run one night, print what the star says."`
	Seed    seedCommand    `cmd:"" help:"Load sample data into a table."`
	Up      upCommand      `cmd:"" help:"Keep the loopback endpoints up; prints the export lines for the aws CLI."`
	Run     runCommand     `cmd:"" help:"Run one night: export, partition, load, transform, archive."`
	Replay  replayCommand  `cmd:"" help:"Say how many of the items that a run set aside the model takes now, and load them."`
	Runs    runsCommand    `cmd:"" help:"List what runs have recorded, or show one of them."`
	Report  reportCommand  `cmd:"" help:"Write the report of a run: one HTML page."`
	Plan    planCommand    `cmd:"" help:"Report what a run would create, change or lose in the warehouse, and change nothing."`
	Model   modelCommand   `cmd:"" help:"Check, explain or print what is made of a model file."`
	Query   queryCommand   `cmd:"" help:"Ask the warehouse: a query by name, a .sql file, or SQL."`
	Lake    lakeCommand    `cmd:"" help:"Print views of the present state of the lake, for DuckDB or Athena."`
	Inspect inspectCommand `cmd:"" help:"Say what an export holds that nobody has described: forms of keys, attributes, types, lengths, formats."`
	Infer   inferCommand   `cmd:"" help:"Write a model for an export that nobody has described, with evidence and questions."`
}

// place are the flags of every command that works in a directory.
type place struct {
	Dir string `default:".nightstar" help:"Directory of the table, the buckets and the warehouse."`
}

// services are the flags of every command that starts the endpoints.
type services struct {
	place
	Lambdas string `help:"Folder of the step executables. Default: lambdas, beside this command." placeholder:"DIR"`
	Port    int    `default:"0" help:"Port of the endpoints on 127.0.0.1; 0 takes a free one, and 4588 for up."`
	Logs    bool   `help:"Print what the Lambdas log."`
}

// open starts the local environment for a model; nil stands for the one that
// the directory remembers.
func (s services) open(ctx context.Context, stderr io.Writer, m *model.Model, rebuild bool) (*local.Environment, error) {
	if s.Dir == "" {
		return nil, errors.New("open the directory: --dir is empty")
	}
	lambdas := s.Lambdas
	if lambdas == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find the step executables: %w", err)
		}
		lambdas = filepath.Join(filepath.Dir(self), "lambdas")
	}
	for _, step := range pipeline.Steps() {
		if _, err := os.Stat(filepath.Join(lambdas, step.Name)); err != nil {
			return nil, fmt.Errorf("find the step executables: build them with \"make local\", or say where they are with --lambdas: %w", err)
		}
	}
	logs := io.Discard
	if s.Logs {
		logs = stderr
	}
	return local.Open(ctx, local.Options{Dir: s.Dir, Lambdas: lambdas, Port: s.Port, Logs: logs, Notices: stderr, Model: m, Replace: rebuild})
}

// output is where a command writes: results to out, progress to err.
type output struct {
	out io.Writer
	err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process at once
	code := run(ctx, os.Args[1:], output{out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// newParser returns the parser of command lines.
func newParser(options ...kong.Option) (*kong.Kong, error) {
	return kong.New(&cli{}, append(options, kong.Name("nightstar"), kong.Description(description))...)
}

// interrupted is the exit status of a command that a signal has ended.
const interrupted = 130

// run executes one command line and returns the exit status: 0 only if all of
// it succeeded.
func run(ctx context.Context, args []string, to output) int {
	parser, err := newParser(kong.Writers(to.out, to.err), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(to))
	if err != nil {
		fmt.Fprintln(to.err, "nightstar:", err)
		return 1
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(to.err, "nightstar: %v\nTry: nightstar --help\n", err)
		return 2
	}
	err = command.Run()
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(to.err, "nightstar: interrupted; a run that was going on is aborted, and the next one starts over")
		return interrupted
	}
	if err != nil {
		if !errors.Is(err, errNightFailed) && !errors.Is(err, errStops) {
			fmt.Fprintln(to.err, "nightstar:", err)
		}
		return 1
	}
	return 0
}
