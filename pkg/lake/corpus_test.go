package lake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lake/laketest"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// TestPartition_hostileLines splits the corpus as one file in each of the
// shapes that a file can have, and finds every line again: as a row with these
// values, or set aside for this reason.
func TestPartition_hostileLines(t *testing.T) {
	t.Parallel()

	corpus := laketest.Lines()
	texts := make([]string, len(corpus))
	for i, line := range corpus {
		texts[i] = line.Text
	}
	var members []byte
	for _, text := range texts {
		members = append(members, zip(t, text+"\n")...)
	}
	shapes := map[string]struct {
		body []byte
		line func(int) int // number of a line of the corpus
	}{
		"lines that end in LF":           {zip(t, strings.Join(texts, "\n")+"\n"), func(i int) int { return i + 1 }},
		"no line end after the last":     {zip(t, strings.Join(texts, "\n")), func(i int) int { return i + 1 }},
		"lines that end in CR LF":        {zip(t, strings.Join(texts, "\r\n")+"\r\n"), func(i int) int { return i + 1 }},
		"lines of blanks between them":   {zip(t, strings.Join(texts, "\n \t\r\n")), func(i int) int { return 2*i + 1 }},
		"a gzip member for each line":    {members, func(i int) int { return i + 1 }},
		"empty gzip members around them": {slices.Concat(zip(t, ""), zip(t, strings.Join(texts, "\n")), zip(t, ""), zip(t, "\n")), func(i int) int { return i + 1 }},
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			got, err := e.partition.Partition(t.Context(), e.put(shape.body, int64(len(corpus))))
			if err != nil || got.Problem != "" || got.Items != int64(len(corpus)) {
				t.Fatalf("Partition() = %+v, %v", got, err)
			}
			aside, wrong := e.setAside(t), e.wrong(t)
			rows, unknown := map[string][]map[string]any{}, map[string]string{}
			for _, item := range store(t).Items {
				rows[item.Name] = e.rows(t, "items/type="+item.Name+"/run=r1/00001.parquet")
			}
			for _, row := range e.rows(t, "unknown/type=customer/run=r1/00001.parquet") {
				unknown[fmt.Sprint(row["pk"])] = fmt.Sprint(row["attributes"])
			}
			for i, line := range corpus {
				if line.Reason != "" {
					compareAside(t, line, aside[shape.line(i)])
					delete(aside, shape.line(i))
					continue
				}
				compareRow(t, line, rows[line.Type])
				if diff := cmp.Diff(line.Wrong, wrong[shape.line(i)]); diff != "" {
					t.Errorf("%s: wrong values (-want +got):\n%s", line.Name, diff)
				}
				delete(wrong, shape.line(i))
				if got := unknown["CUST#"+line.Values["username"]]; got != line.Unknown {
					t.Errorf("%s: kept %.200q, want %.200q", line.Name, got, line.Unknown)
				}
			}
			if len(aside)+len(wrong) > 0 {
				t.Errorf("set aside, and should not have been: %v; wrong: %v", aside, wrong)
			}
		})
	}
}

// kept is a line of the objects below setaside/.
type kept struct {
	Reason string
	Field  string
	Line   int
	Item   json.RawMessage
	Text   *string
	Base64 []byte
}

// setAside reads what was set aside of file 1, by line number.
func (e export) setAside(t *testing.T) map[int]kept {
	t.Helper()
	object, _ := e.s3.Object("lake", "setaside/run=r1/00001.jsonl")
	lines := map[int]kept{}
	for text := range bytes.Lines(object.Body) {
		var k kept
		if err := json.Unmarshal(text, &k); err != nil {
			t.Fatalf("decode %q: %v", text, err)
		}
		lines[k.Line] = k
	}
	return lines
}

// wrong reads the wrong values of file 1, by line number: why each column has none.
func (e export) wrong(t *testing.T) map[int]map[string]string {
	t.Helper()
	values := map[int]map[string]string{}
	for _, key := range e.s3.Keys("lake") {
		if !strings.HasPrefix(key, "wrong/") {
			continue
		}
		object, _ := e.s3.Object("lake", key)
		for text := range bytes.Lines(object.Body) {
			var v struct {
				Line           int
				Column, Reason string
			}
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatalf("decode %q: %v", text, err)
			}
			if values[v.Line] == nil {
				values[v.Line] = map[string]string{}
			}
			values[v.Line][v.Column] = v.Reason
		}
	}
	return values
}

func compareAside(t *testing.T, want laketest.Line, got kept) {
	t.Helper()
	if got.Reason != want.Reason || got.Field != want.Field && want.Field != "*" {
		t.Errorf("%s: set aside for %q in %q, want %q in %q", want.Name, got.Reason, got.Field, want.Reason, want.Field)
		return
	}
	whole := string(got.Base64)
	switch {
	case got.Item != nil:
		whole = `{"Item":` + string(got.Item) + `}`
	case got.Text != nil:
		whole = *got.Text
	}
	if whole != want.Text {
		t.Errorf("%s: kept %q, want %q", want.Name, whole, want.Text)
	}
}

// compareRow finds the row of a line by the column that identifies it.
func compareRow(t *testing.T, want laketest.Line, rows []map[string]any) {
	t.Helper()
	item, _ := store(t).Item(want.Type)
	key := map[string]string{"customer": "username", "order": "orderid", "product": "productid"}[want.Type]
	var found []map[string]any
	for _, row := range rows {
		if row[key] == want.Values[key] {
			found = append(found, row)
		}
	}
	if len(found) != 1 {
		t.Errorf("%s: %d rows have %s %q", want.Name, len(found), key, want.Values[key])
		return
	}
	got := map[string]string{}
	for _, c := range item.Columns {
		if _, wanted := want.Values[c.Name]; wanted {
			got[c.Name] = valueText(c, found[0][c.Name])
		}
		if slices.Contains(want.Nulls, c.Name) && found[0][c.Name] != nil {
			t.Errorf("%s: %s is %v, want no value", want.Name, c.Name, found[0][c.Name])
		}
	}
	if diff := cmp.Diff(want.Values, got); diff != "" {
		t.Errorf("%s: row (-want +got):\n%s", want.Name, diff)
	}
}

// valueText writes a value as parquet-go reads it: decimals with more bits than
// they need.
func valueText(c model.Column, value any) string {
	if decimal, ok := value.(*big.Float); ok {
		return decimal.Text('f', c.Type.Scale)
	}
	return fmt.Sprint(value)
}

// TestSplitter_countsTheCorpus checks what the file as a whole reports.
func TestSplitter_countsTheCorpus(t *testing.T) {
	t.Parallel()

	e := setup(t)
	corpus := laketest.Lines()
	var text strings.Builder
	want := map[lakedoc.Reason]int64{}
	for _, line := range corpus {
		text.WriteString(line.Text + "\n")
		if line.Reason != "" {
			want[lakedoc.Reason(line.Reason)]++
		}
	}
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, text.String()), int64(len(corpus))))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.SetAside.ByReason()); diff != "" {
		t.Errorf("set aside (-want +got):\n%s", diff)
	}
	last := got.Unknown[len(got.Unknown)-1]
	if len(got.Unknown) != 101 || last.Attribute != lakedoc.Further || last.Items < 9_900 {
		t.Errorf("%d unknown attributes are listed, the last is %+v; want 100, and one that counts the rest", len(got.Unknown), last)
	}
}
