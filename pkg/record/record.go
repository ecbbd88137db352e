package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// Loaded is the result of a run that succeeded. Every other result is the name
// of a failure: of that which the machine gave it, or of one of these if its
// execution was ended without the machine. Damaged is what [List] says of a run
// whose record can't be read; no record has it.
const (
	Loaded   = "Loaded"
	Stopped  = "Stopped"  // by somebody, or with the process that ran it
	TimedOut = "TimedOut" // it took longer than the machine may
	Failed   = "Failed"   // Step Functions gave no name
	Damaged  = "RecordDamaged"
)

// Run is the record of one run. Fields of steps that it did not reach are empty.
type Run struct {
	RunID     string    `json:"runId"`
	Execution string    `json:"execution,omitempty"` // ARN, by which Step Functions keeps the history of the run for 90 days
	StartedBy string    `json:"startedBy,omitempty"`
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt"`
	Seconds   int64     `json:"seconds"`
	Result    string    `json:"result"` // Loaded, or what failed: "ExportFailed"; empty if the run has no record
	Cause     string    `json:"cause,omitempty"`
	Export    Export    `json:"export"`

	Mode    string   `json:"mode,omitempty"`    // full or incremental
	Reason  string   `json:"reason,omitempty"`  // why it is that
	Exports []Export `json:"exports,omitempty"` // all of them, if there are several; Export says what they show together

	Accept lakedoc.Accept `json:"accept,omitempty"` // what the run was allowed although it looks like a mistake

	ClosedBy string `json:"closedBy,omitempty"` // the run that wrote this record, if it could not write its own
	Previous string `json:"previous,omitempty"` // the run that held the lock before

	Items      *int64                `json:"items,omitempty"`      // of the export, as its summary counts them
	Rows       map[string]int64      `json:"rows,omitempty"`       // in Parquet, by set of rows
	RowsLoaded *int64                `json:"rowsLoaded,omitempty"` // that were published: all of Rows, or nothing
	SetAside   lakedoc.SetAside      `json:"setAside,omitempty"`   // items that were not loaded
	Deletes    int64                 `json:"deletes,omitempty"`    // changes of items that are gone
	Skipped    map[string]int64      `json:"skipped,omitempty"`    // items, by item types that the model skips
	Wrong      lakedoc.Wrong         `json:"wrong,omitempty"`      // values that are null in rows
	Unknown    []lakedoc.Unknown     `json:"unknown,omitempty"`    // attributes that the model does not know
	Tables     []lakedoc.TableLoad   `json:"tables,omitempty"`     // what was to be loaded
	Counts     map[string]scalar.Sum `json:"counts,omitempty"`     // rows, sums and proofs in the warehouse, by name
	Archived   []Archived            `json:"archived,omitempty"`

	Notes []string `json:"notes,omitempty"` // what was odd, and did not stop the run: a sentence each
}

// Export is where the rows of the run come from.
type Export struct {
	ARN         string `json:"exportArn,omitempty"` // empty if the run was given an export
	ManifestKey string `json:"manifestKey,omitempty"`
	Time        string `json:"exportTime,omitempty"` // RFC 3339: the moment that the rows show
	From        string `json:"from,omitempty"`       // RFC 3339: when the changes begin that the run has loaded; empty for a full export
	TableARN    string `json:"tableArn,omitempty"`   // as the export's summary has it
	TableID     string `json:"tableId,omitempty"`    // likewise
	Files       int    `json:"files,omitempty"`      // data files
	Bytes       int64  `json:"bytes,omitempty"`      // that DynamoDB bills the export by; 0 if the summary does not say
}

// Archived is what was moved out of one bucket.
type Archived struct {
	Source  string `json:"source"` // "raw" or "lake"
	Objects int64  `json:"objects"`
	Bytes   int64  `json:"bytes"`

	Notes []string `json:"notes,omitempty"` // what was odd about objects: a sentence each
}

type writer interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

type store interface {
	document.Getter
	writer
}

type recorder interface {
	Record(ctx context.Context, run warehouse.RunRow, earlier []warehouse.RunRow, entered string, attempt int) (warehouse.Submitted, error)
}

// Step is the step record.
type Step struct {
	api        store
	lakeBucket string
	recorder   recorder
	model      []byte
}

// NoWarehouse stands for a warehouse that cannot be written, for that reason. The
// record of a run is then in the lake alone.
func NoWarehouse(reason error) interface {
	Record(context.Context, warehouse.RunRow, []warehouse.RunRow, string, int) (warehouse.Submitted, error)
} {
	return unwritable{reason}
}

type unwritable struct{ reason error }

func (u unwritable) Record(context.Context, warehouse.RunRow, []warehouse.RunRow, string, int) (warehouse.Submitted, error) {
	return warehouse.Submitted{}, u.reason
}

// New returns the step for a lake and a warehouse. The model is the file as it
// was read; it is kept beside the record of each run.
func New(api store, lakeBucket string, recorder recorder, model []byte) *Step {
	return &Step{api: api, lakeBucket: lakeBucket, recorder: recorder, model: model}
}

// Record does what the state asks for: it submits the row of the run to the
// warehouse, or writes its record into the lake, after which nothing is submitted.
func (s *Step) Record(ctx context.Context, in Input) (warehouse.Submitted, error) {
	switch in.Place {
	case PlaceWarehouse:
		return s.submit(ctx, in)
	case PlaceLake:
		return warehouse.Submitted{}, s.keep(ctx, in)
	}
	return warehouse.Submitted{}, fault.New(fault.Invalid, fmt.Errorf("record run %q: place %q is neither %s nor %s",
		in.RunID, in.Place, PlaceWarehouse, PlaceLake))
}

// submit submits the row of a run to the warehouse, with the rows that the runs
// before it may not have there. The row ends when the state was entered, before
// earlier runs are archived: by then the warehouse may be asleep, and waking it
// costs a minute of it. A run that is redriven has its row replaced.
//
// Running twice is safe: a repeat is answered with the same statement.
func (s *Step) submit(ctx context.Context, in Input) (warehouse.Submitted, error) {
	_, row, err := in.recorded()
	if err != nil {
		return warehouse.Submitted{}, err
	}
	earlier, _, err := s.before(ctx, in) // what is odd about them is noted in the record
	if err != nil {
		return warehouse.Submitted{}, err
	}
	return s.recorder.Record(ctx, row, earlier, in.Entered, in.Attempt)
}

// keep writes the record of a run into the lake, and beside it the model that the
// run followed. A run that is recorded again, because it was redriven, has its
// record replaced, also one that another run has written for it.
//
// Running twice is safe: the record ends when the state was entered, so a repeat
// writes the same bytes, but for notes on what can be read by then.
func (s *Step) keep(ctx context.Context, in Input) error {
	run, _, err := in.recorded()
	if err != nil {
		return err
	}
	_, notes, errBefore := s.before(ctx, in)
	run.Notes = append(run.Notes, notes...)
	var errUnknown error
	if in.State.Night != nil {
		errUnknown = s.addUnknown(ctx, &run)
	}
	if err := run.put(ctx, s.api, s.lakeBucket, nil); err != nil {
		return err
	}
	if s.model != nil {
		if err := put(ctx, s.api, s.lakeBucket, lakedoc.ModelKey(run.RunID), "application/yaml", s.model, nil); err != nil {
			return err
		}
	}
	return errors.Join(errBefore, errUnknown) // the run has its record, whatever became of others
}

// addUnknown adds the attributes that the model does not know. The data of the
// machine does not have them: names of attributes may be as personal as values,
// and executions are read by more people than the lake. An error may pass by
// itself; what does not is noted, because the counts of the run are known.
func (s *Step) addUnknown(ctx context.Context, run *Run) error {
	key := lakedoc.NightKey(run.RunID)
	stored, err := document.Read(ctx, s.api, s.lakeBucket, key, maxRecord)
	if ctx.Err() != nil || fault.KindOf(err) == fault.Transient {
		return err //nolint:wrapcheck // names the object
	}
	var night struct {
		Unknown []lakedoc.Unknown `json:"unknown"`
	}
	if err == nil {
		err = json.Unmarshal(stored.Body, &night)
	}
	if err != nil {
		run.Notes = append(run.Notes, fmt.Sprintf("the record lacks the attributes that the model does not know, because s3://%s/%s can't be read: %v",
			s.lakeBucket, key, err))
		return nil
	}
	run.Unknown = night.Unknown
	return nil
}

// put writes the record into a lake, the same bytes for the same run. The
// condition is that of If-None-Match; nil for none.
func (r Run) put(ctx context.Context, api writer, bucket string, condition *string) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("encode record of run %q: %w", r.RunID, err)
	}
	return put(ctx, api, bucket, recordKey(r.RunID), "application/json", body.Bytes(), condition)
}

func put(ctx context.Context, api writer, bucket, key, contentType string, body []byte, condition *string) error {
	_, err := api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(body), ContentType: &contentType, IfNoneMatch: condition,
	})
	if err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", bucket, key, awsfault.Classify(err))
	}
	return nil
}

func (r Run) counted(name string) bool {
	_, counted := r.Counts[name]
	return counted
}

// row is what the warehouse keeps of a run.
func (r Run) row() (warehouse.RunRow, error) {
	row := warehouse.RunRow{
		RunID: r.RunID, StartedBy: r.StartedBy, StartedAt: r.StartedAt, EndedAt: r.EndedAt,
		Result: r.Result, Cause: r.Cause, ExportARN: r.Export.ARN, ManifestKey: r.Export.ManifestKey,
		Items: r.Items, RowsLoaded: r.RowsLoaded, Counts: map[string]int64{},
	}
	if r.Export.Time != "" {
		at, err := time.Parse(time.RFC3339Nano, r.Export.Time)
		if err != nil {
			return warehouse.RunRow{}, fmt.Errorf("read time of the export: %w", err)
		}
		row.ExportTime = at
	}
	if r.Rows != nil {
		row.SetAside = aws.Int64(r.SetAside.Total())
	}
	for name, n := range r.Rows {
		row.Counts["lake."+name] = n
	}
	for name, n := range r.Skipped {
		row.Counts["skipped: "+name] = n
	}
	for reason, n := range r.SetAside.ByReason() {
		row.Counts["set aside: "+string(reason)] = n
	}
	for rows, columns := range r.Wrong {
		for column := range columns {
			row.Counts["wrong: "+rows+"."+column] = r.Wrong.Of(rows, column)
		}
	}
	for _, table := range r.Tables { // what was counted beyond landing is in etl.proof
		if name := "landing." + table.Table; r.counted(name) {
			row.Counts[name] = table.Rows // the poll has proved it
		}
	}
	return row, nil
}
