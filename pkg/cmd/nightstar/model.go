package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/nightstar-elt/nightstar/pkg/lineage"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/spell"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

type modelCommand struct {
	Check   modelCheckCommand   `cmd:"" help:"Read a model file and report everything that is wrong with it."`
	SQL     modelSQLCommand     `cmd:"" name:"sql" help:"Print the SQL that a run submits for a model."`
	Explain modelExplainCommand `cmd:"" help:"Print where each column of the star comes from."`
	Schema  modelSchemaCommand  `cmd:"" help:"Print the JSON Schema of model files, for editors."`
}

// Help has examples.
func (modelCommand) Help() string {
	return `Examples:
  nightstar model check bookings.yaml             every mistake of a model file, with its line
  nightstar model explain tickets                 where each column of the star comes from
  nightstar model sql tickets full                the SQL of one phase
  nightstar model schema                          the JSON Schema of model files, for editors`
}

// modelled are the flags of commands that work with a table.
type modelled struct {
	Model string `help:"Model of the table: a file, or the name of a model that comes with the project. Default: the model that the directory remembers, or the store." placeholder:"FILE"`
}

// read returns the model of the flag, nil if there is none.
func (c modelled) read() (*model.Model, error) {
	if c.Model == "" {
		return nil, nil
	}
	m, err := models.Open(c.Model)
	return &m, err
}

type modelFile struct {
	File string `arg:"" help:"Model file, or the name of a model that comes with the project."`
}

type modelCheckCommand struct{ modelFile }

// Run reads the file, and generates all that is made of it.
func (c modelCheckCommand) Run(to output) error {
	m, err := models.Open(c.File)
	if err != nil {
		return err
	}
	for _, phase := range star.Phases() {
		if _, err := star.Batches(m, phase); err != nil {
			return err //nolint:wrapcheck // names the model and the phase
		}
	}
	fmt.Fprintf(to.out, "%s: model %s is right: %s, %s to load, %s, %s\n",
		c.File, m.Name, spell.Count(int64(len(m.Items)), "item type", "item types"), spell.Count(int64(len(m.Relations())), "table", "tables"),
		spell.Count(int64(len(m.Dimensions)), "dimension", "dimensions"), spell.Count(int64(len(m.Facts)), "fact", "facts"))
	return nil
}

type modelSQLCommand struct {
	modelFile

	Phase string `arg:"" optional:"" enum:"schema,procedures,full,repair,increment," default:"" help:"Only this phase: schema, procedures, full, repair or increment."`
}

// Run prints the scripts of the phases.
func (c modelSQLCommand) Run(to output) error {
	m, err := models.Open(c.File)
	if err != nil {
		return err
	}
	folders := map[string]string{"": "", star.PhaseFull: "phases/full", star.PhaseRepair: "phases/repair", star.PhaseIncrement: "phases/increment"}
	prefix, ok := folders[c.Phase]
	if !ok {
		prefix = c.Phase + "/"
	}
	for i, script := range star.Scripts(m) {
		if strings.HasPrefix(script.Name, prefix) {
			if i > 0 {
				fmt.Fprintln(to.out)
			}
			fmt.Fprint(to.out, script.Text)
		}
	}
	return nil
}

type modelExplainCommand struct{ modelFile }

// Run prints one line for each column of dwh.
func (c modelExplainCommand) Run(to output) error {
	m, err := models.Open(c.File)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(to.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "column\ttype\tcomes from")
	for _, column := range lineage.Columns(m) {
		if column.Schema == model.DWH {
			fmt.Fprintf(w, "%s.%s.%s\t%s\t%s\n", m.Schema(column.Schema), column.Table, column.Name, column.Type, column.From)
		}
	}
	return w.Flush() //nolint:wrapcheck // says what it could not write to
}

type modelSchemaCommand struct{}

// Run prints the schema.
func (modelSchemaCommand) Run(to output) error {
	_, err := to.out.Write(model.JSONSchema())
	return err //nolint:wrapcheck // says what it could not write to
}
