package price_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/price"
)

func TestRead(t *testing.T) {
	t.Parallel()

	list := price.Read()
	if list.Region == "" || list.Currency != "USD" || len(list.Prices) < 10 {
		t.Errorf("the list is %+v", list)
	}
	for name, p := range list.Prices {
		if p.USD <= 0 || p.Per == "" || !regexp.MustCompile(`^20\d\d-\d\d$`).MatchString(p.AsOf) || !strings.Contains(p.Source, "https://") {
			t.Errorf("%s has no price, unit, date or source: %+v", name, p)
		}
		if p.Confirmed != strings.HasPrefix(p.Source, "https://") {
			t.Errorf("%s is confirmed: %t, by %q", name, p.Confirmed, p.Source)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReadme_table holds the table of infra/README.md to the list.
func TestReadme_table(t *testing.T) {
	t.Parallel()

	list, readme := price.Read(), read(t, "../../infra/README.md")
	sizes := []price.Size{
		{Gigabytes: 1.5 * 0.355, Files: 8, RPU: 8, Seconds: 180},
		{Gigabytes: 100, Files: 400, RPU: 32, Seconds: 1800},
		{Gigabytes: 1000, Files: 4000, RPU: 128, Seconds: 3600},
	}
	money := func(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }
	whole := func(x float64) string {
		if x < 10 {
			return money(x)
		}
		return grouped(x)
	}
	row := func(name string, spell func(float64) string, value func(price.Size) float64) string {
		cells := []string{name}
		for _, s := range sizes {
			cells = append(cells, spell(value(s)))
		}
		return "| " + strings.Join(cells, " | ") + " |"
	}
	month := func(s price.Size) float64 {
		return 30*list.Night(s).Total() + list.Recovery(s) + list.Archive(s, 90, 640) + 2
	}
	for _, want := range []string{
		row("export", money, func(s price.Size) float64 { return list.Night(s).Export }),
		row("Lambda", money, func(s price.Size) float64 { return list.Night(s).Lambda }),
		row("Step Functions, S3", money, func(s price.Size) float64 { return list.Night(s).Requests }),
		row("Redshift", money, func(s price.Size) float64 { return list.Night(s).Redshift }),
		row("**a night**", func(x float64) string { return "**" + money(x) + "**" }, func(s price.Size) float64 { return list.Night(s).Total() }),
		row("30 nights", whole, func(s price.Size) float64 { return 30 * list.Night(s).Total() }),
		row("point-in-time recovery", whole, list.Recovery),
		row("archive after two years (90 and 640 days)", whole, func(s price.Size) float64 { return list.Archive(s, 90, 640) }),
		row("**a month**, without managed storage", func(x float64) string { return "**about " + grouped(x) + "**" }, month),
	} {
		if !strings.Contains(readme, want+"\n") {
			t.Errorf("infra/README.md has no row\n%s", want)
		}
	}
}

// grouped is a whole number with commas.
func grouped(x float64) string {
	text := strconv.FormatFloat(x, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// TestDocuments_haveThePrices: every price stands in the documents that count
// with it, with a question mark where no page confirms it.
func TestDocuments_haveThePrices(t *testing.T) {
	t.Parallel()

	list := price.Read()
	lines := map[string]string{ // what a line of infra/README.md counts: its rate, and its name
		"dynamodb-export": "0.10 × G", "lambda-arm64": "0.0000133334", "stepfunctions": "/ 1,000 × 0.025", "s3-put": "/ 1,000 × 0.005",
		"s3-put-ia": "/ 1,000 × 0.01 ", "s3-transition-glacier": "/ 1,000 × 0.02 ", "redshift-serverless": "/ 3,600 × 0.375",
		"dynamodb-pitr": "0.20 × G", "s3-ia": "× 0.0125 ×", "s3-glacier-ir": "× 0.004 ×", "redshift-storage": "0.024 × gigabytes",
	}
	readme := read(t, "../../infra/README.md")
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		i := strings.Index(readme, lines[name])
		if i < 0 {
			t.Errorf("infra/README.md counts nowhere with %q for %s", lines[name], name)
			continue
		}
		line, _, _ := strings.Cut(readme[i:], "\n")
		if asks := strings.HasSuffix(line, "(?)"); asks == list.Prices[name].Confirmed {
			t.Errorf("%s is confirmed: %t, but the line ends in %q", name, list.Prices[name].Confirmed, line)
		}
		rate := regexp.MustCompile(`0\.\d+`).FindString(lines[name])
		per := 1.0
		if strings.Contains(lines[name], "1,000") {
			per = 1000
		}
		if got := strconv.FormatFloat(list.Prices[name].USD*per, 'f', -1, 64); strings.TrimRight(rate, "0") != strings.TrimRight(got, "0") {
			t.Errorf("%s is %s in the list, %s in infra/README.md", name, got, rate)
		}
	}
	benchmarks := read(t, "../../BENCHMARKS.md")
	lambda := list.Prices["lambda-arm64"].USD
	for _, want := range []string{
		fmt.Sprintf("$%.10f", lambda), fmt.Sprintf("3.4 GB-seconds: $%.6f", 3.4*lambda),
		fmt.Sprintf("$%.6f for eight requests", 8*list.Prices["lambda-request"].USD),
	} {
		if !strings.Contains(strings.ReplaceAll(benchmarks, "\n", " "), want) {
			t.Errorf("BENCHMARKS.md does not say %s", want)
		}
	}
}
