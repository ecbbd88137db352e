package report_test

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/price"
	"github.com/nightstar-elt/nightstar/pkg/report"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// text is the page as people read it, without marks.
func text(page string) string {
	var b strings.Builder
	for page != "" {
		before, after, _ := strings.Cut(page, "<")
		b.WriteString(before + " ")
		_, page, _ = strings.Cut(after, ">")
	}
	return strings.Join(strings.Fields(html.UnescapeString(b.String())), " ")
}

func expect(t *testing.T, page string, wants ...string) {
	t.Helper()
	read := text(page)
	for _, want := range wants {
		if !strings.Contains(read, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestGather_ofAPublishedRun(t *testing.T) {
	t.Parallel()

	s := store(t)
	page := s.page(t)
	night := price.Read().Night(price.Size{Gigabytes: 0.5325, Files: 4, RPU: 8, Seconds: 60})
	expect(t, page,
		"Loaded and proven, with 15 items set aside and 2 wrong values, and all 6 proofs hold.",
		"1,012 loaded + 15 set aside + 0 skipped by the model = 1,027. The manifest counts the same.",
		"product 4 1.53 600 600 ✓ none", // lake and landing
		"customer 100 101 104 each row is a member; the unknown member; the star keeps 3 deleted members",
		"order 600 600 600 one fact for each row, 11 on the unknown address",
		"order.price -1,475.05 -1,475.05 -1,475.05 -1,475.05 ✓ none", // sums
		"dwh.order on unknown address 11 reported",                   // a proof that expects nothing
		"dwh.order 600 600 ✓ yes",                                    // and one that does
		"item product price wrong type 1 aaaa.json.gz line 12",       // where, by column
		"item not recognised unknown type 1 bbbb.json.gz line 7",     // and without one
		"value product color value too long 1 aaaa.json.gz line 13",  //
		"Compared with run run-4", "rows: product 600 612 +12 +2.0",  // not with run-5, which failed
		"New, and not known to the model: attribute Height of product",             //
		"Gone: the unknown attribute Weight of product",                            //
		"! done after retries",                                                     // Partition files
		"Poll row ✓ done 31.00 3.00 2 0",                                           // two visits
		fmt.Sprintf("all %.2f", night.Total()),                                     // cost
		"A month has 30 runs: the last runs started every 24 h 00 min",             //
		"Sales growth by country and category in percent, Q3 2026 against Q3 2025", // Q4 is not over
		"Spain 20.00 -5.00 n/a", "2026-02 -200,000.10", "2026-03 – – – –",
		"A book with a name that is too long for a label of any figure",
	)
	for _, secret := range []string{"secret-item", "secret-text", "secret-value", "secret-detail"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page holds %s, which was set aside", secret)
		}
	}
	for _, loads := range []string{"<script", "http://", "https://", "url(", "@import"} {
		if strings.Contains(page, loads) {
			t.Errorf("the page has %q", loads)
		}
	}
}

func TestGather_ofAFailedRun(t *testing.T) {
	t.Parallel()

	expect(t, failure(t).page(t),
		"✗ Not loaded: the run ended as TransformFailed.", "The star still shows run run-0", "proof staging.order: 599, not 600",
		"statemachine/RUNBOOK.md#transformfailed", "Transform ✗ failed",
		"The warehouse cannot be asked what was expected of each proof, so the report compares only what was loaded: the warehouse is asleep.",
	)
}

// TestGather_saysWhatIsMissing: a run of which there is little else has a report.
func TestGather_saysWhatIsMissing(t *testing.T) {
	t.Parallel()

	s := &source{objects: awstest.NewS3(t, "lake")}
	if _, err := report.Gather(t.Context(), s, report.Options{}); err == nil || !strings.Contains(err.Error(), "nightstar run") {
		t.Errorf("Gather() of an empty lake = %v, want what to do", err)
	}
	s.put(t, loaded("run-1", 0), "")
	if _, err := report.Gather(t.Context(), s, report.Options{RunID: "run-2"}); err == nil || !strings.Contains(err.Error(), `"run-2"`) {
		t.Errorf("Gather() of another run = %v, want its name", err)
	}
	expect(t, s.page(t), "Not in this report", "no history is kept", "left no model file", "What was set aside is no longer in the lake",
		"This is the first run that was published", "one a night is assumed")

	s.objects.Put("lake", lakedoc.ModelKey("run-1"), []byte("nightstar: 1\nmodel: [\n"))
	expect(t, s.page(t), "The model file of the run cannot be read")

	s.objects.Put("lake", "runs/run-2/plan.json", []byte("[]"))
	expect(t, s.page(t), "This run has no record yet")
	s.objects.Put("lake", "runs/run-2/run.json", []byte("{"))
	expect(t, s.page(t), "the run ended as RecordDamaged")
}

func TestGather_ofAChangedModel(t *testing.T) {
	t.Parallel()

	s := store(t)
	if strings.Contains(s.page(t), "The model file has changed") {
		t.Error("the model has not changed")
	}
	s.objects.Put("lake", lakedoc.ModelKey("run-4"), []byte("model: other\n"))
	expect(t, s.page(t), "The model file has changed: compare runs/run-4/model.yaml with runs/run-6/model.yaml.")
}

// TestGather_ofAProofThatDoesNotHold: the page does not follow a run that says it
// is right.
func TestGather_ofAProofThatDoesNotHold(t *testing.T) {
	t.Parallel()

	s := store(t)
	s.answers[".proof"].Rows[1][2] = "601"
	expect(t, s.page(t), "✗ Do not trust it", "1 of 6 proofs do not hold", "dwh.order 600 601 ✗ no")
}

// TestGather_ofAnotherRunsStar: what the star shows is no answer about this run.
func TestGather_ofAnotherRunsStar(t *testing.T) {
	t.Parallel()

	s := store(t)
	s.answers[".content"] = report.Answer{Rows: [][]any{{"run-7"}}}
	page := s.page(t)
	expect(t, page, "The star shows another run by now")
	if strings.Contains(page, "Sales growth") {
		t.Error("it has answers all the same")
	}
}

// TestGather_ofAnotherModel: measures by month and by the members of dimensions.
func TestGather_ofAnotherModel(t *testing.T) {
	t.Parallel()

	s := large(t)
	expect(t, s.page(t), "ticket: sum of effort by month of created", "ticket: facts by", "Facts on an unknown date are in the table only.",
		"The page leaves", "rows out.")
	for _, query := range s.queries {
		if strings.Contains(query, " dwh.") || strings.Contains(query, " etl.") {
			t.Errorf("the model has a prefix, and the question is\n%s", query)
		}
	}
}

// TestWrite_ofMuchAndOfHarm: thousands of rows stay a page that a phone opens, and
// text stays text.
func TestWrite_ofMuchAndOfHarm(t *testing.T) {
	t.Parallel()

	page := large(t).page(t)
	if len(page) > 16<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
	for _, harm := range []string{"<script", "\x00", "NaN\"", "Inf"} {
		if strings.Contains(page, harm) {
			t.Errorf("the page has %q", harm)
		}
	}
	expect(t, page, `<script>alert("x")</script>'"&`)
	if n := strings.Count(page, `class="span `); n > 4000 {
		t.Errorf("the timeline draws %d stretches of 4,000 polls", n)
	}
}

// FuzzGather checks that no record, no line that was set aside and no model makes
// a report panic.
func FuzzGather(f *testing.F) {
	f.Add([]byte(`{"runId":"r","startedAt":"2026-11-21T02:00:00Z","result":"Loaded","rowsLoaded":1,"rows":{"a":1},"setAside":{"a":{"b":1}},"counts":{"dwh.a":"-1"}}`),
		[]byte(`{"reason":"wrong_type","type":"a","object":"//","line":-1}`), []byte("nightstar: 1\n"))
	f.Add([]byte(`{"runId":"r","result":"X","export":{"bytes":-5,"files":-1},"tables":[{}],"seconds":-1}`), []byte("\xff\n{}"), []byte(nil))
	objects := awstest.NewS3(f, "lake")
	f.Fuzz(func(t *testing.T, record, line, model []byte) {
		objects.Put("lake", "runs/r/run.json", record)
		objects.Put("lake", "runs/r/model.yaml", model)
		objects.Put("lake", "setaside/run=r/00001.jsonl", line)
		r, err := report.Gather(t.Context(), &source{objects: objects, events: history("ExecutionSucceeded", straight...)}, report.Options{RPU: 8})
		if err != nil {
			t.Fatal(err) // a lake with a run has a report
		}
		var page bytes.Buffer
		if err := r.Write(io.MultiWriter(&page)); err != nil || !bytes.HasSuffix(page.Bytes(), []byte("</html>\n")) {
			t.Fatalf("the page is not whole: %v", err)
		}
	})
}

// increment is a run that loaded changes, after a full one.
func increment(t testing.TB) *source {
	s := &source{objects: awstest.NewS3(t, "lake"), events: history("ExecutionSucceeded", straight...)}
	s.put(t, loaded("run-0", 0), "store")
	run := loaded("run-1", 1)
	*run.Items, run.Mode, run.Deletes = 43, lakedoc.Incremental, 5
	run.Rows = map[string]int64{"customer": 3, "order": 10, "product": 20}
	run.SetAside, run.Wrong, run.Unknown = lakedoc.SetAside{"product": {lakedoc.WrongType: 5}}, nil, nil
	run.Tables = []lakedoc.TableLoad{{Table: "product", Files: 1, Rows: 31, Deletes: 11, Bytes: 900, Sums: map[string]scalar.Sum{"price": scalar.SumOf(4200)}}}
	run.Counts = map[string]scalar.Sum{
		"changes.product": scalar.SumOf(31), "changes.product puts": scalar.SumOf(20), "changes.product deletes": scalar.SumOf(11), "changes.product sum of price": scalar.SumOf(4200),
		"mirror.product": scalar.SumOf(612), "mirror.product rows that came": scalar.SumOf(20), "mirror.product rows that went": scalar.SumOf(8), "mirror.product sum of price": scalar.SumOf(-143305),
		"staging.order": scalar.SumOf(21), "dwh.order": scalar.SumOf(612), "dwh.order sum of price": scalar.SumOf(-143305),
	}
	s.put(t, run, "store")
	return s
}

// TestReport_increment shows puts, deletes, the mirror before and after, and sums
// since the last run.
func TestReport_increment(t *testing.T) {
	t.Parallel()

	page := increment(t).page(t)
	expect(t, page,
		"33 put + 5 deleted + 5 set aside + 0 skipped by the model = 43. The manifest counts the same.",
		"product 1 0.00 31 20 11 31 ✓ none", // landing
		"product 600 20 8 612",              // mirror
		"order.price 42.00 42.00 -1,433.05 -1,433.05 ✓ none",
		"order.price -1,475.05 -1,433.05 +2.8", // since the last run
		"changes.product 31 31 ✓ yes",
	)
	for _, wrong := range []string{"not loaded", "rows: customer", "not explained"} {
		if strings.Contains(text(page), wrong) {
			t.Errorf("the page says %q", wrong)
		}
	}
}
