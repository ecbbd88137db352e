package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/infer/design"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/source"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

type inferCommand struct {
	items
	Export  string `arg:"" optional:"" help:"An export in a folder, s3://bucket/prefix, or dynamodb://table. May be left out with --from."`
	From    string `help:"Take names and types from what another tool knows: a schema.json of AWS's DynamoDB MCP server, a OneTable schema, or a NoSQL Workbench model." placeholder:"FILE" type:"existingfile"`
	Table   string `help:"The table of --from, if it declares several." placeholder:"NAME"`
	Output  string `short:"o" help:"Write the model to this file, which must not be there yet." placeholder:"FILE"`
	Name    string `help:"Name of the model. Default: that of the table." placeholder:"NAME"`
	Against string `help:"Compare with this model instead of writing one: say which item types and attributes are new, and which columns have no room. The exit status is 1 if there are any." placeholder:"FILE" type:"existingfile"`
}

// Help tells what can be read.
func (inferCommand) Help() string {
	return sources + `

Examples:
  nightstar infer my-export -o inferred.yaml                       a model, with evidence and questions
  nightstar infer my-export --against inferred.yaml                what a newer export holds that the model does not declare
  nightstar infer my-export --from schema.json -o named.yaml       with the names of a schema
  nightstar infer --from schema.json -o schema.yaml                of the schema alone, without evidence

The schema that OneTable saves in its table is found there without --from.`
}

// Run writes a model for an export, or compares one with it.
func (c inferCommand) Run(ctx context.Context, to output) error {
	switch {
	case c.Against != "":
		return c.compare(ctx, to)
	case c.Output == "":
		return errors.New("infer a model: say where to write it, -o FILE")
	}
	if _, err := os.Stat(c.Output); err == nil {
		return fmt.Errorf("infer a model: %s exists already and may hold your changes; name another file", c.Output)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("infer a model: %w", err)
	}
	report, options, err := c.inspect(ctx, to)
	if err != nil {
		return err
	}
	result, err := infer.Infer(report, options)
	if err != nil {
		return err //nolint:wrapcheck // says what it was about
	}
	if err := os.WriteFile(c.Output, result.Text, 0o644); err != nil { //nolint:gosec // a model file is no secret
		return fmt.Errorf("write the model: %w", err)
	}
	c.say(to, result)
	return nil
}

// inspect reads the items, and what another tool declares of them. Without an
// export it takes the sample data of the design, or items that follow it.
func (c inferCommand) inspect(ctx context.Context, to output) (*inspect.Report, infer.Options, error) {
	o := infer.Options{Name: c.Name, From: c.From}
	if c.From == "" {
		if c.Export == "" {
			return nil, o, errors.New("infer a model: name an export, or a design with --from FILE")
		}
		report, err := c.read(ctx, c.Export, to)
		return report, o, err
	}
	text, err := os.ReadFile(c.From)
	if err != nil {
		return nil, o, fmt.Errorf("read the design: %w", err)
	}
	if o.Design, err = design.Read(c.From, text, c.Table); err != nil {
		return nil, o, err //nolint:wrapcheck // names the file
	}
	for _, k := range o.Design.Keys {
		if len(c.Keys) < len(o.Design.Keys) {
			c.Keys = append(c.Keys, k.Name)
		}
	}
	c.typeAttribute = o.Design.TypeAttribute
	if c.Export != "" {
		report, err := c.read(ctx, c.Export, to)
		return report, o, err
	}
	items, madeUp := o.Design.Source()
	o.MadeUp = madeUp
	if o.Name == "" {
		o.Name = o.Design.Table
	}
	report, err := c.readSource(ctx, source.Lines(c.From, items), to)
	return report, o, err
}

// say lists what became of the types, the questions, and what to do next.
func (c inferCommand) say(to output, result *infer.Result) {
	w := tabwriter.NewWriter(to.out, 0, 0, 2, ' ', 0)
	for _, t := range result.Types {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t.Name, spell.Count(t.Items, "item", "items"), t.Patterns, t.Role, t.Why)
	}
	_ = w.Flush() //nolint:errcheck // what cannot be printed cannot be reported either
	for i, q := range result.Questions {
		fmt.Fprintf(to.out, "%d. %s\n", i+1, q.Text)
		for _, line := range q.Edit {
			fmt.Fprintf(to.out, "     %s\n", line)
		}
	}
	fmt.Fprintf(to.out, "\nThe model is in %s. Read it, answer its questions, and try it:\n", c.Output)
	switch {
	case c.Export == "":
		fmt.Fprintf(to.out, "  nightstar demo --model %s\n", c.Output)
	case strings.HasPrefix(c.Export, "s3://"):
		fmt.Fprintf(to.out, "  aws s3 cp --recursive %s my-export\n  nightstar run --model %s --export my-export\n", c.Export, c.Output)
	case strings.HasPrefix(c.Export, "dynamodb://"):
		fmt.Fprintf(to.out, "  nightstar model check %s\n", c.Output)
	default:
		fmt.Fprintf(to.out, "  nightstar run --model %s --export %s\n", c.Output, c.Export)
	}
}

// errDrift is how a comparison ends that has found something.
var errDrift = errors.New("the export holds what the model does not declare") //nolint:gochecknoglobals // a sentinel

func (c inferCommand) compare(ctx context.Context, to output) error {
	if c.Output != "" {
		return errors.New("compare with a model: --against writes no model; leave out -o")
	}
	m, err := models.Load(c.Against)
	if err != nil {
		return err //nolint:wrapcheck // names the file and its lines
	}
	c.Keys = nil
	for _, k := range m.Keys {
		c.Keys = append(c.Keys, k.Name)
	}
	report, err := c.read(ctx, c.Export, to)
	if err != nil {
		return err
	}
	found := infer.Against(report, m)
	if len(found) == 0 {
		fmt.Fprintf(to.out, "%s declares everything in %s.\n", c.Against, spell.Count(report.Items, "item", "items"))
		return nil
	}
	for _, text := range found {
		fmt.Fprintln(to.out, text)
	}
	return errDrift
}
