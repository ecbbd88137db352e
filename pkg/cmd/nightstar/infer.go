package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

type inferCommand struct {
	Export  string   `arg:"" help:"A DynamoDB export: a folder with manifest-summary.json in it or below it, or one of data files alone." type:"existingdir"`
	Output  string   `short:"o" help:"Write the model to this file, which must not be there yet." placeholder:"FILE"`
	Name    string   `help:"Name of the model. Default: that of the table." placeholder:"NAME"`
	Against string   `help:"Compare with this model instead of writing one: say which item types and attributes are new, and which columns have no room. The exit status is 1 if there are any." placeholder:"FILE" type:"existingfile"`
	Keys    []string `help:"Partition key and sort key of the table, which an export does not say. Default: what looks like them." placeholder:"PK,SK"`
	Sample  int64    `help:"Read about this many items instead of all. The model may not fit the others." placeholder:"N"`
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
		return fmt.Errorf("infer a model: %s is there already and may hold what you wrote; name another file", c.Output)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("infer a model: %w", err)
	}
	report, err := inspect.Export(ctx, c.Export, inspect.Options{Keys: c.Keys, Sample: c.Sample, Progress: readProgress(to.err)})
	if err != nil {
		return err //nolint:wrapcheck // says what is wrong with the export
	}
	result, err := infer.Infer(report, c.Name)
	if err != nil {
		return err //nolint:wrapcheck // says what it was about
	}
	if err := os.WriteFile(c.Output, result.Text, 0o644); err != nil { //nolint:gosec // a model file is no secret
		return fmt.Errorf("write the model: %w", err)
	}
	c.say(to, result)
	return nil
}

// say lists what became of the types, the questions, and what to do next.
func (c inferCommand) say(to output, result *infer.Result) {
	w := tabwriter.NewWriter(to.out, 0, 0, 2, ' ', 0)
	for _, t := range result.Types {
		fmt.Fprintf(w, "%s\t%d items\t%s\t%s\t%s\n", t.Name, t.Items, t.Patterns, t.Role, t.Why)
	}
	_ = w.Flush() //nolint:errcheck // what cannot be printed cannot be reported either
	for i, q := range result.Questions {
		fmt.Fprintf(to.out, "%d. %s\n", i+1, q)
	}
	fmt.Fprintf(to.out, "\nThe model is in %s. Read it, answer its questions, and try it:\n  nightstar run --model %s --export %s\n", c.Output, c.Output, c.Export)
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
	var keys []string
	for _, k := range m.Keys {
		keys = append(keys, k.Name)
	}
	report, err := inspect.Export(ctx, c.Export, inspect.Options{Keys: keys, Sample: c.Sample, Progress: readProgress(to.err)})
	if err != nil {
		return err //nolint:wrapcheck // says what is wrong with the export
	}
	found := infer.Against(report, m)
	if len(found) == 0 {
		fmt.Fprintf(to.out, "%d items hold nothing that %s does not declare.\n", report.Items, c.Against)
		return nil
	}
	for _, text := range found {
		fmt.Fprintln(to.out, text)
	}
	return errDrift
}
