package lakedoc_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

func TestParseAccept(t *testing.T) {
	t.Parallel()

	for _, field := range []string{"", "null", "[]", "7", `"accept"`, `["accept"]`, `{}`, `{"accept":null}`, `{"accept":[]}`} {
		if got, err := lakedoc.ParseAccept(json.RawMessage(field)); err != nil || len(got) > 0 {
			t.Errorf("ParseAccept(%q) = %q, %v, want nothing accepted", field, got, err)
		}
	}
	got, err := lakedoc.ParseAccept(json.RawMessage(`{"accept":["customer","exportTime"],"more":1}`))
	if err != nil || !got.Has("customer") || !got.Has(lakedoc.AcceptExportTime) || got.Has(lakedoc.AcceptTable) {
		t.Errorf("ParseAccept() = %q, %v, want both names", got, err)
	}
	for _, field := range []string{`"customer"`, `{"customer":true}`, `true`, `[1]`, `[""]`, `[["customer"]]`} {
		if got, err := lakedoc.ParseAccept(json.RawMessage(`{"accept":` + field + `}`)); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("ParseAccept(%s) = %q, %v, want a refusal that shows it", field, got, err)
		}
	}
}

func TestAccept_How(t *testing.T) {
	t.Parallel()

	got := lakedoc.Accept{"table"}.How("run=r1/m.json", "customer", "table")
	for _, want := range []string{
		`{"accept":["table","customer"],"export":{"manifestKey":"run=r1/m.json"}}`, "nightstar run --accept table --accept customer ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("How() = %q, want %q", got, want)
		}
	}
	if got := lakedoc.Accept(nil).How("", "customer"); !strings.Contains(got, `the input {"accept":["customer"]},`) {
		t.Errorf("How() without a manifest = %q", got)
	}
}
