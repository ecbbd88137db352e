package main

import (
	"context"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
)

type inspectCommand struct {
	Export string   `arg:"" help:"A DynamoDB export: a folder with manifest-summary.json in it or below it, or one of data files alone." type:"existingdir"`
	Keys   []string `help:"Partition key and sort key of the table, which an export does not say. Default: what looks like them." placeholder:"PK,SK"`
	Sample int64    `help:"Read about this many items instead of all." placeholder:"N"`
	JSON   bool     `help:"Print JSON instead of tables."`
	Mask   bool     `help:"Hide letters and digits of examples, and leave out values."`
}

// Run says what an export holds.
func (c inspectCommand) Run(ctx context.Context, to output) error {
	report, err := inspect.Export(ctx, c.Export, inspect.Options{Keys: c.Keys, Sample: c.Sample, Progress: readProgress(to.err)})
	if err != nil {
		return err //nolint:wrapcheck // says what is wrong with the export
	}
	infer.Group(report)
	document := report.Document(c.Mask)
	if c.JSON {
		return document.WriteJSON(to.out) //nolint:wrapcheck // says what it was about
	}
	return document.WriteText(to.out) //nolint:wrapcheck // as above
}

// readProgress draws a bar on a terminal, and says nothing in a log.
func readProgress(to io.Writer) func(done, total int64) {
	file, isFile := to.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	bar := progressbar.NewOptions64(1, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription("Reading the export"),
		progressbar.OptionShowBytes(true), progressbar.OptionThrottle(barEvery), progressbar.OptionClearOnFinish())
	return func(done, total int64) {
		bar.ChangeMax64(total)
		_ = bar.Set64(done) //nolint:errcheck // a bar that cannot be drawn changes nothing
	}
}
