package step_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step"
)

func TestNamed(t *testing.T) {
	t.Parallel()

	cause := errors.New("boom")
	tests := map[string]struct {
		err  error
		want string
	}{
		"calls an unmarked error Unknown":         {err: cause, want: "Unknown"},
		"names the kind of a marked error":        {err: fault.New(fault.Corrupt, cause), want: "Corrupt"},
		"names it when context was added":         {err: fmt.Errorf("copy: %w", fault.New(fault.Rejected, cause)), want: "Rejected"},
		"lets a deadline be retried as Transient": {err: fmt.Errorf("get: %w", context.DeadlineExceeded), want: "Transient"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var logged strings.Builder
			handle := step.Named(slog.New(slog.NewJSONHandler(&logged, nil)), func(context.Context, struct{}) (struct{}, error) {
				return struct{}{}, tt.err
			})
			_, err := handle(t.Context(), struct{}{})
			got, ok := errors.AsType[messages.InvokeResponse_Error](err)
			if !ok {
				t.Fatalf("Named() returned %T, want messages.InvokeResponse_Error", err)
			}
			if got.Type != tt.want || got.Message != tt.err.Error() {
				t.Errorf("Named() = %q %q, want %q %q", got.Type, got.Message, tt.want, tt.err)
			}
			if n := strings.Count(logged.String(), tt.err.Error()); n != 1 {
				t.Errorf("the error is logged %d times, want once:\n%s", n, logged.String())
			}
		})
	}
}

func TestReadSettings(t *testing.T) {
	t.Parallel()

	declared := pipeline.Step{Name: "x", Settings: []string{"A", "B", "C"}, Optional: []string{"D"}}
	env := map[string]string{"A": "1", "C": ""}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }

	_, err := step.ReadSettings(declared, lookup)
	if err == nil || !strings.Contains(err.Error(), "set B, C") {
		t.Fatalf("ReadSettings() = %v, want both missing variables named", err)
	}
	env["B"], env["C"] = "2", "3"
	got, err := step.ReadSettings(declared, lookup)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(step.Settings{"A": "1", "B": "2", "C": "3", "D": ""}, got); diff != "" {
		t.Errorf("ReadSettings() (-want +got):\n%s", diff)
	}
}
