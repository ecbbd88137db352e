package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/report"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// source is a lake, a history and a warehouse that answers by what a query contains.
type source struct {
	objects *awstest.S3
	events  []types.HistoryEvent
	answers map[string]report.Answer // by a part of the query
	queries []string
}

func (s *source) Lake() (record.Reader, string) { return s.objects.Client(), "lake" }

func (s *source) History(context.Context, record.Run) ([]types.HistoryEvent, error) {
	if s.events == nil {
		return nil, errors.New("no history is kept")
	}
	return s.events, nil
}

func (s *source) Query(_ context.Context, sql string) (report.Answer, error) {
	s.queries = append(s.queries, sql)
	for part, answer := range s.answers {
		if strings.Contains(sql, part) {
			return answer, nil
		}
	}
	return report.Answer{}, errors.New("the warehouse is asleep")
}

// put writes the record of a run, and the model that it followed.
func (s *source) put(t testing.TB, run record.Run, model string) {
	t.Helper()
	body, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	s.objects.Put("lake", lakedoc.RecordKey(run.RunID), body)
	if model != "" {
		m, err := models.Read(model)
		if err != nil {
			t.Fatal(err)
		}
		s.objects.Put("lake", lakedoc.ModelKey(run.RunID), m.Source)
	}
}

// page gathers and renders the newest run.
func (s *source) page(t testing.TB) string {
	t.Helper()
	r, err := report.Gather(t.Context(), s, report.Options{RPU: 8})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := r.Write(&page); err != nil {
		t.Fatal(err)
	}
	return page.String()
}

var began = time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)

// history makes the events of an execution that visits these states, two seconds
// each. A name that begins with "!" fails first and is tried again; one that begins
// with "-" fails.
func history(end types.HistoryEventType, names ...string) []types.HistoryEvent {
	var events []types.HistoryEvent
	at := began
	add := func(kind types.HistoryEventType, name string) {
		event := types.HistoryEvent{Id: int64(len(events) + 1), PreviousEventId: int64(len(events)), Timestamp: aws.Time(at), Type: kind}
		switch {
		case strings.HasSuffix(string(kind), "StateEntered"):
			event.StateEnteredEventDetails = &types.StateEnteredEventDetails{Name: &name}
		case strings.HasSuffix(string(kind), "StateExited"):
			event.StateExitedEventDetails = &types.StateExitedEventDetails{Name: &name}
		}
		events = append(events, event)
		at = at.Add(500 * time.Millisecond)
	}
	add("ExecutionStarted", "")
	for _, name := range names {
		retried, failed := strings.HasPrefix(name, "!"), strings.HasPrefix(name, "-")
		name = strings.TrimLeft(name, "!-")
		add("TaskStateEntered", name)
		if retried {
			add("TaskScheduled", "")
			add("TaskFailed", "")
		}
		add("TaskScheduled", "")
		if failed {
			add("TaskFailed", "")
		} else {
			add("TaskSucceeded", "")
		}
		if name != "Transform failed" {
			add("TaskStateExited", name)
		}
	}
	add(end, "")
	return events
}

func loaded(id string, day int) record.Run {
	items, rows := int64(1015), int64(1000)
	return record.Run{
		RunID: id, Execution: "arn:" + id, StartedBy: "someone", StartedAt: began.AddDate(0, 0, day), EndedAt: began.AddDate(0, 0, day).Add(20 * time.Minute),
		Seconds: 1200, Result: record.Loaded, Items: &items, RowsLoaded: &rows,
		Export:   record.Export{Time: "2026-11-21T02:00:03Z", Files: 4, Bytes: 532_500_000, ManifestKey: "m"},
		Rows:     map[string]int64{"customer": 100, "order": 300, "product": 600},
		SetAside: lakedoc.SetAside{"product": {lakedoc.WrongType: 10, lakedoc.MissingAttribute: 2}, lakedoc.NoType: {lakedoc.UnknownType: 3}},
		Wrong:    lakedoc.Wrong{"product": {"color": {lakedoc.ValueTooLong: 2}}},
		Unknown:  []lakedoc.Unknown{{Type: "product", Attribute: "Weight", Kind: "N", Items: 7}},
		Tables: []lakedoc.TableLoad{
			{Table: "customer", Files: 4, Rows: 100, Bytes: 10_000, Sums: map[string]scalar.Sum{}},
			{Table: "order", Files: 4, Rows: 300, Bytes: 20_000, Sums: map[string]scalar.Sum{"numberofitems": scalar.SumOf(600)}},
			{Table: "product", Files: 4, Rows: 600, Bytes: 1_530_000, Sums: map[string]scalar.Sum{"price": scalar.SumOf(-147505)}},
		},
		Counts: map[string]scalar.Sum{
			"landing.customer": scalar.SumOf(100), "landing.order": scalar.SumOf(300), "landing.product": scalar.SumOf(600),
			"landing.product sum of price": scalar.SumOf(-147505), "staging.order": scalar.SumOf(600), "dwh.order": scalar.SumOf(600),
			"staging.order sum of price": scalar.SumOf(-147505), "dwh.order sum of price": scalar.SumOf(-147505),
			"dwh.order on unknown address": scalar.SumOf(11), "dwh.customer": scalar.SumOf(104), "staging.customer": scalar.SumOf(101),
			"dwh.customer deleted": scalar.SumOf(3), "staging.customerkey members": scalar.SumOf(100), "staging.product": scalar.SumOf(41), "dwh.product": scalar.SumOf(41),
		},
	}
}

// straight is the way of a run that is published.
var straight = []string{
	"Begin", "Take lock", "Export given?", "Decide window", "Export table", "Plan partition", "Export expected?", "!Partition files", "Reconcile", "Within the limit?", "Prepare warehouse", "Land tables", "Transform",
	"Submit row", "Wait for row", "Poll row", "Row there?", "Wait for row", "Poll row", "Row there?", "Published?", "Archive earlier runs", "Record run", "How did it end?", "Loaded",
}

// store is a run of the store as most are, with runs before it, one of which failed.
func store(t testing.TB) *source {
	s := &source{objects: awstest.NewS3(t, "lake"), events: history("ExecutionSucceeded", straight...), answers: map[string]report.Answer{}}
	for day := range 5 {
		s.put(t, loaded(fmt.Sprint("run-", day), day), "store")
	}
	broken := loaded("run-5", 5)
	broken.Result, broken.RowsLoaded, broken.Cause, broken.Tables = "TransformFailed", nil, "Rejected: a proof does not hold", nil
	s.put(t, broken, "store")
	last := loaded("run-6", 6)
	*last.Items = 1027
	last.Rows["product"], last.Unknown[0].Attribute = 612, "Height"
	s.put(t, last, "store")
	for _, line := range []struct{ key, text string }{
		{"setaside/run=run-6/00001.jsonl", `{"reason":"wrong_type","type":"product","object":"s3://raw/data/aaaa.json.gz","line":12,"field":"price","detail":"secret-detail","item":{"name":{"S":"secret-item"}}}`},
		{"setaside/run=run-6/00003.jsonl", `{"reason":"unknown_type","type":"?","object":"s3://raw/data/bbbb.json.gz","line":7,"detail":"secret-detail","text":"secret-text"}`},
		{"wrong/type=product/run=run-6/00001.jsonl", `{"reason":"value_too_long","object":"s3://raw/data/aaaa.json.gz","line":13,"field":"Color","column":"color","detail":"secret-detail","value":{"S":"secret-value"}}`},
	} {
		s.objects.Put("lake", line.key, []byte(line.text+"\n"))
	}
	s.answers[".content"] = report.Answer{Columns: []string{"run_id"}, Rows: [][]any{{"run-6"}}}
	s.answers[".proof"] = report.Answer{Columns: []string{"name", "counted", "expected"}, Rows: [][]any{
		{"staging.order", "600", "600"}, {"dwh.order", "600", "600"}, {"dwh.order on unknown address", "11", nil},
	}}
	growth := report.Answer{Columns: []string{"country", "category", "year", "quarter", "revenue", "revenue_year_before", "growth_percent"}}
	for i, country := range []string{"Brazil", "Germany", "Japan", "unknown"} {
		for j, category := range []string{"Books", "Garden", "Toys & Games"} {
			for quarter := int64(1); quarter <= 4; quarter++ {
				growth.Rows = append(growth.Rows, []any{country, category, int64(2026), quarter, fmt.Sprintf("%d.50", 1000+100*i), "1000.00", fmt.Sprintf("%.2f", float64(10*i-7*j*i)-5)})
			}
		}
	}
	growth.Rows = append(growth.Rows, []any{"Spain", "Books", int64(2026), int64(3), "10.00", "0.00", nil}, []any{"Spain", "Garden", int64(2026), int64(3), "10.00", "-5.00", nil})
	s.answers["revenue_year_before"] = growth
	s.answers["revenue_of_year_so_far"] = report.Answer{
		Columns: []string{"year", "month", "orders", "revenue", "revenue_per_order", "change", "revenue_of_year_so_far"},
		Rows: [][]any{
			{int64(2026), int64(1), int64(10), "1234567.89", "123456.79", nil, "1234567.89"},
			{int64(2026), int64(2), int64(10), "-200000.10", "-20000.01", "-1434567.99", "1034567.79"},
			{int64(2026), int64(5), int64(3), "900000.00", "300000.00", "1100000.10", "1934567.79"},
		},
	}
	s.answers["percent_of_category"] = report.Answer{
		Columns: []string{"category", "place", "productid", "productname", "units", "revenue", "percent_of_category"},
		Rows: [][]any{
			{"Books", int64(1), "p-1", "A book with a name that is too long for a label of any figure", int64(9), "5000.00", "60.1"},
			{"Garden", int64(1), "p-2", nil, int64(1), "-12.00", nil},
		},
	}
	return s
}

// failure is a run that failed in the warehouse.
func failure(t testing.TB) *source {
	s := &source{objects: awstest.NewS3(t, "lake")}
	s.put(t, loaded("run-0", 0), "store")
	run := loaded("run-1", 1)
	run.Result, run.RowsLoaded, run.Cause = "TransformFailed", nil, "Rejected: run statement 6 of 9: proof staging.order: 599, not 600"
	s.put(t, run, "store")
	s.events = history("ExecutionFailed", "Begin", "Take lock", "Export given?", "Decide window", "Export table", "Plan partition",
		"Export expected?", "Partition files", "Reconcile", "Within the limit?", "Prepare warehouse", "Land tables", "-Transform",
		"Submit row", "Wait for row", "Poll row", "Row there?", "Published?", "Record run", "How did it end?", "Transform failed")
	return s
}

const hostile = `<script>alert("x")</script>'"&\u202e` + "\x00 \U0001F9E8"

// large is a run with thousands of everything, of a model with several facts, and
// with text that means harm.
func large(t testing.TB) *source {
	s := &source{objects: awstest.NewS3(t, "lake"), answers: map[string]report.Answer{}}
	run := loaded("run-1", 0)
	run.Notes = []string{"odd: " + hostile}
	run.Unknown, run.Rows = nil, map[string]int64{}
	run.Wrong = lakedoc.Wrong{"ticket": {}}
	for i := range 5000 {
		name := fmt.Sprintf("name %04d %s", i, hostile)
		run.Unknown = append(run.Unknown, lakedoc.Unknown{Type: "ticket", Attribute: name, Kind: "S", Items: int64(i)})
		run.Counts["proof "+name] = scalar.SumOf(int64(i))
		run.Wrong["ticket"][name] = map[lakedoc.Reason]int64{lakedoc.WrongType: int64(i + 1)}
		run.Rows[name] = int64(i)
	}
	before := loaded("run-0", -1)
	s.put(t, before, "tickets")
	s.put(t, run, "tickets")
	polls := []string{"Begin", "Take lock"}
	for range 2000 {
		polls = append(polls, "Wait for row", "Poll row", "Row there?")
	}
	s.events = history("ExecutionSucceeded", append(polls, straight[5:]...)...)
	months := report.Answer{Columns: []string{"year", "month", "facts"}}
	for i := range 5000 {
		var value any = fmt.Sprintf("%d.25", (i*7919)%1000-500)
		if i%5 == 0 {
			value = nil
		}
		months.Rows = append(months.Rows, []any{int64(1600 + i/12), int64(i%12 + 1), int64(i), value, value, value, value, value})
	}
	months.Rows = append(months.Rows, []any{nil, nil, int64(4), "1", "1", "1", "1", "1"})
	members := report.Answer{Columns: []string{"key", "label", "facts"}}
	for i := range 5000 {
		members.Rows = append(members.Rows, []any{int64(i), fmt.Sprintf("member %d %s", i, hostile), int64(5000 - i), "-99999999999999999999999999.5", nil, "NaN", 1e308, -1e308})
	}
	s.answers["d.month"] = months
	s.answers["as members"] = report.Answer{Columns: []string{"members"}, Rows: [][]any{{int64(5000)}}}
	s.answers["order by facts desc"] = members
	s.answers[".content"] = report.Answer{Columns: []string{"run_id"}, Rows: [][]any{{"run-1"}}}
	s.answers[".proof"] = report.Answer{}
	return s
}
