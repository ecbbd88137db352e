package main

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Both sides make the same star, which the comparison itself checks, of both
// models and on both databases, and every phase is reported with a ratio.
func TestRun(t *testing.T) {
	t.Parallel()
	for name, engine := range map[string]string{"store": "postgres", "wide": "duckdb"} {
		var out, progress bytes.Buffer
		err := run(t.Context(), []string{"-items", "2000", "-rounds", "1", "-dir", t.TempDir(), "-models", name, "-engines", engine}, &out, &progress)
		if err != nil {
			t.Fatalf("%v\n%s", err, &progress)
		}
		for _, phase := range []string{"load", "transform", "both", "proofs"} {
			line := regexp.MustCompile(`(?m)^ +[12] +` + phase + ` +[0-9.]+ .*[1-9]`)
			if got := len(line.FindAllString(out.String(), -1)); got != 2 {
				t.Errorf("%d lines of phase %s for %s on %s, want one of each night:\n%s", got, phase, name, engine, &out)
			}
		}
	}
}

func TestRun_refuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-items", "5"}, {"-rounds", "0"}, {"-models", "none"}, {"-engines", "none", "-items", "200"}, {"-what"},
	} {
		var out bytes.Buffer
		if err := run(t.Context(), append(args, "-dir", t.TempDir()), &out, &out); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}

func TestWide(t *testing.T) {
	t.Parallel()
	text := wide(20, 5)
	m, err := model.Read("wide.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(m.Dimensions) != 20 || len(m.Facts) != 5 {
		t.Errorf("the model has %d dimensions and %d facts, want 20 and 5", len(m.Dimensions), len(m.Facts))
	}
}
