package awstest

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"testing"
)

// RoundTrip is a subtest that is named for a file in testdata/payload: a
// message between steps, written by hand. It decodes the message into a T and
// encodes it again; no field may be unknown, lost, added or moved.
func RoundTrip[T any](t *testing.T) {
	t.Parallel()

	sample, err := os.ReadFile("testdata/payload/" + path.Base(t.Name()))
	if err != nil {
		t.Fatal(err)
	}
	var message T
	strict := json.NewDecoder(bytes.NewReader(sample))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&message); err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, sample); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.Bytes(), got) {
		t.Errorf("%T is encoded as\n%s\nwant\n%s", message, got, want.Bytes())
	}
}
