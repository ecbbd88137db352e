package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/nightstar-elt/nightstar/pkg/local/loopback"
)

// Services are the handlers behind the port. One that is nil is answered with
// an error that says so. They get verified requests with unread bodies.
type Services struct {
	DynamoDB      http.Handler
	StepFunctions http.Handler
	RedshiftData  http.Handler
	Lambda        http.Handler
	// S3 verifies its requests itself.
	S3 http.Handler
}

// Options configure a [Gateway].
type Options struct {
	// Credentials are the one key pair whose signatures are accepted.
	Credentials aws.Credentials
	// Region is the Region that signatures must be scoped to; us-east-1 when empty.
	Region string
}

// Gateway serves all services on one listener.
type Gateway struct {
	server   *http.Server
	listener net.Listener
	served   chan error
	silent   *silent
}

const (
	// healthPath answers without a signature. No bucket's name begins with an
	// underscore.
	healthPath = "/_nightstar/health"
	// lambdaPath is the root of the paths of the Lambda API.
	lambdaPath = "/2015-03-31/"
)

// Listen opens the port, so that its number is known before the services start.
// The address is 127.0.0.1 and a port, 0 for any.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if host != "127.0.0.1" {
		return nil, fmt.Errorf("listen on %q: the local AWS is for this machine only; use 127.0.0.1", address)
	}
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	return listener, nil
}

// URL is the AWS_ENDPOINT_URL of a listener.
func URL(listener net.Listener) string { return "http://" + listener.Addr().String() }

// Serve answers requests on the listener, which it takes over, until
// [Gateway.Close]. It refuses a listener that others than this machine reach.
func Serve(listener net.Listener, services Services, opts Options) (*Gateway, error) {
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok || !address.IP.IsLoopback() {
		return nil, fmt.Errorf("serve on %v: the local AWS is for this machine only; use 127.0.0.1", listener.Addr())
	}
	quiet := &silent{}
	g := &Gateway{
		silent: quiet,
		server: &http.Server{
			Handler:           NewHandler(services, opts),
			ReadHeaderTimeout: 10 * time.Second,
			ConnState:         quiet.watch,
		},
		listener: listener,
		served:   make(chan error, 1),
	}
	go func() { g.served <- g.server.Serve(listener) }()
	return g, nil
}

// URL is the AWS_ENDPOINT_URL of the gateway.
func (g *Gateway) URL() string { return URL(g.listener) }

// Close lets running requests finish for two seconds, then breaks them off. It
// does not close the services.
func (g *Gateway) Close() error {
	g.silent.closeAll()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := g.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = g.server.Close()
	}
	if served := <-g.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("close gateway at %s: %w", g.URL(), err)
	}
	return nil
}

// service is one service behind the port.
type service struct {
	// name is what people call it, scope its name in a signature.
	name, scope string
	handler     http.Handler
	refuse      refusalWriter
}

// dispatcher finds the service of a request and verifies the request.
type dispatcher struct {
	// targets are the services that name themselves in X-Amz-Target, by the
	// part before the dot.
	targets  map[string]service
	lambda   service
	s3       service
	verifier verifier
	bodies   *bodies
}

// NewHandler is the gateway as a handler, for a server of the caller's own.
func NewHandler(services Services, opts Options) http.Handler {
	if opts.Region == "" {
		opts.Region = "us-east-1"
	}
	return &dispatcher{
		targets: map[string]service{
			"DynamoDB_20120810": {"DynamoDB", "dynamodb", services.DynamoDB, refuseJSON("1.0")},
			"AWSStepFunctions":  {"Step Functions", "states", services.StepFunctions, refuseJSON("1.0")},
			"RedshiftData":      {"Redshift Data API", "redshift-data", services.RedshiftData, refuseJSON("1.1")},
		},
		lambda:   service{"Lambda", "lambda", services.Lambda, refuseREST},
		s3:       service{"S3", "s3", services.S3, refuseXML},
		verifier: verifier{credentials: opts.Credentials, region: opts.Region},
		bodies:   newBodies(),
	}
}

// ServeHTTP answers one request.
func (d *dispatcher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := r.Header.Get("X-Amz-Target")
	prefix, _, _ := strings.Cut(target, ".")
	known, isKnown := d.targets[prefix]
	if err := loopback.Check(r); err != nil {
		refuse := d.s3.refuse
		if isKnown {
			refuse = known.refuse
		}
		refuse(w, &refusal{http.StatusForbidden, "AccessDeniedException", err.Error()})
		return
	}
	switch {
	case r.URL.Path == healthPath:
		d.serveHealth(w)
	case isKnown:
		d.serveVerified(w, r, known)
	case target != "":
		refuseJSON("1.0")(w, unknownService("X-Amz-Target "+target))
	case strings.HasPrefix(r.URL.Path, lambdaPath):
		d.serveVerified(w, r, d.lambda)
	default:
		d.serveS3(w, r)
	}
}

// serveVerified reads the body, which the signature covers, and passes the
// request on if the signature is right.
func (d *dispatcher) serveVerified(w http.ResponseWriter, r *http.Request, s service) {
	if s.handler == nil {
		s.refuse(w, unknownService(s.name))
		return
	}
	body, release, refused := d.bodies.read(w, r)
	if refused != nil {
		s.refuse(w, refused)
		return
	}
	defer release()
	if refused := d.verifier.verify(r, s.scope, body); refused != nil {
		s.refuse(w, refused)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	s.handler.ServeHTTP(w, r)
}

// serveS3 passes a request on as it is, as long as its body moves. A request that is signed for another
// service got here because nothing else fits it.
func (d *dispatcher) serveS3(w http.ResponseWriter, r *http.Request) {
	signed, err := parseAuthorization(r.Header.Get("Authorization"))
	if err == nil && signed.service != d.s3.scope {
		d.s3.refuse(w, unknownService(signed.service))
		return
	}
	if d.s3.handler == nil {
		d.s3.refuse(w, unknownService(d.s3.name))
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &moving{ReadCloser: r.Body, w: w, time: d.bodies.time}
	}
	d.s3.handler.ServeHTTP(w, r)
}

func (d *dispatcher) serveHealth(w http.ResponseWriter) {
	names := []string{}
	for _, s := range d.targets {
		if s.handler != nil {
			names = append(names, s.scope)
		}
	}
	for _, s := range []service{d.lambda, d.s3} {
		if s.handler != nil {
			names = append(names, s.scope)
		}
	}
	slices.Sort(names)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "ok", "services": names})
}
