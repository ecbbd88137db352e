package gateway

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"
)

// talk sends the head of a request and a part of its body, and returns what the
// server answers before it closes the connection.
func talk(t *testing.T, url, head string) string {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, head); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// TestDispatcher_bodiesThatStandStill begins bodies that never end.
func TestDispatcher_bodiesThatStandStill(t *testing.T) {
	t.Parallel()

	readAll := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.Header().Set("Connection", "close")
			http.Error(w, err.Error(), http.StatusRequestTimeout)
		}
	})
	handler := NewHandler(Services{DynamoDB: readAll, S3: readAll}, Options{Credentials: keys}).(*dispatcher)
	handler.bodies.time = 50 * time.Millisecond
	server := httptest.NewServer(handler)
	defer server.Close()
	for name, line := range map[string]string{
		"a service whose bodies are read": "X-Amz-Target: DynamoDB_20120810.PutItem\r\n",
		"S3":                              "",
	} {
		answer := talk(t, server.URL, "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"+line+"Content-Length: 100\r\n\r\nhalf")
		if !strings.Contains(answer, " 408 ") {
			t.Errorf("%s answers %q, want status 408", name, answer)
		}
	}
}

// TestBodies_read_boundsMemory fills the room.
func TestBodies_read_boundsMemory(t *testing.T) {
	t.Parallel()

	b := &bodies{room: semaphore.NewWeighted(10), time: 10 * time.Millisecond}
	read := func(size int) (func(), *refusal) {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", strings.NewReader(strings.Repeat("x", size)))
		body, release, refused := b.read(httptest.NewRecorder(), r)
		if refused == nil && len(body) != size {
			t.Errorf("%d of %d bytes are read", len(body), size)
		}
		return release, refused
	}
	first, refused := read(6)
	if refused != nil {
		t.Fatal(refused)
	}
	if _, refused := read(6); refused == nil || refused.status != http.StatusServiceUnavailable {
		t.Errorf("a body for which there is no room: %+v, want 503", refused)
	}
	first()
	second, refused := read(6)
	if refused != nil {
		t.Fatalf("after the room was given back: %+v", refused)
	}
	second()
	if _, refused := read(maxBody + 1); refused == nil || refused.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too large: %+v, want 413", refused)
	}
}
