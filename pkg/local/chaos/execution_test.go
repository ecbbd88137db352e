package chaos_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
	"github.com/nightstar-elt/nightstar/pkg/local/gateway"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

// oneTask has one Task, which is tried twice if its time limit elapses.
const oneTask = `{"StartAt":"A","TimeoutSeconds":3600,"States":{"A":{"Type":"Task","TimeoutSeconds":900,"End":true,
	"Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f","Payload":{}},
	"Retry":[{"ErrorEquals":["States.Timeout"],"MaxAttempts":1}]}}}`

// slow is an Invoker that takes a moment, and counts.
type slow struct{ calls *atomic.Int64 }

func (i slow) Invoke(ctx context.Context, _ string, _ []byte) ([]byte, error) {
	i.calls.Add(1)
	select {
	case <-time.After(100 * time.Millisecond):
		return []byte("{}"), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// endpoint serves a real Step Functions endpoint behind the chaos and makes the
// machine, hastened, whose ARN it returns.
func endpoint(t *testing.T, c *chaos.Chaos, faults []chaos.Fault, calls *atomic.Int64) (*sfn.Client, *string) {
	t.Helper()
	states, err := stepfunctions.Open("", c.Invoker(slow{calls}), nil, stepfunctions.Options{
		Clock: stepfunctions.Clock{Longest: time.Millisecond}, MarkFunc: c.Mark,
	})
	if err != nil {
		t.Fatal(err)
	}
	var served gateway.Services
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.StepFunctions.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		if err := states.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
	served = c.Services(cfg, gateway.Services{StepFunctions: states})
	definition, err := chaos.Hasten(oneTask, faults)
	if err != nil {
		t.Fatal(err)
	}
	api := sfn.NewFromConfig(chaos.Exempt(cfg))
	out, err := api.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("m"), Definition: &definition, RoleArn: aws.String("arn:aws:iam::000000000000:role/r"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return api, out.StateMachineArn
}

// executions waits until as many executions as are wanted are over, and returns
// the statuses of all, the first of them first.
func executions(t *testing.T, api *sfn.Client, machine *string, want int) []string {
	t.Helper()
	for range 2000 {
		out, err := api.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: machine})
		if err != nil {
			t.Fatal(err)
		}
		var statuses []string
		over := 0
		for i := range out.Executions {
			e := out.Executions[len(out.Executions)-1-i]
			statuses = append(statuses, string(e.Status))
			if e.Status != types.ExecutionStatusRunning {
				over++
			}
		}
		if over >= want && over == len(statuses) {
			return statuses
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("no %d executions are over", want)
	return nil
}

func TestChaos_executions(t *testing.T) {
	t.Parallel()

	stop := chaos.Fault{Kind: chaos.StopExecution, Point: "enter A", Nth: 1}
	second := chaos.Fault{Kind: chaos.SecondExecution, Point: "enter A", Nth: 1}
	tests := map[string]struct {
		faults  []chaos.Fault
		want    []string
		calls   int64 // at least
		seconds float64
	}{
		"stops one":             {[]chaos.Fault{stop}, []string{"ABORTED"}, 0, 0},
		"starts another":        {[]chaos.Fault{second}, []string{"SUCCEEDED", "SUCCEEDED"}, 2, 0.1},
		"starts one after":      {[]chaos.Fault{after(second)}, []string{"SUCCEEDED", "SUCCEEDED"}, 2, 0.2},
		"lets a state time out": {[]chaos.Fault{{Kind: chaos.StateTimeout, Point: "invoke A", Nth: 1}}, []string{"SUCCEEDED"}, 1, 2},
		"lets it time out for good, but runs it": {
			[]chaos.Fault{{Kind: chaos.StateTimeout, Point: "invoke A", Nth: 1, Times: 2, After: true}}, []string{"FAILED"}, 2, 4,
		},
		"lets an execution time out": {
			[]chaos.Fault{{Kind: chaos.ExecutionTimeout, Point: "invoke A", Nth: 1, After: true}}, []string{"TIMED_OUT"}, 1, 4,
		},
		"runs a function longer than its execution": {
			[]chaos.Fault{{Kind: chaos.ExecutionTimeout, Point: "invoke A", Nth: 1}}, []string{"TIMED_OUT"}, 1, 4,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var calls atomic.Int64
			c := chaos.New(tt.faults)
			api, machine := endpoint(t, c, tt.faults, &calls)
			c.Begin()
			began := time.Now()
			if _, err := api.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: machine}); err != nil {
				t.Fatal(err)
			}
			got := executions(t, api, machine, len(tt.want))
			if took := time.Since(began).Seconds(); took < tt.seconds || took > tt.seconds+5 {
				t.Errorf("it took %.3f s, want about %.1f", took, tt.seconds)
			}
			c.Calm()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("executions (-want +got):\n%s", diff)
			}
			if calls.Load() < tt.calls {
				t.Errorf("the function was called %d times, want %d", calls.Load(), tt.calls)
			}
		})
	}
}

// TestChaos_secondAfterFirst: one begins where the other ends, or while it runs.
func TestChaos_secondAfterFirst(t *testing.T) {
	t.Parallel()

	for _, late := range []bool{false, true} {
		var calls atomic.Int64
		fault := chaos.Fault{Kind: chaos.SecondExecution, Point: "enter A", Nth: 1, After: late}
		c := chaos.New([]chaos.Fault{fault})
		api, machine := endpoint(t, c, nil, &calls)
		c.Begin()
		if _, err := api.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: machine}); err != nil {
			t.Fatal(err)
		}
		executions(t, api, machine, 2)
		c.Calm()
		out, err := api.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: machine})
		if err != nil {
			t.Fatal(err)
		}
		second, first := out.Executions[0], out.Executions[1]
		if !second.StartDate.Before(*first.StopDate) != late {
			t.Errorf("the second began at %v, the first ended at %v; want it after: %v", second.StartDate, first.StopDate, late)
		}
		if text := fault.String(); strings.Contains(text, "once the first is over") != late {
			t.Errorf("%q tells too little", text)
		}
	}
}

func after(f chaos.Fault) chaos.Fault {
	f.After = true
	return f
}
