package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
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
	// Notice, if set, is told in a sentence what objects have lost.
	Notice func(string)
}

// Server is a running gateway. It is an [http.Handler] that forwards each
// request, untouched, over the gateway's private Unix socket.
type Server struct {
	proxy  http.Handler
	socket *socket
	client *awss3.Client
	root   string
	// gateway runs the gateway until the context ends, and calls listening when
	// it accepts requests.
	gateway func(ctx context.Context, listening func()) error
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
	if err := sweep(s.root); err != nil {
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
	s.gateway = func(ctx context.Context, listening func()) error {
		files, err := s.newBackend(store, opts)
		if err != nil {
			return err
		}
		return embedgw.RunVersityGW(ctx, files, s.config(opts, listening))
	}
	if err := s.serve(ctx); err != nil {
		return errors.Join(err, s.release())
	}
	return nil
}

// newBackend opens the files.
func (s *Server) newBackend(store meta.MetadataStorer, opts Options) (backend.Backend, error) {
	notice := opts.Notice
	if notice == nil {
		notice = func(string) {}
	}
	store = &derivedStore{
		MetadataStorer: syncedStore{store}, root: s.root, notice: notice, etags: map[string]derivedETag{},
	}
	files, err := posix.New(s.root, store, posix.PosixOpts{
		CopyObjectThreshold: copyLimit,
		ValidateBucketNames: true,
		// This process is the only writer, so the lock files that would
		// serialise several gateways are needless.
		ForceNoObjLockFile: true,
	})
	if err != nil {
		return nil, err
	}
	return &classed{Backend: &syncing{Backend: files, root: s.root}, store: store}, nil
}

// config configures a run of the gateway.
func (s *Server) config(opts Options, listening func()) *embedgw.Config {
	return &embedgw.Config{
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
			s3api.WithOnListen(listening),
			s3api.WithMiddleware("/", readToEnd),
			s3api.WithMiddleware("/", refuseOdd),
			s3api.WithMiddleware("/", passHeaders),
		},
	}
}

// serve runs the gateway until it is stopped, and returns once it accepts
// requests.
func (s *Server) serve(ctx context.Context) error {
	listening := make(chan struct{})
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go func() {
		err := s.gateway(run, func() { close(listening) })
		// It stops by itself when it cannot accept a connection, as when the
		// process has run out of file descriptors.
		for isClosed(listening) && pause(run) {
			err = s.gateway(run, func() {})
		}
		s.stopped <- err
	}()
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

// restartPause is the time after which a gateway that stopped is started again.
const restartPause = 200 * time.Millisecond

// pause returns false if the context ends before the pause does.
func pause(ctx context.Context) bool {
	timer := time.NewTimer(restartPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
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
// [Start]. Objects and metadata stay on disk; unfinished uploads do until the
// next [Start].
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
