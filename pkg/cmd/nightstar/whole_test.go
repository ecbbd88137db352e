package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// TestWhole spells two runs, one that counted everything and one that began, with
// the same fields, and loses nothing.
func TestWhole(t *testing.T) {
	t.Parallel()

	n := int64(7)
	full := record.Run{
		RunID: "run-1", StartedAt: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC), Items: &n, RowsLoaded: &n, Rows: map[string]int64{"b": 1, "a": 2},
		SetAside: lakedoc.SetAside{"a": {lakedoc.WrongType: 1}}, Counts: map[string]scalar.Sum{"dwh.a": scalar.SumOf(-3)}, Tables: []lakedoc.TableLoad{{Table: "a", Sums: map[string]scalar.Sum{"price": scalar.SumOf(12)}}},
		Exports: []record.Export{{Files: 2}}, Archived: []record.Archived{{Source: "raw"}}, Notes: []string{`odd: "<&>"`},
	}
	var out bytes.Buffer
	if err := printJSON(&out, whole{[]record.Run{full, {RunID: "run-2"}}}); err != nil {
		t.Fatal(err)
	}
	var back []record.Run
	var fields []map[string]json.RawMessage
	for _, to := range []any{&back, &fields} {
		if err := json.Unmarshal(out.Bytes(), to); err != nil {
			t.Fatalf("%v in %s", err, out.String())
		}
	}
	if a, b := slices.Sorted(maps.Keys(fields[0])), slices.Sorted(maps.Keys(fields[1])); !slices.Equal(a, b) || len(a) < 25 {
		t.Errorf("the runs have the fields %v and %v", a, b)
	}
	for name, value := range fields[1] {
		if string(value) == "null" && name != "items" && name != "rowsLoaded" {
			t.Errorf("%s is null", name)
		}
	}
	text := func(run record.Run) string { b, _ := json.Marshal(run); return string(b) }
	if diff := cmp.Diff(text(full), text(back[0])); diff != "" {
		t.Errorf("the run has changed (-spelt +read):\n%s", diff)
	}
	if empty := strings.TrimSpace(func() string { var b bytes.Buffer; _ = printJSON(&b, whole{[]record.Run(nil)}); return b.String() }()); empty != "[]" {
		t.Errorf("no runs are %s, want []", empty)
	}
}
