package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/fault"
)

func TestKindOf(t *testing.T) {
	t.Parallel()

	cause := errors.New("boom")
	tests := map[string]struct {
		err  error
		want fault.Kind
	}{
		"reports Unknown for an unmarked error":     {err: cause, want: fault.Unknown},
		"reports the mark":                          {err: fault.New(fault.Corrupt, cause), want: fault.Corrupt},
		"keeps the mark when context is added":      {err: fmt.Errorf("read: %w", fault.New(fault.Transient, cause)), want: fault.Transient},
		"prefers the outermost of two marks":        {err: fault.New(fault.Rejected, fault.New(fault.Transient, cause)), want: fault.Rejected},
		"finds the first mark inside joined errors": {err: errors.Join(cause, fault.New(fault.Invalid, cause)), want: fault.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fault.KindOf(tt.err); got != tt.want {
				t.Errorf("KindOf() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNew(t *testing.T) {
	t.Parallel()

	cause := errors.New("boom")
	err := fault.New(fault.Corrupt, cause)
	if err.Error() != "boom" || !errors.Is(err, cause) {
		t.Errorf("New() = %v, want the message and identity of its cause", err)
	}
	if fault.New(fault.Corrupt, nil) != nil {
		t.Error("New(kind, nil) is an error, want nil")
	}
}
