package lakedoc_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

func TestCounts(t *testing.T) {
	t.Parallel()

	aside := lakedoc.SetAside{}
	aside.Add("order", lakedoc.WrongType, 2)
	aside.Merge(lakedoc.SetAside{
		"order": {lakedoc.WrongType: 1, lakedoc.MissingAttribute: 1}, lakedoc.NoType: {lakedoc.WrongType: 5},
	})
	if aside.Total() != 9 || aside.Of("order") != 4 || aside.Of("product") != 0 {
		t.Errorf("%v: %d items, %d of order", aside, aside.Total(), aside.Of("order"))
	}
	if diff := cmp.Diff(map[lakedoc.Reason]int64{lakedoc.WrongType: 8, lakedoc.MissingAttribute: 1}, aside.ByReason()); diff != "" {
		t.Errorf("by reason (-want +got):\n%s", diff)
	}
	wrong := lakedoc.Wrong{}
	wrong.Add("order.line", "color", lakedoc.ValueTooLong, 2)
	wrong.Merge(lakedoc.Wrong{"order.line": {"color": {lakedoc.WrongType: 1}, "size": {lakedoc.WrongType: 4}}, "order": {"note": {lakedoc.WrongType: 3}}})
	if wrong.Total() != 10 || wrong.In("order.line") != 7 || wrong.Of("order.line", "color") != 3 || wrong.Of("x", "y") != 0 {
		t.Errorf("%v: %d values, %d in order.line, %d of color", wrong, wrong.Total(), wrong.In("order.line"), wrong.Of("order.line", "color"))
	}
}

// TestKeys holds the keys that grants, lifecycles and Glue tables depend on.
func TestKeys(t *testing.T) {
	t.Parallel()

	want := []string{
		"items/type=order.line/run=r1/00007.parquet", "unknown/type=order/run=r1/00007.parquet", "wrong/type=order/run=r1/00007.jsonl",
		"setaside/run=r1/00007.jsonl", "runs/r1/plan.json", "runs/r1/files/00007.json", "runs/r1/night.json", "runs/r1/copy/order.manifest",
		"runs/r1/run.json", "runs/lock.json", "runs/current.json", "runs/archiving-raw.json",
	}
	got := []string{
		lakedoc.ItemsKey("order.line", "r1", 7), lakedoc.UnknownKey("order", "r1", 7), lakedoc.WrongKey("order", "r1", 7),
		lakedoc.SetAsideKey("r1", 7), lakedoc.PlanKey("r1"), lakedoc.ResultKey("r1", 7), lakedoc.NightKey("r1"), lakedoc.ManifestKey("r1", "order"),
		lakedoc.RecordKey("r1"), lakedoc.LockKey, lakedoc.CurrentKey, lakedoc.ArchivingKey("raw"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestNight_json(t *testing.T) {
	t.Parallel()

	const text = `{"items":3,"rows":{"order":1},"setAside":{"order":{"wrong_type":1}},"skipped":{"log":1},` +
		`"wrong":{"order":{"note":{"value_too_long":1}}},"unknown":[],"refusal":"","shrunk":"","notes":[],` +
		`"tables":[{"table":"order","manifest":"s3://lake/m","files":1,"rows":1,"bytes":7,"sums":{"price":"9999999999999999990"}}],` +
		`"exportTime":"2026-11-21T01:54:30.000Z","tableArn":"arn:aws:dynamodb:eu-central-1:111122223333:table/store","deletes":0}`
	var night lakedoc.Night
	if err := json.Unmarshal([]byte(text), &night); err != nil {
		t.Fatal(err)
	}
	if back, err := json.Marshal(night); err != nil || string(back) != text {
		t.Errorf("it is written as %s, %v, want %s", back, err, text)
	}
}
