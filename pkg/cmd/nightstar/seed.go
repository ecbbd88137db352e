package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/nightstar-elt/nightstar/pkg/madeup"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/sample"
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
	if c.Table != "" {
		cfg, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return fmt.Errorf("load AWS configuration: %w", err)
		}
		m, err := models.Open(cmp.Or(c.Model, models.Default))
		if err != nil {
			return err
		}
		return c.load(ctx, cfg, c.Table, m, to.err)
	}
	environment, err := c.open(ctx, to.err, wanted, false)
	if err != nil {
		return err
	}
	return errors.Join(c.load(ctx, environment.Config(), environment.Table(), environment.Model(), to.err), environment.Close())
}

// load puts items into the table and shows progress: the sample of the store, or
// items that follow the model.
func (d data) load(ctx context.Context, cfg aws.Config, table string, m model.Model, progress io.Writer) error {
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
	loaded, err := sample.Load(ctx, dynamodb.NewFromConfig(cfg), table, items, sample.LoadOptions{
		Concurrency: loadersAtOnce, Keys: keys, Progress: loadProgress(progress, expected),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(progress, "Loaded %d items into table %s; items of earlier loads stay\n", loaded, table)
	return nil
}

// loadersAtOnce keeps one machine busy and stays far from an account's limits.
const loadersAtOnce = 8

// barEvery bounds how often a progress bar is drawn.
const barEvery = 100 * time.Millisecond

// loadProgress draws a bar on a terminal. In a log, where a bar would fill
// pages, it says nothing: the line at the end does.
func loadProgress(to io.Writer, items int) func(done int) {
	file, isFile := to.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	bar := progressbar.NewOptions(items, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription("Loading sample items"),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(barEvery), progressbar.OptionClearOnFinish())
	return func(done int) { _ = bar.Set(done) } //nolint:errcheck // a bar that cannot be drawn changes nothing
}
