package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/record"
	runreport "github.com/nightstar-elt/nightstar/pkg/report"
	dataapi "github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// reportFile is the name of the report in the directory.
const reportFile = "report.html"

type reportCommand struct {
	place
	RunID  string `name:"run" help:"The run to report on. Default: the newest." placeholder:"RUN"`
	Bucket string `help:"Report on a run of this lake bucket in the AWS account of the credentials, instead of the local one." placeholder:"NAME"`
	Out    string `help:"Write the page to this file. Default: report.html in the directory; with --bucket, in the current folder." placeholder:"FILE"`
	RPU    int    `default:"8" help:"Capacity of Redshift Serverless that costs are estimated for."`
}

// Help tells what a report is made of.
func (reportCommand) Help() string {
	return `The report is one HTML file without scripts: whether to trust the run, what ran when, every proof, what was set aside, what changed
since the last run, what it costs, the star as a diagram, and what the data says. demo and run write it, too.

With --bucket, answers come from the warehouse that REDSHIFT_DATABASE and REDSHIFT_WORKGROUP or REDSHIFT_CLUSTER name. Without them the
report has everything else, and says so. It asks a sleeping warehouse, which bills a minute of it.

Examples:
  nightstar report                                  the newest run of this machine
  nightstar report --bucket nightstar-lake          the newest run in an AWS account
Another run has a name, such as --run run-20261122-020000.000.`
}

// Run writes the report.
func (c reportCommand) Run(ctx context.Context, to output) (err error) {
	if c.RPU < 1 {
		return fmt.Errorf("--rpu is %d: Redshift Serverless has 4 at least", c.RPU)
	}
	var from interface {
		runreport.Source
		io.Closer
	}
	file := c.Out
	if c.Bucket != "" {
		if from, err = openAccount(ctx, c.Bucket); err != nil {
			return err
		}
	} else {
		if _, err := os.Stat(filepath.Join(c.Dir, "s3", local.LakeBucket)); err != nil {
			return fmt.Errorf("open %s: it holds no run yet; start one with nightstar demo or nightstar run: %w", c.Dir, err)
		}
		from = &directory{dir: c.Dir}
		if file == "" {
			file = filepath.Join(c.Dir, reportFile)
		}
	}
	if file == "" {
		file = reportFile
	}
	err = writeReport(ctx, from, runreport.Options{RunID: c.RunID, RPU: c.RPU}, file)
	if err := errors.Join(err, from.Close()); err != nil {
		return err
	}
	fmt.Fprintln(to.out, file)
	return nil
}

// reportOn writes the report of a run that has ended into its directory. A report
// that cannot be written changes nothing about the run, so it is only said.
func reportOn(ctx context.Context, dir, runID string, to io.Writer) {
	from := &directory{dir: dir}
	file := filepath.Join(dir, reportFile)
	err := writeReport(ctx, from, runreport.Options{RunID: runID, RPU: defaultRPU}, file)
	if err := errors.Join(err, from.Close()); err != nil {
		fmt.Fprintf(to, "The run is as above, but its report could not be written: %v; try nightstar report --dir %s\n", err, dir)
		return
	}
	fmt.Fprintf(to, "Report: %s\n", file)
}

// defaultRPU is the capacity that infra/README.md counts with.
const defaultRPU = 8

// writeReport writes the page, all or nothing.
func writeReport(ctx context.Context, from runreport.Source, opts runreport.Options, file string) error {
	page, err := runreport.Gather(ctx, from, opts)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), ".report-*.html")
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("write the report: %s may not be written to; name another file: nightstar report --out FILE: %w", filepath.Dir(file), err)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	err = errors.Join(page.Write(temporary), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the report: %w", err), os.Remove(temporary.Name()))
	}
	return nil
}

// directory reads what a report is made of from the local directory, starts
// nothing and changes nothing.
type directory struct {
	dir       string
	warehouse *asked // opened by the first question
}

// Lake is the folder that the local S3 keeps its buckets in.
func (d *directory) Lake() (record.Reader, string) {
	return folders(filepath.Join(d.dir, "s3")), local.LakeBucket
}

// History reads the execution that the local Step Functions keep.
func (d *directory) History(_ context.Context, run record.Run) ([]types.HistoryEvent, error) {
	if run.Execution == "" {
		return nil, errors.New("the record does not name the execution")
	}
	return stepfunctions.KeptHistory(filepath.Join(d.dir, "stepfunctions"), run.Execution)
}

// Query asks the warehouse file, or a copy of it beside a run.
func (d *directory) Query(ctx context.Context, sql string) (runreport.Answer, error) {
	if d.warehouse == nil {
		opened, err := openWarehouse(ctx, d.dir)
		if err != nil {
			return runreport.Answer{}, err
		}
		d.warehouse = &opened
	}
	result, err := query(ctx, d.warehouse, sql)
	if err != nil {
		return runreport.Answer{}, err
	}
	answer := runreport.Answer{Rows: result.Rows}
	for _, column := range result.Columns {
		answer.Columns = append(answer.Columns, column.Name)
	}
	return answer, nil
}

// Close ends the questions.
func (d *directory) Close() error {
	if d.warehouse == nil {
		return nil
	}
	return d.warehouse.Close()
}

// account reads what a report is made of from AWS.
type account struct {
	config aws.Config
	bucket string
	target dataapi.Target
}

func openAccount(ctx context.Context, bucket string) (account, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return account{}, fmt.Errorf("load AWS configuration: %w", err)
	}
	return account{config: cfg, bucket: bucket, target: targetOfVariables()}, nil
}

// targetOfVariables is the warehouse that the variables of the steps name.
func targetOfVariables() dataapi.Target {
	return dataapi.Target{
		Database: os.Getenv(pipeline.RedshiftDatabase), SecretARN: os.Getenv(pipeline.RedshiftSecretARN),
		Workgroup: os.Getenv(pipeline.RedshiftWorkgroup), Cluster: os.Getenv(pipeline.RedshiftCluster),
	}
}

// Lake is the bucket.
func (a account) Lake() (record.Reader, string) { return s3.NewFromConfig(a.config), a.bucket }

// History asks Step Functions.
func (a account) History(ctx context.Context, run record.Run) ([]types.HistoryEvent, error) {
	if run.Execution == "" {
		return nil, errors.New("the record does not name the execution")
	}
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(a.config), &sfn.GetExecutionHistoryInput{
		ExecutionArn: &run.Execution, MaxResults: 1000, IncludeExecutionData: aws.Bool(false),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("ask Step Functions: %w", err)
		}
		events = append(events, page.Events...)
	}
	return events, nil
}

const askEvery = time.Second

// Query asks the Data API.
func (a account) Query(ctx context.Context, sql string) (runreport.Answer, error) {
	if a.target.Database == "" {
		return runreport.Answer{}, fmt.Errorf("%s and %s or %s are not set", pipeline.RedshiftDatabase, pipeline.RedshiftWorkgroup, pipeline.RedshiftCluster)
	}
	columns, rows, err := dataapi.Query(ctx, redshiftdata.NewFromConfig(a.config), a.target, sql, askEvery)
	return runreport.Answer{Columns: columns, Rows: rows}, err
}

// Close does nothing: there is nothing open.
func (account) Close() error { return nil }
