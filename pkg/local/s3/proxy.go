package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// socket is the private Unix socket between the proxy and the gateway. The
// gateway cannot report the port that it was given for port 0, a socket has
// none, and nobody but this user can connect to it.
type socket struct {
	folder    string
	path      string
	transport *http.Transport
}

// The folder and the name of a socket.
const (
	socketPrefix = "nightstar-s3-"
	socketName   = "gw"
)

// newSocket chooses a path in a folder of its own. It is short, because the
// path of a Unix socket is limited to about a hundred bytes.
func newSocket() (*socket, error) {
	err := sweepSockets(os.TempDir())
	if err != nil {
		return nil, fmt.Errorf("remove sockets of earlier gateways: %w", err)
	}
	folder, err := os.MkdirTemp("", socketPrefix)
	if err != nil {
		return nil, fmt.Errorf("make folder for the gateway's socket: %w", err)
	}
	path := filepath.Join(folder, socketName)
	dialer := new(net.Dialer)
	return &socket{folder: folder, path: path, transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", path)
		},
		// A compressed answer would not be what the client asked for, and the
		// header that asks for it would not be among the signed ones.
		DisableCompression:    true,
		MaxConnsPerHost:       maxInFlight / 2,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       30 * time.Second,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       64 << 10,
		ReadBufferSize:        64 << 10,
	}}, nil
}

func (s *socket) remove() error {
	s.transport.CloseIdleConnections()
	return os.RemoveAll(s.folder)
}

// newProxy forwards requests as they came. The gateway recomputes signatures
// from the host, the escaped path, the query and the signed headers, so none of
// them may change on the way; nor may a header be added that a client could
// have signed as absent.
func newProxy(transport http.RoundTripper) http.Handler {
	return &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.Out.URL.Host = "s3"
			r.Out.Host = r.In.Host
			r.Out.URL.RawQuery = r.In.URL.RawQuery
		},
		ErrorHandler: answerUnreachable,
		// It would report every client that goes away in the middle of a body.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// answerUnreachable tells the client, in S3's words, that the gateway did not
// answer. SDKs retry a 503.
func answerUnreachable(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusServiceUnavailable)
	if r.Method != http.MethodHead {
		fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?>`+
			"\n<Error><Code>ServiceUnavailable</Code><Message>The local S3 gateway did not answer.</Message></Error>")
	}
}

// newClient is an S3 client of the gateway behind the socket.
func newClient(transport http.RoundTripper, opts Options) *awss3.Client {
	return awss3.New(awss3.Options{
		BaseEndpoint: aws.String("http://s3"),
		UsePathStyle: true,
		Region:       opts.Region,
		HTTPClient:   &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return opts.Credentials, nil
		}),
	})
}
