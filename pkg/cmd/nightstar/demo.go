package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/sql"
)

type demoCommand struct {
	services
	data
}

// Run shows the whole: sample data, one night, the answer.
func (c demoCommand) Run(ctx context.Context, to output) error {
	environment, err := c.open(ctx, to.err)
	if err != nil {
		return err
	}
	summary, err := func() (execution.Summary, error) {
		if err := c.load(ctx, environment.Config(), environment.Table(), to.err); err != nil {
			return execution.Summary{}, err
		}
		fmt.Fprintf(to.err, "Running the night on %s\n", environment.Endpoint())
		return night(ctx, environment, nil, to.err)
	}()
	if err := errors.Join(err, environment.Close()); err != nil {
		return err
	}
	report(to.out, summary)
	if summary.Status != "SUCCEEDED" {
		return errNightFailed
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
