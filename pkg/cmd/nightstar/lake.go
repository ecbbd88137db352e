package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakeview"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

type lakeCommand struct {
	place
	modelled
	Athena string `help:"Write for Athena, over the tables of this database of the catalogue: nightstar_dev_spectrum." placeholder:"DATABASE"`
}

// Help shows how the views are used.
func (lakeCommand) Help() string {
	return `The views show what the last full run left in the lake, with the changes of all incremental runs since.

Examples:
  nightstar lake                                    for DuckDB: duckdb lake.duckdb -init FILE
  nightstar lake --athena nightstar_dev_spectrum    for Athena`
}

// Run prints the statements that create a view of the present state of each set of
// rows in the lake.
func (c lakeCommand) Run(to output) error {
	m, err := planCommand{place: c.place, modelled: c.modelled}.model()
	if err != nil {
		return err
	}
	root, err := filepath.Abs(filepath.Join(c.Dir, "s3", local.LakeBucket))
	if err != nil {
		return fmt.Errorf("find the lake: %w", err)
	}
	if found, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(lakedoc.StateKey))); c.Athena == "" && len(found) == 0 {
		return errors.New("no run has been published in " + root + ": run nightstar run first")
	}
	for _, rows := range m.Relations() {
		from, name := lakeview.Athena(rows, c.Athena), rows.Table+lakeview.StateSuffix
		if c.Athena == "" {
			from = lakeview.DuckDB(rows, root, hasFiles(root, lakedoc.ItemsPrefix, rows), hasFiles(root, lakedoc.ChangesPrefix, rows))
		}
		fmt.Fprintf(to.out, "create or replace view %s as\n%s;\n\n", model.QuoteName(name), lakeview.State(rows, from))
	}
	return nil
}

// hasFiles reports whether there are files of a set of rows below a prefix.
func hasFiles(root, prefix string, rows model.Rows) bool {
	found, _ := filepath.Glob(filepath.Join(root, prefix, "type="+rows.Name, "*", "*.parquet")) //nolint:errcheck // the pattern is well formed
	return len(found) > 0
}
