package main

import (
	"context"
	"errors"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/progress"
	"github.com/nightstar-elt/nightstar/sql"
)

type demoCommand struct {
	services
	modelled
	data
}

// Help has examples.
func (demoCommand) Help() string {
	return `Examples:
  nightstar demo                                  100,000 items of a store
  nightstar demo --items 2000 --dir small         less of them, in another directory
  nightstar demo --model tickets --dir desk       made-up items that follow a model`
}

// Run shows the whole: sample data, one night, the answer. The store has a sample
// and a question of its own; for any other model both are made up.
func (c demoCommand) Run(ctx context.Context, to output) error {
	wanted, err := c.read()
	if err != nil {
		return err
	}
	view := progress.New(to.err)
	defer view.Close()
	environment, err := c.open(ctx, view, wanted, false)
	if err != nil {
		return err
	}
	m := environment.Model()
	again := runCommand{services: c.services, modelled: c.modelled, Mode: lakedoc.Full}
	summary, err := func() (execution.Summary, error) {
		if err := c.load(ctx, environment.Config(), environment.Table(), m, view); err != nil {
			return execution.Empty(), err
		}
		return night(ctx, environment, execution.Input{}, nil, view, to.verbose)
	}()
	err = errors.Join(err, environment.Close())
	view.Close()
	if err != nil {
		return c.interrupted(ctx, err, summary, again.command())
	}
	verdict(to.out, summary, &m, c.situation(ctx, summary, again.command(), "", c.Model), c.example(summary, ""))
	reportOn(ctx, c.Dir, summary.RunID, to.err)
	if summary.Status != "SUCCEEDED" {
		return errNightFailed
	}
	if m.Name != models.Default {
		return factReports(ctx, to, c.Dir, m)
	}
	queries, err := sql.Queries()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(queries, func(q sql.Query) bool { return q.Name == "quarterly_growth" })
	if i < 0 {
		return errors.New("find query quarterly_growth: sql/queries has none of that name")
	}
	result, err := ask(ctx, c.Dir, queries[i].SQL)
	if err != nil {
		return err
	}
	return growthReport(to.out, result)
}
