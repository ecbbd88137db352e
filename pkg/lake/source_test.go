package lake_test

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
)

// TestPartition_ofADamagedFile reports a file of which S3 returns other bytes than
// were stored: reading it again does not help.
func TestPartition_ofADamagedFile(t *testing.T) {
	t.Parallel()

	for name, lines := range map[string]int{"a small file": 1, "a larger one": 20_000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := setup(t)
			in := e.put(zip(t, strings.Repeat(order+"\n", lines)), int64(lines))
			e.s3.Update("raw", in.File.Key, func(o *awstest.Object) { o.Damaged = true })
			got, err := e.partition.Partition(t.Context(), in)
			if err != nil || !strings.Contains(got.Problem, "it was damaged where it lies: checksum did not match") {
				t.Errorf("Partition() = %+v, %v; want a problem of the file", got, err)
			}
		})
	}
}
