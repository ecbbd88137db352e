package lambda

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/loopback"
)

// handler is the Runtime API of one environment:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (e *environment) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", e.serveResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", e.serveError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", e.serveInitError)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := loopback.Check(r); err != nil {
			refuse(w, http.StatusForbidden, "AccessDenied", err.Error())
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// serveNext blocks until there is an event.
func (e *environment) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case e.ready <- struct{}{}:
	default:
		// A runtime that asks twice at once gets one event at a time.
	}
	var in *invocation
	select {
	case in = <-e.work:
	case <-r.Context().Done():
		return
	}
	e.lock.Lock()
	e.current = in
	e.lock.Unlock()
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Lambda-Runtime-Aws-Request-Id", in.id)
	header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(in.timeout).UnixMilli(), 10))
	header.Set("Lambda-Runtime-Invoked-Function-Arn", in.arn)
	header.Set("Lambda-Runtime-Trace-Id", traceID())
	// If the process is gone, so is this connection, and run will notice.
	_, _ = w.Write(in.payload)
}

// serveResponse takes the answer of the current event.
func (e *environment) serveResponse(w http.ResponseWriter, r *http.Request) {
	in, ok := e.finish(r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxResponse+1))
	switch {
	case err != nil:
		in.done <- outcome{err: functionError(typeExit, in.id, "Runtime broke off its response: "+err.Error())}
		refuse(w, http.StatusBadRequest, "Runtime.TruncatedResponse", err.Error())
	case len(body) > maxResponse:
		message := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxResponse)
		in.done <- outcome{err: functionError(typeTooLarge, in.id, message)}
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", message)
	case r.Trailer.Get("Lambda-Runtime-Function-Error-Type") != "":
		in.done <- outcome{err: trailerError(r.Trailer)}
		w.WriteHeader(http.StatusAccepted)
	default:
		in.done <- outcome{payload: body}
		w.WriteHeader(http.StatusAccepted)
	}
}

// trailerError is the error of a function that failed while its answer, a
// stream, was being sent.
func trailerError(trailer http.Header) *FunctionError {
	kind := trailer.Get("Lambda-Runtime-Function-Error-Type")
	document, err := base64.StdEncoding.DecodeString(trailer.Get("Lambda-Runtime-Function-Error-Body"))
	if err != nil {
		document = nil
	}
	return reportedError(document, kind)
}

// serveError takes the failure of the current event.
func (e *environment) serveError(w http.ResponseWriter, r *http.Request) {
	in, ok := e.finish(r.PathValue("id"))
	if !ok {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	reported, err := readError(r)
	if err != nil {
		reported = functionError(typeExit, in.id, "Runtime broke off its error report: "+err.Error())
	}
	in.done <- outcome{err: reported}
	w.WriteHeader(http.StatusAccepted)
}

// serveInitError takes the reason why the runtime will exit without asking for
// an event.
func (e *environment) serveInitError(w http.ResponseWriter, r *http.Request) {
	reported, err := readError(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "Runtime.TruncatedResponse", err.Error())
		return
	}
	e.lock.Lock()
	e.initError = reported
	e.lock.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// finish returns the current event if it has this id, once.
func (e *environment) finish(id string) (*invocation, bool) {
	e.lock.Lock()
	defer e.lock.Unlock()
	if e.current == nil || e.current.id != id {
		return nil, false
	}
	in := e.current
	e.current = nil
	return in, true
}

func readError(r *http.Request) (*FunctionError, error) {
	document, err := io.ReadAll(io.LimitReader(r.Body, maxResponse))
	if err != nil {
		return nil, err
	}
	kind := r.Header.Get("Lambda-Runtime-Function-Error-Type")
	if kind == "" {
		kind = "Runtime.Unknown"
	}
	return reportedError(document, kind), nil
}

// refuse answers the runtime, which is expected to log it and exit.
func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message})
}

// traceID is an X-Ray header of a trace that nobody samples.
func traceID() string {
	var id [20]byte
	// Read fills the slice or crashes the program; it returns no error.
	_, _ = rand.Read(id[:])
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", time.Now().Unix(), id[:12], id[12:])
}
