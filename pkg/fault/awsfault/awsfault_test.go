package awsfault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

func TestClassify(t *testing.T) {
	t.Parallel()

	api := func(code string, blame smithy.ErrorFault) error {
		return fmt.Errorf("operation: %w", &smithy.GenericAPIError{Code: code, Fault: blame})
	}
	tests := map[string]struct {
		err  error
		want fault.Kind
	}{
		"retries throttling":                       {err: api("ThrottlingException", smithy.FaultClient), want: fault.Transient},
		"retries an unlisted fault of the service": {err: api("Hiccup", smithy.FaultServer), want: fault.Transient},
		"does not guess at an unlisted code":       {err: api("NoSuchKey", smithy.FaultClient), want: fault.Unknown},
		"rejects a conflicting export":             {err: api("ExportConflictException", smithy.FaultClient), want: fault.Rejected},
		"blames the caller for a missing table":    {err: api("TableNotFoundException", smithy.FaultClient), want: fault.Invalid},
		"retries a broken connection":              {err: &net.OpError{Op: "dial", Err: errors.New("refused")}, want: fault.Transient},
		"retries a deadline":                       {err: context.DeadlineExceeded, want: fault.Transient},
		"keeps a mark that is there":               {err: fault.New(fault.Corrupt, api("SlowDown", smithy.FaultServer)), want: fault.Corrupt},
		"leaves a foreign error unmarked":          {err: errors.New("boom"), want: fault.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fault.KindOf(awsfault.Classify(tt.err)); got != tt.want {
				t.Errorf("Classify() kind = %q, want %q", got, tt.want)
			}
		})
	}
	if awsfault.Classify(nil) != nil {
		t.Error("Classify(nil) is an error, want nil")
	}
}
