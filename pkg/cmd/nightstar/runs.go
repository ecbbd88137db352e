package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/record"
)

type runsCommand struct {
	place
	ID     string `arg:"" optional:"" name:"run" help:"Show all that one run recorded."`
	Bucket string `help:"Read the records of this lake bucket in the AWS account of the credentials, instead of the local one." placeholder:"NAME"`
	JSON   bool   `help:"Print JSON."`
}

// Help tells what a record is.
func (runsCommand) Help() string {
	return `Every run that took the lock leaves a record in the lake, runs/<run>/run.json, however it ended. The next run writes the record of a run that was
stopped or took too long. Until then the list shows it as unfinished, like an active run. A record that
cannot be read is shown as RecordDamaged, and stops no run.

Examples:
  nightstar runs                         all runs, the newest last
  nightstar runs --json                  the same for programs
  nightstar runs --bucket nightstar-lake   the runs in an AWS account
Name one of them, such as run-20261122-020000.000, to see what it counted.`
}

// Run lists what runs have recorded.
func (c runsCommand) Run(ctx context.Context, to output) error {
	runs, err := c.list(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(to.out, whole{runs})
	}
	if c.ID == "" {
		return runsTable(to.out, runs)
	}
	runReport(to.out, runs[0])
	return nil
}

// list returns all runs, or the one that was asked for.
func (c runsCommand) list(ctx context.Context) ([]record.Run, error) {
	runs, err := c.records(ctx)
	if err != nil || c.ID == "" {
		return runs, err
	}
	i := slices.IndexFunc(runs, func(run record.Run) bool { return run.RunID == c.ID })
	if i < 0 {
		return nil, fmt.Errorf("find run %q: the lake has no record of that name; see nightstar runs", c.ID)
	}
	return runs[i : i+1], nil
}

// records reads the records of a lake in AWS, or of the local one. That is read
// as the folder it is: nothing has to be started or written for it, so it works
// beside an active run, and in read-only directories.
func (c runsCommand) records(ctx context.Context) ([]record.Run, error) {
	if c.Bucket != "" {
		cfg, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return nil, fmt.Errorf("load AWS configuration: %w", err)
		}
		return record.List(ctx, s3.NewFromConfig(cfg), c.Bucket) //nolint:wrapcheck // names the object
	}
	if err := c.mustExist(firstRun); err != nil {
		return nil, err
	}
	return record.List(ctx, folders(filepath.Join(c.Dir, "s3")), local.LakeBucket) //nolint:wrapcheck // names the object
}

// unfinished stands for the result of a run that has no record yet.
const unfinished = "unfinished"

func resultOf(run record.Run) string {
	if run.Result == "" {
		return unfinished
	}
	return run.Result
}

func runsTable(to io.Writer, runs []record.Run) error {
	if len(runs) == 0 {
		fmt.Fprintln(to, "No runs yet. Start one: nightstar run")
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "run\tstarted (UTC)\tseconds\titems\tloaded\tset aside\tresult\tstarted by\t")
	for _, run := range runs {
		var aside *int64
		if run.Rows != nil {
			total := run.SetAside.Total()
			aside = &total
		}
		seconds := ""
		if run.Result != "" {
			seconds = fmt.Sprint(run.Seconds)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", run.RunID, run.StartedAt.Format(time.DateTime), seconds,
			number(run.Items), number(run.RowsLoaded), number(aside), resultOf(run), run.StartedBy)
	}
	return w.Flush() //nolint:wrapcheck // says what it could not write to
}

// number is empty for what a run did not count.
func number(n *int64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

func runReport(to io.Writer, run record.Run) {
	fmt.Fprintf(to, "Run %s: %s\n", run.RunID, resultOf(run))
	for _, line := range [][2]string{
		{"started", run.StartedAt.Format(time.RFC3339)}, {"started by", run.StartedBy}, {"cause", run.Cause},
		{"recorded by", run.ClosedBy},
		{"export", run.Export.ManifestKey}, {"of the table at", run.Export.Time},
		{"items", number(run.Items)}, {"loaded", number(run.RowsLoaded)},
	} {
		if line[1] != "" {
			fmt.Fprintf(to, "  %-16s %s\n", line[0], strings.ReplaceAll(line[1], "\n", "\n                   "))
		}
	}
	section(to, "Rows in the lake", run.Rows)
	aside, wrong, out := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for itemType, reasons := range run.SetAside {
		for reason, n := range reasons {
			aside[itemType+": "+string(reason)] = n
		}
	}
	for rows, columns := range run.Wrong {
		for column, reasons := range columns {
			for reason, n := range reasons {
				if column == lakedoc.WholeRow {
					out[rows+": "+string(reason)] = n
					continue
				}
				wrong[rows+"."+column+": "+string(reason)] = n
			}
		}
	}
	section(to, "Items set aside (see setaside/ in the lake)", aside)
	section(to, "Items that the model skips", run.Skipped)
	section(to, "Values that are null in the lake (see wrong/ there)", wrong)
	section(to, "Rows within items that were left out (see wrong/ in the lake)", out)
	unknown := map[string]int64{}
	for _, u := range run.Unknown {
		unknown[fmt.Sprintf("%s.%s (%s)", u.Type, u.Attribute, u.Kind)] = u.Items
	}
	section(to, "Attributes that the model does not know (see unknown/ in the lake)", unknown)
	warehouse(to, run.Counts)
	archived := map[string]int64{}
	for _, a := range run.Archived {
		archived[a.Source] = a.Objects
	}
	section(to, "Objects archived", archived)
	remarks(to, run.Notes)
}
