package statemachine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// busyLambda is Lambda in an account with few concurrent executions: a call
// that finds all of them taken is refused at once.
type busyLambda struct {
	places   chan struct{}
	duration time.Duration
	refused  atomic.Int64
}

func (b *busyLambda) Invoke(ctx context.Context, _ string, _ []byte) ([]byte, error) {
	select {
	case b.places <- struct{}{}:
		defer func() { <-b.places }()
		return []byte(`{"file":1,"items":1}`), simulated{}.Sleep(ctx, b.duration)
	default:
		b.refused.Add(1)
		return nil, &asl.TaskError{Name: "Lambda.TooManyRequestsException", Cause: "Rate Exceeded."}
	}
}

// simulated is the clock of a synctest bubble.
type simulated struct{}

func (simulated) Now() time.Time { return time.Now() }

func (simulated) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// plan serves one work list, and forgets what is written.
type plan []byte

func (p plan) Get(context.Context, string, string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(p)), nil
}

func (plan) Put(context.Context, string, string, []byte) error { return nil }

// partitionMap is the state that maps the data files, as a machine of its own.
func partitionMap(t *testing.T, change func(retriers []any) []any) *asl.Machine {
	t.Helper()
	var definition struct{ States map[string]map[string]any }
	text := strings.ReplaceAll(statemachine.Definition(), "${"+statemachine.PartitionToken+"}", "aws")
	if err := json.Unmarshal([]byte(text), &definition); err != nil {
		t.Fatal(err)
	}
	const name = "Partition files"
	state := definition.States[name]
	delete(state, "Next")
	delete(state, "Catch")
	state["End"] = true
	file := state["ItemProcessor"].(map[string]any)["States"].(map[string]any)["Partition file"].(map[string]any)
	file["Retry"] = change(file["Retry"].([]any))
	alone, err := json.Marshal(map[string]any{"StartAt": name, "States": map[string]any{name: state}})
	if err != nil {
		t.Fatal(err)
	}
	machine, err := asl.Parse(alone)
	if err != nil {
		t.Fatal(err)
	}
	return machine
}

// nights runs the map so often, each time with other jitter, in an account
// that lets ten functions run at once, and returns how many of them failed.
func nights(t *testing.T, machine *asl.Machine, often, files int, duration time.Duration) (failed int, refused int64) {
	t.Helper()
	list := plan("[" + strings.TrimSuffix(strings.Repeat("1,", files), ",") + "]")
	for seed := range often {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			random := rand.New(rand.NewPCG(uint64(seed), 1))
			lambda := &busyLambda{places: make(chan struct{}, 10), duration: duration}
			execution, err := machine.Run(t.Context(), asl.Environment{
				Invoker: lambda, Objects: list, Clock: simulated{}, MapConcurrency: 10_000,
				Random: func() uint64 {
					mu.Lock()
					defer mu.Unlock()
					return random.Uint64()
				},
			}, asl.Start{
				ID: "arn:aws:states:us-east-1:123456789012:execution:n:r", Name: "r", MachineName: "n",
				MachineID: "arn:aws:states:us-east-1:123456789012:stateMachine:n",
				Input:     []byte(`{"plan":{"bucket":"lake","key":"plan.json"},"concurrency":40}`),
			})
			if err != nil {
				t.Fatal(err)
			}
			refused += lambda.refused.Load()
			if execution.Status != asl.Succeeded {
				failed++
			}
		})
	}
	return failed, refused
}

// TestPartition_survivesThrottling: a new account lets ten functions run at
// once, and the map starts forty. Four hundred files of five minutes each are
// more than three hours of throttling.
func TestPartition_survivesThrottling(t *testing.T) {
	t.Parallel()

	asDeployed := partitionMap(t, func(retriers []any) []any { return retriers })
	for _, seconds := range []int{20, 60, 300} {
		t.Run(fmt.Sprint(seconds, " seconds a file"), func(t *testing.T) {
			t.Parallel()

			failed, refused := nights(t, asDeployed, 10, 400, time.Duration(seconds)*time.Second)
			if failed > 0 {
				t.Errorf("%d of 10 nights failed", failed)
			}
			if refused < 1000 {
				t.Errorf("%d calls were refused: the simulation shows nothing", refused)
			}
		})
	}
	t.Run("without the retrier nights fail", func(t *testing.T) {
		t.Parallel()

		shared := partitionMap(t, func(retriers []any) []any {
			rest := retriers[1:]
			first := rest[0].(map[string]any)
			first["ErrorEquals"] = append(first["ErrorEquals"].([]any), "Lambda.TooManyRequestsException")
			return rest
		})
		if failed, _ := nights(t, shared, 3, 400, 60*time.Second); failed == 0 {
			t.Error("no night failed, so the retrier is of no use")
		}
	})
}
