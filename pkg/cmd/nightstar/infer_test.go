package main

import (
	"bytes"
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
	if got := command(1, "infer", export, "-o", file); !strings.Contains(got, "is there already") {
		t.Errorf("infer onto a file says %q", got)
	}
	if got := command(0, "infer", export, "--against", file); !strings.Contains(got, "nothing that") {
		t.Errorf("the same export: %q", got)
	}
	if got := command(1, "infer", later, "--against", file); !strings.Contains(got, "new attribute vip") {
		t.Errorf("a later export: %q", got)
	}
	if got := command(0, "inspect", export, "--json", "--mask"); !strings.Contains(got, `"Aaa"`) || strings.Contains(got, "Ann") {
		t.Errorf("inspect says %s", got)
	}
}
