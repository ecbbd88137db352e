package infer_test

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
)

var tables = flag.Int("tables", 40, "tables of TestInfer_anything")

// anything makes tables that no person would design.
type anything struct{ *rand.Rand }

func (a anything) pick(all ...string) string { return all[a.IntN(len(all))] }

func (a anything) word() string {
	return a.pick("USER", "user", "ORDER", "meta", "A", "x-y", "a_b", "v1", "v2_", "é", "日本", "{", "}", "a b", "-", "_", "on", "null", "1", "42", "007", "3.5", "2024-01-02",
		"2024-01-02T03:04:05Z", "Mon, 02 Jan 2006 15:04:05 GMT", "true", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "7f3c2a10-1111-4222-8333-123456789abc", "a@b.org", "\"", "\\", "'", "#!",
		strings.Repeat("z", 1+a.IntN(60)), fmt.Sprint(a.IntN(50)), fmt.Sprint("n", a.IntN(1000)), string(rune('a'+a.IntN(26)))+string(rune('a'+a.IntN(26)))+string(rune('a'+a.IntN(26))))
}

func (a anything) key(parts int, unique int) string {
	var b strings.Builder
	for range 1 + a.IntN(parts) {
		b.WriteString(a.word())
		b.WriteString(a.pick("#", "#", ":", "::", "|", "/", "-", "_", "", "$", "~"))
	}
	text := strings.TrimRight(b.String(), " ")
	if unique >= 0 {
		text += fmt.Sprint(unique)
	}
	if text == "" {
		return "k"
	}
	return text
}

func (a anything) value(depth int) string {
	quote := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	n := 13
	if depth > 3 {
		n = 8
	}
	switch a.IntN(n) {
	case 0, 1, 2:
		return `{"S":` + quote(a.word()) + `}`
	case 3, 4:
		return `{"N":"` + a.pick("0", "1", "-5", "3.25", "1E+30", "1E-20", "99999999999999999999999999999999999999", "1700000000", "1700000000000", fmt.Sprint(a.IntN(9))) + `"}`
	case 5:
		return `{"BOOL":` + a.pick("true", "false") + `}`
	case 6:
		return `{"NULL":true}`
	case 7:
		return `{"B":"` + base64.StdEncoding.EncodeToString([]byte(a.word())) + `"}`
	case 8:
		return `{"SS":["a","b"]}`
	case 9:
		return `{"NS":["1"]}`
	case 10, 11:
		var members []string
		for i := range a.IntN(4) {
			members = append(members, fmt.Sprintf(`%s:%s`, quote(fmt.Sprint(a.pick("k", "a.b", "K", ""), i)), a.value(depth+1)))
		}
		return `{"M":{` + strings.Join(members, ",") + `}}`
	default:
		var elements []string
		for range a.IntN(4) {
			elements = append(elements, a.value(depth+1))
		}
		return `{"L":[` + strings.Join(elements, ",") + `]}`
	}
}

// table makes items, most of which are of a few kinds.
func (a anything) table() []string {
	pk, sk := a.pick("PK", "pk", "id", "Name", "a.b"), a.pick("SK", "sk", "", "State#Date", "type")
	kinds := 1 + a.IntN(6)
	if a.IntN(8) == 0 {
		kinds = 60
	}
	names := []string{"type", "name", "Name", "id", "a.b", "ünï", "deleted", "position", "date", "GSI1PK", "userId", "x\"y", "table", "a", "b", "count", "createdAt", "_et", "pk_", "on"}
	forms, fields := make([][2]string, kinds), make([][]string, kinds)
	for i := range forms {
		forms[i] = [2]string{a.key(3, -1), a.key(3, -1)}
		for range a.IntN(8) {
			fields[i] = append(fields[i], a.pick(names...))
		}
	}
	sorted := sk != ""
	var items []string
	seen := map[string]bool{}
	for i := range 1 + a.IntN(200) {
		kind := a.IntN(kinds)
		keys := [2]string{forms[kind][0], forms[kind][1] + fmt.Sprint(i)}
		if !sorted {
			keys[0] += fmt.Sprint(i)
		}
		if a.IntN(10) == 0 {
			keys = [2]string{a.key(4, -1), a.key(4, i)}
		}
		item := map[string]json.RawMessage{}
		for _, name := range fields[kind] {
			if a.IntN(6) > 0 {
				item[name] = json.RawMessage(a.value(0))
				if a.IntN(3) > 0 { // the same kind of value in most items
					item[name] = json.RawMessage(anything{rand.New(rand.NewPCG(uint64(len(name)), uint64(kind)))}.value(0))
				}
			}
		}
		set := func(name, text string) {
			b, _ := json.Marshal(map[string]string{"S": text})
			item[name] = b
		}
		set(pk, keys[0])
		if sorted {
			set(sk, keys[1])
		}
		text, _ := json.Marshal(item)
		if id := keys[0] + "\x00" + keys[1]; !seen[id] {
			seen[id] = true
			items = append(items, string(text))
		}
	}
	return items
}

// TestInfer_anything infers models of tables that no person would design, and loads
// all of their items with them.
func TestInfer_anything(t *testing.T) {
	t.Parallel()

	var all []int
	for n := range *tables {
		all = append(all, n)
	}
	for _, n := range append(all, 427) { // the rows within its items have no column that holds
		a := anything{rand.New(rand.NewPCG(*seed, uint64(n)))}
		items := a.table()
		folder := inspecttest.Export(t, 1+n%3, items...)
		report, err := inspecttest.Read(t, folder, inspect.Options{})
		if err != nil {
			t.Logf("table %d: %v", n, err)
			continue
		}
		if report.Bad > 0 {
			continue // keys of an odd table may be of two types
		}
		result, err := infer.Infer(report, infer.Options{})
		if err != nil {
			t.Errorf("table %d: %v\n%s", n, err, strings.Join(items[:min(3, len(items))], "\n"))
			continue
		}
		loaded := load(t, result.Model, folder)
		if loaded.SetAside.Total() > 0 || loaded.Wrong.Total() > 0 || loaded.Refusal != "" {
			t.Errorf("table %d: set aside %v, wrong %v %s\n%s", n, loaded.SetAside, loaded.Wrong, loaded.Refusal, result.Text)
		}
	}
}

// TestInfer_sizes infers models of tables that are too small or too large.
func TestInfer_sizes(t *testing.T) {
	t.Parallel()

	word := func(i int) string {
		return strings.Map(func(r rune) rune { return r - '0' + 'A' }, fmt.Sprintf("%05d", i*10007%100_000))
	}
	var types, attributes, wide []string
	for i := range 2000 {
		types = append(types, fmt.Sprintf(`{"PK":{"S":"%s#%d"},"SK":{"S":"META"},"only%[3]d":{"N":"%[2]d"},"also%[3]d":{"S":"x"}}`, word(i%500), 10_000+i, i%500))
	}
	var all strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&all, `,"a%d":{"S":"%d"}`, i, i)
		attributes = append(attributes, fmt.Sprintf(`{"id":{"S":"i%d"},"b%[1]d":{"N":"1"}}`, i))
	}
	wide = append(wide, `{"id":{"S":"1"}`+all.String()+`}`, `{"id":{"S":"2"}`+all.String()+`}`)
	tests := map[string]struct {
		items []string
		types int
	}{
		"one item":                    {[]string{`{"id":{"S":"1"},"n":{"N":"1"}}`}, 1},
		"keys and nothing else":       {[]string{`{"PK":{"S":"1"},"SK":{"S":"A"}}`, `{"PK":{"S":"1"},"SK":{"S":"B"}}`}, 0},
		"500 item types":              {types, 500},
		"10,000 attributes":           {attributes, 1},
		"10,000 attributes of 1 item": {wide, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := inspecttest.Export(t, 2, tt.items...)
			report, err := inspecttest.Read(t, folder, inspect.Options{})
			if err != nil {
				t.Fatal(err)
			}
			result, err := infer.Infer(report, infer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if tt.types > 0 && len(result.Model.Items) != tt.types {
				t.Errorf("%d item types, want %d", len(result.Model.Items), tt.types)
			}
			if loaded := load(t, result.Model, folder); loaded.SetAside.Total() > 0 || loaded.Wrong.Total() > 0 {
				t.Errorf("set aside %v, wrong %v", loaded.SetAside, loaded.Wrong)
			}
		})
	}
}
