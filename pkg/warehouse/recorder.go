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
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// RunRow is a run in etl.run, and in etl.run_table what it counted beside the
// proofs of etl.proof. Empty text,
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
	Counts      map[string]int64 // what was counted before the warehouse, by name

	// Own says of an earlier run that it wrote its record itself, so that its row
	// is replaced. Others are known less of, and a row that is there says more.
	Own bool
}

// Recorder writes runs into the warehouse.
type Recorder struct {
	api    submitter
	target Target
	tables []star.Table // of runs, and of what they counted
}

// NewRecorder returns a Recorder for the warehouse of a model.
func NewRecorder(api submitter, target Target, m model.Model) *Recorder {
	return &Recorder{api: api, target: target, tables: star.RunTables(m.Prefix)}
}

// Record submits, as one transaction, the row of a run and its counts, in place
// of those that the run may have already. It makes no table: whether the
// warehouse may be changed is for the phase schema to find out. Until a run has
// come that far the statement fails, and a later run brings the row. Entered and
// attempt are those of the state that asks.
//
// Earlier are runs whose row may be missing or out of date: a run does not wake the
// warehouse for it, and cannot submit one if it is ended from outside; and how
// archiving ended is known only after it. Their rows go with it, without counts.
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
	for _, row := range append([]RunRow{run}, earlier...) {
		if row.RunID == "" || row.StartedAt.IsZero() || row.EndedAt.IsZero() || row.Result == "" {
			err := errors.New("its id, its start, its end and its result must be known")
			return Submitted{}, fault.New(fault.Invalid, fmt.Errorf("record run %q: %w", row.RunID, err))
		}
	}
	p, tables := parameters{}, r.tables
	var statements []string
	for _, table := range tables {
		statements = append(statements, fmt.Sprintf("delete from %s where run_id = :run_id", table))
	}
	statements = append(statements, p.insertRun(tables[0], run))
	if len(run.Counts) > 0 {
		statements = append(statements, p.insertCounts(tables[1], run)...)
	}
	ids, with := []string{":run_id"}, []string(nil)
	var own, insert []string
	for i, row := range earlier {
		suffix := "_before_" + strconv.Itoa(i+1)
		if row.Own {
			own = append(own, ":run_id"+suffix)
		}
		insert = append(insert, p.insertMissing(tables[0], suffix, row))
		ids, with = append(ids, ":run_id"+suffix), append(with, row.RunID)
	}
	if len(own) > 0 {
		statements = append(statements, fmt.Sprintf("delete from %s where run_id in (%s)", tables[0], strings.Join(own, ", ")))
	}
	statements = append(statements, insert...)
	statements = append(statements, fmt.Sprintf(
		"select 'etl.run' as name, count(distinct run_id) as rows from %s where run_id in (%s)\n"+
			"union all\nselect 'etl.run_table' as name, count(*) as rows from %s where run_id = :run_id",
		tables[0], strings.Join(ids, ", "), tables[1]))
	return r.target.submit(ctx, r.api, work{
		step: "record", runID: run.RunID, subject: tables[0].String(), with: with, attempt: attempt, entered: entered,
		statements: statements, parameters: p.list(),
	}, map[string]scalar.Sum{"etl.run": scalar.SumOf(int64(len(ids))), "etl.run_table": scalar.SumOf(int64(len(run.Counts)))})
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

// insertRun spells the INSERT of a run.
func (p parameters) insertRun(table star.Table, run RunRow) string {
	return into(table) + " values\n(" + p.cells(table, "", "", run.values()) + ")"
}

// insertMissing spells the INSERT of a run that may be in the table already. It
// selects from the table, where the run that is recorded has its row by then, so
// that there is one row to select: a SELECT without FROM is not for every engine
// to filter.
func (p parameters) insertMissing(table star.Table, suffix string, run RunRow) string {
	return fmt.Sprintf("%s\nselect %s\nfrom %s\nwhere run_id = :run_id\n    and not exists (select 1 from %s where run_id = :run_id%s)",
		into(table), p.cells(table, suffix, "", run.values()), table, table, suffix)
}

// insertCounts spells the INSERTs of what a run counted.
func (p parameters) insertCounts(table star.Table, run RunRow) []string {
	var statements, rows []string
	for i, name := range slices.Sorted(maps.Keys(run.Counts)) {
		values := map[string]string{"run_id": run.RunID, "name": name, "rows": strconv.FormatInt(run.Counts[name], 10)}
		rows = append(rows, "("+p.cells(table, "", "_"+strconv.Itoa(i+1), values)+")")
	}
	for some := range slices.Chunk(rows, countsAtOnce) {
		statements = append(statements, into(table)+" values\n"+strings.Join(some, ",\n"))
	}
	return statements
}

// countsAtOnce keeps a statement far below the 100 KB that the Data API takes.
const countsAtOnce = 200

func into(table star.Table) string {
	columns := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		columns[i] = model.QuoteName(c.Name)
	}
	return fmt.Sprintf("insert into %s (%s)", table, strings.Join(columns, ", "))
}

// cells spells a row and adds its values: each column is a parameter of that
// name, with the suffixes of its run and its count, or NULL where there is no
// value. The id of a run is one parameter for all its rows.
func (p parameters) cells(table star.Table, run, count string, row map[string]string) string {
	cells := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		name, value := c.Name+run+count, row[c.Name]
		if c.Name == "run_id" {
			name = c.Name + run
		}
		if c.Type.Kind == model.KindString {
			value = fit(value, c.Type.Length)
		}
		if value == "" {
			cells[i] = fmt.Sprintf("cast(null as %s)", c.Type.Redshift())
			continue
		}
		cells[i] = fmt.Sprintf("cast(:%s as %s)", name, c.Type.Redshift())
		p[name] = value
	}
	return strings.Join(cells, ", ")
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
