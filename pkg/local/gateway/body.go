package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// maxBody is DynamoDB's limit for a request, the largest of all services
	// whose bodies are read here.
	maxBody = 16 << 20
	// maxBodies bounds all bodies that are in memory, in bytes. Requests above
	// it wait, and are told to come back after bodyTime.
	maxBodies = 8 * maxBody
	// bodyTime is how long a body that is read here may take, and how long one
	// that is passed on may stand still.
	bodyTime = 30 * time.Second
)

// bodies reads bodies within bounds of memory and time.
type bodies struct {
	room *semaphore.Weighted
	time time.Duration
}

func newBodies() *bodies {
	return &bodies{room: semaphore.NewWeighted(maxBodies), time: bodyTime}
}

// read reads the body of a request. Release gives the memory back.
func (b *bodies) read(w http.ResponseWriter, r *http.Request) (body []byte, release func(), refused *refusal) {
	tooLarge := &refusal{
		http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("the body exceeds %d bytes", maxBody),
	}
	size := r.ContentLength
	if size < 0 {
		size = maxBody
	}
	if size > maxBody {
		return nil, nil, tooLarge
	}
	ctx, cancel := context.WithTimeout(r.Context(), b.time)
	defer cancel()
	if err := b.room.Acquire(ctx, size); err != nil {
		return nil, nil, &refusal{
			http.StatusServiceUnavailable, "ServiceUnavailable", "too many large requests are under way; send this one again",
		}
	}
	release = func() { b.room.Release(size) }
	limit(w, time.Now().Add(b.time))
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	limit(w, time.Time{})
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		refused = &refusal{
			http.StatusRequestTimeout, "RequestTimeout", fmt.Sprintf("the body did not arrive within %v", b.time),
		}
	case err != nil:
		refused = &refusal{http.StatusBadRequest, "IncompleteBody", "read request body: " + err.Error()}
	case len(body) > maxBody:
		refused = tooLarge
	}
	if refused != nil {
		release()
		return nil, nil, refused
	}
	return body, release, nil
}

// moving is a body that is passed on. Reading it fails once it stands still.
type moving struct {
	io.ReadCloser

	w    http.ResponseWriter
	time time.Duration
}

// Read reads what has arrived.
func (m *moving) Read(p []byte) (int, error) {
	limit(m.w, time.Now().Add(m.time))
	n, err := m.ReadCloser.Read(p)
	// The server goes on reading the connection, to see the client leave.
	limit(m.w, time.Time{})
	return n, err
}

// limit sets the deadline of reading from the client. A writer that knows none
// is one of a test.
func limit(w http.ResponseWriter, deadline time.Time) {
	_ = http.NewResponseController(w).SetReadDeadline(deadline)
}
