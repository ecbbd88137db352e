package export_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/export"
)

// TestPayloads keeps the messages between the steps as the state machine and
// the other packages know them.
func TestPayloads(t *testing.T) {
	t.Parallel()

	t.Run("start.in.json", roundTrip[export.StartInput])
	t.Run("start.out.json", roundTrip[export.StartOutput])
	t.Run("poll.in.json", roundTrip[export.PollInput])
	t.Run("poll.out.json", roundTrip[export.PollOutput])
	t.Run("plan.in.json", roundTrip[export.PlanInput])
	t.Run("plan.out.json", roundTrip[export.PlanOutput])
	t.Run("plan.json", roundTrip[[]export.File])
}

// roundTrip decodes the sample that the subtest is named for and encodes it
// again: no field may be unknown, lost or added.
func roundTrip[T any](t *testing.T) {
	t.Parallel()

	name := path.Base(t.Name())
	sample, err := os.ReadFile("testdata/payload/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var message T
	strict := json.NewDecoder(bytes.NewReader(sample))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&message); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, sample); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(encoded)); diff != "" {
		t.Errorf("%T (-want +got):\n%s", message, diff)
	}
}
