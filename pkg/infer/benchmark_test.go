package infer_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/infer/infertest"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

var (
	items = flag.Int("items", 300, "items of each design of the benchmark")
	seed  = flag.Uint64("seed", 1, "seed of the benchmark")
	only  = flag.String("design", "", "part of the name of the designs to measure")
	show  = flag.Bool("show", false, "print the models")
)

func unzip(body []byte) (string, error) {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

// figures are what is measured of one or several designs.
type figures struct {
	designs        int
	f1             float64 // of pairs of items of one type, summed over designs
	found, wrong   int     // references
	missed         int
	right, decided int // facts and dimensions
	notLoaded      int64
	wrongValues    int64
	misses         []string
	reading        time.Duration // of the export
	deciding       time.Duration
}

func (f *figures) add(o figures) {
	f.designs += o.designs
	f.f1 += o.f1
	f.found, f.wrong, f.missed = f.found+o.found, f.wrong+o.wrong, f.missed+o.missed
	f.right, f.decided = f.right+o.right, f.decided+o.decided
	f.notLoaded, f.wrongValues = f.notLoaded+o.notLoaded, f.wrongValues+o.wrongValues
	f.misses = append(f.misses, o.misses...)
	f.reading, f.deciding = f.reading+o.reading, f.deciding+o.deciding
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func (f figures) String() string {
	return fmt.Sprintf("types F1 %.4f, references precision %.3f recall %.3f, roles %.3f, %d not loaded, %d wrong values",
		f.f1/float64(f.designs), ratio(f.found, f.found+f.wrong), ratio(f.found, f.found+f.missed), ratio(f.right, f.decided), f.notLoaded, f.wrongValues)
}

// TestBenchmark measures how much of designs with known truth is found, and holds
// the targets. With -v it prints the figures by convention, and what was missed.
func TestBenchmark(t *testing.T) {
	var all figures
	by := map[string]*figures{}
	var order []string
	for d := range infertest.Designs(*items, *seed, func(name string) bool { return strings.Contains(name, *only) }) {
		f := measure(t, d)
		if by[d.Convention] == nil && d.Convention != "" {
			by[d.Convention] = &figures{}
			order = append(order, d.Convention)
		}
		if d.Convention == "" {
			by[d.Name], order = &figures{}, append(order, d.Name)
			by[d.Name].add(f)
		} else {
			by[d.Convention].add(f)
		}
		all.add(f)
	}
	for _, name := range order {
		t.Logf("%-45s %v", name, by[name])
	}
	t.Logf("%-45s %v", "all", all)
	t.Logf("%d designs read in %.1f s, models decided in %.1f s", all.designs, all.reading.Seconds(), all.deciding.Seconds())
	for _, miss := range all.misses {
		t.Log(miss)
	}
	if *only != "" {
		return
	}
	if got := all.f1 / float64(all.designs); got < 0.99 {
		t.Errorf("types: F1 %.4f, want 0.99", got)
	}
	if p, r := ratio(all.found, all.found+all.wrong), ratio(all.found, all.found+all.missed); p < 0.95 || r < 0.95 {
		t.Errorf("references: precision %.3f and recall %.3f, want 0.95", p, r)
	}
	if got := ratio(all.right, all.decided); got < 0.9 {
		t.Errorf("facts and dimensions: %.3f are right, want 0.9", got)
	}
	if all.notLoaded > 0 || all.wrongValues > 0 {
		t.Errorf("%d items are not loaded, and %d values are wrong", all.notLoaded, all.wrongValues)
	}
}

// measure infers a model of a design, and compares it with the truth.
func measure(t *testing.T, d infertest.Design) figures {
	t.Helper()
	lines := make([]string, len(d.Items))
	for i, item := range d.Items {
		lines[i] = item.JSON
	}
	folder := inspecttest.Export(t, 3, lines...)
	began := time.Now()
	report, err := inspecttest.Read(t, folder, inspect.Options{})
	if err != nil {
		t.Fatalf("%s: %v", d.Name, err)
	}
	read := time.Now()
	result, err := infer.Infer(report, infer.Options{})
	if err != nil {
		t.Fatalf("%s: %v", d.Name, err)
	}
	decided := time.Now()
	if *show {
		t.Logf("%s\n%s", d.Name, result.Text)
	}
	f := figures{designs: 1, reading: read.Sub(began), deciding: decided.Sub(read)}
	loaded := load(t, result.Model, folder)
	f.notLoaded, f.wrongValues = loaded.SetAside.Total(), loaded.Wrong.Total()
	if f.notLoaded > 0 || loaded.Refusal != "" {
		f.misses = append(f.misses, fmt.Sprintf("%s: set aside %v %s", d.Name, loaded.SetAside, loaded.Refusal))
	}
	if f.wrongValues > 0 {
		f.misses = append(f.misses, fmt.Sprintf("%s: wrong %v", d.Name, loaded.Wrong))
	}
	table := map[[2]string]int{}
	for _, item := range d.Items {
		table[[2]string{item.Type, assign(result.Model, item.JSON)}]++
	}
	f.f1 = pairs(table)
	if f.f1 < 0.9999 {
		f.misses = append(f.misses, fmt.Sprintf("%s: types F1 %.4f: %v", d.Name, f.f1, table))
	}
	f.references(d, result, table)
	f.roles(d, result, table)
	return f
}

// pairs is F1 over all pairs of items: of one type in truth, and of one type in
// the model.
func pairs(table map[[2]string]int) float64 {
	choose := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	truth, model := map[string]int{}, map[string]int{}
	var both float64
	for cell, n := range table {
		both += choose(n)
		truth[cell[0]] += n
		model[cell[1]] += n
	}
	var inTruth, inModel float64
	for _, n := range truth {
		inTruth += choose(n)
	}
	for _, n := range model {
		inModel += choose(n)
	}
	if inTruth+inModel == 0 {
		return 1
	}
	return 2 * both / (inTruth + inModel)
}

// assign says of which type an item is, as a night does.
func assign(m model.Model, text string) string {
	var item map[string]map[string]any
	if err := json.Unmarshal([]byte(text), &item); err != nil {
		panic(err)
	}
	value := func(name string) string {
		for _, v := range item[name] {
			return fmt.Sprint(v)
		}
		return ""
	}
	named := ""
	for _, from := range m.TypeFrom {
		if named = value(from); named != "" {
			break
		}
	}
	for _, i := range m.Items {
		if named != "" && !slices.Contains(i.Values, named) {
			continue
		}
		ok, seen := true, map[string]string{}
		for _, k := range i.Keys {
			if !k.TableKey {
				continue
			}
			captures, matches := k.Template.Match([]byte(value(k.Attribute)), nil)
			ok = ok && matches
			for n, c := range captures {
				name := k.Template.Names()[n]
				if was, twice := seen[name]; twice && was != string(c) {
					ok = false
				}
				seen[name] = string(c)
			}
		}
		if ok {
			return i.Name
		}
	}
	return "?"
}

// truth maps the types of the model to those that most of their items are of.
func truth(table map[[2]string]int) map[string]string {
	of, most := map[string]string{}, map[string]int{}
	for cell, n := range table {
		if n > most[cell[1]] || n == most[cell[1]] && cell[0] < of[cell[1]] {
			of[cell[1]], most[cell[1]] = cell[0], n
		}
	}
	return of
}

func (f *figures) references(d infertest.Design, result *infer.Result, table map[[2]string]int) {
	of := truth(table)
	got := map[infertest.Reference]string{}
	for _, t := range result.Types {
		for _, r := range t.References {
			if of[t.Name] != of[r.To] {
				got[infertest.Reference{From: of[t.Name], To: of[r.To]}] = r.Via
			}
		}
	}
	for _, want := range d.References {
		if _, ok := got[want]; ok {
			f.found++
			delete(got, want)
			continue
		}
		f.missed++
		f.misses = append(f.misses, fmt.Sprintf("%s: %s does not refer to %s", d.Name, want.From, want.To))
	}
	for r, via := range got {
		if d.Roles[r.From] == "copy" || d.Roles[r.From] == "" {
			continue // what a copy or a satellite refers to is not measured
		}
		f.wrong++
		f.misses = append(f.misses, fmt.Sprintf("%s: %s refers to %s, by %s", d.Name, r.From, r.To, via))
	}
}

func (f *figures) roles(d infertest.Design, result *infer.Result, table map[[2]string]int) {
	of := truth(table)
	for name, want := range d.Roles {
		f.decided++
		var got []string
		for _, t := range result.Types {
			if of[t.Name] == name {
				got = append(got, t.Role)
			}
		}
		if len(got) > 0 && !slices.ContainsFunc(got, func(r string) bool { return r != string(want) }) {
			f.right++
			continue
		}
		f.misses = append(f.misses, fmt.Sprintf("%s: %s is %v, want %s", d.Name, name, got, want))
	}
}
