package faults_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// timeLimit of an execution; undisturbed ones take about a second.
const timeLimit = 100 * time.Second

// world is a directory in use.
type world struct {
	scenario scenario
	env      *local.Environment
	chaos    *chaos.Chaos
	clients  aws.Config
	report   report
	log      lockedText
}

// lockedText collects what functions print.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (w *world) problem(format string, args ...any) {
	w.report.Problems = append(w.report.Problems, fmt.Sprintf(format, args...))
}

// fatal is a problem that nothing can follow.
type fatal struct{ err error }

func must[T any](value T, err error) T {
	if err != nil {
		panic(fatal{err})
	}
	return value
}

// playScenario opens the world of a scenario, plays its phase and closes it.
func playScenario(s scenario) (result report) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	w := &world{scenario: s}
	defer func() {
		failure := recover()
		if broken, ok := failure.(fatal); ok {
			w.problem("%v", broken.err)
		} else if failure != nil {
			panic(failure)
		}
		if w.env != nil {
			if err := w.env.Close(); err != nil {
				w.problem("close: %v", err)
			}
		}
		w.collect()
		result = w.report
	}()
	w.open(ctx)
	switch s.Phase {
	case phasePrepare:
		w.prepare(ctx)
	case phasePlain:
		w.plain(ctx)
	case phaseDisturb:
		w.disturb(ctx)
	case phaseRecover:
		w.afterKill(ctx)
	}
	return w.report
}

func (w *world) open(ctx context.Context) {
	var faults []chaos.Fault
	if w.scenario.Phase == phaseDisturb {
		faults = w.scenario.Faults
	}
	w.chaos = chaos.New(faults)
	w.env = must(local.Open(ctx, local.Options{
		Dir: w.scenario.Dir, Lambdas: w.scenario.Lambdas, Logs: &w.log, Interposer: w.chaos,
		Clock: stepfunctions.Clock{Speed: 1000, Longest: 60 * time.Millisecond},
	}))
	w.clients = chaos.Exempt(w.env.Config())
}

// collect completes the report.
func (w *world) collect() {
	w.report.Injected, w.report.Census = w.chaos.Injected(), w.chaos.Census()
	for mark, n := range w.chaos.Marks() {
		w.report.Marks = append(w.report.Marks, markCount{mark.State, mark.Field, mark.Index, n})
	}
	slices.SortFunc(w.report.Marks, func(a, b markCount) int { return cmp.Compare(a.State, b.State) })
	if len(w.report.Problems) > 0 {
		w.log.mu.Lock()
		for line := range strings.Lines(w.log.text.String()) {
			if strings.Contains(line, `"level":"ERROR"`) {
				w.report.Log += line
			}
		}
		w.log.mu.Unlock()
	}
}

// Two tables that follow each other: items come, change and go in between.
func firstItems() []sample.Item {
	return slices.Collect(sample.New(sample.Options{Seed: 1, Items: 100, Awkward: true}).Items())
}

func secondItems() []sample.Item {
	var items []sample.Item
	for i, item := range slices.Collect(sample.New(sample.Options{Seed: 1, Items: 200, Awkward: true}).Items()) {
		if i%9 == 4 {
			continue
		}
		if name, ok := item["fullname"].(*types.AttributeValueMemberS); ok && i%2 == 0 {
			item = maps.Clone(item)
			item["fullname"] = &types.AttributeValueMemberS{Value: name.Value + " Newname"}
		}
		items = append(items, item)
	}
	return items
}

// input is that of the disturbed execution.
func (w *world) input(ctx context.Context) execution.Input {
	if w.scenario.Keyless {
		return execution.Input{Export: &execution.Export{}}
	}
	if !w.scenario.Given {
		return execution.Input{}
	}
	for name := range w.archivable(ctx) {
		if strings.HasSuffix(name, "/manifest-summary.json") {
			_, key, _ := strings.Cut(name, "/")
			return execution.Input{Export: &execution.Export{ManifestKey: key}}
		}
	}
	panic(fatal{errors.New("the base has no export")})
}

// flood puts items into the table that will be set aside.
func (w *world) flood(ctx context.Context) {
	must(sample.Load(ctx, dynamodb.NewFromConfig(w.clients), w.env.Table(), slices.Values(w.refused()), sample.LoadOptions{}))
}

// unflood takes them out again.
func (w *world) unflood(ctx context.Context) {
	for _, item := range w.refused() {
		must(dynamodb.NewFromConfig(w.clients).DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: aws.String(w.env.Table()), Key: sample.Item{"PK": item["PK"], "SK": item["SK"]},
		}))
	}
}

// refused are items of a type that the model does not know.
func (w *world) refused() []sample.Item {
	items := make([]sample.Item, w.scenario.Refused)
	for i := range items {
		key := &types.AttributeValueMemberS{Value: fmt.Sprintf("FLOOD#%d", i)}
		items[i] = sample.Item{"PK": key, "SK": key, "type": &types.AttributeValueMemberS{Value: "flood"}}
	}
	return items
}

// keyOf identifies an item.
func keyOf(item sample.Item) string {
	return fmt.Sprintf("%#v %#v", item["PK"], item["SK"])
}

// prepare makes the base.
func (w *world) prepare(ctx context.Context) {
	api := dynamodb.NewFromConfig(w.clients)
	first, second := firstItems(), secondItems()
	must(sample.Load(ctx, api, w.env.Table(), slices.Values(first), sample.LoadOptions{}))
	run := w.run(ctx, execution.Input{})
	if run.Status != "SUCCEEDED" {
		w.problem("the first night %s: %s: %s", run.Status, run.Error, run.Cause)
		return
	}
	w.report.Expect.BaseRun = run.RunID
	w.report.Expect.Before = w.tables(ctx, "dwh")
	w.report.Expect.Objects = w.archivable(ctx)
	for _, item := range first {
		if !slices.ContainsFunc(second, func(other sample.Item) bool { return keyOf(other) == keyOf(item) }) {
			must(api.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName: aws.String(w.env.Table()), Key: sample.Item{"PK": item["PK"], "SK": item["SK"]},
			}))
		}
	}
	must(sample.Load(ctx, api, w.env.Table(), slices.Values(second), sample.LoadOptions{}))
}

// plain is the night that others are compared with.
func (w *world) plain(ctx context.Context) {
	w.chaos.Begin()
	run := w.run(ctx, execution.Input{})
	w.chaos.Calm()
	if run.Status != "SUCCEEDED" {
		w.problem("the undisturbed night %s: %s: %s", run.Status, run.Error, run.Cause)
		return
	}
	w.report.Expect = w.scenario.Expect
	w.report.Expect.After = w.tables(ctx, "dwh")
	w.report.Expect.Landing = w.tables(ctx, "landing")
	w.report.Expect.Summary = run
	w.scenario.Expect = w.report.Expect
	w.checkEnd(ctx, run)
}

// disturb runs a night with faults and recovers from it.
func (w *world) disturb(ctx context.Context) {
	var runs []execution.Summary
	var group sync.WaitGroup
	var mu sync.Mutex
	w.flood(ctx)
	in := w.input(ctx)
	w.chaos.Begin()
	count := 1
	if w.scenario.Two {
		count = 2
	}
	for i := range count {
		group.Go(func() {
			time.Sleep(time.Duration(i) * 20 * time.Millisecond)
			summary, err := w.tryRun(ctx, in)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				w.problem("%v", err)
				return
			}
			runs = append(runs, summary)
		})
	}
	group.Wait()
	w.chaos.Calm()
	for _, run := range runs {
		w.report.Status, w.report.Error = run.Status, run.Error
		w.checkOutcome(ctx, run)
	}
	w.recover(ctx, runs)
}

// afterKill looks at what a killed process has left, and recovers.
func (w *world) afterKill(ctx context.Context) {
	listed := must(sfn.NewFromConfig(w.clients).ListExecutions(ctx, &sfn.ListExecutionsInput{
		StateMachineArn: aws.String(w.env.StateMachineARN()),
	}))
	var runs []execution.Summary
	for _, e := range listed.Executions {
		if e.Status == sfntypes.ExecutionStatusRunning {
			w.problem("execution %s is running after a restart", aws.ToString(e.Name))
		}
		if aws.ToString(e.Name) != w.scenario.Expect.BaseRun {
			runs = append(runs, execution.Summary{RunID: aws.ToString(e.Name), Status: string(e.Status)})
		}
	}
	w.checkOneOf(ctx, "after the process was killed")
	w.recover(ctx, runs)
}

// recover goes on without faults and checks what is there then: with a redrive
// of what did not succeed, if the scenario says so, or with another night.
func (w *world) recover(ctx context.Context, runs []execution.Summary) {
	for _, run := range runs {
		if !w.scenario.Redrive || run.Status == "SUCCEEDED" {
			continue
		}
		w.settle(ctx)
		again := w.redrive(ctx, run.RunID)
		if again.Status == "SUCCEEDED" && len(runs) == 1 {
			w.checkEnd(ctx, again)
			return
		}
		w.checkRedriven(ctx, run, again, len(runs) == 1)
	}
	w.unflood(ctx)
	w.settle(ctx)
	final := w.run(ctx, execution.Input{})
	if final.Status != "SUCCEEDED" {
		w.problem("the night after %s: %s: %s", final.Status, final.Error, final.Cause)
		return
	}
	w.checkEnd(ctx, final)
}

// checkRedriven checks a redriven execution that did not succeed. One that had
// failed fails in the same way; one that was only stopped has no reason to, but
// that exports and statements do not survive the process that was to finish
// them: in AWS nobody kills that one.
func (w *world) checkRedriven(ctx context.Context, run, again execution.Summary, alone bool) {
	lost := w.scenario.Phase == phaseRecover &&
		(strings.Contains(again.Cause, "DescribeStatement") || again.Error == "ExportFailed")
	onlyStopped := run.Status == "ABORTED" && len(w.scenario.Faults) == 1 && alone
	if (run.Status == "FAILED" && again.Error != run.Error) || (onlyStopped && !lost) {
		w.problem("run %s ended as %s %s, and redriven as %s %s: %s",
			run.RunID, run.Status, run.Error, again.Status, again.Error, again.Cause)
		return
	}
	w.checkOutcome(ctx, again)
}

// run runs a night to its end, whatever that is.
func (w *world) run(ctx context.Context, in execution.Input) execution.Summary {
	return must(w.tryRun(ctx, in))
}

func (w *world) tryRun(ctx context.Context, in execution.Input) (execution.Summary, error) {
	api := sfn.NewFromConfig(w.clients)
	arn, err := execution.Start(ctx, api, w.env.StateMachineARN(), execution.RunID(time.Now()), in)
	if err != nil {
		return execution.Summary{}, err
	}
	return w.follow(ctx, arn)
}

// redrive goes on with an execution.
func (w *world) redrive(ctx context.Context, runID string) execution.Summary {
	w.report.Redriven = true
	arn := strings.Replace(w.env.StateMachineARN(), ":stateMachine:", ":execution:", 1) + ":" + runID
	must(sfn.NewFromConfig(w.clients).RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &arn}))
	return must(w.follow(ctx, arn))
}

// follow waits for the end of an execution and sums it up.
func (w *world) follow(ctx context.Context, arn string) (execution.Summary, error) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	api := sfn.NewFromConfig(w.clients)
	for {
		out, err := api.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		if err != nil {
			return execution.Summary{}, fmt.Errorf("wait for execution %s: %w", arn, err)
		}
		if out.Status != sfntypes.ExecutionStatusRunning {
			return execution.Follow(ctx, api, arn, time.Second, nil)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// marksOf turns counts back into marks.
func (r report) marksOf() map[asl.Mark]int {
	marks := map[asl.Mark]int{}
	for _, m := range r.Marks {
		marks[asl.Mark{State: m.State, Field: m.Field, Index: m.Index}] += m.Count
	}
	return marks
}
