package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/nightstar-elt/nightstar/pkg/evolve"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	dataapi "github.com/nightstar-elt/nightstar/pkg/warehouse"
)

type planCommand struct {
	place
	modelled
	AWS bool `name:"aws" help:"Ask the warehouse that the variables of the steps name (REDSHIFT_DATABASE and REDSHIFT_WORKGROUP or REDSHIFT_CLUSTER), with the AWS credentials, instead of the local one."`
}

// Help tells what a plan is.
func (planCommand) Help() string {
	return `A run compares the warehouse with the model before it loads anything. This command does the same, reports what the run would create
and change, and what would be lost, and changes nothing. Its status is 1 if a run would stop.

Examples:
  nightstar plan                          what the local warehouse has to change

make diff ENV=prod says the same for an environment, beside the CDK's difference.`
}

// errStops ends the command if a run would stop: the report has said why.
var errStops = errors.New("a run would stop") //nolint:gochecknoglobals // a sentinel

// Run reports the plan.
func (c planCommand) Run(ctx context.Context, to output) error {
	m, err := c.model()
	if err != nil {
		return err
	}
	there, err := c.inspect(ctx, m)
	if err != nil {
		return err
	}
	plan := evolve.Compare(m, there)
	lines(to, "A run of model "+m.Name+" would", plan.Changes)
	lines(to, "It would stop, because these are not Nightstar's", plan.Foreign)
	lines(to, "It would stop, because these would be lost or reinterpreted", plan.Losses)
	if plan.Stops(false) {
		lines(to, "What to do", plan.Ways())
		return errStops
	}
	if len(plan.Changes) == 0 {
		fmt.Fprintf(to.out, "The warehouse follows model %s already.\n", m.Name)
	}
	return nil
}

func lines(to output, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(to.out, title)
	for _, line := range lines {
		fmt.Fprintln(to.out, "  - "+line)
	}
}

// model returns the model of the flag, that of the directory, or the default.
func (c planCommand) model() (model.Model, error) {
	if m, err := c.read(); err != nil || m != nil {
		if err != nil {
			return model.Model{}, err
		}
		return *m, nil
	}
	if !c.AWS {
		if m, known, err := local.ReadModel(c.Dir); err != nil || known {
			return m, err
		}
	}
	return models.Read(models.Default)
}

// inspect reads what the warehouse holds.
func (c planCommand) inspect(ctx context.Context, m model.Model) (evolve.Warehouse, error) {
	if c.AWS {
		cfg, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return evolve.Warehouse{}, fmt.Errorf("load AWS configuration: %w", err)
		}
		return dataapi.Inspect(ctx, redshiftdata.NewFromConfig(cfg), targetOfVariables(), m, inspectEvery)
	}
	if _, err := os.Stat(filepath.Join(c.Dir, local.WarehouseFile)); err != nil {
		return evolve.New(m, nil) // there is none yet
	}
	tables, err := c.texts(ctx, evolve.TablesQuery(m))
	if err != nil {
		return evolve.Warehouse{}, err
	}
	there, err := evolve.New(m, tables)
	if err != nil || !there.IsNoted() {
		return there, err
	}
	noted, err := c.texts(ctx, evolve.NotedQuery(m))
	if err != nil {
		return there, err
	}
	return there, there.Note(noted)
}

const inspectEvery = time.Second

// texts asks the local warehouse for rows of text.
func (c planCommand) texts(ctx context.Context, query string) ([][]string, error) {
	result, err := ask(ctx, c.Dir, query)
	if err != nil {
		return nil, err
	}
	rows := make([][]string, len(result.Rows))
	for i, row := range result.Rows {
		for _, value := range row {
			rows[i] = append(rows[i], fmt.Sprint(value))
		}
	}
	return rows, nil
}
