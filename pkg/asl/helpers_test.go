package asl_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// functions is an Invoker: the names are those in the definition.
type functions map[string]func(ctx context.Context, payload []byte) ([]byte, error)

func (f functions) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	function, ok := f[name]
	if !ok {
		return nil, &asl.TaskError{Name: "Lambda.ResourceNotFoundException", Cause: "no function " + name}
	}
	return function(ctx, payload)
}

// echo returns its payload.
func echo(_ context.Context, payload []byte) ([]byte, error) {
	return payload, nil
}

// returns makes a function with a fixed result.
func returns(result string) func(context.Context, []byte) ([]byte, error) {
	return func(context.Context, []byte) ([]byte, error) { return []byte(result), nil }
}

// raises makes a function that reports an error.
func raises(name, cause string) func(context.Context, []byte) ([]byte, error) {
	return func(context.Context, []byte) ([]byte, error) { return nil, &asl.TaskError{Name: name, Cause: cause} }
}

// objects is an object store in memory.
type objects struct {
	mu   sync.Mutex
	data map[string][]byte
}

func (o *objects) Get(_ context.Context, bucket, key string) (io.ReadCloser, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	data, ok := o.data[bucket+"/"+key]
	if !ok {
		return nil, fmt.Errorf("no object s3://%s/%s", bucket, key)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (o *objects) Put(_ context.Context, bucket, key string, data []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if bucket == "forbidden" {
		return fmt.Errorf("access to %s denied", bucket)
	}
	if o.data == nil {
		o.data = map[string][]byte{}
	}
	o.data[bucket+"/"+key] = data
	return nil
}

// wallClock is the real time, which a test can put into a synctest bubble.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// parse wraps states into a machine that starts at the state A.
func parse(t testing.TB, states string) *asl.Machine {
	t.Helper()
	machine, err := asl.Parse([]byte(`{"StartAt":"A","States":{` + states + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return machine
}

const machineARN = "arn:aws:states:us-east-1:123456789012:stateMachine:nightly"

// run executes a machine with the names that the tests expect.
func run(t testing.TB, m *asl.Machine, env asl.Environment, input string) *asl.Execution {
	t.Helper()
	return runContext(t.Context(), t, m, env, input)
}

func runContext(ctx context.Context, t testing.TB, m *asl.Machine, env asl.Environment, input string) *asl.Execution {
	t.Helper()
	if env.Invoker == nil {
		env.Invoker = functions{"echo": echo}
	}
	if env.Clock == nil {
		env.Clock = wallClock{}
	}
	execution, err := m.Run(ctx, env, asl.Start{
		ID:          "arn:aws:states:us-east-1:123456789012:execution:nightly:run-1",
		Name:        "run-1",
		MachineID:   machineARN,
		MachineName: "nightly",
		RoleARN:     "arn:aws:iam::123456789012:role/nightly",
		Input:       []byte(input),
	})
	if err != nil {
		t.Fatal(err)
	}
	return execution
}

// wantOutput checks that the execution succeeded with an output.
func wantOutput(t testing.TB, e *asl.Execution, want string) {
	t.Helper()
	if e.Status != asl.Succeeded {
		t.Fatalf("execution %s: %s: %s", e.Status, e.Error, e.Cause)
	}
	if got := string(e.Output); got != want {
		t.Errorf("output = %s, want %s", got, want)
	}
}

// wantFailure checks how the execution failed; cause is a part of the text.
func wantFailure(t testing.TB, e *asl.Execution, status asl.Status, name, cause string) {
	t.Helper()
	if e.Status != status || e.Error != name || !strings.Contains(e.Cause, cause) {
		t.Errorf("execution %s with %q: %q, want %s with %q: …%q…", e.Status, e.Error, e.Cause, status, name, cause)
	}
	if e.Output != nil {
		t.Errorf("output = %s, want none", e.Output)
	}
}

// summary writes the events as lines of "id<previous type state detail".
func summary(e *asl.Execution) []string {
	lines := make([]string, len(e.Events))
	for i, event := range e.Events {
		line := fmt.Sprintf("%d<%d %s", event.ID, event.PreviousID, event.Type)
		for _, part := range []string{event.State, event.Input, event.Output, event.Error, event.Cause} {
			if part != "" {
				line += " " + part
			}
		}
		lines[i] = line
	}
	return lines
}

// instant is a clock on which every wait is over at once, and no limit ever
// passes when it is used for waits only.
type instant struct{}

func (instant) Now() time.Time { return time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC) }

func (instant) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
