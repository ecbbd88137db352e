package warehouse_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

const entered = "2026-11-21T02:20:40.500Z"

func runRow() warehouse.RunRow {
	started := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	return warehouse.RunRow{
		RunID: runID, StartedBy: "Robert'); drop table etl.run; --", StartedAt: started, EndedAt: started.Add(1240500 * time.Millisecond),
		Result: "Loaded", Items: aws.Int64(0), Counts: map[string]int64{"dwh.order": 5, "b:c": -1},
	}
}

// TestRecorder_Record: what is data travels as parameters, and what is not
// known is NULL.
func TestRecorder_Record(t *testing.T) {
	t.Parallel()

	api := &dataAPI{}
	recorder := warehouse.NewRecorder(api, serverless(), store(t))
	got, err := recorder.Record(t.Context(), runRow(), nil, entered, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := warehouse.Submitted{
		StatementID: batchID(0), Part: 1, Attempt: 1, Read: []string{}, Expect: sums(map[string]int64{"etl.run": 1, "etl.run_table": 2}), Wait: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Record() (-want +got):\n%s", diff)
	}
	wantSQL := []string{
		"delete from etl.run where run_id = :run_id",
		"delete from etl.run_table where run_id = :run_id",
		`insert into etl.run (run_id, started_by, started_at, ended_at, seconds, result, cause, export_arn, manifest_key, export_time, items, rows_loaded, set_aside) values
(cast(:run_id as varchar(320)), cast(:started_by as varchar(256)), cast(:started_at as timestamp), cast(:ended_at as timestamp), cast(:seconds as bigint), cast(:result as varchar(64)), cast(null as varchar(4096)), cast(null as varchar(1024)), cast(null as varchar(1024)), cast(null as timestamp), cast(:items as bigint), cast(null as bigint), cast(null as bigint))`,
		`insert into etl.run_table (run_id, name, rows) values
(cast(:run_id as varchar(320)), cast(:name_1 as varchar(256)), cast(:rows_1 as decimal(38,0))),
(cast(:run_id as varchar(320)), cast(:name_2 as varchar(256)), cast(:rows_2 as decimal(38,0)))`,
		`select 'etl.run' as name, count(distinct run_id) as rows from etl.run where run_id in (:run_id)
union all
select 'etl.run_table' as name, count(*) as rows from etl.run_table where run_id = :run_id`,
	}
	sent := api.batches[0].in
	if diff := cmp.Diff(wantSQL, sent.Sqls); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	values := map[string]string{}
	for _, p := range sent.Parameters {
		values[aws.ToString(p.Name)] = aws.ToString(p.Value)
	}
	wantValues := map[string]string{
		"run_id": runID, "started_by": "Robert'); drop table etl.run; --", "started_at": "2026-11-21 02:00:00",
		"ended_at": "2026-11-21 02:20:40.5", "seconds": "1240", "result": "Loaded", "items": "0",
		"name_1": "b:c", "rows_1": "-1", "name_2": "dwh.order", "rows_2": "5",
	}
	if diff := cmp.Diff(wantValues, values); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	for again, same := range map[string]bool{entered: true, "2026-11-21T06:00:00Z": false} {
		next, err := recorder.Record(t.Context(), runRow(), nil, again, 1)
		if err != nil || (next.StatementID == got.StatementID) != same {
			t.Errorf("Record() entered at %s = %+v, %v; the same statement: %v", again, next, err, same)
		}
	}
}

// TestRecorder_Record_withEarlierRuns: they go with the run unless they are
// there, each by parameters of its own, and are part of what the token stands for.
func TestRecorder_Record_withEarlierRuns(t *testing.T) {
	t.Parallel()

	api := &dataAPI{}
	recorder := warehouse.NewRecorder(api, serverless(), store(t))
	earlier := func(n int) []warehouse.RunRow {
		rows := make([]warehouse.RunRow, n)
		for i := range rows {
			rows[i] = runRow()
			rows[i].RunID, rows[i].Result, rows[i].Items = fmt.Sprintf("earlier-%d", i+1), "Stopped", nil
		}
		return rows
	}
	two := earlier(2)
	two[1].StartedBy, two[1].Own = "", true
	got, err := recorder.Record(t.Context(), runRow(), two, entered, 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sums(map[string]int64{"etl.run": 3, "etl.run_table": 2}), got.Expect); diff != "" {
		t.Errorf("expected counts (-want +got):\n%s", diff)
	}
	sent := api.batches[0].in
	wantSQL := []string{
		`delete from etl.run where run_id in (:run_id_before_2)`,
		`insert into etl.run (run_id, started_by, started_at, ended_at, seconds, result, cause, export_arn, manifest_key, export_time, items, rows_loaded, set_aside)
select cast(:run_id_before_1 as varchar(320)), cast(:started_by_before_1 as varchar(256)), cast(:started_at_before_1 as timestamp), cast(:ended_at_before_1 as timestamp), cast(:seconds_before_1 as bigint), cast(:result_before_1 as varchar(64)), cast(null as varchar(4096)), cast(null as varchar(1024)), cast(null as varchar(1024)), cast(null as timestamp), cast(null as bigint), cast(null as bigint), cast(null as bigint)
from etl.run
where run_id = :run_id
    and not exists (select 1 from etl.run where run_id = :run_id_before_1)`,
		`insert into etl.run (run_id, started_by, started_at, ended_at, seconds, result, cause, export_arn, manifest_key, export_time, items, rows_loaded, set_aside)
select cast(:run_id_before_2 as varchar(320)), cast(null as varchar(256)), cast(:started_at_before_2 as timestamp), cast(:ended_at_before_2 as timestamp), cast(:seconds_before_2 as bigint), cast(:result_before_2 as varchar(64)), cast(null as varchar(4096)), cast(null as varchar(1024)), cast(null as varchar(1024)), cast(null as timestamp), cast(null as bigint), cast(null as bigint), cast(null as bigint)
from etl.run
where run_id = :run_id
    and not exists (select 1 from etl.run where run_id = :run_id_before_2)`,
		`select 'etl.run' as name, count(distinct run_id) as rows from etl.run where run_id in (:run_id, :run_id_before_1, :run_id_before_2)
union all
select 'etl.run_table' as name, count(*) as rows from etl.run_table where run_id = :run_id`,
	}
	if diff := cmp.Diff(wantSQL, sent.Sqls[4:]); diff != "" { // the others: see above
		t.Errorf("statements after those of the run itself (-want +got):\n%s", diff)
	}
	values := map[string]string{}
	for _, p := range sent.Parameters {
		values[aws.ToString(p.Name)] = aws.ToString(p.Value)
	}
	for name, want := range map[string]string{
		"run_id": runID, "run_id_before_1": "earlier-1", "run_id_before_2": "earlier-2", "result": "Loaded", "result_before_1": "Stopped",
	} {
		if values[name] != want {
			t.Errorf("parameter %s is %q, want %q", name, values[name], want)
		}
	}

	for name, tt := range map[string]struct {
		earlier []warehouse.RunRow
		same    bool
	}{"again": {two, true}, "with one of them": {two[:1], false}, "alone": {nil, false}} {
		next, err := recorder.Record(t.Context(), runRow(), tt.earlier, entered, 1)
		if err != nil || (next.StatementID == got.StatementID) != tt.same {
			t.Errorf("%s: Record() = %+v, %v; the same statement: %v", name, next, err, tt.same)
		}
	}
	if _, err := recorder.Record(t.Context(), runRow(), earlier(10), entered, 1); err != nil {
		t.Errorf("ten runs before it: %v", err)
	}
	if _, err := recorder.Record(t.Context(), runRow(), []warehouse.RunRow{{}}, entered, 1); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an earlier run of which nothing is known: %v, want kind Invalid", err)
	}
}

// Text is cut to what its column takes, between characters.
func TestRecorder_Record_cutsText(t *testing.T) {
	t.Parallel()

	api := &dataAPI{}
	row := runRow()
	row.Cause = "a\x00\xff" + strings.Repeat("ü", 5000)
	if _, err := warehouse.NewRecorder(api, serverless(), store(t)).Record(t.Context(), row, nil, entered, 1); err != nil {
		t.Fatal(err)
	}
	for _, p := range api.batches[0].in.Parameters {
		if *p.Name != "cause" {
			continue
		}
		if want := "a\uFFFD\uFFFD" + strings.Repeat("ü", 2044); *p.Value != want { // 4,095 of 4,096 bytes
			t.Errorf("a cause of %d bytes is cut to %d, want %d", len(row.Cause), len(*p.Value), len(want))
		}
	}
}

func TestRecorder_Record_refusals(t *testing.T) {
	t.Parallel()

	for name, change := range map[string]func(*warehouse.RunRow){
		"no run":    func(r *warehouse.RunRow) { r.RunID = "" },
		"no start":  func(r *warehouse.RunRow) { r.StartedAt = time.Time{} },
		"no end":    func(r *warehouse.RunRow) { r.EndedAt = time.Time{} },
		"no result": func(r *warehouse.RunRow) { r.Result = "" },
	} {
		api, row := &dataAPI{}, runRow()
		change(&row)
		if _, err := warehouse.NewRecorder(api, serverless(), store(t)).Record(t.Context(), row, nil, entered, 1); fault.KindOf(err) != fault.Invalid || len(api.batches) > 0 {
			t.Errorf("%s: Record() = %v, want kind Invalid and nothing submitted", name, err)
		}
	}
}
