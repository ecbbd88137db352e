package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
)

// TestInfer infers a model of an export, and compares a later one with it.
func TestInfer(t *testing.T) {
	t.Parallel()

	export := inspecttest.Export(t, 1, `{"PK":{"S":"CUST#1001"},"SK":{"S":"PROFILE"},"name":{"S":"Ann"}}`, `{"PK":{"S":"CUST#1001"},"SK":{"S":"ORD#2001"},"total":{"N":"1.5"}}`)
	later := inspecttest.Export(t, 1, `{"PK":{"S":"CUST#1001"},"SK":{"S":"PROFILE"},"name":{"S":"Ann"},"vip":{"BOOL":true}}`, `{"PK":{"S":"CUST#1001"},"SK":{"S":"ORD#2001"},"total":{"N":"1.5"}}`)
	file := filepath.Join(t.TempDir(), "desk.yaml")
	command := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, output{out: &out, err: &errs}); code != want {
			t.Fatalf("nightstar %q ended with %d, want %d: %s%s", args, code, want, out.String(), errs.String())
		}
		return out.String() + errs.String()
	}
	if got := command(0, "infer", export, "-o", file); !strings.Contains(got, "nightstar run --model "+file) {
		t.Errorf("infer says %q", got)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "CUST#{") {
		t.Errorf("the model is %s, %v", text, err)
	}
	if got := command(1, "infer", export, "-o", file); !strings.Contains(got, "exists already") {
		t.Errorf("infer onto a file says %q", got)
	}
	if got := command(0, "infer", export, "--against", file); !strings.Contains(got, "declares everything in 2 items") {
		t.Errorf("the same export: %q", got)
	}
	if got := command(1, "infer", later, "--against", file); !strings.Contains(got, "new attribute vip") {
		t.Errorf("a later export: %q", got)
	}
	if got := command(0, "inspect", export, "--json", "--mask"); !strings.Contains(got, `"Aaa"`) || strings.Contains(got, "Ann") {
		t.Errorf("inspect says %s", got)
	}
}

// TestInfer_from makes a model of a design, with an export and without.
func TestInfer_from(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	export := inspecttest.Export(t, 1, `{"PK":{"S":"DOG#1001"},"SK":{"S":"INFO"},"name":{"S":"Rex"}}`, `{"PK":{"S":"DOG#1002"},"SK":{"S":"INFO"},"name":{"S":"Ace"}}`)
	schema := filepath.Join(dir, "schema.json")
	text := `{"tables":[{"table_config":{"table_name":"pets","partition_key":"PK","sort_key":"SK"},"entities":{"Hound":{"pk_template":"DOG#{hound_id}","sk_template":"INFO","fields":[{"name":"name","type":"string"}]}}}]}`
	if err := os.WriteFile(schema, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for n, args := range [][]string{{"infer", "--from", schema}, {"infer", export, "--from", schema}} {
		file := filepath.Join(dir, fmt.Sprint(n, ".yaml"))
		var out, errs bytes.Buffer
		if code := run(t.Context(), append(args, "-o", file), output{out: &out, err: &errs}); code != 0 {
			t.Fatalf("nightstar %q: %s", args, errs.String())
		}
		if model, err := os.ReadFile(file); err != nil || !strings.Contains(string(model), "DOG#{hound_id}") {
			t.Errorf("nightstar %q wrote %s, %v", args, model, err)
		}
	}
	for _, args := range [][]string{{"infer", "-o", filepath.Join(dir, "x.yaml")}, {"infer", "--from", export + "/manifest-summary.json", "-o", filepath.Join(dir, "x.yaml")}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, output{out: &out, err: &errs}); code != 1 || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("nightstar %q = %d: %s", args, code, errs.String())
		}
	}
}
