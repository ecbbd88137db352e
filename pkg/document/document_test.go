package document_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

func TestRead(t *testing.T) {
	t.Parallel()

	objects := awstest.NewS3(t, "lake")
	objects.Put("lake", "runs/r1/plan.json", []byte("[1]"))
	modified := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
	objects.Update("lake", "runs/r1/plan.json", func(o *awstest.Object) { o.Modified = modified })
	stored, _ := objects.Object("lake", "runs/r1/plan.json")

	got, err := document.Read(t.Context(), objects.Client(), "lake", "runs/r1/plan.json", len("[1]"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Body) != "[1]" || strings.Trim(got.ETag, `"`) != stored.ETag || !got.Modified.Equal(modified) {
		t.Errorf("Read() = %s with ETag %s of %v, want [1] with %s of %v", got.Body, got.ETag, got.Modified, stored.ETag, modified)
	}
}

func TestRead_refusals(t *testing.T) {
	t.Parallel()

	objects := awstest.NewS3(t, "lake")
	objects.Put("lake", "large", nil)
	objects.Put("lake", "refused", nil)
	objects.Put("lake", "damaged", []byte("[1]"))
	objects.Update("lake", "damaged", func(o *awstest.Object) { o.Damaged = true })
	objects.Put("lake", "cut", bytes.Repeat([]byte("x"), 1<<20))
	objects.Fail(func(call awstest.Call) *awstest.Failure {
		if call.Key != "refused" {
			return nil
		}
		return &awstest.Failure{Status: 503, Code: "SlowDown"}
	})
	tests := map[string]struct {
		key     string
		api     document.Getter
		kind    fault.Kind
		missing bool
		want    string
	}{
		"no such object":   {"none", objects.Client(), fault.Unknown, true, "get s3://lake/none: "},
		"throttled":        {"refused", objects.Client(), fault.Transient, false, "SlowDown"},
		"too large":        {"large", body{zeros{}}, fault.Corrupt, false, "read s3://lake/large: it has more than 67108864 bytes"},
		"damaged":          {"damaged", objects.Client(), fault.Corrupt, false, "read s3://lake/damaged: checksum did not match"},
		"a connection cut": {"cut", body{cut{}}, fault.Transient, false, "read s3://lake/cut: connection reset"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.Read(t.Context(), tt.api, "lake", tt.key, 64<<20)
			if err == nil || len(got.Body) > 0 || fault.KindOf(err) != tt.kind || document.Missing(err) != tt.missing ||
				!strings.Contains(err.Error(), tt.want) {
				t.Errorf("Read() = %d bytes, %v (%v, missing: %v), want %v, missing: %v, %q",
					len(got.Body), err, fault.KindOf(err), document.Missing(err), tt.kind, tt.missing, tt.want)
			}
		})
	}
}

// body answers with an object of that content.
type body struct{ io.Reader }

func (b body) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return &s3.GetObjectOutput{Body: io.NopCloser(b.Reader)}, nil
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// cut breaks.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, errors.New("connection reset") }
