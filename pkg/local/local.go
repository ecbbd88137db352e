package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/durable"
	localdynamodb "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
	"github.com/nightstar-elt/nightstar/pkg/local/gateway"
	"github.com/nightstar-elt/nightstar/pkg/local/lambda"
	"github.com/nightstar-elt/nightstar/pkg/local/redshiftdata"
	locals3 "github.com/nightstar-elt/nightstar/pkg/local/s3"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// Names of what an environment holds. They are the same everywhere, so that
// commands from the documentation work as they are.
const (
	RawBucket         = "nightstar-raw"
	LakeBucket        = "nightstar-lake"
	RawArchiveBucket  = "nightstar-raw-archive"
	LakeArchiveBucket = "nightstar-lake-archive"

	tableName    = "nightstar"
	machineName  = "nightstar"
	databaseName = "nightstar"
	workgroup    = "nightstar"
	region       = "us-east-1"
	account      = "000000000000"
)

// WarehouseFile is the name of the warehouse inside the directory.
const WarehouseFile = "warehouse.duckdb"

// Options say where and how to run.
type Options struct {
	Dir     string    // holds all state; created if it is missing
	Lambdas string    // folder with one executable for each step, named after it
	Port    int       // of the endpoints on 127.0.0.1; 0 takes a free one
	Logs    io.Writer // receives what the Lambda functions print
	Notices io.Writer // receives what was repaired or set aside in the directory, a line each; nil for nobody

	// Model is what the table holds. Nil stands for the model that the directory
	// remembers, or the default if it is new.
	Model *model.Model
	// Replace lets Model replace that of another name.
	Replace bool

	Clock      stepfunctions.Clock // how waits pass; the zero value suits people who watch
	Interposer Interposer          // stands in between, if not nil; for tests
}

// Interposer stands between the services and those who call them, so that a
// test can watch and disturb both.
type Interposer interface {
	// Services returns what is served instead of the services. The
	// configuration is that of clients of the endpoints.
	Services(clients aws.Config, services gateway.Services) gateway.Services
	// Invoker returns what the state machine invokes functions by.
	Invoker(functions asl.Invoker) asl.Invoker
	// Mark is told each state that an execution enters and each Retry and
	// Catch that takes an error. It may be called by several goroutines at once.
	Mark(executionARN string, mark asl.Mark)
}

// Environment is a running local AWS. Close it to leave a warehouse file that
// others can open.
type Environment struct {
	config     aws.Config
	endpoint   string
	key        aws.Credentials
	machineARN string
	model      model.Model
	parts      []io.Closer // in the order they were started
}

// Open starts the services in a directory, makes the table, registers the step
// executables and deploys the state machine. Everything is there already the
// second time. On an error nothing is left running.
func Open(ctx context.Context, opts Options) (*Environment, error) {
	// The S3 gateway changes the working directory of the process while it
	// runs, so relative paths must be made absolute before.
	for _, path := range []*string{&opts.Dir, &opts.Lambdas} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return nil, fmt.Errorf("start local environment in %s: %w", *path, err)
		}
		*path = absolute
	}
	e := &Environment{}
	if err := e.start(ctx, opts); err != nil {
		return nil, errors.Join(fmt.Errorf("start local environment: %w", err), e.Close())
	}
	return e, nil
}

// start brings up one service after the other. All of them are reached
// through the gateway's port, the services among themselves too.
func (e *Environment) start(ctx context.Context, opts Options) error {
	lock, err := lockDir(opts.Dir)
	if err != nil {
		return err
	}
	e.keep(lock)
	if e.model, err = remember(opts.Dir, opts.Model, opts.Replace); err != nil {
		return err
	}
	// What processes that were killed have left: files of functions and loads,
	// and what DuckDB has spilled.
	spilled := filepath.Join(opts.Dir, WarehouseFile+".tmp")
	if err := errors.Join(durable.Empty(tempDir(opts)), os.RemoveAll(spilled)); err != nil {
		return fmt.Errorf("remove temporary files: %w", err)
	}
	listener, err := gateway.Listen(fmt.Sprintf("127.0.0.1:%d", opts.Port))
	if err != nil {
		return err
	}
	key, err := accessKey(opts.Dir)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	e.key = key
	e.endpoint = gateway.URL(listener)
	e.config = aws.Config{
		// Requests of the services among themselves are told from those of the
		// functions by this name in their user agent.
		AppID:        "nightstar",
		Region:       region,
		BaseEndpoint: &e.endpoint,
		Credentials:  credentials.StaticCredentialsProvider{Value: key},
	}
	services, machines, err := e.services(ctx, opts, key)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	served, err := gateway.Serve(listener, services, gateway.Options{Credentials: key, Region: region})
	if err != nil {
		return errors.Join(err, listener.Close(), machines.Close())
	}
	e.keep(served)
	e.keep(machines) // last, so that executions end while their services still answer
	if _, err := sample.CreateTable(ctx, dynamodb.NewFromConfig(e.config), tableName, e.model); err != nil {
		return err
	}
	return e.deploy(ctx)
}

// services opens what stands behind the gateway.
func (e *Environment) services(
	ctx context.Context, opts Options, key aws.Credentials,
) (gateway.Services, *stepfunctions.Server, error) {
	var none gateway.Services
	objects, err := locals3.Start(ctx, filepath.Join(opts.Dir, "s3"), locals3.Options{
		Credentials: key, Region: region, Notice: noticeTo(opts.Notices),
	})
	if err != nil {
		return none, nil, err
	}
	e.keep(objects)
	for _, bucket := range []string{RawBucket, LakeBucket, RawArchiveBucket, LakeArchiveBucket} {
		if err := objects.EnsureBucket(ctx, bucket); err != nil {
			return none, nil, err
		}
	}
	client := s3.NewFromConfig(e.config)
	tables, err := localdynamodb.Open(filepath.Join(opts.Dir, "dynamodb"), client, localdynamodb.Options{
		Region: region, Notice: noticeTo(opts.Notices),
		EmptyPartitions: 1,                // every night meets an empty data file, as real tables have them
		ShortestWindow:  time.Millisecond, // here a night and the next one are seconds apart
	})
	if err != nil {
		return none, nil, err
	}
	e.keep(tables)
	engine, err := duckdb.Open(ctx, filepath.Join(opts.Dir, WarehouseFile), duckdb.Options{})
	if err != nil {
		return none, nil, err
	}
	e.keep(engine)
	warehouse := redshiftdata.New(engine, client, redshiftdata.Options{Database: databaseName, TempDir: tempDir(opts)})
	e.keep(warehouse)
	functions, err := lambda.New(stepFunctions(opts.Lambdas, filepath.Join(opts.Dir, ModelFile)), lambda.Options{
		Region: region, AccountID: account, Credentials: key, EndpointURL: e.endpoint, Log: logTo(opts.Logs),
		TempDir: tempDir(opts),
	})
	if err != nil {
		return none, nil, err
	}
	e.keep(functions)
	caller, settings := asl.Invoker(invoker{functions}), stepfunctions.Options{
		Region: region, Account: account, MapConcurrency: concurrency(), Clock: opts.Clock,
		Notice: noticeTo(opts.Notices),
	}
	if opts.Clock == (stepfunctions.Clock{}) {
		settings.Clock = stepfunctions.Clock{Speed: waitSpeed, Longest: longestWait}
	}
	if opts.Interposer != nil {
		caller, settings.MarkFunc = opts.Interposer.Invoker(caller), opts.Interposer.Mark
	}
	machines, err := stepfunctions.Open(filepath.Join(opts.Dir, "stepfunctions"), caller, objectStore{client}, settings)
	if err != nil {
		return none, nil, err
	}
	served := gateway.Services{
		DynamoDB: tables, StepFunctions: machines, RedshiftData: warehouse, Lambda: functions, S3: objects,
	}
	if opts.Interposer != nil {
		served = opts.Interposer.Services(e.config, served)
	}
	return served, machines, nil
}

// tempDir holds what no process needs after its end.
func tempDir(opts Options) string { return filepath.Join(opts.Dir, "tmp") }

func noticeTo(w io.Writer) func(string) {
	if w == nil {
		return nil
	}
	var mu sync.Mutex
	return func(notice string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(w, notice)
	}
}

func (e *Environment) keep(part io.Closer) { e.parts = append(e.parts, part) }

// Close stops everything, last started first: executions end before the
// functions they call, and those before the services they use.
func (e *Environment) Close() error {
	var problems []error
	for _, part := range slices.Backward(e.parts) {
		problems = append(problems, part.Close())
	}
	e.parts = nil
	return errors.Join(problems...)
}

// Config is the configuration of SDK clients for the endpoints.
func (e *Environment) Config() aws.Config { return e.config.Copy() }

// Endpoint is the URL that all services answer on.
func (e *Environment) Endpoint() string { return e.endpoint }

// Table is the name of the table that is exported.
func (e *Environment) Table() string { return tableName }

// Model is what the table holds.
func (e *Environment) Model() model.Model { return e.model }

// StateMachineARN is the ARN of the nightly run.
func (e *Environment) StateMachineARN() string { return e.machineARN }

// ExportLines are the shell lines that point the aws CLI at the endpoints.
func (e *Environment) ExportLines() []string {
	lines := []string{"export AWS_ENDPOINT_URL=" + e.endpoint}
	for _, service := range []string{"DYNAMODB", "S3", "SFN", "REDSHIFT_DATA", "LAMBDA"} {
		lines = append(lines, "export AWS_ENDPOINT_URL_"+service+"="+e.endpoint)
	}
	return append(lines, "export AWS_ACCESS_KEY_ID="+e.key.AccessKeyID, "export AWS_SECRET_ACCESS_KEY="+e.key.SecretAccessKey,
		"export AWS_REGION="+region, "export AWS_DEFAULT_REGION="+region)
}
