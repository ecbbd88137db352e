package warehouse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// RunRow is a run in etl.run, and in etl.run_table what it counted. Empty text,
// a zero time and a nil number are NULL.
type RunRow struct {
	RunID       string
	StartedBy   string
	StartedAt   time.Time
	EndedAt     time.Time
	Result      string
	Cause       string
	ExportARN   string
	ManifestKey string
	ExportTime  time.Time
	Items       *int64
	RowsLoaded  *int64
	SetAside    *int64
	Counts      map[string]int64 // rows and sums by name
}

// Recorder writes runs into the warehouse.
type Recorder struct {
	api    submitter
	target Target
}

// NewRecorder returns a Recorder for a warehouse.
func NewRecorder(api submitter, target Target) *Recorder {
	return &Recorder{api: api, target: target}
}

// Record submits, as one transaction, the row of a run and its counts, in place
// of those that the run may have already. It makes the tables if there are none:
// a run that failed early has not prepared the warehouse. Rows of earlier runs,
// which could not submit their own, go with it in the same way. Entered and
// attempt are those of the state that asks.
//
// Values travel as parameters of the Data API, because a cause may quote data.
// Only whether a value is there shows in the statements: the API takes no NULL
// and no empty text
// (https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling.html).
//
// Running twice is safe: see [Loader.Load]. With other earlier runs it is another
// statement, since what has to come out of it is another number of rows.
func (r *Recorder) Record(
	ctx context.Context, run RunRow, earlier []RunRow, entered string, attempt int,
) (Submitted, error) {
	b := batch{parameters: parameters{}}
	var with []string
	for _, row := range earlier {
		with = append(with, row.RunID)
	}
	for _, row := range append([]RunRow{run}, earlier...) {
		if row.RunID == "" || row.StartedAt.IsZero() || row.EndedAt.IsZero() || row.Result == "" {
			err := errors.New("its id, its start, its end and its result must be known")
			return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("record run %q: %w", row.RunID, err))
		}
		b.add(row)
	}
	return r.target.submit(ctx, r.api, work{
		step: "record", runID: run.RunID, subject: model.RunTables()[0].String(), with: with, attempt: attempt, entered: entered,
		statements: b.statements(), parameters: b.parameters.list(),
	}, map[string]int64{"etl.run": int64(b.runs), "etl.run_table": int64(len(b.counts))})
}

// batch gathers the rows of runs.
type batch struct {
	parameters parameters
	runs       int
	ids        []string // parameters that hold the ids of runs
	inserts    []string // statements, one for each run
	counts     []string // rows of VALUES
}

// add adds the rows of a run. The parameters of the first run have the names of
// their columns; those of a later run say which it is.
func (b *batch) add(row RunRow) {
	tables := model.RunTables()
	of := ""
	if b.runs > 0 {
		of = "_before_" + strconv.Itoa(b.runs)
	}
	b.runs++
	b.ids = append(b.ids, ":run_id"+of)
	b.inserts = append(b.inserts, insert(tables[0], b.parameters.row(tables[0], of, "", row.values())))
	for i, name := range slices.Sorted(maps.Keys(row.Counts)) {
		values := map[string]string{"run_id": row.RunID, "name": name, "rows": strconv.FormatInt(row.Counts[name], 10)}
		b.counts = append(b.counts, b.parameters.row(tables[1], of, "_"+strconv.Itoa(i+1), values))
	}
}

// statements spells the transaction: it replaces the rows and counts them.
func (b *batch) statements() []string {
	tables := model.RunTables()
	of := "where run_id in (" + strings.Join(b.ids, ", ") + ")"
	statements := []string{"create schema if not exists " + model.SchemaETL}
	for _, table := range tables {
		statements = append(statements, table.DDL())
	}
	for _, table := range tables {
		statements = append(statements, fmt.Sprintf("delete from %s %s", table, of))
	}
	statements = append(statements, b.inserts...)
	if len(b.counts) > 0 {
		statements = append(statements, insert(tables[1], b.counts...))
	}
	return append(statements, fmt.Sprintf(
		"select 'etl.run' as name, count(*) as rows from %s %s\n"+
			"union all\nselect 'etl.run_table' as name, count(*) as rows from %s %s", tables[0], of, tables[1], of))
}

// values returns the row by column.
func (r RunRow) values() map[string]string {
	return map[string]string{
		"run_id": r.RunID, "started_by": r.StartedBy, "started_at": instant(r.StartedAt), "ended_at": instant(r.EndedAt),
		"seconds": strconv.FormatInt(int64(r.EndedAt.Sub(r.StartedAt).Seconds()), 10),
		"result":  r.Result, "cause": r.Cause,
		"export_arn": r.ExportARN, "manifest_key": r.ManifestKey, "export_time": instant(r.ExportTime),
		"items": number(r.Items), "rows_loaded": number(r.RowsLoaded), "set_aside": number(r.SetAside),
	}
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.999999")
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// parameters are values by the name that statements know them by.
type parameters map[string]string

// insert spells the INSERT of rows of VALUES.
func insert(table model.Table, rows ...string) string {
	columns := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		columns[i] = model.QuoteName(c.Name)
	}
	return fmt.Sprintf("insert into %s (%s) values\n%s", table, strings.Join(columns, ", "), strings.Join(rows, ",\n"))
}

// row spells a row of VALUES and adds its values: each column is a parameter of
// that name, with the suffix of its run and its own, or NULL where there is no
// value. The id of a run is one parameter for all its rows.
func (p parameters) row(table model.Table, of, suffix string, row map[string]string) string {
	cells := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		name, value := c.Name+of+suffix, row[c.Name]
		if c.Name == "run_id" {
			name = c.Name + of
		}
		if c.Type.Kind == model.KindString {
			value = fit(value, c.Type.Length)
		}
		cells[i] = "null"
		if value != "" {
			cells[i] = fmt.Sprintf("cast(:%s as %s)", name, c.Type.Redshift())
			p[name] = value
		}
	}
	return "(" + strings.Join(cells, ", ") + ")"
}

// list returns the parameters ordered by name, so that a repeat is the same
// request.
func (p parameters) list() []types.SqlParameter {
	list := make([]types.SqlParameter, 0, len(p))
	for _, name := range slices.Sorted(maps.Keys(p)) {
		list = append(list, types.SqlParameter{Name: aws.String(name), Value: aws.String(p[name])})
	}
	return list
}

// fit cuts text to a number of bytes, between characters. A character that no
// warehouse stores, NUL, becomes the replacement character.
func fit(text string, bytes int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= bytes {
		return text
	}
	cut := bytes
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}
