// Command warehouse compares what the SQL of package star costs a warehouse
// with what the bare SQL costs that makes the same star of sound data, and
// nothing else: without proofs, unknown members and marks of deletion. The same
// Parquet files, one run, rounds that alternate, fresh databases; DuckDB and
// PostgreSQL; two nights, because the second finds members and keys.
//
// It prints medians of CPU seconds and of wall seconds for each phase, and the
// median of the ratios of the rounds. Machines differ and are shared, so only
// ratios of one run are worth quoting.
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
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "warehouse:", err)
		os.Exit(1) //nolint:gocritic // the signals need no restoring
	}
}

// settings are the flags of the command.
type settings struct {
	items   int
	rounds  int
	threads int
	engines []string
	models  []string
	dir     string
	explain bool
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	var engines, models string
	flags := flag.NewFlagSet("warehouse", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&s.items, "items", 150_000, "how many items the second night has")
	flags.IntVar(&s.rounds, "rounds", 5, "how often each side runs")
	flags.IntVar(&s.threads, "threads", 2, "how many threads DuckDB uses")
	flags.StringVar(&engines, "engines", "duckdb,postgres", "databases, separated by commas")
	flags.StringVar(&models, "models", "store,wide", "models, separated by commas")
	flags.StringVar(&s.dir, "dir", "build/bench/warehouse", "where Parquet files and databases are written")
	flags.BoolVar(&s.explain, "explain", false, "also print what each procedure and each bare statement takes")
	if err := flags.Parse(args); err != nil {
		return settings{}, fmt.Errorf("parse flags: %w", err)
	}
	if s.items < 100 || s.rounds < 1 || s.threads < 1 {
		return settings{}, errors.New("parse flags: give at least 100 items, one round and one thread")
	}
	s.engines, s.models = strings.Split(engines, ","), strings.Split(models, ",")
	return s, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	for _, name := range s.models {
		m, items, err := workload(name, s.items)
		if err != nil {
			return err
		}
		nights, err := prepare(ctx, m, items, filepath.Join(s.dir, fmt.Sprintf("%s-%d", name, s.items)))
		if err != nil {
			return fmt.Errorf("model %s: %w", name, err)
		}
		for _, engine := range s.engines {
			fmt.Fprintf(stderr, "%s on %s: %d rounds\n", name, engine, s.rounds)
			b, err := compare(ctx, s, m, engine, nights)
			if err != nil {
				return fmt.Errorf("model %s on %s: %w", name, engine, err)
			}
			if err := b.report(stdout, s, name, engine); err != nil {
				return err
			}
		}
	}
	return nil
}
