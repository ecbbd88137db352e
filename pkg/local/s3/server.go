package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
)

// Options configure a [Server].
type Options struct {
	// Credentials are the one key pair whose signatures are accepted.
	Credentials aws.Credentials
	// Region is the Region that signatures must be scoped to; us-east-1 when empty.
	Region string
	// SideCar keeps the objects' metadata in dir/.metadata even where the file
	// system has extended attributes. A directory that was begun in one way
	// stays with it: where dir/.metadata/objects exists it is used anyway.
	SideCar bool
}

// Server is a running gateway. It is an [http.Handler] that forwards each
// request, untouched, over the gateway's private Unix socket.
type Server struct {
	proxy  http.Handler
	socket *socket
	client *awss3.Client
	root   string
	// previous is the working directory to return to.
	previous string
	stop     context.CancelFunc
	stopped  chan error
}

// maxInFlight bounds the requests that the gateway handles at once. The proxy
// opens fewer connections than that, so an excess waits instead of being told
// to slow down.
const maxInFlight = 1024

// copyLimit is S3's limit for a source of CopyObject or a part of UploadPartCopy.
const copyLimit = 5 << 30

// Start serves dir, which it creates when it is missing, until [Server.Close].
// The context bounds the start only. It changes the working directory of the
// process; see the package comment.
func Start(ctx context.Context, dir string, opts Options) (*Server, error) {
	if opts.Credentials.AccessKeyID == "" || opts.Credentials.SecretAccessKey == "" {
		return nil, errors.New("start S3 gateway: the options hold no access key and secret")
	}
	if opts.Region == "" {
		opts.Region = "us-east-1"
	}
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("start S3 gateway in %q: %w", dir, err)
	}
	previous, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("start S3 gateway in %q: %w", root, err)
	}
	s := &Server{root: root, previous: previous, stopped: make(chan error, 1)}
	if err := s.start(ctx, opts); err != nil {
		return nil, fmt.Errorf("start S3 gateway in %q: %w", root, err)
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, opts Options) error {
	if err := os.MkdirAll(s.root, 0o755); err != nil {
		return err
	}
	store, err := openMetadata(s.root, opts.SideCar)
	if err != nil {
		return err
	}
	s.socket, err = newSocket()
	if err != nil {
		return err
	}
	s.proxy = newProxy(s.socket.transport)
	s.client = newClient(s.socket.transport, opts)
	files, err := posix.New(s.root, store, posix.PosixOpts{
		CopyObjectThreshold: copyLimit,
		ValidateBucketNames: true,
		// This process is the only writer, so the lock files that would
		// serialise several gateways are needless.
		ForceNoObjLockFile: true,
	})
	if err != nil {
		return errors.Join(err, s.release())
	}
	if err := s.serve(ctx, &classed{Backend: files, store: store}, opts); err != nil {
		return errors.Join(err, s.release())
	}
	return nil
}

// serve runs the gateway and returns once it accepts requests.
func (s *Server) serve(ctx context.Context, be backend.Backend, opts Options) error {
	listening := make(chan struct{})
	config := &embedgw.Config{
		RootUserAccess:    opts.Credentials.AccessKeyID,
		RootUserSecret:    opts.Credentials.SecretAccessKey,
		IAMService:        newAccounts(opts.Credentials),
		Region:            opts.Region,
		Ports:             []string{s.socket.path},
		SocketPerm:        "0600",
		MaxConnections:    maxInFlight,
		MaxRequests:       maxInFlight,
		MultipartMaxParts: 10_000,
		KeepAlive:         true,
		Quiet:             true,
		S3Options: []s3api.Option{
			s3api.WithOnListen(func() { close(listening) }),
			s3api.WithMiddleware("/", readToEnd),
			s3api.WithMiddleware("/", passHeaders),
		},
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go func() { s.stopped <- embedgw.RunVersityGW(run, be, config) }()
	select {
	case <-listening:
		return nil
	case err := <-s.stopped:
		stop()
		if err == nil {
			err = errors.New("the gateway stopped before it listened")
		}
		return err
	case <-ctx.Done():
		stop()
		return errors.Join(ctx.Err(), <-s.stopped)
	}
}

// ServeHTTP answers one S3 request. Bodies stream both ways.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.proxy.ServeHTTP(w, r) }

// EnsureBucket creates a bucket unless it is there. It is idempotent.
func (s *Server) EnsureBucket(ctx context.Context, name string) error {
	_, err := s.client.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &name})
	if err == nil {
		return nil
	}
	if _, err := s.client.CreateBucket(ctx, &awss3.CreateBucketInput{Bucket: &name}); err != nil {
		return fmt.Errorf("create bucket %q: %w", name, err)
	}
	return nil
}

// Close stops the gateway, removes its socket and the empty folders it kept for
// uploads, and returns to the working directory that the process had before
// [Start]. Objects, metadata and unfinished uploads stay on disk.
func (s *Server) Close() error {
	s.socket.transport.CloseIdleConnections()
	s.stop()
	if err := errors.Join(<-s.stopped, s.release()); err != nil {
		return fmt.Errorf("stop S3 gateway in %q: %w", s.root, err)
	}
	return nil
}

// release undoes what start did outside the gateway itself.
func (s *Server) release() error {
	err := s.socket.remove()
	uploads, globErr := filepath.Glob(filepath.Join(s.root, "*", posix.MetaTmpDir))
	for _, folder := range uploads {
		// Removing fails for a folder that still holds parts, which is wanted.
		_ = os.Remove(filepath.Join(folder, filepath.Base(posix.MetaTmpMultipartDir)))
		_ = os.Remove(folder)
	}
	return errors.Join(err, globErr, s.restoreDirectory())
}

// restoreDirectory leaves the working directory alone if somebody else has
// changed it since.
func (s *Server) restoreDirectory() error {
	current, err := os.Getwd()
	if err != nil || current != s.root {
		return nil //nolint:nilerr // a directory that is not ours to restore
	}
	return os.Chdir(s.previous)
}
