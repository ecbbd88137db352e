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
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

const description = `Turns a DynamoDB single-table design into a star schema, on this machine and without an AWS account.

Examples:
  nightstar demo                                  sample data, one run, the growth report
  nightstar run --model tickets.yaml --export my-export --dir mine
                                                  a star from an export that AWS wrote
  nightstar tables                                what the star holds, and what it means
  nightstar query quarterly_growth                a question that comes with the project
  nightstar query "select count(*) from dwh.customer"
  nightstar doctor                                is this machine ready?

Each command has examples: nightstar COMMAND --help.`

type cli struct {
	Verbose bool `short:"v" help:"Show internals: waiting and polling states, and the endpoint."`

	Demo    demoCommand    `cmd:"" help:"Load sample data, run once, print what the star says."`
	Seed    seedCommand    `cmd:"" help:"Load sample data into a table."`
	Run     runCommand     `cmd:"" help:"Run once: export, partition, load, transform, archive."`
	Replay  replayCommand  `cmd:"" help:"Say how many of the items that a run set aside the model loads now, and load them."`
	Watch   watchCommand   `cmd:"" help:"Watch a run in an AWS account."`
	Runs    runsCommand    `cmd:"" help:"List what runs have recorded, or show one of them."`
	Report  reportCommand  `cmd:"" help:"Write the report of a run: one HTML page."`
	Query   queryCommand   `cmd:"" help:"Ask the warehouse: a query by name, a .sql file, or SQL."`
	Tables  tablesCommand  `cmd:"" help:"List tables and columns with what they mean."`
	Plan    planCommand    `cmd:"" help:"Report what a run would create, change or lose in the warehouse, and change nothing."`
	Model   modelCommand   `cmd:"" help:"Check, explain or print what is made of a model file."`
	Lake    lakeCommand    `cmd:"" help:"Print views of the present state of the lake, for DuckDB or Athena."`
	Inspect inspectCommand `cmd:"" help:"Show what an export without a model holds: forms of keys, attributes, types, lengths, formats."`
	Infer   inferCommand   `cmd:"" help:"Write a model for an export, with evidence and questions."`
	Up      upCommand      `cmd:"" help:"Keep the loopback endpoints up; prints the export lines for the aws CLI."`
	Doctor  doctorCommand  `cmd:"" help:"Check this machine, or an AWS account, before the first run."`

	Completion completionCommand `cmd:"" help:"Print the lines that make a shell complete commands, flags and names."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
	Help       helpCommand       `cmd:"" help:"Print this help."`
}

// services are the flags of every command that starts the endpoints.
type services struct {
	place
	Lambdas string `help:"Folder of the step executables. Default: lambdas, beside this command." placeholder:"DIR"`
	Port    *int   `help:"Port of the endpoints on 127.0.0.1; 0 takes a free one. Default: 4588 for up, and 0 for other commands."`
	Logs    bool   `help:"Print what the Lambdas log."`
}

// open starts the local environment for a model; nil stands for the one that
// the directory remembers.
func (s services) open(ctx context.Context, stderr io.Writer, m *model.Model, rebuild bool) (*local.Environment, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	lambdas, err := s.executables()
	if err != nil {
		return nil, err
	}
	port := 0
	if s.Port != nil {
		port = *s.Port
	}
	logs := io.Discard
	if s.Logs {
		logs = stderr
	}
	return local.Open(ctx, local.Options{Dir: s.Dir, Lambdas: lambdas, Port: port, Logs: logs, Notices: stderr, Model: m, Replace: rebuild})
}

// executables finds the step executables.
func (s services) executables() (string, error) {
	lambdas := s.Lambdas
	if lambdas == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("find the step executables: %w", err)
		}
		lambdas = filepath.Join(filepath.Dir(self), "lambdas")
	}
	for _, step := range pipeline.Steps() {
		if _, err := os.Stat(filepath.Join(lambdas, step.Name)); err != nil {
			return "", fmt.Errorf("find the step executables: build them with \"make local\", or say where they are with --lambdas: %w", err)
		}
	}
	return lambdas, nil
}

// output is where a command writes: results to out, progress to err.
type output struct {
	out     io.Writer
	err     io.Writer
	verbose bool // show internals
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the process at once
	code := run(ctx, os.Args[1:], output{out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// newParser returns the parser of command lines, which fills in flags.
func newParser(flags *cli, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(flags, append(options, kong.Name("nightstar"), kong.Description(description))...)
}

// interrupted is the exit status of a command that a signal has ended.
const interrupted = 130

// run executes one command line and returns the exit status: 0 only if all of
// it succeeded.
func run(ctx context.Context, args []string, to output) int {
	var flags cli
	helped := false
	parser, err := newParser(&flags, kong.Writers(to.out, to.err), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Exit(func(int) { helped = true }))
	if err != nil {
		fmt.Fprintln(to.err, "nightstar:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"help"}
	}
	command, err := parser.Parse(args)
	if helped {
		return 0
	}
	if err != nil {
		fmt.Fprintf(to.err, "nightstar: %v\nTry: nightstar --help\n", err)
		return 2
	}
	to.verbose = flags.Verbose
	return status(ctx, command.Run(to), to)
}

// status reports the end of a command, and returns the exit status.
func status(ctx context.Context, err error, to output) int {
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		says := "Nothing was changed. To start again, repeat the command."
		if s, ok := errors.AsType[*stopped](err); ok {
			says = s.says
		}
		fmt.Fprintln(to.err, progress.Wrap("nightstar: interrupted. "+says, progress.Columns(to.err)))
		return interrupted
	case !errors.Is(err, errNightFailed) && !errors.Is(err, errStops) && !errors.Is(err, errNotReady):
		fmt.Fprintln(to.err, "nightstar:", err)
	}
	return 1
}
