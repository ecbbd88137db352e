package s3

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// behindProxy returns the address of a proxy in front of a handler.
func behindProxy(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	link, err := newSocket()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", link.path)
	if err != nil {
		t.Fatal(err)
	}
	upstream := &http.Server{Handler: handler}
	go func() { _ = upstream.Serve(listener) }()
	front := httptest.NewServer(newProxy(link.transport))
	t.Cleanup(func() {
		front.Close()
		_ = upstream.Close()
		if err := link.remove(); err != nil {
			t.Error(err)
		}
	})
	return front.Listener.Addr().String()
}

// TestProxy_keepsRequests compares the request that arrives with the one that
// was sent, byte by byte where a signature could notice.
func TestProxy_keepsRequests(t *testing.T) {
	t.Parallel()

	const target = "/lake/type%3Dorder/a%2Bb+c%20d/%C3%BC?list-type=2&prefix=a%2Fb&x;y&empty"
	headers := []string{
		"Amz-Sdk-Invocation-Id: 1", "Authorization: AWS4-HMAC-SHA256 x", "Content-Length: 4", "X-Amz-Date: 20261122T000000Z",
		"X-Amz-Trailer: x-amz-checksum-crc32",
	}
	got := make(chan []string, 1)
	address := behindProxy(t, func(w http.ResponseWriter, r *http.Request) {
		seen := []string{r.Method + " " + r.RequestURI, "Host: " + r.Host}
		for name, values := range r.Header {
			seen = append(seen, name+": "+strings.Join(values, ","))
		}
		slices.Sort(seen[2:])
		got <- seen
		_, _ = io.Copy(w, r.Body)
	})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: lake.example:4566\r\n%s\r\n\r\nbody", target, strings.Join(headers, "\r\n"))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "body" {
		t.Errorf("the body is %q, %v", body, err)
	}
	want := append([]string{"PUT " + target, "Host: lake.example:4566"}, headers...)
	if diff := cmp.Diff(want, <-got); diff != "" {
		t.Errorf("the request (-want +got):\n%s", diff)
	}
}

// TestProxy_streams holds back the second half of each body until the first has
// arrived, which hangs if anything waits for a whole body.
func TestProxy_streams(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	uploaded, downloaded := make(chan struct{}), make(chan struct{})
	address := behindProxy(t, func(w http.ResponseWriter, r *http.Request) {
		half := make([]byte, 5)
		_, _ = io.ReadFull(r.Body, half)
		close(uploaded)
		rest, _ := io.ReadAll(r.Body)
		_, _ = w.Write(half)
		_ = http.NewResponseController(w).Flush()
		select {
		case <-downloaded:
		case <-ctx.Done():
		}
		_, _ = w.Write(rest)
	})
	reader, writer := io.Pipe()
	go func() {
		_, _ = io.WriteString(writer, "first")
		select {
		case <-uploaded:
		case <-ctx.Done():
		}
		_, _ = io.WriteString(writer, "second")
		_ = writer.Close()
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+address+"/b/k", reader)
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = int64(len("firstsecond"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	half := make([]byte, 5)
	if _, err := io.ReadFull(response.Body, half); err != nil {
		t.Fatal(err)
	}
	close(downloaded)
	rest, err := io.ReadAll(response.Body)
	if got := string(half) + string(rest); err != nil || got != "firstsecond" {
		t.Errorf("the body is %q, %v", got, err)
	}
}

// TestProxy_reportsAGatewayThatIsGone wants an error that SDKs retry.
func TestProxy_reportsAGatewayThatIsGone(t *testing.T) {
	t.Parallel()

	link, err := newSocket()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = link.remove() }()
	for method, want := range map[string]string{http.MethodGet: "ServiceUnavailable", http.MethodHead: ""} {
		answer := httptest.NewRecorder()
		newProxy(link.transport).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, "/b/k", nil))
		if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s answers %d, %s", method, answer.Code, answer.Body)
		}
		if method == http.MethodHead && answer.Body.Len() > 0 {
			t.Errorf("HEAD answers with the body %s", answer.Body)
		}
	}
}
