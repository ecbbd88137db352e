package inspect_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
)

func TestDocument(t *testing.T) {
	t.Parallel()

	r := read(t, inspecttest.Export(t, 2, desk(60, 300)...), inspect.Options{})
	var text, masked, encoded bytes.Buffer
	if err := r.Document(false).WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.Document(true).WriteText(&masked); err != nil {
		t.Fatal(err)
	}
	if err := r.Document(false).WriteJSON(&encoded); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"360 items in 2 files", "key PK (S)", "USER#{}   TICKET#{}", "300 items, 83.33 %", "ISO 8601 time", "2 digits after the point", "address.city", "open"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, text.String())
		}
	}
	if strings.Contains(masked.String(), "Oslo") || !strings.Contains(masked.String(), "Aaaa") {
		t.Errorf("examples are not masked:\n%s", masked.String())
	}
	var document inspect.Document
	if err := json.Unmarshal(encoded.Bytes(), &document); err != nil || document.Items != 360 || len(document.Types) != 2 {
		t.Errorf("%d items in %d types: %v", document.Items, len(document.Types), err)
	}
}
