package report

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// proof is a number that the warehouse counted.
type proof struct {
	name     string
	counted  scalar.Sum
	expected *scalar.Sum // nil for a number that is only reported, or if it is not known
}

func (p proof) holds() bool { return p.expected == nil || *p.expected == p.counted }

// readProofs reads the proofs with what was expected. The record says what was to be
// loaded; everything else that was expected only the warehouse keeps.
func (f *facts) readProofs(ctx context.Context, from Source) {
	loaded := f.loaded()
	for _, name := range slices.Sorted(maps.Keys(f.run.Counts)) {
		p := proof{name: name, counted: f.run.Counts[name]}
		if n, ok := loaded[name]; ok {
			p.expected = &n
		}
		f.proofs = append(f.proofs, p)
	}
	if f.model == nil || len(f.proofs) == 0 {
		return
	}
	answer, err := from.Query(ctx, fmt.Sprintf("select name, counted, expected\nfrom %s.proof\nwhere run_id = '%s'\norder by name",
		model.QuoteName(f.model.Schema(model.ETL)), strings.ReplaceAll(f.run.RunID, "'", "''")))
	if err == nil {
		err = f.expect(answer)
	}
	if err != nil {
		f.lose("The warehouse cannot be asked what was expected of each proof, so the report compares only what was loaded: %v.", err)
	}
}

// loaded is what the landing tables were to hold, by the names of their counts.
func (f *facts) loaded() map[string]scalar.Sum {
	all := map[string]scalar.Sum{}
	for _, table := range f.run.Tables {
		all[f.landed(table.Table)] = scalar.SumOf(table.Rows)
		for column, n := range table.Sums {
			all[f.landed(table.Table)+" sum of "+column] = n
		}
	}
	return all
}

// expect adds what the warehouse says of each proof.
func (f *facts) expect(answer Answer) error {
	known := map[string]*proof{}
	for i := range f.proofs {
		known[f.proofs[i].name] = &f.proofs[i]
	}
	for _, row := range answer.Rows {
		if len(row) != 3 {
			return fmt.Errorf("a proof has %d columns", len(row))
		}
		p := known[fmt.Sprint(row[0])]
		if p == nil || row[2] == nil {
			continue
		}
		expected, err := scalar.ParseSum(fmt.Sprint(row[2]))
		if err != nil {
			return fmt.Errorf("read proof %v: %w", row[0], err)
		}
		p.expected = &expected
	}
	return nil
}

// counted returns the count of a name, and false if the run has none.
func (f *facts) counted(name string) (scalar.Sum, bool) {
	n, ok := f.run.Counts[name]
	return n, ok
}

// proofTable lists every proof.
func (f *facts) proofTable() *Table {
	t := Table{Caption: "Every proof", Columns: []Column{text("Proof"), number("Counted"), number("Expected"), text("Holds")}}
	for _, p := range f.proofs {
		expected, holds := "", Cell{Text: "reported"}
		switch {
		case p.expected == nil:
		case p.holds():
			expected, holds = group(*p.expected), Cell{Text: "✓ yes", Class: string(Good)}
		default:
			expected, holds = group(*p.expected), Cell{Text: "✗ no", Class: string(Bad)}
		}
		t.Rows = append(t.Rows, []Cell{{Text: p.name}, {Text: group(p.counted)}, {Text: expected}, holds})
	}
	return &t
}
