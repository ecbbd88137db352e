package infer_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// TestInfer_questions applies the edit of each question, and finds a valid model in
// which the answer is another one.
func TestInfer_questions(t *testing.T) {
	t.Parallel()

	var items []string
	add := func(format string, args ...any) { items = append(items, fmt.Sprintf(format, args...)) }
	for c := range 60 {
		add(`{"PK":{"S":"CUSTOMER#%d"},"SK":{"S":"PROFILE"},"name":{"S":"C %[1]d"},"seen":{"N":"%d"}}`, 5000+c, 1_700_000_000_000+c*90_000_000)
	}
	for o := range 600 {
		day := fmt.Sprintf("2025-%02d-%02d", 1+o%12, 1+o%28)
		if o == 17 {
			day = "soon"
		}
		agent := fmt.Sprint(5000 + o%60)
		if o%6 == 0 {
			agent = fmt.Sprint(9000 + o/6%9)
		}
		all := fmt.Sprintf(`"orderId":{"S":"o%07d"},"total":{"N":"%d.50"},"due":{"S":%q},"note":{"S":"n %d"},"customer":{"S":%q}`, o, o, day, o, agent)
		add(`{"PK":{"S":"ORDER#o%07d"},"SK":{"S":"ORDER#o%07[1]d"},%s}`, o, all)
		add(`{"PK":{"S":"CUSTOMER#%d"},"SK":{"S":"HISTORY#o%07d"},%s}`, 5000+o%60, o, all)
	}
	result, err := infer.Infer(inspected(t, items...), infer.Options{Name: "desk"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"seems to repeat": false, "are ids of customer": false, "that are not days": false, "times between": false}
	for _, q := range result.Questions {
		if len(q.Edit) == 0 {
			t.Errorf("no edit answers %q", q.Text)
			continue
		}
		for part := range want {
			want[part] = want[part] || strings.Contains(q.Text, part)
		}
		edited := apply(t, string(result.Text), q)
		m, err := model.Read("edited.yaml", []byte(edited))
		if err != nil {
			t.Errorf("the edit of %q gives no model: %v\n%s", q.Text, err, strings.Join(q.Edit, "\n"))
			continue
		}
		if fmt.Sprint(m.Items, m.Dimensions, m.Facts) == fmt.Sprint(result.Model.Items, result.Model.Dimensions, result.Model.Facts) {
			t.Errorf("the edit of %q changes nothing", q.Text)
		}
	}
	for part, asked := range want {
		if !asked {
			t.Errorf("no question says %q:\n%.3000s", part, result.Text)
		}
	}
}

// apply edits a model file as the top of it says. It reads the question there, as a
// person does.
func apply(t *testing.T, text string, q infer.Question) string {
	t.Helper()
	lines := strings.Split(text, "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "#  ") && strings.HasSuffix(line, ". "+q.Text) })
	if at < 0 {
		t.Fatalf("the file does not ask %q", q.Text)
	}
	type edit struct {
		from, to int
		lines    []string
	}
	var edits []edit
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, line := range lines[at+1:] {
		line, more := strings.CutPrefix(line, "#       ")
		if !more {
			break
		}
		found := regexp.MustCompile(`^(Add after|Remove|Replace) lines? (\d+)(?: to (\d+))?`).FindStringSubmatch(line)
		switch {
		case found == nil:
			added, ok := strings.CutPrefix(line, "  |")
			if !ok || len(edits) == 0 {
				t.Fatalf("%q is no edit", line)
			}
			edits[len(edits)-1].lines = append(edits[len(edits)-1].lines, added)
		case found[1] == "Add after":
			edits = append(edits, edit{from: number(found[2]), to: number(found[2])})
		case found[3] == "":
			edits = append(edits, edit{from: number(found[2]) - 1, to: number(found[2])})
		default:
			edits = append(edits, edit{from: number(found[2]) - 1, to: number(found[3])})
		}
	}
	for _, e := range slices.Backward(edits) {
		lines = slices.Replace(lines, e.from, e.to, e.lines...)
	}
	return strings.Join(lines, "\n")
}
