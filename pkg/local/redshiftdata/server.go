package redshiftdata

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// Objects reads objects. The S3 client of the AWS SDK is one.
type Objects interface {
	GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Options are the optional settings of a server. The zero value works.
type Options struct {
	// Clock tells the time of statements, results and tokens. Default:
	// time.Now.
	Clock func() time.Time

	// Database is the one database of the warehouse; statements for another fail.
	// Default: any name is taken for it.
	Database string

	// Workers is how many statements run at the same time; more wait in
	// status SUBMITTED. Default: 4.
	Workers int

	// PageRows is how many rows a page of a result has. Default: 1000.
	PageRows int

	// TempDir is where COPY keeps files while it loads them. Default:
	// os.TempDir.
	TempDir string
}

// Server is the endpoint. It is an [http.Handler] and safe for concurrent use.
type Server struct {
	engine  sqlengine.Engine
	objects Objects
	opts    Options
	slots   chan struct{} // one for each statement that runs
	running sync.WaitGroup

	mu         sync.Mutex
	closed     bool
	statements map[string]*statement // by id
	order      []*statement          // by submission
	tokens     map[string]*statement // by client token
	queries    int64                 // query ids given so far
}

// New returns an endpoint over an engine. The server does not close the engine.
func New(engine sqlengine.Engine, objects Objects, opts Options) *Server {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Workers < 1 {
		opts.Workers = 4
	}
	if opts.PageRows < 1 {
		opts.PageRows = 1000
	}
	return &Server{
		engine:     engine,
		objects:    objects,
		opts:       opts,
		slots:      make(chan struct{}, opts.Workers),
		statements: map[string]*statement{},
		tokens:     map[string]*statement{},
	}
}

// Close cancels the statements that have not ended, waits until they have, and
// refuses new ones.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, st := range s.order {
		st.cancel()
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// ServeHTTP answers one call of the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	awsjson.Service{
		Name: "Redshift Data API", Target: "RedshiftData.", Version: "1.1", Internal: "InternalServerException",
		MaxBody:   16 << 20, // a batch of 40 statements, with room
		Operation: s.operation,
	}.ServeHTTP(w, r)
}

func (s *Server) operation(name string) awsjson.Operation {
	switch name {
	case "ExecuteStatement":
		return handle(s.executeStatement)
	case "BatchExecuteStatement":
		return handle(s.batchExecuteStatement)
	case "DescribeStatement":
		return handle(s.describeStatement)
	case "GetStatementResult":
		return handle(s.getStatementResult)
	case "CancelStatement":
		return handle(s.cancelStatement)
	case "ListStatements":
		return handle(s.listStatements)
	}
	return nil
}

// handle makes an operation of a function that needs no context: statements
// outlive the calls that start them.
func handle[In, Out any](do func(In) (Out, error)) awsjson.Operation {
	return awsjson.Handle(func(_ context.Context, in In) (Out, error) { return do(in) })
}

// find returns the statement of an id, and the part of it for an id with a
// suffix ":n". The caller holds the lock.
func (s *Server) find(id string) (*statement, *part, error) {
	s.forget()
	whole, number, hasNumber := strings.Cut(id, ":")
	st := s.statements[whole]
	if st == nil {
		return nil, nil, missing("Query %q does not exist.", id)
	}
	if !hasNumber {
		return st, nil, nil
	}
	for i := range st.parts {
		if st.batch && number == fmt.Sprint(i+1) {
			return st, &st.parts[i], nil
		}
	}
	return nil, nil, missing("Query %q does not exist: the statement has %d parts.", id, len(st.parts))
}

// forget drops statements whose results are a day old. The caller holds the
// lock.
func (s *Server) forget() {
	const kept = 24 * time.Hour
	now := s.opts.Clock()
	for len(s.order) > 0 && s.order[0].done() && now.Sub(s.order[0].created) > kept {
		delete(s.statements, s.order[0].id)
		s.order = s.order[1:]
	}
	const honoured = 8 * time.Hour
	for token, st := range s.tokens {
		if now.Sub(st.created) > honoured {
			delete(s.tokens, token)
		}
	}
}

// active counts the statements that have not ended. The caller holds the lock.
func (s *Server) active() int {
	n := 0
	for _, st := range s.order {
		if !st.done() {
			n++
		}
	}
	return n
}

var errClosed = errors.New("the endpoint is closed")
