package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/sql"
)

type demoCommand struct {
	services
	modelled
	data
}

// Run shows the whole: sample data, one night, the answer. The store has a sample
// and a question of its own; for any other model both are made up.
func (c demoCommand) Run(ctx context.Context, to output) error {
	wanted, err := c.read()
	if err != nil {
		return err
	}
	environment, err := c.open(ctx, to.err, wanted, false)
	if err != nil {
		return err
	}
	m := environment.Model()
	summary, err := func() (execution.Summary, error) {
		if err := c.load(ctx, environment.Config(), environment.Table(), m, to.err); err != nil {
			return execution.Summary{}, err
		}
		fmt.Fprintf(to.err, "Running the night on %s\n", environment.Endpoint())
		return night(ctx, environment, execution.Input{}, nil, to.err)
	}()
	if err := errors.Join(err, environment.Close()); err != nil {
		return err
	}
	report(to.out, summary)
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
