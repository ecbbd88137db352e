package main

import (
	"context"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/source"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

// items are the flags of the commands that read items without a model.
type items struct {
	Keys   []string `help:"Partition key and sort key of the table, which an export does not say. Default: what looks like them." placeholder:"PK,SK"`
	Sample int64    `help:"Read about this many items instead of all." placeholder:"N"`

	typeAttribute string // that names types, if a design says so
}

// sources is the help on what can be read.
const sources = `What can be read:
  ./my-export        an export: a folder with AWSDynamoDB/<id>/manifest-summary.json in or below it, or data files alone
  s3://bucket/prefix the same in a bucket; needs s3:ListBucket and s3:GetObject
  dynamodb://table   a table, by a scan. That costs read capacity in AWS, and none with nightstar up

Addresses of AWS take credentials, region and endpoints from the environment, such as the lines that nightstar up prints.`

// read inspects what an address names.
func (i items) read(ctx context.Context, address string, to output) (*inspect.Report, error) {
	from, err := source.Open(ctx, address)
	if err != nil {
		return nil, err //nolint:wrapcheck // says what it was about
	}
	defer from.Close() //nolint:errcheck // read only
	return i.readSource(ctx, from, to)
}

func (i items) readSource(ctx context.Context, from source.Source, to output) (*inspect.Report, error) {
	view := progress.New(to.err)
	defer view.Close()
	count := view.Count("Read the items", "bytes", 0)
	report, err := inspect.Read(ctx, from, inspect.Options{
		Keys: i.Keys, TypeAttribute: i.typeAttribute, Sample: i.Sample,
		Progress: func(done, total int64) { count.Set(done, max(done, total), 0) }, // how large a table is may be an old figure
	})
	count.End(err)
	return report, err //nolint:wrapcheck // says what is wrong with the source
}

type inspectCommand struct {
	items
	Export string `arg:"" help:"An export in a folder, s3://bucket/prefix, or dynamodb://table."`
	JSON   bool   `help:"Print JSON instead of tables."`
	Mask   bool   `help:"Hide letters and digits of examples, and leave out values."`
}

// Help tells what can be read.
func (inspectCommand) Help() string {
	return sources + `

Examples:
  nightstar inspect my-export
  nightstar inspect my-export --json --mask
  nightstar inspect my-export --sample 1000 --keys pk,sk`
}

// Run says what an export holds.
func (c inspectCommand) Run(ctx context.Context, to output) error {
	report, err := c.read(ctx, c.Export, to)
	if err != nil {
		return err
	}
	infer.Group(report)
	document := report.Document(c.Mask)
	if c.JSON {
		return document.WriteJSON(to.out) //nolint:wrapcheck // says what it was about
	}
	return document.WriteText(to.out) //nolint:wrapcheck // as above
}
