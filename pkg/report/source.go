package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/price"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// Source is where a report reads, on AWS or in a directory.
type Source interface {
	// Lake returns what to ask for objects, and the name of the lake bucket.
	Lake() (api record.Reader, bucket string)
	// History returns the events of a run's execution. Step Functions keeps them
	// for 90 days.
	History(ctx context.Context, run record.Run) ([]types.HistoryEvent, error)
	// Query asks the warehouse one question.
	Query(ctx context.Context, sql string) (Answer, error)
}

// Answer is the result of a query. Values are nil, bool, int64, float64 or, for
// everything else, text.
type Answer struct {
	Columns []string
	Rows    [][]any
}

// Options are what a report is made of, beside its source.
type Options struct {
	RunID string // empty for the newest run
	RPU   int    // capacity of Redshift Serverless that costs are estimated for
}

// facts is all that was read for a report.
type facts struct {
	run      record.Run
	runs     []record.Run // all of the lake, the newest last
	model    *model.Model // nil if it could not be read
	states   statemachine.States
	history  history // of the execution; without visits if it could not be read
	proofs   []proof // with what was expected, of the warehouse; nil if it could not be asked
	aside    []aside // what was set aside, as far as it was read
	whole    bool    // aside has all of it
	prices   price.List
	rpu      int
	remodel  bool // the model file differs from that of the run before
	missing  []string
	sections []Section
}

// lose notes what could not be read.
func (f *facts) lose(format string, args ...any) {
	f.missing = append(f.missing, fmt.Sprintf(format, args...))
}

// maxModel bounds a model file, in bytes.
const maxModel = 4 << 20

// Gather reads what there is about a run. Only a run that the lake does not know
// is an error: everything else that cannot be read is a sentence in the report.
func Gather(ctx context.Context, from Source, opts Options) (Report, error) {
	api, bucket := from.Lake()
	runs, err := record.List(ctx, api, bucket)
	if err != nil {
		return Report{}, err //nolint:wrapcheck // names the object
	}
	f := facts{runs: runs, prices: price.Read(), rpu: opts.RPU}
	if f.run, err = choose(runs, opts.RunID); err != nil {
		return Report{}, err
	}
	f.readModel(ctx, api, bucket)
	if f.states, err = statemachine.Read(); err != nil {
		return Report{}, err //nolint:wrapcheck // says what it read
	}
	events, err := from.History(ctx, f.run)
	if err != nil {
		f.lose("The history of the execution cannot be read, so the report has no timeline: %v.", err)
	}
	f.history = read(events, f.states.All)
	f.readAside(ctx, api, bucket)
	f.readProofs(ctx, from)
	f.add("answers", "What the data says", f.answers(ctx, from))
	f.add("machine", "What ran", f.machine())
	f.add("reconciliation", "From manifest to fact", f.reconciliation())
	f.add("aside", "Set aside", f.setAside())
	f.add("drift", "Changes since the last run", f.drift())
	f.add("trend", "The last runs", f.trend())
	f.add("cost", "Cost", f.cost())
	f.add("star", "The star", f.star())
	title := "Nightstar"
	if f.model != nil {
		title += ": " + f.model.Name
	}
	return Report{Title: title, Verdict: f.verdict(), Missing: f.missing, Sections: f.sections}, ctx.Err()
}

func (f *facts) add(id, title string, blocks []Block) {
	if len(blocks) > 0 {
		f.sections = append(f.sections, Section{ID: id, Title: title, Blocks: blocks})
	}
}

// choose returns the run of that name, or the newest.
func choose(runs []record.Run, id string) (record.Run, error) {
	if len(runs) == 0 {
		return record.Run{}, errors.New("report on a run: the lake has no run yet; start one with nightstar run")
	}
	if id == "" {
		return runs[len(runs)-1], nil
	}
	i := slices.IndexFunc(runs, func(run record.Run) bool { return run.RunID == id })
	if i < 0 {
		return record.Run{}, fmt.Errorf("report on run %q: the lake has no record of that name; see nightstar runs", id)
	}
	return runs[i], nil
}

// readModel reads the model file that the run followed.
func (f *facts) readModel(ctx context.Context, api record.Reader, bucket string) {
	key := lakedoc.ModelKey(f.run.RunID)
	stored, err := document.Read(ctx, api, bucket, key, maxModel)
	if document.Missing(err) {
		f.lose("The run left no model file (s3://%s/%s), so the report has neither the star nor its answers.", bucket, key)
		return
	}
	if err == nil {
		var m model.Model
		if m, err = model.Read(key, stored.Body); err == nil {
			f.model = &m
			f.compareModel(ctx, api, bucket)
			return
		}
	}
	f.lose("The model file of the run cannot be read, so the report has neither the star nor its answers: %v.", err)
}

// compareModel compares the model file with that of the last published run. One
// that is gone is not compared.
func (f *facts) compareModel(ctx context.Context, api record.Reader, bucket string) {
	if last, ok := f.before(); ok {
		stored, err := document.Read(ctx, api, bucket, lakedoc.ModelKey(last.RunID), maxModel)
		f.remodel = err == nil && !bytes.Equal(stored.Body, f.model.Source)
	}
}

// before returns the last run that was published before this one.
func (f *facts) before() (record.Run, bool) {
	var last record.Run
	found := false
	for _, run := range f.runs {
		if run.RunID == f.run.RunID {
			break
		}
		if published(run) {
			last, found = run, true
		}
	}
	return last, found
}

// published reports whether the star shows what the run loaded.
func published(run record.Run) bool { return run.RowsLoaded != nil }
