package export_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// TestPayloads keeps the messages between the steps as the state machine and
// the other packages know them.
func TestPayloads(t *testing.T) {
	t.Parallel()

	t.Run("window.in.json", awstest.RoundTrip[export.WindowInput])
	t.Run("window.out.json", awstest.RoundTrip[export.Decision])
	t.Run("start.in.json", awstest.RoundTrip[export.StartInput])
	t.Run("start.out.json", awstest.RoundTrip[export.StartOutput])
	t.Run("poll.in.json", awstest.RoundTrip[export.PollInput])
	t.Run("poll.out.json", awstest.RoundTrip[export.PollOutput])
	t.Run("plan.in.json", awstest.RoundTrip[export.PlanInput])
	t.Run("plan.out.json", awstest.RoundTrip[lakedoc.Plan])
	t.Run("plan.json", awstest.RoundTrip[[]lakedoc.File])
}
