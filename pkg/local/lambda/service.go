package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Options configure a [Service].
type Options struct {
	// Region is AWS_REGION of the functions; us-east-1 when empty.
	Region string
	// AccountID stands in the functions' ARNs; 000000000000 when empty.
	AccountID string
	// Credentials are the static key pair that the functions sign with.
	Credentials aws.Credentials
	// EndpointURL is AWS_ENDPOINT_URL of the functions, the address of the
	// local AWS. Without it they would call the real one, so it is required.
	EndpointURL string
	// TempDir is where the functions' own temporary folders are; [os.TempDir]
	// when empty.
	TempDir string
	// Log receives each line that a function writes to standard output or
	// error. Calls are serialised. Nil discards the lines.
	Log func(function, line string)
	// InitTimeout bounds the time from the start of a process until it asks
	// for its first event; 10 seconds, as on AWS, when zero.
	InitTimeout time.Duration
}

const (
	// maxRequest is Lambda's limit for the event of a synchronous invocation.
	maxRequest = 6 << 20
	// maxResponse is Lambda's limit for its answer, which is a little higher:
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	maxResponse = 6<<20 + 100
	// maxWaiting is how many invocations of a function may wait for a place.
	// It equals AWS's default for all concurrent executions of an account.
	maxWaiting = 1000
)

// errClosed reports an invocation that [Service.Close] has interrupted.
var errClosed = errors.New("the local Lambda service is closed")

// Service runs functions. It is safe for concurrent use.
type Service struct {
	opts    Options
	pools   map[string]*pool
	spawner *spawner
	logLock sync.Mutex

	// lock guards closed; it orders the last invocation before Close.
	lock    sync.Mutex
	closed  bool
	closing chan struct{}
	running sync.WaitGroup
}

// New checks the functions and returns a service that runs them. It reports
// everything that is wrong with them together. No process starts yet.
func New(functions []Function, opts Options) (*Service, error) {
	if opts.Region == "" {
		opts.Region = "us-east-1"
	}
	if opts.AccountID == "" {
		opts.AccountID = "000000000000"
	}
	if opts.InitTimeout == 0 {
		opts.InitTimeout = 10 * time.Second
	}
	s := &Service{opts: opts, pools: map[string]*pool{}, closing: make(chan struct{})}
	var problems []error
	if opts.EndpointURL == "" {
		problems = append(problems, errors.New("the options hold no endpoint URL"))
	}
	if opts.Credentials.AccessKeyID == "" || opts.Credentials.SecretAccessKey == "" {
		problems = append(problems, errors.New("the options hold no access key and secret"))
	}
	for _, f := range functions {
		f, err := f.checked()
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if s.pools[f.Name] != nil {
			problems = append(problems, fmt.Errorf("function %q is registered twice", f.Name))
		}
		s.pools[f.Name] = newPool(s, f)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("register functions: %w", err)
	}
	s.spawner = newSpawner()
	return s, nil
}

// Invoke runs a function, named by its name or ARN, on a JSON document and
// returns its answer. The error is a [*FunctionError] when the function failed,
// an [*APIError] when it was not run. When ctx ends first Invoke returns its
// error; as on AWS, the function runs on.
func (s *Service) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	p, apiErr := s.find(name)
	if apiErr != nil {
		return nil, apiErr
	}
	if len(payload) > maxRequest {
		return nil, &APIError{
			Code: "RequestTooLargeException",
			Message: fmt.Sprintf("%d byte payload is too large for the RequestResponse invocation type (limit %d bytes)",
				len(payload), maxRequest),
			Status: http.StatusRequestEntityTooLarge,
		}
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if !json.Valid(payload) {
		return nil, &APIError{"InvalidRequestContentException", "Could not parse request body into json", http.StatusBadRequest}
	}
	if err := p.enter(ctx); err != nil {
		return nil, fmt.Errorf("invoke function %q: %w", p.function.Name, err)
	}
	if !s.begin() {
		p.leave()
		return nil, fmt.Errorf("invoke function %q: %w", p.function.Name, errClosed)
	}
	done := make(chan outcome, 1)
	go func() {
		defer s.running.Done()
		defer p.leave()
		done <- p.invoke(payload)
	}()
	select {
	case o := <-done:
		return o.payload, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("invoke function %q: %w", p.function.Name, ctx.Err())
	}
}

// begin counts one invocation as running, unless the service is closed.
func (s *Service) begin() bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if !s.closed {
		s.running.Add(1)
	}
	return !s.closed
}

// Close kills every environment, makes the running invocations fail, and
// returns when all processes are gone. It is idempotent.
func (s *Service) Close() error {
	s.lock.Lock()
	wasClosed := s.closed
	s.closed = true
	s.lock.Unlock()
	if wasClosed {
		return nil
	}
	close(s.closing)
	s.running.Wait()
	var problems []error
	for _, p := range s.pools {
		problems = append(problems, p.close())
	}
	s.spawner.close()
	return errors.Join(problems...)
}

// find resolves a name, a partial ARN (account:function:name) or an ARN. The
// only version that exists is $LATEST.
func (s *Service) find(name string) (*pool, *APIError) {
	function := name
	if before, after, isARN := strings.Cut(name, "function:"); isARN {
		account := "arn:aws:lambda:" + s.opts.Region + ":" + s.opts.AccountID + ":"
		if before != "" && before != account && before != s.opts.AccountID+":" {
			return nil, notFound(name)
		}
		function = after
	}
	function = strings.TrimSuffix(function, ":$LATEST")
	if p := s.pools[function]; p != nil {
		return p, nil
	}
	return nil, notFound(name)
}

// arn is the ARN of a function.
func (s *Service) arn(function string) string {
	return "arn:aws:lambda:" + s.opts.Region + ":" + s.opts.AccountID + ":function:" + function
}

// log hands one line to the injected receiver.
func (s *Service) log(function, line string) {
	if s.opts.Log == nil {
		return
	}
	s.logLock.Lock()
	defer s.logLock.Unlock()
	s.opts.Log(function, line)
}
