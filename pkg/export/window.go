package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lake/published"
)

// auto is the mode of a run that takes an increment where one is possible.
const auto = "auto"

// Limits of the period of an incremental export:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
const (
	shortestWindow = 15 * time.Minute
	longestWindow  = 24 * time.Hour
)

// Window is what one export shows, in times of RFC 3339: the changes from one time
// on and before another or, without From, the table at the other. If both are
// empty it is the table now.
type Window struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// WindowInput is a run that wants to know what to export.
type WindowInput struct {
	RunID    string          `json:"runId"`
	Previous string          `json:"previous"` // the run that held the lock before; empty for the first
	Input    json.RawMessage `json:"input"`    // of the execution, for its fields mode, from and to
}

// Decision is what a run exports, and why.
type Decision struct {
	Mode    string   `json:"mode"`    // [lakedoc.Full] or [lakedoc.Incremental]
	Reason  string   `json:"reason"`  // one sentence, for the record of the run
	Windows []Window `json:"windows"` // an export each, without a hole between them
}

// tableAPI is what a decision asks of DynamoDB.
type tableAPI interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	DescribeContinuousBackups(
		context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options),
	) (*dynamodb.DescribeContinuousBackupsOutput, error)
}

// Source is the table of the runs, and what they make of it.
type Source struct {
	TableARN    string
	Lake        string        // the lake bucket
	Fingerprint string        // of what is generated for the model; see [lakedoc.Night]
	FullEvery   time.Duration // how old the last full run may become before the mode auto takes another; 0 for any age
}

// Days reads a number of days; empty text is none.
func Days(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	days, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, fault.New(fault.Invalid, fmt.Errorf("read a number of days: %w", err))
	}
	return time.Duration(days) * 24 * time.Hour, nil //nolint:gosec // 16 bits
}

// Decider decides what runs export.
type Decider struct {
	tables tableAPI
	lake   document.Getter
	source Source
}

// NewDecider returns the handler of the step export-window.
func NewDecider(tables tableAPI, lake document.Getter, source Source) *Decider {
	return &Decider{tables: tables, lake: lake, source: source}
}

// wish is what the input of an execution asks for.
type wish struct {
	Mode string `json:"mode"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Decide says whether a run loads the whole table or what has changed since the
// last published run, and cuts the time since then into windows that DynamoDB
// exports. The clock is the table's own: its latest restorable time.
//
// The mode auto is incremental unless that is impossible: no run was published
// yet, what it shows is unknown, the table is another one, the model or the
// release is, or the recovery window has left the last run behind. It is also full
// when the last full run is too old; then it shows the table at the time of the
// last run, so that every difference between the two is an error of ours.
//
// What is decided depends on the time of the call, and so may a repeat.
func (d *Decider) Decide(ctx context.Context, in WindowInput) (Decision, error) {
	asked, err := parseWish(in.Input)
	if err != nil {
		return Decision{}, fault.New(fault.Invalid, err)
	}
	switch {
	case asked.From != "":
		return d.between(asked)
	case asked.Mode == lakedoc.Full:
		return Decision{Mode: lakedoc.Full, Reason: "it was asked for", Windows: []Window{{}}}, nil
	}
	since, why, err := d.since(ctx, in.Previous)
	if err != nil {
		return Decision{}, err
	}
	switch {
	case why != "" && asked.Mode == lakedoc.Incremental:
		return Decision{}, fault.New(fault.Invalid, fmt.Errorf("an incremental run is not possible: %s; start a run with the mode full or auto", why))
	case why != "":
		return Decision{Mode: lakedoc.Full, Reason: why, Windows: []Window{{}}}, nil
	case asked.Mode == auto && d.source.FullEvery > 0 && since.latest.Sub(since.full) >= d.source.FullEvery:
		return Decision{
			Mode:    lakedoc.Full,
			Reason:  fmt.Sprintf("the last full run shows the table at %s; this one proves what increments have made of it since", format(since.full)),
			Windows: []Window{{To: format(since.watermark)}},
		}, nil
	}
	return Decision{
		Mode: lakedoc.Incremental, Reason: fmt.Sprintf("run %s shows the table at %s", since.run, format(since.watermark)),
		Windows: cut(since.watermark, since.latest),
	}, nil
}

// parseWish reads the mode of a run. An input of another shape asks for nothing,
// which is a full run.
func parseWish(input json.RawMessage) (wish, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(input, &fields); err != nil {
		return wish{Mode: lakedoc.Full}, nil //nolint:nilerr // it may be anything
	}
	asked := wish{Mode: lakedoc.Full}
	for name, to := range map[string]*string{"mode": &asked.Mode, "from": &asked.From, "to": &asked.To} {
		if fields[name] == nil {
			continue
		}
		if err := json.Unmarshal(fields[name], to); err != nil {
			return wish{}, fmt.Errorf("read %s of the run's input: it is text, and not %.100s", name, fields[name])
		}
	}
	switch {
	case asked.Mode != auto && asked.Mode != lakedoc.Full && asked.Mode != lakedoc.Incremental:
		return wish{}, fmt.Errorf("read mode of the run's input: %.100q is none of auto, full and incremental", asked.Mode)
	case (asked.From == "") != (asked.To == ""):
		return wish{}, errors.New("read the run's input: from and to go together")
	case asked.From != "" && asked.Mode != lakedoc.Incremental:
		return wish{}, fmt.Errorf("read the run's input: from and to are of the mode incremental, and not of %s", asked.Mode)
	}
	return asked, nil
}

// between cuts the time that somebody asks for.
func (d *Decider) between(asked wish) (Decision, error) {
	from, errFrom := time.Parse(time.RFC3339Nano, asked.From)
	to, errTo := time.Parse(time.RFC3339Nano, asked.To)
	if err := errors.Join(errFrom, errTo); err != nil {
		return Decision{}, fault.New(fault.Invalid, fmt.Errorf("read from and to of the run's input: %w", err))
	}
	if to.Sub(from) < shortestWindow {
		return Decision{}, fault.New(fault.Invalid, fmt.Errorf("read from and to of the run's input: from %s to %s is less than %s, the least that DynamoDB exports",
			asked.From, asked.To, shortestWindow))
	}
	return Decision{Mode: lakedoc.Incremental, Reason: "this time was asked for", Windows: cut(from, to)}, nil
}

// known is what an increment builds on.
type known struct {
	run       string
	watermark time.Time // of that run
	full      time.Time // of the last full run before, or the run itself
	latest    time.Time // restorable
}

// since returns what the next increment builds on, or why there can be none.
func (d *Decider) since(ctx context.Context, previous string) (k known, why string, err error) {
	last, found, err := published.Last(ctx, d.lake, d.source.Lake)
	switch {
	case fault.KindOf(err) == fault.Corrupt:
		return k, fmt.Sprintf("the documents of the last published run are damaged: %v", err), nil
	case err != nil:
		return k, "", err //nolint:wrapcheck // names the object
	case !found:
		return k, "no run was published yet", nil
	}
	night := last.Night
	k.run = last.ID
	if k.watermark, k.full = instant(night.ExportTime), instant(night.FullTime); k.watermark.IsZero() || k.full.IsZero() || night.TableID == "" {
		return k, fmt.Sprintf("run %s, the last that was published, does not say which table it shows at which time", last.ID), nil
	}
	if why, err := d.mayHavePublished(ctx, previous, last.ID); err != nil || why != "" {
		return k, why, err
	}
	if night.Fingerprint != d.source.Fingerprint {
		return k, fmt.Sprintf("the model, or the release, is another than that of run %s", last.ID), nil
	}
	table, err := d.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &d.source.TableARN})
	if err != nil {
		return k, "", fmt.Errorf("describe %s: %w", d.source.TableARN, awsfault.Classify(err))
	}
	if table.Table == nil || aws.ToString(table.Table.TableId) != night.TableID {
		return k, fmt.Sprintf("the table was made anew since run %s: its id is another", last.ID), nil
	}
	earliest, latest, err := d.recovery(ctx)
	if err != nil {
		return k, "", err
	}
	k.latest = latest
	if k.watermark.Before(earliest) {
		return k, fmt.Sprintf("run %s shows the table at %s, and its recovery window begins at %s", last.ID, format(k.watermark), format(earliest)), nil
	}
	return k, "", nil
}

// maxRecord bounds what is read of the record of a run, in bytes.
const maxRecord = 4 << 20

// mayHavePublished goes back from the run that held the lock before to the one that
// the lake says is published, and says whether a run between the two may have
// published, too. The warehouse is changed before the lake says so, and a run can be
// stopped in between.
func (d *Decider) mayHavePublished(ctx context.Context, run, published string) (why string, err error) {
	for seen := 0; run != published; seen++ {
		unknown := fmt.Sprintf("whether run %s, which came after run %s, has published anything is not known", run, published)
		if run == "" || strings.Contains(run, "/") || seen == mostBefore {
			return unknown, nil
		}
		record, err := d.record(ctx, run)
		if err != nil {
			return "", err
		}
		if record.ClosedBy != "" || !slices.Contains(beforeWarehouse(), record.Result) {
			return unknown, nil
		}
		run = record.Previous
	}
	return "", nil
}

// earlier is what the record of a run says of how it ended.
type earlier struct {
	Result   string `json:"result"`
	ClosedBy string `json:"closedBy"`
	Previous string `json:"previous"`
}

// record reads the record of a run; it is empty if there is none that can be read.
func (d *Decider) record(ctx context.Context, run string) (earlier, error) {
	stored, err := document.Read(ctx, d.lake, d.source.Lake, lakedoc.RecordKey(run), maxRecord)
	if err != nil && !document.Missing(err) && fault.KindOf(err) != fault.Corrupt {
		return earlier{}, err //nolint:wrapcheck // names the object
	}
	var r earlier
	if json.Unmarshal(stored.Body, &r) != nil {
		r = earlier{}
	}
	return r, nil
}

// mostBefore bounds the runs that are gone back.
const mostBefore = 100

// beforeWarehouse are the results of runs that ended before they changed the star.
func beforeWarehouse() []string {
	return []string{
		"IncrementNotPossible", "ExportFailed", "ExportDoesNotAddUp", "ExportNotUsable", "ExportNotProven", "PartitionFailed",
		"TooManySetAside", "TypeShrank", "ModelChanged", "WarehouseNotPrepared", "LandingFailed",
	}
}

// recovery returns the ends of the recovery window of the table.
func (d *Decider) recovery(ctx context.Context) (earliest, latest time.Time, err error) {
	out, err := d.tables.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &d.source.TableARN})
	if err != nil {
		return earliest, latest, fmt.Errorf("describe the backups of %s: %w", d.source.TableARN, awsfault.Classify(err))
	}
	if out.ContinuousBackupsDescription != nil {
		if r := out.ContinuousBackupsDescription.PointInTimeRecoveryDescription; r != nil && r.EarliestRestorableDateTime != nil && r.LatestRestorableDateTime != nil {
			return *r.EarliestRestorableDateTime, *r.LatestRestorableDateTime, nil
		}
	}
	return earliest, latest, fault.New(fault.Invalid, fmt.Errorf("point-in-time recovery of %s is off: turn it on, exports need it", d.source.TableARN))
}

// cut cuts the time between two moments into windows of about the same length,
// none longer than DynamoDB exports. One that is too short is left to [Starter],
// which waits for its end.
func cut(from, to time.Time) []Window {
	if !to.After(from) {
		to = from.Add(shortestWindow)
	}
	n := int((to.Sub(from) + longestWindow - 1) / longestWindow)
	length := to.Sub(from) / time.Duration(n)
	if n > 1 {
		length = (length + time.Second - 1).Truncate(time.Second)
	}
	var windows []Window
	for range n - 1 {
		next := from.Add(length)
		windows = append(windows, Window{From: format(from), To: format(next)})
		from = next
	}
	return append(windows, Window{From: format(from), To: format(to)})
}

// format spells a time as inputs and documents have it.
func format(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
