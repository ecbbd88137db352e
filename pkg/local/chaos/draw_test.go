package chaos_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

// realTime is a clock.
type realTime struct{}

func (realTime) Now() time.Time { return time.Now() }

func (realTime) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()

	census := chaos.Census{
		"function s3:PutObject": 7, "function s3:GetObject(data)": 2, "function dynamodb:DescribeExport": 1,
		"function redshift-data:BatchExecuteStatement": 3, "service s3:GetObject": 4, "invoke A": 5, "enter A": 5,
	}
	drawn := map[chaos.Kind]int{}
	for seed := range uint64(2000) {
		faults := chaos.Draw(seed, census)
		if diff := cmp.Diff(faults, chaos.Draw(seed, census)); diff != "" {
			t.Fatalf("seed %d draws differently again:\n%s", seed, diff)
		}
		for _, f := range faults {
			drawn[f.Kind]++
			if f.Nth < 1 || f.Nth > census[f.Point] {
				t.Errorf("seed %d draws %v, which is never reached", seed, f)
			}
			if !strings.Contains(f.String(), string(f.Kind)) || !strings.Contains(f.String(), string(f.Point)) {
				t.Errorf("%q tells too little", f)
			}
		}
	}
	for _, kind := range chaos.Kinds() {
		if drawn[kind] < 50 {
			t.Errorf("%q is drawn %d times in 2000", kind, drawn[kind])
		}
	}
	if faults := chaos.Draw(1, nil); len(faults) != 0 {
		t.Errorf("Draw() of no points = %v", faults)
	}
}
