// Command nightbench compares the partition step with other ways to turn the
// data files of a DynamoDB export into typed Parquet files: the same files, one
// run, rounds that alternate, every contender in a process of its own on one
// core. It prints medians of CPU seconds and of peak memory, and their ratio to
// ours.
//
// A contender counts only if its files hold as many rows, and the same sums
// of money, as the items that were generated.
//
// Machines differ and are shared, so only ratios of one run are worth quoting.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "nightbench:", err)
		os.Exit(1) //nolint:gocritic // the signals need no restoring
	}
}

// settings are the flags of the command.
type settings struct {
	items  int
	files  int
	rounds int
	core   int
	dir    string
	chdb   string
	only   string
	task   string // of a child process
	data   string
	out    string
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("nightbench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.items, "items", 150_000, "how many items the export has")
	flags.IntVar(&s.files, "files", 8, "how many data files the export has")
	flags.IntVar(&s.rounds, "rounds", 5, "how often each contender runs")
	flags.IntVar(&s.core, "core", 0, "the core that all contenders are pinned to, where taskset is installed")
	flags.StringVar(&s.dir, "dir", "build/bench", "where the export is kept and the Parquet files are written")
	flags.StringVar(&s.chdb, "chdb", "build/chdb", "where ClickHouse is: npm install --prefix build/chdb chdb@3.4.0")
	flags.StringVar(&s.only, "only", "", "contenders to run, separated by commas; all if empty")
	flags.StringVar(&s.task, "task", "", "what a child process does; for nightbench itself")
	flags.StringVar(&s.data, "data", "", "folder of the export; for a child process")
	flags.StringVar(&s.out, "out", "", "folder of the Parquet files; for a child process")
	if err := flags.Parse(args); err != nil {
		return settings{}, fmt.Errorf("parse flags: %w", err)
	}
	if s.items < 100 || s.files < 1 || s.rounds < 1 {
		return settings{}, errors.New("parse flags: give at least 100 items, one file and one round")
	}
	return s, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	switch s.task {
	case "":
		return compare(ctx, s, stdout, stderr)
	case "generate":
		return generate(s.data, s.items, s.files)
	case "check":
		return check(ctx, s.data, s.out)
	case "ours":
		return partition(ctx, s.data, s.out)
	case "floor":
		return decode(s.data)
	case "naive":
		return naive(s.data, s.out)
	case "duckdb":
		return duckDB(ctx, s.data, s.out)
	}
	return fmt.Errorf("run task %q: there is none of that name", s.task)
}

// compare makes the export if it is not there, runs all contenders, and reports.
func compare(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return fmt.Errorf("find %s: %w", s.dir, err)
	}
	data := filepath.Join(dir, fmt.Sprintf("export-%d-%d", s.items, s.files))
	if _, err := readTruth(data); err != nil {
		fmt.Fprintf(stderr, "writing an export of %d items to %s\n", s.items, data)
		if _, err := (child{task: "generate", settings: s, data: data}).run(ctx); err != nil {
			return err
		}
	}
	truth, err := readTruth(data)
	if err != nil {
		return err
	}
	all := contenders(s)
	if s.only != "" {
		all = slices.DeleteFunc(all, func(c *contender) bool { return !slices.Contains(strings.Split(s.only, ","), c.name) })
	}
	for round := range s.rounds {
		for _, c := range all {
			if c.missing != "" {
				continue
			}
			out := filepath.Join(dir, "out", c.name)
			if err := c.measure(ctx, s, data, out); err != nil {
				return err
			}
			fmt.Fprintf(stderr, "round %d of %d: %s %.2f s\n", round+1, s.rounds, c.name, c.cpu[round])
		}
	}
	return report(stdout, s, truth, all)
}
