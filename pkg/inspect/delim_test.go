package inspect_test

import (
	"fmt"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
)

// TestRead_delims finds the marks that divide keys, and takes none for one that
// stands within ids.
func TestRead_delims(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		sk   func(i int) string
		more string // beside the usual delimiters
	}{
		"dots":                       {func(i int) string { return []string{"user.", "game."}[i%2] + fmt.Sprintf("x%dy", i) }, "."},
		"at signs around times":      {func(i int) string { return fmt.Sprintf("LOAN@2024-01-%02dT10:%02d:00Z@M-%d", 1+i%28, i%60, i) }, "@"},
		"hyphens that go on":         {func(i int) string { return fmt.Sprintf("ORDER-%d-LINE-%d", 1000+i, i%9) }, "-"},
		"e-mail addresses":           {func(i int) string { return fmt.Sprintf("ann.berg%d@example.com", i) }, ""},
		"versions":                   {func(i int) string { return fmt.Sprintf("%d.%d.0", i/9, i%9) }, ""},
		"UUIDs":                      {func(i int) string { return fmt.Sprintf("%08x-1111-4222-8333-123456789abc", i*7919) }, ""},
		"slugs":                      {func(i int) string { return fmt.Sprintf("word%d-%c%c-of-day", i, 'a'+i%26, 'a'+i/26%26) }, ""},
		"hyphens in front of an id":  {func(i int) string { return fmt.Sprintf("eu-west-%d", i) }, ""},
		"names with dots":            {func(i int) string { return fmt.Sprintf("%c%cx.example.org", 'a'+i%26, 'a'+i/26%26) }, ""},
		"nothing but usual segments": {func(i int) string { return fmt.Sprintf("A#%d#B#%d", i, i) }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var items []string
			for i := range 200 {
				items = append(items, fmt.Sprintf(`{"PK":{"S":"P#%d"},"SK":{"S":%q}}`, i, tt.sk(i)))
			}
			report, err := inspecttest.Read(t, inspecttest.Export(t, 2, items...), inspect.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if want := inspect.Delims("#|:/~$" + tt.more); report.Delims != want {
				t.Errorf("delimiters are %q, want %q", report.Delims, want)
			}
		})
	}
}
