package inspect_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
)

// patterns lists the groups with their items.
func patterns(r *inspect.Report) map[string]int64 {
	found := map[string]int64{}
	for _, g := range r.Groups {
		found[g.Pattern()] += g.Items
	}
	return found
}

func read(t *testing.T, dir string, o inspect.Options) *inspect.Report {
	t.Helper()
	r, err := inspecttest.Read(t, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// desk is a table with users, whose names are letters, and their tickets.
func desk(users, tickets int) []string {
	var items []string
	random := rand.New(rand.NewPCG(1, 2))
	name := func(i int) string {
		return strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprintf("%05d", i*7919%100000))
	}
	for i := range users {
		items = append(items, fmt.Sprintf(`{"PK":{"S":"USER#%[1]s"},"SK":{"S":"PROFILE"},"name":{"S":"%[1]s"},"age":{"N":"%[2]d"},"address":{"M":{"city":{"S":"Oslo"}}}}`, name(i), 20+i%50))
	}
	for i := range tickets {
		items = append(items, fmt.Sprintf(`{"PK":{"S":"USER#%s"},"SK":{"S":"TICKET#%d"},"number":{"N":"%[2]d"},"opened":{"S":"2024-05-03T10:11:12.%03[3]dZ"},"state":{"S":"%[4]s"},"effort":{"N":"%[3]d.25"}}`,
			name(i%users), i, random.IntN(1000), []string{"open", "closed"}[i%2]))
	}
	return items
}

// TestExport finds the groups however the items are spread over files.
func TestExport(t *testing.T) {
	t.Parallel()

	items := desk(500, 3000)
	for _, files := range []int{1, 2, 7} {
		rand.New(rand.NewPCG(uint64(files), 0)).Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		r := read(t, inspecttest.Export(t, files, items...), inspect.Options{})
		if r.Items != 3500 || r.Bad != 0 || r.Table != "desk" || r.Keys[0].Name != "PK" || r.Keys[1].Name != "SK" || r.Keys[0].Type() != "S" {
			t.Fatalf("report = %+v", r)
		}
		want := map[string]int64{"USER#{} / PROFILE": 500, "USER#{} / TICKET#{}": 3000}
		if diff := cmp.Diff(want, patterns(r)); diff != "" {
			t.Fatalf("%d files: groups (-want +got):\n%s", files, diff)
		}
		ticket := r.Groups[0]
		number := ticket.Root.Members["number"]
		if number.Says[2*3] != 3000 || number.Kinds[ddbjson.Number] != 3000 || number.Max != 2999 || number.Digits != 4 {
			t.Errorf("number = %+v", number)
		}
		if n := number.Sketch.Distinct(); n < 2700 || n > 3300 {
			t.Errorf("about %d numbers, want 3000", n)
		}
		opened, state := ticket.Root.Members["opened"], ticket.Root.Members["state"]
		if opened.Share(inspect.Timestamp) != 1 || opened.Longest != 24 || opened.Shortest != 24 {
			t.Errorf("opened = %+v", opened)
		}
		if diff := cmp.Diff(map[string]int64{"open": 1500, "closed": 1500}, state.Enum); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
		if !ticket.Segments[1][1].Unique() || ticket.Segments[0][1].Unique() {
			t.Error("TICKET#{} identifies tickets, and USER#{} does not")
		}
		user := r.Groups[1]
		share, of := ticket.Segments[0][1].Sketch.Within(&user.Segments[0][1].Sketch)
		if share != 1 || of < 100 {
			t.Errorf("%v of %d users of tickets are users", share, of)
		}
		if city := user.Root.Members["address"].Members["city"]; city.Count != 500 || city.Enum["Oslo"] != 500 {
			t.Errorf("city = %+v", city)
		}
		if user.Root.Members["name"].Says[2] != 500 {
			t.Errorf("name = %+v", user.Root.Members["name"])
		}
	}
}

// TestExport_dependence finds that the product of a line decides its name.
func TestExport_dependence(t *testing.T) {
	t.Parallel()

	var items []string
	for i := range 2000 {
		items = append(items, fmt.Sprintf(`{"PK":{"S":"ORD#%d"},"SK":{"S":"PROD#%d"},"title":{"S":"P%[2]d"},"price":{"N":"%[3]d"}}`, i/4, i%4+i/4%20, i))
	}
	g := read(t, inspecttest.Export(t, 2, items...), inspect.Options{}).Groups[0]
	if ok, on := g.Segments[1][1].Depends("title"); !ok || on < 10 {
		t.Errorf("title depends on the product: %v, %d", ok, on)
	}
	if ok, _ := g.Segments[1][1].Depends("price"); ok {
		t.Error("price depends on the product")
	}
}

func TestExport_keys(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		items []string
		want  []string
	}{
		"usual names":       {[]string{`{"a":{"S":"1"},"pk":{"S":"x"},"sk":{"S":"y"}}`}, []string{"pk", "sk"}},
		"an id":             {[]string{`{"id":{"S":"1"},"b":{"S":"x"}}`, `{"id":{"S":"2"},"b":{"S":"x"}}`}, []string{"id"}},
		"a pair":            {[]string{`{"Dev":{"S":"1"},"State#Date":{"S":"A#1"},"c":{"S":"x"}}`, `{"Dev":{"S":"1"},"State#Date":{"S":"A#2"},"c":{"S":"y"}}`}, []string{"Dev", "State#Date"}},
		"number and binary": {[]string{`{"pk":{"N":"1"},"sk":{"B":"AAE="},"c":{"S":"x"}}`}, []string{"pk", "sk"}},
		"not in every item": {[]string{`{"pk":{"S":"1"},"sk":{"S":"2"},"name":{"S":"x"}}`, `{"pk":{"S":"1"},"name":{"S":"y"}}`}, []string{"name"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, k := range read(t, inspecttest.Export(t, 1, tt.items...), inspect.Options{}).Keys {
				got = append(got, k.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
	r := read(t, inspecttest.Export(t, 1, `{"a":{"S":"1"},"b":{"S":"2"}}`), inspect.Options{Keys: []string{"b", "a"}})
	if r.Keys[0].Name != "b" || r.Keys[1].Name != "a" {
		t.Errorf("keys = %+v", r.Keys)
	}
}

// TestExport_bounded reads more words, types and attributes than are told apart.
func TestExport_bounded(t *testing.T) {
	t.Parallel()

	word := func(i int) string {
		return strings.Map(func(r rune) rune { return r - '0' + 'A' }, fmt.Sprintf("%06d", i*104729%1000000))
	}
	var items []string
	for i := range 20_000 {
		items = append(items, fmt.Sprintf(`{"PK":{"S":"%s#%s"},"SK":{"S":"%s-%s/%s"},"type":{"S":"%s"},"a%d":{"S":"x"},"m":{"M":{"k%[7]d":{"N":"1"}}}}`,
			word(i), word(i+1), word(i/3), word(i/7), word(i%100), word(i%90), i))
	}
	r := read(t, inspecttest.Export(t, 3, items...), inspect.Options{})
	attributes := 0
	var sum int64
	for _, g := range r.Groups {
		attributes += len(g.Root.Members)
		sum += g.Items
	}
	if len(r.Groups) > 3000 || attributes > 3*60_000 || sum != 20_000 {
		t.Errorf("%d groups with %d attributes and %d items", len(r.Groups), attributes, sum)
	}
}

func TestExport_refuses(t *testing.T) {
	t.Parallel()

	empty := t.TempDir()
	notGzip := inspecttest.Export(t, 1, `{"id":{"S":"1"}}`)
	if err := os.WriteFile(filepath.Join(notGzip, "data", "file00.json.gz"), []byte("oops"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := inspecttest.Export(t, 1, `{"id":{"S":"1"}}`)
	if err := os.Remove(filepath.Join(gone, "data", "file00.json.gz")); err != nil {
		t.Fatal(err)
	}
	incremental := inspecttest.Export(t, 1, `{"id":{"S":"1"}}`)
	if err := os.WriteFile(filepath.Join(incremental, "manifest-summary.json"), []byte(`{"exportType":"INCREMENTAL_EXPORT"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ dir, want string }{
		"no such folder":        {filepath.Join(empty, "x"), "no such file"},
		"nothing in it":         {empty, "no file ends in .json.gz"},
		"no items":              {inspecttest.Export(t, 2), "holds no items"},
		"not DynamoDB JSON":     {inspecttest.Export(t, 1, "id,name", "1,x"), "not items in DynamoDB JSON, such as"},
		"not gzip":              {notGzip, "not a gzip file"},
		"a missing file":        {gone, "data file"},
		"an incremental export": {incremental, "INCREMENTAL_EXPORT"},
		"no common attribute":   {inspecttest.Export(t, 1, `{"a":{"S":"1"}}`, `{"b":{"S":"1"}}`), "--keys"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := inspecttest.Read(t, tt.dir, inspect.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error = %v, want one line with %q", err, tt.want)
			}
		})
	}
}

// TestExport_badLines counts lines that are no items like the others, and goes on.
func TestExport_badLines(t *testing.T) {
	t.Parallel()

	items := append(desk(10, 3500), "oops", `{"PK":{"N":"1"},"SK":{"S":"x"}}`, `{"SK":{"S":"x"}}`)
	r := read(t, inspecttest.Export(t, 1, items...), inspect.Options{})
	if r.Items != 3510 || r.Bad != 3 || !strings.Contains(r.BadReason, "line 3511") {
		t.Errorf("%d items, %d bad lines: %s", r.Items, r.Bad, r.BadReason)
	}
	r = read(t, inspecttest.Export(t, 2, items...), inspect.Options{Sample: 100})
	if r.Items != 100 || !r.Sampled {
		t.Errorf("a sample has %d items", r.Items)
	}
}
