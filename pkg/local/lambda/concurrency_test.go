package lambda_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/lambda"
)

func TestService_Invoke_concurrently(t *testing.T) {
	t.Parallel()

	const places, invocations = 3, 30
	f := function()
	f.MaxConcurrency = places
	s, _ := start(t, f)
	var group sync.WaitGroup
	var lock sync.Mutex
	pids := map[int]int{}
	for i := range invocations {
		group.Go(func() {
			text := fmt.Sprintf("event %d", i)
			payload, err := s.Invoke(t.Context(), "test", fmt.Appendf(nil, `{"text": %q, "sleepMillis": 20}`, text))
			if err != nil {
				t.Error(err)
				return
			}
			var got answer
			if err := json.Unmarshal(payload, &got); err != nil || got.Text != text {
				t.Errorf("the answer to %q is %+v, %v", text, got, err)
			}
			lock.Lock()
			defer lock.Unlock()
			pids[got.PID]++
		})
	}
	group.Wait()
	if len(pids) != places {
		t.Errorf("%d processes served %v, want %d", len(pids), pids, places)
	}
}

func TestService_Invoke_throttlesAnEndlessQueue(t *testing.T) {
	t.Parallel()

	s, _ := start(t, function())
	invoke(t, s, `{}`)
	var group sync.WaitGroup
	errs := make(chan error, 1100)
	for range cap(errs) {
		group.Go(func() {
			_, err := s.Invoke(t.Context(), "test", []byte(`{"sleepMillis": 5}`))
			errs <- err
		})
	}
	group.Wait()
	throttled := 0
	for range cap(errs) {
		err := <-errs
		apiErr, ok := errors.AsType[*lambda.APIError](err)
		if ok && apiErr.Code == "TooManyRequestsException" && apiErr.Status == http.StatusTooManyRequests {
			throttled++
		} else if err != nil {
			t.Errorf("Invoke() error = %v", err)
		}
	}
	if throttled == 0 || throttled > 100 {
		t.Errorf("%d of %d invocations were throttled, want some of the last 100", throttled, cap(errs))
	}
}

func TestService_Invoke_survivesAKilledProcess(t *testing.T) {
	t.Parallel()

	s, lines := start(t, function())
	before := invoke(t, s, `{}`)
	victim, err := os.FindProcess(before.PID)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan *lambda.FunctionError)
	go func() {
		_, err := s.Invoke(t.Context(), "test", []byte(`{"do": "hang"}`))
		failure, _ := errors.AsType[*lambda.FunctionError](err)
		done <- failure
	}()
	lines.await(t, "test: hanging", 1)
	if err := victim.Kill(); err != nil {
		t.Fatal(err)
	}
	failure := <-done
	if failure == nil || failure.Type != "Runtime.ExitError" || !strings.Contains(failure.Message, "signal: killed") {
		t.Errorf("the failure is %v, want Runtime.ExitError by a signal", failure)
	}
	middle := invoke(t, s, `{}`)
	if middle.PID == before.PID {
		t.Error("the killed process answered")
	}
	// One that has died between two invocations costs no invocation.
	victim, err = os.FindProcess(middle.PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Kill(); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, middle.tempDir())
	if after := invoke(t, s, `{}`); after.PID == middle.PID {
		t.Error("the process that was killed while idle answered")
	}
}

// awaitGone waits until the temporary folder of a process is removed, which is
// the last thing that is done about one that has ended.
func awaitGone(t *testing.T, dir string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s is still there", dir)
		}
	}
}

func TestService_Close_killsEverything(t *testing.T) {
	t.Parallel()

	f := function()
	f.MaxConcurrency = 2
	s, lines := start(t, f)
	idle := invoke(t, s, `{}`)
	errs := make(chan error, 3)
	for range cap(errs) {
		go func() {
			_, err := s.Invoke(t.Context(), "test", []byte(`{"do": "hang"}`))
			errs <- err
		}()
	}
	lines.await(t, "test: hanging", f.MaxConcurrency) // the third waits for a place
	began := time.Now()
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("Close() took %v", took)
	}
	for range cap(errs) {
		if err := <-errs; err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("an interrupted invocation returned %v", err)
		}
	}
	if isAlive(idle.PID) {
		t.Errorf("process %d is still there", idle.PID)
	}
	if _, err := os.Stat(filepath.Dir(idle.tempDir())); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(idle.tempDir()); !os.IsNotExist(err) {
		t.Errorf("the temporary folder %s is still there", idle.tempDir())
	}
	if _, err := s.Invoke(t.Context(), "test", nil); err == nil {
		t.Error("Invoke() of a closed service succeeded")
	}
}

func (a answer) tempDir() string {
	for _, variable := range a.Env {
		if dir, ok := strings.CutPrefix(variable, "TMPDIR="); ok {
			return dir
		}
	}
	return ""
}

func TestService_Invoke_logsLines(t *testing.T) {
	t.Parallel()

	s, lines := start(t, function())
	long := strings.Repeat("x", 300<<10)
	invoke(t, s, `{"do": "write", "text": "one\ntwo\r\n\n"}`)
	invoke(t, s, fmt.Sprintf(`{"do": "write", "text": "%s\nlast"}`, long))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := "test: one\ntest: two\ntest: \ntest: " + long[:256<<10] + "\ntest: " + long[256<<10:] + "\ntest: last"
	if got := lines.text(); got != want {
		t.Errorf("the log has %d bytes: %.200q", len(got), got)
	}
}

// TestBootstrap_exitsWithoutRuntimeAPI shows what becomes of a child whose
// parent has died where the kernel gives no help: its connection breaks, and
// aws-lambda-go exits.
func TestBootstrap_exitsWithoutRuntimeAPI(t *testing.T) {
	t.Parallel()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})}
	go func() { _ = server.Serve(listener) }()
	child := exec.Command(filepath.Join(binaries, "function"))
	child.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- child.Wait() }()
	select {
	case err := <-exited:
		if err == nil {
			t.Error("the child exits with status 0, want an error")
		}
	case <-time.After(10 * time.Second):
		t.Errorf("the child is still there: %v", child.Process.Kill())
	}
}
