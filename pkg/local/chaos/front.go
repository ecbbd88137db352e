package chaos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// front is the middleware of one service. It returns nil for a service that is
// not there.
func (c *Chaos) front(service string, next http.Handler) http.Handler {
	if next == nil {
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.UserAgent(), "app/"+exempt) {
			next.ServeHTTP(w, r)
			return
		}
		fault, due := c.reach(pointOf(service, r))
		if !due {
			next.ServeHTTP(w, r)
			return
		}
		switch fault.Kind {
		case Throttled, ServerError:
			refuse(w, r, service, fault.Kind)
		case CutRequest:
			cutRequest(w, r, next)
		case CutAnswer:
			cutAnswer(w, r, next)
		case Hang:
			c.hang(w, r, next, fault.After)
		case KillFunction:
			c.killCaller(w, r, next, fault.After)
		case KillProcess:
			next.ServeHTTP(httptest.NewRecorder(), r)
			end()
		case AlteredFile:
			c.alter(r)
			next.ServeHTTP(w, r)
		default: // failStatements and failExports have to know
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), faultKey{}, fault)))
		}
	})
}

// faultKey is the key of the fault that is due in the context of a request.
type faultKey struct{}

// refuse answers as the service does when it is too busy, or broken.
func refuse(w http.ResponseWriter, r *http.Request, service string, kind Kind) {
	name, status := code(service, kind)
	// A client that is still sending sees the answer only once all is read.
	_, _ = io.Copy(io.Discard, r.Body)
	if service == "s3" {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>chaos: %s</Message></Error>", name, kind)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":%q,"message":"chaos: %s"}`, name, kind)
}

// cutRequest lets the service have half of the body.
func cutRequest(_ http.ResponseWriter, r *http.Request, next http.Handler) {
	half(r, func() {})
	next.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// half ends the body of a request in the middle, after a call of then.
func half(r *http.Request, then func()) {
	r.Body = &brokenBody{body: r.Body, left: r.ContentLength / 2, then: then}
}

// brokenBody breaks off after some bytes.
type brokenBody struct {
	body io.ReadCloser
	left int64
	then func()
}

func (b *brokenBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.then()
		return 0, io.ErrUnexpectedEOF
	}
	n, err := b.body.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (b *brokenBody) Close() error { return b.body.Close() }

// cutAnswer has the request carried out and lets the client have half of the
// answer, or nothing where that has no body.
func cutAnswer(w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	if len(body) > 1 {
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body[:len(body)/2])
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
	}
	panic(http.ErrAbortHandler)
}

// hang never answers. After a moment, which stands for the function's time-out,
// the calling process is killed, as Lambda does then.
func (c *Chaos) hang(_ http.ResponseWriter, r *http.Request, next http.Handler, carryOut bool) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if carryOut {
		next.ServeHTTP(httptest.NewRecorder(), r)
	}
	time.Sleep(50 * time.Millisecond)
	c.mu.Lock()
	c.hung++
	c.mu.Unlock()
	killPeer(r.RemoteAddr)
	panic(http.ErrAbortHandler)
}

// killCaller kills the process that sent the request: in the middle of it, or
// before it sees the answer.
func (c *Chaos) killCaller(_ http.ResponseWriter, r *http.Request, next http.Handler, carryOut bool) {
	kill := func() { killPeer(r.RemoteAddr) }
	if !carryOut && r.ContentLength > 1 {
		half(r, kill)
		next.ServeHTTP(httptest.NewRecorder(), r)
		kill()
		panic(http.ErrAbortHandler)
	}
	if carryOut {
		next.ServeHTTP(httptest.NewRecorder(), r)
	}
	kill()
	panic(http.ErrAbortHandler)
}

// alter flips one bit of the object that a request asks for.
func (c *Chaos) alter(r *http.Request) {
	client := s3.NewFromConfig(c.clients)
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	out, err := client.GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return
	}
	body, err := io.ReadAll(out.Body)
	if err != nil || len(body) == 0 {
		return
	}
	body[len(body)/2] ^= 4
	_, _ = client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)})
}
