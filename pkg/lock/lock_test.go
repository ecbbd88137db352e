package lock_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lock"
)

// machine answers for executions by ARN. One that it does not have is gone.
type machine struct {
	mu       sync.Mutex
	statuses map[string]types.ExecutionStatus
	err      error
}

func (m *machine) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return nil, m.err
	}
	status, ok := m.statuses[*in.ExecutionArn]
	if !ok {
		return nil, &types.ExecutionDoesNotExist{}
	}
	return &sfn.DescribeExecutionOutput{
		ExecutionArn: in.ExecutionArn, Status: status, Input: aws.String("{}"), StartDate: &began, StopDate: aws.Time(began.Add(time.Hour)),
		Error: aws.String("Boom"), Cause: aws.String("of " + *in.ExecutionArn),
	}, nil
}

// ListExecutions lists those of any machine, two to a page.
func (m *machine) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return nil, m.err
	}
	if *in.StateMachineArn != "arn:aws:states:eu-west-1:1:stateMachine:nightstar" {
		return nil, &types.StateMachineDoesNotExist{}
	}
	var all []types.ExecutionListItem
	for _, arn := range slices.Sorted(maps.Keys(m.statuses)) {
		if m.statuses[arn] == in.StatusFilter {
			all = append(all, types.ExecutionListItem{ExecutionArn: &arn, Name: aws.String(arn[strings.LastIndex(arn, ":")+1:])})
		}
	}
	from, _ := strconv.Atoi(aws.ToString(in.NextToken))
	out := &sfn.ListExecutionsOutput{Executions: all[from:min(from+2, len(all))]}
	if from+2 < len(all) {
		out.NextToken = aws.String(strconv.Itoa(from + 2))
	}
	return out, nil
}

// began is when executions began.
var began = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

func (m *machine) set(run string, status types.ExecutionStatus) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.statuses["arn:"+run] = status
}

// records keeps the runs that were closed, and who held the lock then.
type records struct {
	store *awstest.S3

	mu      sync.Mutex
	closed  []lock.Ended
	holders []string
	err     error
}

func (r *records) Close(_ context.Context, run lock.Ended) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	object, _ := r.store.Object("lake", "runs/lock.json")
	var holder struct{ RunID string }
	if err := json.Unmarshal(object.Body, &holder); err != nil {
		return err
	}
	r.closed, r.holders = append(r.closed, run), append(r.holders, holder.RunID)
	return nil
}

func setup(t *testing.T) (*awstest.S3, *machine, *records, *lock.Taker) {
	t.Helper()
	store := awstest.NewS3(t, "lake")
	m, r := &machine{statuses: map[string]types.ExecutionStatus{}}, &records{store: store}
	return store, m, r, lock.NewTaker(store.Client(), m, r, "lake")
}

func input(run string) lock.Input { return lock.Input{RunID: run, Execution: "arn:" + run} }

func TestTake(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		holder types.ExecutionStatus // of the run that took the lock before; empty if it is gone
		refuse string
	}{
		"takes over from a run that is over":      {holder: types.ExecutionStatusSucceeded},
		"takes over from a run that failed":       {holder: types.ExecutionStatusFailed},
		"takes over from a run that was aborted":  {holder: types.ExecutionStatusAborted},
		"takes over from a run that timed out":    {holder: types.ExecutionStatusTimedOut},
		"takes over from a run that nobody knows": {},
		"refuses beside a run that goes on":       {holder: types.ExecutionStatusRunning, refuse: "run first is RUNNING"},
		"refuses beside a run that is redriven":   {holder: types.ExecutionStatusPendingRedrive, refuse: "run first is PENDING_REDRIVE"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			store, m, _, taker := setup(t)
			if out, err := taker.Take(t.Context(), input("first")); err != nil || out.Previous != "" {
				t.Fatalf("Take() = %+v, %v on a lake without a run", out, err)
			}
			if tt.holder != "" {
				m.set("first", tt.holder)
			}
			fence := lock.NewFence(store.Client(), "lake")
			got, err := taker.Take(t.Context(), input("second"))
			if tt.refuse != "" {
				if fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), tt.refuse) {
					t.Fatalf("Take() = %v, want it Rejected with %q", err, tt.refuse)
				}
				if _, err := fence.Pass(t.Context(), "first"); err != nil {
					t.Errorf("the first run is locked out: %v", err)
				}
				if _, err := fence.Pass(t.Context(), "second"); fault.KindOf(err) != fault.Rejected {
					t.Errorf("Pass(second) = %v, want it Rejected", err)
				}
				return
			}
			if err != nil || got.Previous != "first" {
				t.Fatalf("Take() = %+v, %v; want the lock of run first", got, err)
			}
			// A second delivery of the same message finds the lock its own.
			m.set("second", types.ExecutionStatusRunning)
			again, err := taker.Take(t.Context(), input("second"))
			if diff := cmp.Diff(got, again); diff != "" || err != nil {
				t.Errorf("Take() again: %v (-first +again):\n%s", err, diff)
			}
			if _, err := fence.Pass(t.Context(), "second"); err != nil {
				t.Errorf("the holder is locked out: %v", err)
			}
			if _, err := fence.Pass(t.Context(), "first"); fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), "run second has begun since") {
				t.Errorf("Pass(first) = %v, want it Rejected", err)
			}
		})
	}
}

// TestTake_closesWhatDidNotSucceed: before the lock is another's, and only what
// Step Functions knows.
func TestTake_closesWhatDidNotSucceed(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		holder types.ExecutionStatus // of the run that took the lock before; empty if it is gone
		closed bool
	}{
		"a run that failed":       {types.ExecutionStatusFailed, true},
		"a run that was aborted":  {types.ExecutionStatusAborted, true},
		"a run that timed out":    {types.ExecutionStatusTimedOut, true},
		"not one that succeeded":  {types.ExecutionStatusSucceeded, false},
		"not one that goes on":    {types.ExecutionStatusRunning, false},
		"not one that nobody has": {"", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, m, r, taker := setup(t)
			for _, run := range []string{"zeroth", "first"} {
				if _, err := taker.Take(t.Context(), input(run)); err != nil {
					t.Fatal(err)
				}
			}
			if tt.holder != "" {
				m.set("first", tt.holder)
			}
			for range 2 { // a second delivery of the message has nothing left to do
				if _, err := taker.Take(t.Context(), input("second")); err != nil && tt.holder != types.ExecutionStatusRunning {
					t.Fatal(err)
				}
				m.set("second", types.ExecutionStatusRunning)
			}
			var want []lock.Ended
			if tt.closed {
				want = []lock.Ended{{
					RunID: "first", Execution: "arn:first", Previous: "zeroth", ClosedBy: "second", Status: tt.holder, Error: "Boom", Cause: "of arn:first",
					Input: "{}", StartedAt: began, EndedAt: began.Add(time.Hour),
				}}
			}
			if diff := cmp.Diff(want, r.closed); diff != "" {
				t.Errorf("closed runs (-want +got):\n%s", diff)
			}
			if tt.closed && r.holders[0] != "first" {
				t.Errorf("it was closed when %s held the lock", r.holders[0])
			}
		})
	}
}

// TestTake_withoutARecordNoLock: a run that cannot be closed yet keeps the lock.
func TestTake_withoutARecordNoLock(t *testing.T) {
	t.Parallel()

	store, m, r, taker := setup(t)
	if _, err := taker.Take(t.Context(), input("first")); err != nil {
		t.Fatal(err)
	}
	m.set("first", types.ExecutionStatusAborted)
	r.err = fault.New(fault.Transient, errors.New("slow down"))
	_, err := taker.Take(t.Context(), input("second"))
	if fault.KindOf(err) != fault.Transient || !strings.Contains(err.Error(), "close run first, which is ABORTED: slow down") {
		t.Errorf("Take() = %v, want the error of the closer, Transient", err)
	}
	if _, err := lock.NewFence(store.Client(), "lake").Pass(t.Context(), "first"); err != nil {
		t.Errorf("the lock has changed hands: %v", err)
	}
	r.err = nil
	if _, err := taker.Take(t.Context(), input("second")); err != nil {
		t.Error(err)
	}
}

// TestTake_neverStuck: a run that is over does not keep the lock because it can't
// be closed. What kept it from that is noted, also for a second delivery.
func TestTake_neverStuck(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		close, describe error
		want            string
	}{
		"a record that is refused":        {fault.New(fault.Invalid, errors.New("no such name")), nil, "run first, which is ABORTED, could not be recorded: no such name"},
		"a record that is in a wrong way": {fault.New(fault.Corrupt, errors.New("odd")), nil, "could not be recorded: odd"},
		"a record that may not be":        {&smithy.GenericAPIError{Code: "AccessDenied"}, nil, "AccessDenied"},
		"an error that nobody knows":      {errors.New("boom"), nil, "could not be recorded: boom"},
		"an ARN that is none":             {nil, &types.InvalidArn{}, `"arn:first" names no execution`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			store, m, r, taker := setup(t)
			if _, err := taker.Take(t.Context(), input("first")); err != nil {
				t.Fatal(err)
			}
			m.set("first", types.ExecutionStatusAborted)
			r.err, m.err = tt.close, tt.describe
			for range 2 {
				out, err := taker.Take(t.Context(), input("second"))
				if err != nil || out.Previous != "first" || len(out.Notes) != 1 || !strings.Contains(out.Notes[0], tt.want) {
					t.Errorf("Take() = %+v, %v, want the lock of run first and a note with %q", out, err, tt.want)
				}
			}
			if _, err := lock.NewFence(store.Client(), "lake").Pass(t.Context(), "second"); err != nil {
				t.Error(err)
			}
			m.set("second", types.ExecutionStatusSucceeded)
			m.err = nil
			if out, err := taker.Take(t.Context(), input("third")); err != nil || out.Notes == nil || len(out.Notes) > 0 {
				t.Errorf("Take() = %+v, %v, want no notes, and a list of them", out, err)
			}
		})
	}
}

// TestTake_names: a name that would be in the way of another document below
// runs/ is refused before anything is written.
func TestTake_names(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"", ".", "..", "...", ".hidden", "a/b", "/", "lock.json", "current.json", "CURRENT.JSON", "archiving-raw.json", "x.Json"} {
		store, _, _, taker := setup(t)
		_, err := taker.Take(t.Context(), input(name))
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), fmt.Sprintf("run id %q", name)) || len(store.Keys("lake")) > 0 {
			t.Errorf("Take(%q) = %v and wrote %v, want kind Invalid and nothing", name, err, store.Keys("lake"))
		}
	}
	for _, name := range []string{"run-20261122-020000.000", "json", "a.json.b", "lock", "ä", "1"} {
		if err := lock.CheckName(name); err != nil {
			t.Errorf("CheckName(%q): %v", name, err)
		}
	}
}

// TestTake_lostAfterClosing: another run is faster between the closing and the
// lock. It goes on; the loser has closed the same run, and has begun nothing.
func TestTake_lostAfterClosing(t *testing.T) {
	t.Parallel()

	store, m, r, taker := setup(t)
	if _, err := taker.Take(t.Context(), input("first")); err != nil {
		t.Fatal(err)
	}
	m.set("first", types.ExecutionStatusTimedOut)
	m.set("other", types.ExecutionStatusRunning)
	var once sync.Once
	store.Fail(func(c awstest.Call) *awstest.Failure {
		if c.Operation == "PutObject" {
			once.Do(func() {
				store.Put("lake", "runs/lock.json", []byte(`{"runId":"other","execution":"arn:other","previous":"first"}`))
			})
		}
		return nil
	})
	if _, err := taker.Take(t.Context(), input("second")); fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), "run other is RUNNING") {
		t.Errorf("Take() = %v, want it Rejected because of run other", err)
	}
	if len(r.closed) != 1 || r.closed[0].RunID != "first" {
		t.Errorf("it closed %+v, want the first run", r.closed)
	}
}

func TestTake_letsOneOfManyWin(t *testing.T) {
	t.Parallel()

	for _, before := range []string{"", "yesterday"} {
		t.Run("after "+before, func(t *testing.T) {
			t.Parallel()

			_, m, _, taker := setup(t)
			if before != "" {
				if _, err := taker.Take(t.Context(), input(before)); err != nil {
					t.Fatal(err)
				}
			}
			var won atomic.Int32
			var group sync.WaitGroup
			for _, run := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
				m.set(run, types.ExecutionStatusRunning)
				group.Go(func() {
					_, err := taker.Take(t.Context(), input(run))
					switch {
					case err == nil:
						won.Add(1)
					case fault.KindOf(err) != fault.Rejected:
						t.Errorf("Take(%s) = %v, want it Rejected", run, err)
					}
				})
			}
			group.Wait()
			if won.Load() != 1 {
				t.Errorf("%d of 8 runs took the lock", won.Load())
			}
		})
	}
}

// TestTake_answerLost writes the lock and loses the answer: the SDK tries
// again, under a condition that its own first try has made wrong.
func TestTake_answerLost(t *testing.T) {
	t.Parallel()

	store, _, _, taker := setup(t)
	store.Fail(func(c awstest.Call) *awstest.Failure {
		if c.Operation == "PutObject" && c.N == 1 {
			return &awstest.Failure{Status: http.StatusInternalServerError, Code: "InternalError", Applied: true}
		}
		return nil
	})
	if _, err := taker.Take(t.Context(), input("first")); err != nil {
		t.Fatal(err)
	}
	if _, err := lock.NewFence(store.Client(), "lake").Pass(t.Context(), "first"); err != nil {
		t.Error(err)
	}
}

func TestTake_failures(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		content string
		damaged bool
		fail    *awstest.Failure
		err     error
		in      lock.Input
		kind    fault.Kind
		want    string
	}{
		"no name":                        {in: lock.Input{Execution: "arn:x"}, kind: fault.Invalid, want: "is not the name of an execution"},
		"no execution":                   {in: lock.Input{RunID: "x"}, kind: fault.Invalid, want: `run "x" has no execution`},
		"a lock that was damaged":        {content: `{"runId":"x","execution":"y"}`, damaged: true, kind: fault.Invalid, want: "checksum did not match"},
		"a lock that is not JSON":        {content: "oops", kind: fault.Invalid, want: "s3://lake/runs/lock.json"},
		"a lock that names nobody":       {content: `{"runId":"x"}`, kind: fault.Invalid, want: "delete the object if no run is going on"},
		"a lock with a field of later":   {content: `{"runId":"x","execution":"y","until":1}`, kind: fault.Invalid, want: "until"},
		"a lock of which nobody may ask": {content: `{"runId":"x","execution":"y"}`, err: &smithy.GenericAPIError{Code: "AccessDeniedException"}, kind: fault.Invalid, want: "execution y, which holds the lock"},
		"a lake that does not answer":    {fail: &awstest.Failure{Status: http.StatusServiceUnavailable, Code: "SlowDown"}, kind: fault.Transient, want: "get s3://lake/runs/lock.json"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			store, m, _, taker := setup(t)
			m.err = tt.err
			if tt.content != "" {
				store.Put("lake", "runs/lock.json", []byte(tt.content))
				store.Update("lake", "runs/lock.json", func(o *awstest.Object) { o.Damaged = tt.damaged })
			}
			if tt.fail != nil {
				store.Fail(func(awstest.Call) *awstest.Failure { return tt.fail })
			}
			in := tt.in
			if in == (lock.Input{}) {
				in = input("first")
			}
			if _, err := taker.Take(t.Context(), in); fault.KindOf(err) != tt.kind || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Take() = %v of kind %s, want %s with %q", err, fault.KindOf(err), tt.kind, tt.want)
			}
		})
	}
}

// TestTake_replacesADamagedLock, whatever is wrong with it, unless another
// execution is going on: that may be its holder.
func TestTake_replacesADamagedLock(t *testing.T) {
	t.Parallel()

	const prefix = "arn:aws:states:eu-west-1:1:execution:nightstar:"
	mine := lock.Input{RunID: "mine", Execution: prefix + "mine"}
	for name, spoil := range map[string]func(*awstest.S3){
		"other bytes than its checksum says": func(s *awstest.S3) {
			s.Put("lake", "runs/lock.json", []byte(`{"runId":"x","execution":"y"}`))
			s.Update("lake", "runs/lock.json", func(o *awstest.Object) { o.Damaged = true })
		},
		"no JSON":      func(s *awstest.S3) { s.Put("lake", "runs/lock.json", []byte("oops")) },
		"nothing":      func(s *awstest.S3) { s.Put("lake", "runs/lock.json", nil) },
		"names nobody": func(s *awstest.S3) { s.Put("lake", "runs/lock.json", []byte(`{"runId":"x"}`)) },
		"far too much": func(s *awstest.S3) { s.Put("lake", "runs/lock.json", make([]byte, 1<<20)) },
		"of another app": func(s *awstest.S3) {
			s.Put("lake", "runs/lock.json", []byte(`{"runId":"x","execution":"y","until":1}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			store, m, _, taker := setup(t)
			spoil(store)
			before, _ := store.Object("lake", "runs/lock.json")
			for _, run := range []string{"a", "b", "mine"} { // the last page has the one that counts
				m.statuses[prefix+run] = types.ExecutionStatusRunning
			}
			m.statuses[prefix+"0"] = types.ExecutionStatusFailed
			if _, err := taker.Take(t.Context(), mine); fault.KindOf(err) != fault.Rejected || !strings.Contains(err.Error(), "run a is RUNNING") {
				t.Errorf("Take() beside another run = %v, want Rejected", err)
			}
			m.err = &smithy.GenericAPIError{Code: "AccessDeniedException"}
			if _, err := taker.Take(t.Context(), mine); err == nil || !strings.Contains(err.Error(), "list running executions") {
				t.Errorf("Take() without an answer = %v", err)
			}
			m.err = nil
			if after, _ := store.Object("lake", "runs/lock.json"); after.ETag != before.ETag {
				t.Fatal("the lock was replaced")
			}
			m.statuses[prefix+"a"], m.statuses[prefix+"b"] = types.ExecutionStatusSucceeded, types.ExecutionStatusAborted
			for range 2 {
				out, err := taker.Take(t.Context(), mine)
				if err != nil || out.Previous != "" || len(out.Notes) != 1 || !strings.Contains(out.Notes[0], "the lock was damaged") {
					t.Fatalf("Take() = %+v, %v, want the lock with a note", out, err)
				}
			}
			if _, err := lock.NewFence(store.Client(), "lake").Pass(t.Context(), "mine"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFenced(t *testing.T) {
	t.Parallel()

	store, _, _, taker := setup(t)
	calls := 0
	handle := lock.Fenced(lock.NewFence(store.Client(), "lake"), func(run string) string { return run },
		func(context.Context, string) (int, error) { calls++; return calls, nil })
	if _, err := handle(t.Context(), "first"); fault.KindOf(err) != fault.Rejected || calls != 0 {
		t.Errorf("the handler ran %d times without a lock: %v", calls, err)
	}
	if _, err := taker.Take(t.Context(), input("first")); err != nil {
		t.Fatal(err)
	}
	if got, err := handle(t.Context(), "first"); err != nil || got != 1 {
		t.Errorf("the handler of the holder = %d, %v", got, err)
	}
}

// FuzzTake puts anything into the lock: it is a holder or an error, and what
// was written is read again.
func FuzzTake(f *testing.F) {
	f.Add([]byte(`{"runId":"a","execution":"arn:a","previous":""}`))
	f.Add([]byte(`{"runId":1}`))
	f.Add([]byte(``))
	f.Fuzz(func(t *testing.T, content []byte) {
		store := awstest.NewS3(t, "lake")
		store.Put("lake", "runs/lock.json", content)
		taker := lock.NewTaker(store.Client(), &machine{}, &records{store: store}, "lake")
		if _, err := taker.Take(t.Context(), input("mine")); err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("Take() = %v", err)
			}
			return
		}
		object, _ := store.Object("lake", "runs/lock.json")
		var got struct{ RunID string }
		if err := json.Unmarshal(object.Body, &got); err != nil || got.RunID != "mine" {
			t.Errorf("the lock holds %q: %v", object.Body, err)
		}
	})
}
