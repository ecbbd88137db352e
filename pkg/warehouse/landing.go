package warehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// LoadInput names the files of one landing table.
type LoadInput struct {
	RunID    string `json:"runId"`
	Table    string `json:"table"`          // landing table of the model, without schema: "customer"
	Manifest string `json:"manifest"`       // URL of the COPY manifest, "s3://lake/runs/…/copy/customer.manifest"
	Files    int    `json:"files"`          // entries of the manifest; 0 only empties the table
	Rows     int64  `json:"rows"`           // rows in those files
	Attempt  int    `json:"attempt"`        // 1, or more after a retry
	Mode     string `json:"mode,omitempty"` // of the run: "full", which is the default, or "incremental"
	Entered  string `json:"entered"`        // when the state was entered: a Lambda retry keeps it, a redrive does not
}

// Loader fills landing tables.
type Loader struct {
	api    submitter
	target Target
	model  model.Model
}

// NewLoader returns the handler of the step landing-load for a model, which
// must be valid.
func NewLoader(api submitter, target Target, m model.Model) *Loader {
	return &Loader{api: api, target: target, model: m}
}

// Load submits, as one transaction, the emptying of a landing table, the COPY
// of its files and the count of its rows, which the poll compares with Rows.
// The same transaction states which run filled the table, so that a load that
// comes to its end late, after its run was given up, is found out.
//
// Running twice is safe: a repeat with the same attempt, in the same entry of
// the state, is answered with the statement that was submitted first, and any
// other empties the table before it copies. COPY itself remembers nothing and
// would load the files a second time.
func (l *Loader) Load(ctx context.Context, in LoadInput) (Submitted, error) {
	statements, err := l.statements(in)
	if err != nil {
		return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("build the load of landing table %q: %w", in.Table, err))
	}
	name := landed(in.Table)
	return l.target.submit(ctx, l.api, work{
		step: "landing-load", runID: in.RunID, subject: name, attempt: in.Attempt, entered: in.Entered,
		statements: statements,
	}, map[string]scalar.Sum{name: scalar.SumOf(in.Rows)})
}

// landed is the name by which the rows of a landing table are counted. It has no
// prefix, so that records of two environments can be compared.
func landed(table string) string { return model.Landing + "." + table }

// statements builds the batch. Every name in it comes from the model, spelled
// by the model; what arrives as input is only compared with it, or is text.
func (l *Loader) statements(in LoadInput) ([]string, error) {
	mode, err := modeOf(in.Mode)
	if err != nil {
		return nil, err
	}
	relations := l.model.Relations()
	i := slices.IndexFunc(relations, func(r model.Rows) bool { return r.Table == in.Table })
	loads, noted := star.Find(l.model, model.ETL, star.LoadTable(in.Table))
	if i < 0 || !noted {
		return nil, errors.New("the model does not declare it")
	}
	table := star.LandingTable(l.model, mode, relations[i])
	if in.Files < 0 || in.Rows < 0 || (in.Files == 0 && in.Rows > 0) {
		return nil, fmt.Errorf("%d files cannot hold %d rows", in.Files, in.Rows)
	}
	name, err := quoteLiteral(landed(in.Table))
	if err != nil {
		return nil, err
	}
	// TRUNCATE would commit at once and leave the table empty if COPY fails.
	statements := []string{fmt.Sprintf("delete from %s", table)}
	if in.Files > 0 { // an empty manifest is an error to COPY
		load, err := l.copyStatement(table, in.Manifest)
		if err != nil {
			return nil, err
		}
		statements = append(statements, load)
	}
	// A literal, as the manifest is, which has the same id in it: whether a batch
	// takes parameters that not all of its statements use is not documented.
	run, err := quoteLiteral(in.RunID)
	if err != nil {
		return nil, err
	}
	return append(statements, fmt.Sprintf("delete from %s", loads),
		fmt.Sprintf("insert into %s (%s)\nselect cast(%s as %s), count(*) from %s",
			loads, strings.Join(loads.ColumnNames(), ", "), run, loads.Columns[0].Type.Redshift(), table),
		fmt.Sprintf("select %s as name, count(*) as rows from %s", name, table)), nil
}

// modeOf reads the mode of a run.
func modeOf(text string) (star.Mode, error) {
	switch mode := star.Mode(text); mode {
	case "":
		return star.Full, nil
	case star.Full, star.Increment:
		return mode, nil
	}
	return "", fmt.Errorf("the mode %q is neither %s nor %s", text, star.Full, star.Increment)
}

// copyStatement loads the files of a manifest. The columns are always listed:
// COPY maps Parquet columns by position, and the list makes it count them
// (https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html).
// A manifest is always used: without that word COPY takes the URL for a prefix
// and loads whatever begins with it. The default role of a warehouse that others
// use, too, is theirs to choose, so there the role is named.
func (l *Loader) copyStatement(table star.Table, manifest string) (string, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(manifest, "s3://"), "/")
	if !strings.HasPrefix(manifest, "s3://") || bucket == "" || key == "" {
		return "", fmt.Errorf("manifest %q is not an s3:// URL of an object", manifest)
	}
	from, err := quoteLiteral(manifest)
	if err != nil {
		return "", err
	}
	role := "default"
	if l.target.CopyRoleARN != "" {
		if role, err = quoteLiteral(l.target.CopyRoleARN); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("copy %s (%s)\nfrom %s\niam_role %s\nformat as parquet\nmanifest\nstatupdate off",
		table, strings.Join(table.ColumnNames(), ", "), from, role), nil
}
