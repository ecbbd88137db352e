package warehouse_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// submitted is an API with one load of landing.customer, changed by the test.
func submitted(t *testing.T, change func(*batch)) (*dataAPI, warehouse.Submitted) {
	t.Helper()
	api := &dataAPI{}
	out, err := warehouse.NewLoader(api, serverless(), store(t)).Load(t.Context(), load("customer"))
	if err != nil {
		t.Fatal(err)
	}
	change(api.batches[0])
	return api, out
}

func finished(r *result) func(*batch) {
	return func(b *batch) { b.status, b.result = types.StatusStringFinished, r }
}

func failed(reason string) func(*batch) {
	return func(b *batch) {
		b.status, b.reason, b.errs = types.StatusStringFailed, "Query #2 failed with "+reason, map[int]string{2: reason}
	}
}

func TestPoller_Poll(t *testing.T) {
	t.Parallel()

	expect := sums(map[string]int64{"landing.customer": 1234})
	tests := map[string]struct {
		change func(*batch)
		status string
		counts map[string]scalar.Sum
	}{
		"waits while it is submitted": {
			func(b *batch) { b.status = types.StatusStringSubmitted }, warehouse.StatusRunning, sums(nil),
		},
		"waits while it is picked": {
			func(b *batch) { b.status = types.StatusStringPicked }, warehouse.StatusRunning, sums(nil),
		},
		"waits while it runs": {
			func(b *batch) { b.status = types.StatusStringStarted }, warehouse.StatusRunning, sums(nil),
		},
		"is done when the count is as expected": {
			finished(named(counted("landing.customer", 1234))), warehouse.StatusDone, expect,
		},
		"reads a count that comes as text": {
			finished(named([]types.Field{text("landing.customer"), text("1234")})), warehouse.StatusDone, expect,
		},
		"hands on counts that nobody expects": {
			finished(named(counted("landing.customer", 1234), counted("unknown members", 5), counted("dwh of run x", 1))),
			warehouse.StatusDone, sums(map[string]int64{"landing.customer": 1234, "unknown members": 5}),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, in := submitted(t, tt.change)
			for range 2 { // a repeat only reads
				got, err := warehouse.NewPoller(api).Poll(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				want := warehouse.PollOutput{Submitted: in, Status: tt.status, Counts: tt.counts}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("Poll() (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestPoller_Poll_conflict: work that a conflict has rolled back is submitted as
// another statement, whether its state is entered again or not.
func TestPoller_Poll_conflict(t *testing.T) {
	t.Parallel()

	api, first := submitted(t, failed("ERROR: 1023 DETAIL: Serializable isolation violation on table - 1234"))
	out, err := warehouse.NewPoller(api).Poll(t.Context(), first)
	if err != nil || out.Status != warehouse.StatusRetry || out.Attempt != 2 {
		t.Fatalf("Poll() = %+v, %v, want a retry as attempt 2", out, err)
	}
	again := load("customer")
	again.Attempt = out.Attempt
	for i, when := range []string{again.Entered, "2026-11-21T02:21:00Z"} {
		again.Entered = when
		next, err := warehouse.NewLoader(api, serverless(), store(t)).Load(t.Context(), again)
		if err != nil || next.StatementID != batchID(i+1) {
			t.Errorf("Load() = %+v, %v, want a new statement", next, err)
		}
	}
}

// TestPoller_Poll_wait: the longer a statement runs, the longer until the next
// poll; a night of ten hours stays far below the 25,000 events of an execution.
func TestPoller_Poll_wait(t *testing.T) {
	t.Parallel()

	api, in := submitted(t, func(b *batch) { b.status = types.StatusStringStarted })
	next := func(age time.Duration) time.Duration {
		api.batches[0].age = age
		out, err := warehouse.NewPoller(api).Poll(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return time.Duration(out.Wait) * time.Second
	}
	for age, want := range map[time.Duration]time.Duration{
		-time.Minute: 2 * time.Second, 0: 2 * time.Second, time.Minute: 15 * time.Second,
		20 * time.Minute: 5 * time.Minute, 10 * time.Hour: 5 * time.Minute,
	} {
		if got := next(age); got != want {
			t.Errorf("after %v the next poll waits %v, want %v", age, got, want)
		}
	}
	polls := 0
	for age := time.Duration(in.Wait) * time.Second; age < 10*time.Hour; age += next(age) {
		polls++
	}
	if polls < 20 || polls > 150 {
		t.Errorf("a statement of ten hours is polled %d times", polls)
	}
}

func TestPoller_Poll_pages(t *testing.T) {
	t.Parallel()

	var rows [][]types.Field
	want := map[string]scalar.Sum{}
	for i := range 25 {
		name := fmt.Sprintf("table %d", i)
		rows, want[name] = append(rows, counted(name, int64(i))), scalar.SumOf(int64(i))
	}
	api, in := submitted(t, finished(named(rows...)))
	api.pageRows, in.Expect = 10, nil
	got, err := warehouse.NewPoller(api).Poll(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if got.Expect == nil {
		t.Error("Expect is nil, which the state machine would see as null")
	}
}

func TestPoller_Poll_withoutResult(t *testing.T) {
	t.Parallel()

	api, in := submitted(t, finished(nil))
	in.Expect = sums(nil)
	got, err := warehouse.NewPoller(api).Poll(t.Context(), in)
	want := warehouse.PollOutput{Submitted: in, Status: warehouse.StatusDone, Counts: sums(nil)}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Poll() = %v (-want +got):\n%s", err, diff)
	}
}

func TestPoller_Poll_refusals(t *testing.T) {
	t.Parallel()

	columns := func(names ...string) *result { return &result{columns: names} }
	null := &types.FieldMemberIsNull{Value: true}
	tests := map[string]struct {
		change  func(*batch)
		kind    fault.Kind
		message string
	}{
		"fewer rows than expected": {
			finished(named(counted("landing.customer", 1233))), fault.Corrupt, "landing.customer is 1233 instead of 1234",
		},
		"more rows than expected":  {finished(named(counted("landing.customer", 1235))), fault.Corrupt, "1235"},
		"a count of another table": {finished(named(counted("landing.order", 1234))), fault.Corrupt, "was not counted"},
		"no count":                 {finished(named()), fault.Corrupt, "was not counted"},
		"no result":                {finished(nil), fault.Corrupt, "was not counted"},
		"a count twice": {
			finished(named(counted("landing.customer", 1234), counted("landing.customer", 1234))), fault.Corrupt, "twice",
		},
		"other columns":       {finished(columns("rows", "name")), fault.Corrupt, `["rows" "name"]`},
		"a column too many":   {finished(columns("name", "rows", "x")), fault.Corrupt, `"x"`},
		"a row that is short": {finished(named([]types.Field{text("x")})), fault.Corrupt, "1 values"},
		"a null for a name":   {finished(named([]types.Field{null, text("1")})), fault.Corrupt, "not a string"},
		"a null for a count":  {finished(named([]types.Field{text("x"), null})), fault.Corrupt, `"x": null`},
		"half a row":          {finished(named([]types.Field{text("x"), text("1.5")})), fault.Corrupt, `"1.5"`},
		"a count that is a float": {
			finished(named([]types.Field{text("x"), &types.FieldMemberDoubleValue{Value: 1}})), fault.Corrupt, "Double",
		},
		"a COPY that failed": {
			failed("ERROR: Spectrum Scan Error. File has an incompatible Parquet schema"), fault.Rejected,
			`run statement 2 of 5 of ` + batchID(0) + `, "copy mirror.customer_next (username, email`,
		},
		"a failure without words": {func(b *batch) { b.status = types.StatusStringFailed }, fault.Rejected, "no reason"},
		"a statement that was cancelled": {
			func(b *batch) { b.status = types.StatusStringAborted }, fault.Rejected, "cancelled",
		},
		"a status nobody knows": {func(b *batch) { b.status = "UNKNOWN" }, fault.Unknown, `"UNKNOWN"`},
	}
	for name, tt := range tests {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			api, in := submitted(t, tt.change)
			got, err := warehouse.NewPoller(api).Poll(t.Context(), in)
			if err == nil || fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("Poll() = %v, %v, want kind %s and %q", got, err, tt.kind, tt.message)
			}
		})
	}
	t.Run("refuses a statement that is not there", func(t *testing.T) {
		t.Parallel()
		got, err := warehouse.NewPoller(&dataAPI{}).Poll(t.Context(), warehouse.Submitted{StatementID: "x"})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("Poll() = %v, %v, want kind Invalid", got, err)
		}
	})
}

func TestPoller_Poll_retries(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		reason string
		want   bool
	}{
		"a serializable conflict": {
			"ERROR: 1023\n  DETAIL:  Serializable isolation violation on table - 108234, transactions forming", true,
		},
		"a serializable conflict without blank": {"ERROR:1023 DETAIL: Serializable isolation violation on table", true},
		"a relation of a newer transaction":     {"ERROR: 1018 DETAIL: Relation does not exist", true},
		"a snapshot conflict": {
			"ERROR: could not complete because of conflict with concurrent transaction", true,
		},
		"a serializable conflict without number": {"Serializable isolation violation on table in Redshift", true},
		"a conflict as PostgreSQL words it":      {"ERROR: could not serialize access due to concurrent update", true},
		"a connection that is not to be had":     {"could not connect to server: no route to host", true},
		"a connection that ended, on two lines":  {"FATAL: the connection\nwas reset by its peer", true},
		"a deadlock":                             {"ERROR: deadlock detected", true},
		"a connection that ended":                {"Connection was closed by the server", true},
		"one connection too many":                {"FATAL: connection limit \"500\" exceeded for user", true},
		"a warehouse that shuts down":            {"FATAL: terminating connection due to administrator command", true},
		"a syntax error":                         {`ERROR: syntax error at or near "form"`, false},
		"a missing table":                        {`ERROR: relation "landing.customer" does not exist`, false},
		"a table named after a connection":       {`ERROR: relation "landing.connection" does not exist`, false},
		"a bad file":                             {"ERROR: Spectrum Scan Error\n code: 15001 context: 10234 bytes", false},
		"a check of the procedures":              {"ERROR: staging.verify: order has 1023 rows, 1018 expected", false},
	}
	for name, tt := range tests {
		for attempt := 1; attempt <= 4; attempt++ {
			t.Run(fmt.Sprintf("%s, attempt %d", name, attempt), func(t *testing.T) {
				t.Parallel()
				api, in := submitted(t, failed(tt.reason))
				in.Attempt = attempt
				got, err := warehouse.NewPoller(api).Poll(t.Context(), in)
				if !tt.want || attempt >= 3 {
					if fault.KindOf(err) != fault.Rejected || !strings.HasSuffix(err.Error(), `": `+tt.reason) {
						t.Errorf("Poll() = %v, %v, want kind Rejected and the statement's own reason", got, err)
					}
					return
				}
				in.Attempt++
				want := warehouse.PollOutput{Submitted: in, Status: warehouse.StatusRetry, Counts: sums(nil)}
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("Poll() = %v (-want +got):\n%s", err, diff)
				}
			})
		}
	}
}

// TestPoller_Poll_judgesTheReasonOnly: words in the text of a statement do not
// make its failure one that passes.
func TestPoller_Poll_judgesTheReasonOnly(t *testing.T) {
	t.Parallel()

	api, in := submitted(t, func(b *batch) {
		failed("ERROR: syntax error")(b)
		b.in.Sqls[1] = "select 'deadlock detected'"
	})
	if got, err := warehouse.NewPoller(api).Poll(t.Context(), in); fault.KindOf(err) != fault.Rejected {
		t.Errorf("Poll() = %v, %v, want kind Rejected", got, err)
	}
}
