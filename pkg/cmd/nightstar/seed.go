package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/madeup"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/progress"
	"github.com/nightstar-elt/nightstar/pkg/sample"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// data are the flags of commands that make sample data.
type data struct {
	Items   int    `default:"100000" help:"How many items to load."`
	Seed    uint64 `default:"1" help:"Seed of the sample data; one seed always makes the same items."`
	Awkward bool   `help:"Add items that real tables have: missing, odd and broken attributes."`
}

// Validate refuses numbers that make no sense.
func (d data) Validate() error {
	if d.Items < 1 {
		return fmt.Errorf("--items is %d: load at least one item", d.Items)
	}
	return nil
}

type seedCommand struct {
	services
	modelled
	data
	Table string `help:"Load into this table of your AWS account instead of the local one." placeholder:"NAME"`
}

// Run loads sample data.
func (c seedCommand) Run(ctx context.Context, to output) error {
	wanted, err := c.read()
	if err != nil {
		return err
	}
	view := progress.New(to.err)
	defer view.Close()
	if c.Table != "" {
		cfg, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return fmt.Errorf("load AWS configuration: %w", err)
		}
		m, err := models.Open(cmp.Or(c.Model, models.Default))
		if err != nil {
			return err
		}
		if err := c.load(ctx, cfg, c.Table, m, view); err != nil {
			return err
		}
		fmt.Fprintf(to.out, "Table %s has the items; those of earlier loads stay.\n", c.Table)
		return nil
	}
	environment, err := c.open(ctx, view, wanted, false)
	if err != nil {
		return err
	}
	if err := errors.Join(c.load(ctx, environment.Config(), environment.Table(), environment.Model(), view), environment.Close()); err != nil {
		return err
	}
	fmt.Fprintf(to.out, "The table has the items; those of earlier loads stay. Next: %s\n", runCommand{services: c.services, Mode: lakedoc.Full}.command())
	return nil
}

// Help has examples.
func (seedCommand) Help() string {
	return `Examples:
  nightstar seed --items 1000 --seed 7            items that differ from those of the demo
  nightstar seed --awkward --dir odd              with items that no night can load`
}

// load puts items into the table and shows progress: the sample of the store, or
// items that follow the model.
func (d data) load(ctx context.Context, cfg aws.Config, table string, m model.Model, view *progress.View) error {
	items, expected := madeup.Items(m, d.Seed, d.Items), d.Items
	if m.Name == models.Default {
		generated := sample.New(sample.Options{Seed: d.Seed, Items: d.Items, Awkward: d.Awkward})
		items, expected = generated.Items(), generated.Len()
	} else if d.Awkward {
		return fmt.Errorf("load items of model %s: --awkward is about items of the store", m.Name)
	}
	var keys []string
	for _, key := range m.Keys {
		keys = append(keys, key.Name)
	}
	count := view.Count("Load items", "items", int64(expected))
	loaded, err := sample.Load(ctx, dynamodb.NewFromConfig(cfg), table, items, sample.LoadOptions{
		Concurrency: loadersAtOnce, Keys: keys, Progress: func(done int) { count.Set(int64(done), 0, 0) },
	})
	count.End(err)
	if err != nil && ctx.Err() != nil {
		return &stopped{fmt.Sprintf("Table %s has %s of the %s items. To load the rest, repeat the command: each item replaces itself.",
			table, spell.Int(int64(loaded)), spell.Int(int64(expected)))}
	}
	if err != nil {
		return err
	}
	return nil
}

// loadersAtOnce keeps one machine busy and stays far from an account's limits.
const loadersAtOnce = 8
