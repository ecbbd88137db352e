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
	deployed string // the definition of the machine
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
	if w.scenario.Phase == phaseDisturb || w.scenario.Phase == phaseRecover {
		w.hasten(ctx)
	}
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
		return execution.Input{Mode: w.scenario.Mode}
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

// plain is the night that others are compared with, or the increment: that has to
// leave the star of the night.
func (w *world) plain(ctx context.Context) {
	w.chaos.Begin()
	run := w.run(ctx, execution.Input{Mode: w.scenario.Mode})
	w.chaos.Calm()
	if run.Status != "SUCCEEDED" {
		w.problem("the undisturbed night %s: %s: %s", run.Status, run.Error, run.Cause)
		return
	}
	w.report.Expect = w.scenario.Expect
	if w.scenario.Mode == "" {
		w.report.Expect.After = w.tables(ctx, "dwh")
		w.report.Expect.Landing = w.tables(ctx, "mirror")
		w.report.Expect.Summary = run
	} else if w.report.Expect.Changes = run; run.Items == 0 {
		w.problem("the undisturbed increment has no records")
	}
	w.scenario.Expect = w.report.Expect
	w.checkEnd(ctx, run)
}

// marksOf turns counts back into marks.
func (r report) marksOf() map[asl.Mark]int {
	marks := map[asl.Mark]int{}
	for _, m := range r.Marks {
		marks[asl.Mark{State: m.State, Field: m.Field, Index: m.Index}] += m.Count
	}
	return marks
}
