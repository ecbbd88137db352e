package dynamodb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/durable"
)

const (
	// tokenLife is how long a ClientToken stands for the request it came with.
	tokenLife = 8 * time.Hour
	// exportLife is how long an export that has ended is remembered.
	exportLife = 90 * 24 * time.Hour
	// maxRunning is the quota of exports that run at the same time.
	maxRunning = 300
)

// exportRecord is what is stored about an export.
type exportRecord struct {
	Request     exportRequest
	Description exportDescription
}

// exportList holds the exports of the last 90 days, and runs them.
type exportList struct {
	dir  string
	jobs sync.WaitGroup

	mu      sync.Mutex
	records map[string]*exportRecord           // by ARN
	running map[string]context.CancelCauseFunc // likewise
}

// started is the description of an export and, if it is new, the job to run.
type started struct {
	exportDescription

	job *exportJob
}

// damaged ends the name of a file that could not be read.
const damaged = ".damaged"

// loadExports reads the descriptions of exports. One that was running when the
// process ended has failed: nobody goes on with it. One that can't be read is set
// aside, and notice is told: no night needs an export of an earlier one.
func loadExports(dir string, now time.Time, notice func(string)) (*exportList, error) {
	l := &exportList{dir: dir, records: map[string]*exportRecord{}, running: map[string]context.CancelCauseFunc{}}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list exports: %w", err)
	}
	for _, f := range files {
		name := filepath.Join(dir, f.Name())
		if strings.HasSuffix(name, durable.Temporary) { // was not written to its end
			if err := os.Remove(name); err != nil {
				return nil, fmt.Errorf("list exports: %w", err)
			}
			continue
		}
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		var r exportRecord
		err := readJSON(name, &r)
		if err == nil && !strings.HasSuffix(r.Description.ExportArn, "/"+strings.TrimSuffix(f.Name(), ".json")) {
			err = fmt.Errorf("decode %s: it describes export %q", name, r.Description.ExportArn)
		}
		if err != nil {
			notice(fmt.Sprintf("%v; the export is forgotten, and its file is kept as %s; what it wrote to S3 stays", err, name+damaged))
			if err := durable.Rename(name, name+damaged); err != nil {
				return nil, fmt.Errorf("set export aside: %w", err)
			}
			continue
		}
		if r.Description.ExportStatus == exportInProgress {
			r.Description.fail(failure{code: "Interrupted", err: errInterrupted}, now)
			if err := l.store(&r); err != nil {
				return nil, err
			}
		}
		if end := r.Description.EndTime; end != nil && now.Sub(end.Time) > exportLife {
			if err := os.Remove(name); err != nil {
				return nil, fmt.Errorf("forget export: %w", err)
			}
			continue
		}
		l.records[r.Description.ExportArn] = &r
	}
	return l, nil
}

var errInterrupted = errors.New("the local DynamoDB endpoint was stopped while the export ran; start another export " +
	"with another ClientToken")

// store writes the description of an export. The caller has the lock, or the
// record to itself.
func (l *exportList) store(r *exportRecord) error {
	id := r.Description.ExportArn[strings.LastIndexByte(r.Description.ExportArn, '/')+1:]
	if err := writeJSON(filepath.Join(l.dir, id+".json"), r); err != nil {
		return fmt.Errorf("store export %s: %w", id, err)
	}
	return nil
}

// begin returns the export that the request's token stands for, or notes the
// new one that create makes. A request that create refuses leaves no trace.
func (l *exportList) begin(r *exportRequest, now time.Time, create func() (*exportJob, error)) (started, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.ClientToken != "" {
		for _, o := range l.records {
			if o.Request.ClientToken != r.ClientToken || !now.Before(o.Description.StartTime.Add(tokenLife)) {
				continue
			}
			if !o.Request.same(r) {
				return started{}, refuse(codeExportConflict, "Duplicate request detected")
			}
			return started{exportDescription: o.Description}, nil
		}
	}
	if len(l.running) >= maxRunning {
		return started{}, refuse(codeLimit, "%d exports are running, which is the limit", len(l.running))
	}
	job, err := create()
	if err != nil {
		return started{}, err
	}
	record := &exportRecord{Request: *r, Description: job.description}
	if err := l.store(record); err != nil {
		return started{}, err
	}
	l.records[job.description.ExportArn] = record
	return started{exportDescription: job.description, job: job}, nil
}

// run executes a job in the background, until the list is stopped at the latest.
func (l *exportList) run(ctx context.Context, job *exportJob, now func() time.Time) {
	ctx, cancel := context.WithCancelCause(ctx)
	l.mu.Lock()
	l.running[job.description.ExportArn] = cancel
	l.mu.Unlock()
	l.jobs.Go(func() {
		defer cancel(nil)
		result, err := job.run(ctx, now)
		if err != nil {
			result = job.description
			result.fail(classify(ctx, err), now())
		}
		l.finish(result)
	})
}

// finish notes how an export ended. If that can't be stored, it has failed: a
// later process would not know that it completed.
func (l *exportList) finish(d exportDescription) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, d.ExportArn)
	record := l.records[d.ExportArn]
	record.Description = d
	if err := l.store(record); err != nil {
		record.Description.fail(failure{code: "InternalFailure", err: err}, d.EndTime.Time)
	}
}

// stop ends the running exports and waits for that.
func (l *exportList) stop() {
	l.mu.Lock()
	for _, cancel := range l.running {
		cancel(errInterrupted)
	}
	l.mu.Unlock()
	l.jobs.Wait()
}

func (l *exportList) describe(arn string) (exportDescription, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.records[arn]
	if !ok {
		return exportDescription{}, false
	}
	return r.Description, true
}

// list returns all exports by table, and those of a table the newest first.
func (l *exportList) list() []exportDescription {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.SortedFunc(func(yield func(exportDescription) bool) {
		for r := range maps.Values(l.records) {
			if !yield(r.Description) {
				return
			}
		}
	}, func(a, b exportDescription) int {
		return cmp.Or(cmp.Compare(a.TableArn, b.TableArn), cmp.Compare(b.ExportArn, a.ExportArn))
	})
}

// fail turns the description of an export into that of one that has failed.
func (d *exportDescription) fail(f failure, now time.Time) {
	d.ExportStatus = exportFailed
	d.EndTime = &timestamp{Time: now}
	d.FailureCode = f.code
	d.FailureMessage = f.err.Error()
	d.ExportManifest, d.ItemCount, d.BilledSizeBytes = "", nil, nil
}
