package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/lambda"
)

// binaries holds the compiled programs of testdata.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "lambda-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	binaries = dir
	for _, name := range []string{"function", "parent"} {
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(dir, name), "./testdata/"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
			return 1
		}
	}
	return m.Run()
}

var testKeys = aws.Credentials{AccessKeyID: "nightstar", SecretAccessKey: "only-for-this-machine"}

// function is a function of the test program that tests alter.
func function() lambda.Function {
	return lambda.Function{
		Name: "test", Executable: filepath.Join(binaries, "function"),
		MemoryMB: 256, Timeout: 20 * time.Second, MaxConcurrency: 1,
	}
}

// journal collects the lines of functions.
type journal struct {
	lock  sync.Mutex
	lines []string
	// added is closed, and replaced, with each line.
	added chan struct{}
}

func newJournal() *journal { return &journal{added: make(chan struct{})} }

func (j *journal) add(function, line string) {
	j.lock.Lock()
	defer j.lock.Unlock()
	j.lines = append(j.lines, function+": "+line)
	close(j.added)
	j.added = make(chan struct{})
}

// await waits until functions have written a line n times.
func (j *journal) await(t *testing.T, line string, n int) {
	t.Helper()
	for {
		j.lock.Lock()
		found, added := 0, j.added
		for _, l := range j.lines {
			if l == line {
				found++
			}
		}
		j.lock.Unlock()
		if found >= n {
			return
		}
		select {
		case <-added:
		case <-time.After(20 * time.Second):
			t.Fatalf("%q was written %d times, want %d", line, found, n)
		}
	}
}

func (j *journal) text() string {
	j.lock.Lock()
	defer j.lock.Unlock()
	return strings.Join(j.lines, "\n")
}

func start(t *testing.T, f lambda.Function) (*lambda.Service, *journal) {
	t.Helper()
	lines := newJournal()
	service, err := lambda.New([]lambda.Function{f}, lambda.Options{
		Credentials: testKeys, EndpointURL: "http://127.0.0.1:4566", Log: lines.add,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return service, lines
}

type answer struct {
	Text      string
	PID       int
	Env       []string
	RequestID string
	ARN       string
	Remaining int64 `json:"remainingMillis"`
	Files     []string
	Dir       string
}

// invoke expects an answer.
func invoke(t *testing.T, s *lambda.Service, event string) answer {
	t.Helper()
	payload, err := s.Invoke(t.Context(), "test", []byte(event))
	if err != nil {
		t.Fatalf("Invoke(%s): %v", event, err)
	}
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		t.Fatalf("Invoke(%s) = %q: %v", event, payload, err)
	}
	return a
}

// fail expects a failure of the function.
func fail(t *testing.T, s *lambda.Service, event string) *lambda.FunctionError {
	t.Helper()
	payload, err := s.Invoke(t.Context(), "test", []byte(event))
	failure, ok := errors.AsType[*lambda.FunctionError](err)
	if !ok {
		t.Fatalf("Invoke(%s) = %q, %v, want a FunctionError", event, payload, err)
	}
	var body struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(failure.Payload, &body); err != nil {
		t.Errorf("payload %q: %v", failure.Payload, err)
	}
	if body.ErrorType != failure.Type || body.ErrorMessage != failure.Message {
		t.Errorf("the payload is %s, the error %v", failure.Payload, failure)
	}
	return failure
}

func TestService_Invoke_answers(t *testing.T) {
	t.Parallel()

	s, _ := start(t, function())
	got := invoke(t, s, `{"text": "héllo"}`)
	if got.Text != "héllo" || got.RequestID == "" {
		t.Errorf("Invoke() = %+v", got)
	}
	if want := "arn:aws:lambda:us-east-1:000000000000:function:test"; got.ARN != want {
		t.Errorf("the ARN is %q, want %q", got.ARN, want)
	}
	if got.Remaining < 10_000 || got.Remaining > 20_000 {
		t.Errorf("the function has %d ms, want nearly 20 s", got.Remaining)
	}
	if got.Dir != binaries {
		t.Errorf("the working directory is %q, want the executable's %q", got.Dir, binaries)
	}
	for _, name := range []string{got.ARN, got.ARN + ":$LATEST", "000000000000:function:test", "test:$LATEST"} {
		if _, err := s.Invoke(t.Context(), name, nil); err != nil {
			t.Errorf("Invoke(%q): %v", name, err)
		}
	}
}

func TestService_Invoke_reusesWarmEnvironments(t *testing.T) {
	t.Parallel()

	s, _ := start(t, function())
	first := invoke(t, s, `{"do": "leave file", "text": "kept"}`)
	for range 20 {
		next := invoke(t, s, `{}`)
		if next.PID != first.PID {
			t.Fatalf("the process is %d, then %d", first.PID, next.PID)
		}
		if next.RequestID == first.RequestID {
			t.Fatalf("two invocations have the id %s", next.RequestID)
		}
		if len(next.Files) != 1 || filepath.Base(next.Files[0]) != "kept" {
			t.Fatalf("the warm environment's temporary folder holds %q", next.Files)
		}
	}
	fail(t, s, `{"do": "fail", "text": "once"}`)
	if next := invoke(t, s, `{}`); next.PID != first.PID {
		t.Errorf("an error that the function returned cost its environment: %d, then %d", first.PID, next.PID)
	}
}

func TestService_Invoke_failures(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		event       string
		timeout     time.Duration
		kind        string
		message     string
		keepsWarm   bool
		lineContain string
	}{
		"an error without a type": {
			event: `{"do": "fail", "text": "no luck"}`, kind: "errorString", message: "no luck", keepsWarm: true,
		},
		"an error with a type": {
			event: `{"do": "fail typed", "text": "throttled"}`, kind: "Transient", message: "throttled", keepsWarm: true,
		},
		"a panic": {event: `{"do": "panic", "text": "boom"}`, kind: "string", message: "boom"},
		"an exit with a status": {
			event: `{"do": "exit", "size": 7}`, kind: "Runtime.ExitError",
			message: "Runtime exited with error: exit status 7",
		},
		"an exit without a status": {
			event: `{"do": "exit"}`, kind: "Runtime.ExitError", message: "Runtime exited without providing a reason",
		},
		"a timeout": {
			event: `{"sleepMillis": 60000}`, timeout: 300 * time.Millisecond, kind: "Sandbox.Timedout",
			message: "Task timed out after 0.30 seconds",
		},
		"an event of another shape": {
			event: `{"do": 1}`, kind: "UnmarshalTypeError", message: "cannot unmarshal", keepsWarm: true,
		},
		"a response that is too large": {
			event: fmt.Sprintf(`{"do": "big", "size": %d}`, 6<<20+200), kind: "Function.ResponseSizeTooLarge",
			message: "exceeded maximum allowed payload size (6291556 bytes)",
		},
		"a stream that breaks off": {
			event: `{"do": "stream and fail"}`, kind: "errorString", message: "the source broke off", keepsWarm: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := function()
			if tt.timeout > 0 {
				f.Timeout = tt.timeout
			}
			s, _ := start(t, f)
			before := invoke(t, s, `{}`)
			failure := fail(t, s, tt.event)
			if failure.Type != tt.kind || !strings.Contains(failure.Message, tt.message) {
				t.Errorf("the failure is %q, %q, want %q, %q", failure.Type, failure.Message, tt.kind, tt.message)
			}
			after := invoke(t, s, `{}`)
			if isWarm := after.PID == before.PID; isWarm != tt.keepsWarm {
				t.Errorf("after the failure the environment is the same: %t, want %t", isWarm, tt.keepsWarm)
			}
		})
	}
}

func TestService_Invoke_panicHasStackTrace(t *testing.T) {
	t.Parallel()

	s, lines := start(t, function())
	failure := fail(t, s, `{"do": "panic", "text": "boom"}`)
	var body struct {
		StackTrace []struct{ Label string }
	}
	if err := json.Unmarshal(failure.Payload, &body); err != nil || len(body.StackTrace) == 0 {
		t.Errorf("the payload is %s, want a stack trace", failure.Payload)
	}
	if text := lines.text(); !strings.Contains(text, `test: `) || !strings.Contains(text, `"errorMessage":"boom"`) {
		t.Errorf("the log is %q", text)
	}
}

func TestService_Invoke_refuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ name, payload, code string }{
		"an unknown function":    {"other", `{}`, "ResourceNotFoundException"},
		"another account":        {"999999999999:function:test", `{}`, "ResourceNotFoundException"},
		"an unknown version":     {"test:3", `{}`, "ResourceNotFoundException"},
		"a payload over 6 MB":    {"test", `"` + strings.Repeat("x", 6<<20) + `"`, "RequestTooLargeException"},
		"a payload of half JSON": {"test", `{"half":`, "InvalidRequestContentException"},
	}
	s, _ := start(t, function())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := s.Invoke(t.Context(), tt.name, []byte(tt.payload))
			apiErr, ok := errors.AsType[*lambda.APIError](err)
			if !ok || apiErr.Code != tt.code {
				t.Errorf("Invoke() error = %v, want %s", err, tt.code)
			}
		})
	}
}

func TestService_Invoke_initFailures(t *testing.T) {
	t.Parallel()

	tests := map[string]struct{ init, kind, message string }{
		"a process that exits": {"exit", "Runtime.ExitError", "Runtime exited with error: exit status 3"},
		"a process that hangs": {"hang", "Sandbox.Timedout", "Init timed out after 0.50 seconds"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := function()
			f.Env = map[string]string{"INIT": tt.init}
			lines := newJournal()
			opts := lambda.Options{Credentials: testKeys, EndpointURL: "http://127.0.0.1:4566", Log: lines.add}
			if tt.init == "hang" {
				opts.InitTimeout = 500 * time.Millisecond
			}
			s, err := lambda.New([]lambda.Function{f}, opts)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for range 2 {
				failure := fail(t, s, `{}`)
				if failure.Type != tt.kind || !strings.Contains(failure.Message, tt.message) {
					t.Errorf("the failure is %v, want %s: %s", failure, tt.kind, tt.message)
				}
			}
			if tt.init == "exit" && !strings.Contains(lines.text(), "test: cannot read the settings") {
				t.Errorf("the log is %q", lines.text())
			}
		})
	}
}

func TestService_Invoke_isolatesEnvironment(t *testing.T) {
	t.Setenv("NIGHTSTAR_PARENT_SECRET", "must not leak")
	t.Setenv("AWS_PROFILE", "production")

	f := function()
	f.Env = map[string]string{"LAKE_BUCKET": "nightstar-lake", "TZ": "Europe/Madrid"}
	s, _ := start(t, f)
	got := map[string]string{}
	for _, variable := range invoke(t, s, `{}`).Env {
		name, value, _ := strings.Cut(variable, "=")
		got[name] = value
	}
	for _, volatile := range []string{"AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_LOG_STREAM_NAME", "HOME", "TMPDIR", "_X_AMZN_TRACE_ID"} {
		if got[volatile] == "" {
			t.Errorf("%s is not set", volatile)
		}
		delete(got, volatile)
	}
	want := map[string]string{
		"_HANDLER": "bootstrap", "AWS_ACCESS_KEY_ID": "nightstar", "AWS_SECRET_ACCESS_KEY": "only-for-this-machine",
		"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
		"AWS_LAMBDA_FUNCTION_NAME": "test", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/test", "LAMBDA_TASK_ROOT": binaries,
		"LANG": "en_US.UTF-8", "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"LAKE_BUCKET": "nightstar-lake", "TZ": "Europe/Madrid",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the environment (-want +got):\n%s", diff)
	}
}

func TestService_Invoke_stopsWaitingWithContext(t *testing.T) {
	t.Parallel()

	s, _ := start(t, function())
	before := invoke(t, s, `{}`)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Invoke(ctx, "test", []byte(`{"sleepMillis": 500}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Invoke() error = %v, want the context's", err)
	}
	// The function runs on and has the only place, which the next one waits for.
	if _, err := s.Invoke(ctx, "test", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Invoke() error = %v, want the context's", err)
	}
	if after := invoke(t, s, `{}`); after.PID != before.PID {
		t.Errorf("the abandoned invocation cost its environment")
	}
}

func TestNew_reportsAllProblems(t *testing.T) {
	t.Parallel()

	bad := lambda.Function{
		Name: "a b", Executable: filepath.Join(binaries, "missing"), MemoryMB: 64, Timeout: time.Hour,
		Env: map[string]string{"AWS_REGION": "eu-west-1", "AWS_LAMBDA_X": "", "HOME": "/", "BIG": strings.Repeat("x", 5000)},
	}
	folder := function()
	folder.Executable = binaries
	_, err := lambda.New([]lambda.Function{bad, function(), function(), folder}, lambda.Options{})
	if err == nil {
		t.Fatal("New() accepts a function that cannot run")
	}
	for _, want := range []string{
		"no endpoint URL", "no access key", `the name must be`, "memory of 64 MB", "timeout of 1h0m0s", "concurrency of 0",
		"no such file", `"AWS_REGION" is reserved`, `"AWS_LAMBDA_X" is reserved`, `"HOME" is reserved`,
		"exceed Lambda's limit of 4096", `"test" is registered twice`, "is not an executable file",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}
