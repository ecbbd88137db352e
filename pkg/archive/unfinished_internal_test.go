package archive

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeUnfinished_refusals(t *testing.T) {
	t.Parallel()

	for name, note := range map[string]string{
		"nothing":                "",
		"another document":       `{"runId":"r1"}`,
		"an id of no run":        `{"runIds":["r1",""]}`,
		"a path":                 `{"runIds":["r1/../r2"]}`,
		"an id that is twice":    `{"runIds":["r1","r2","r1"]}`,
		"an id that is not text": `{"runIds":[1]}`,
	} {
		if left, err := decodeUnfinished([]byte(note)); err == nil || len(left.RunIDs) > 0 {
			t.Errorf("%s: decodeUnfinished() = %+v, %v, want an error", name, left, err)
		}
	}
}

// FuzzDecodeUnfinished checks that whatever is taken for a note names runs, each
// once, and is the same note when it is written and read again.
func FuzzDecodeUnfinished(f *testing.F) {
	f.Add([]byte(`{"runIds":["r1","r2"]}`))
	f.Add([]byte(`{"runIds":null}`))
	f.Add([]byte(`{"runIds":["a/b"]}`))
	f.Fuzz(func(t *testing.T, note []byte) {
		left, err := decodeUnfinished(note)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, id := range left.RunIDs {
			if id == "" || strings.Contains(id, "/") || seen[id] {
				t.Errorf("%q names run %q", note, id)
			}
			seen[id] = true
		}
		body, err := json.Marshal(left)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeUnfinished(body)
		if diff := cmp.Diff(left, again); err != nil || diff != "" {
			t.Errorf("read again: %v (-want +got):\n%s", err, diff)
		}
	})
}
