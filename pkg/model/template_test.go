package model_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

func TestParseTemplate_refuses(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"":          "it is empty",
		"A#{x":      "the brace at character 3 is not closed",
		"A#x}":      "closes nothing",
		"{a}{b}":    "nothing separates {a} from {b}",
		"{a}#{a}":   "{a} stands in it twice",
		"{A}":       `"A" is not the name of a column`,
		"x#{}":      `"" is not the name of a column`,
		"{a!}":      "one mark that the capture does not take",
		"{a!##}":    "one mark that the capture does not take",
		"{a!x}":     "one mark that the capture does not take",
		"{!#}":      `"" is not the name of a column`,
		"{a}#{b c}": `"b c" is not the name of a column`,
	} {
		if _, err := model.ParseTemplate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseTemplate(%q): %v, want %q", text, err, want)
		}
	}
}

// randomTemplate returns a template over few letters, so that they meet often.
func randomTemplate(r *rand.Rand) string {
	var b strings.Builder
	capture := byte('a')
	for n := 1 + r.IntN(5); n > 0; n-- {
		literal := []string{"#", "A", "A#", "##", "#A"}[r.IntN(5)]
		if r.IntN(2) == 0 {
			b.WriteString(literal)
			continue
		}
		if strings.HasSuffix(b.String(), "}") {
			b.WriteString(literal)
		}
		b.WriteString("{" + string(capture) + []string{"", "", "!#"}[r.IntN(3)] + "}")
		capture++
	}
	return b.String()
}

func randomKey(r *rand.Rand) string {
	var b strings.Builder
	for n := r.IntN(10); n > 0; n-- {
		b.WriteByte("A#x"[r.IntN(3)])
	}
	return b.String()
}

// A regular expression is the slow, obvious reference: captures are lazy.
func TestTemplate_matchesAsARegularExpression(t *testing.T) {
	t.Parallel()

	r := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		text, key := randomTemplate(r), randomKey(r)
		template, err := model.ParseTemplate(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if template.String() != text {
			t.Fatalf("%q is spelled %q", text, template)
		}
		pattern := regexp.MustCompile(`\\\{[a-z]\\\}`).ReplaceAllString(regexp.QuoteMeta(text), "(.+?)")
		pattern = regexp.MustCompile(`\\\{[a-z]!#\\\}`).ReplaceAllString(pattern, "([^#]+?)")
		want := regexp.MustCompile("^" + pattern + "$").FindStringSubmatch(key)
		captures, ok := template.Match([]byte(key), nil)
		if ok != (want != nil) {
			t.Fatalf("%q matches %q: %t, want %t", text, key, ok, want != nil)
		}
		var got []string
		for _, c := range captures {
			got = append(got, string(c))
		}
		if ok && !slices.Equal(got, want[1:]) {
			t.Fatalf("%q takes %q from %q, want %q", text, got, key, want[1:])
		}
		if ok && template.Fill(got) != key {
			t.Fatalf("%q with %q is %q, not %q", text, got, template.Fill(got), key)
		}
	}
}

// Two templates that a key of many random ones matches have a text in common;
// and a text that they are said to have in common matches both.
func TestTemplate_commonText(t *testing.T) {
	t.Parallel()

	r := rand.New(rand.NewPCG(3, 4))
	overlaps := 0
	for range 3000 {
		a, _ := model.ParseTemplate(randomTemplate(r))
		b, _ := model.ParseTemplate(randomTemplate(r))
		text, overlap := a.Common(b)
		if overlap {
			overlaps++
			_, inA := a.Match([]byte(text), nil)
			_, inB := b.Match([]byte(text), nil)
			if !inA || !inB {
				t.Fatalf("%s and %s do not both match %q", a, b, text)
			}
			continue
		}
		for range 100 {
			key := []byte(randomKey(r))
			_, inA := a.Match(key, nil)
			_, inB := b.Match(key, nil)
			if inA && inB {
				t.Fatalf("%s and %s both match %q, and are said to have nothing in common", a, b, key)
			}
		}
	}
	if overlaps < 100 {
		t.Errorf("only %d pairs overlap: the test shows little", overlaps)
	}
}
