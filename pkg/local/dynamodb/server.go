package dynamodb

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/durable"
)

// Account is the account id in every ARN that the endpoint gives out.
const Account = "000000000000"

// Objects is where exports are written. An *s3.Client is one. The calls must be
// safe for concurrent use.
type Objects interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	CreateMultipartUpload(
		context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options),
	) (*s3.CreateMultipartUploadOutput, error)
	UploadPart(context.Context, *s3.UploadPartInput, ...func(*s3.Options)) (*s3.UploadPartOutput, error)
	CompleteMultipartUpload(
		context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options),
	) (*s3.CompleteMultipartUploadOutput, error)
	AbortMultipartUpload(
		context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options),
	) (*s3.AbortMultipartUploadOutput, error)
}

// Options adjust a [Server]. The zero value is good for use.
type Options struct {
	// Region appears in ARNs. Default "us-east-1".
	Region string
	// Now is the clock. Default [time.Now].
	Now func() time.Time
	// Partitions is the least number of partitions, and so of data files, of an
	// export. A table has one more for every 10 GB. Default 4.
	Partitions int
	// EmptyPartitions is the number of further partitions without items, which
	// export as empty files, as those of DynamoDB do. Default 0.
	EmptyPartitions int
	// ShortestWindow is the least time that an incremental export spans. Default 15
	// minutes, as DynamoDB has it; a table on one machine changes and is exported
	// within seconds.
	ShortestWindow time.Duration
	// Unprocessed, if set, decides which writes of a BatchWriteItem are left
	// undone and returned as UnprocessedItems. Request counts the writes to the
	// table in the call, from 0.
	Unprocessed func(table string, request int) bool
	// Notice, if set, is told in a sentence what was set aside when the directory
	// was opened.
	Notice func(string)
}

// Server is the endpoint. Use [Open] to get one. It is safe for concurrent use.
type Server struct {
	dir     string
	lock    *os.File
	objects Objects
	opts    Options

	mu     sync.RWMutex
	tables map[string]*table

	exports *exportList

	closeOnce sync.Once
	closeErr  error
}

// Open opens the endpoint on a directory, which is created if needed, and
// replays the change logs in it. Only one Server at a time can have a directory.
// Exports are written through objects.
func Open(dir string, objects Objects, opts Options) (*Server, error) {
	if opts.Region == "" {
		opts.Region = "us-east-1"
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Partitions < 1 {
		opts.Partitions = defaultPartitions
	}
	if opts.ShortestWindow <= 0 {
		opts.ShortestWindow = shortestWindow
	}
	if opts.Notice == nil {
		opts.Notice = func(string) {}
	}
	dir, err := filepath.Abs(dir) // the process may change its working directory
	if err != nil {
		return nil, fmt.Errorf("open local DynamoDB: %w", err)
	}
	s := &Server{dir: dir, objects: objects, opts: opts, tables: map[string]*table{}}
	for _, d := range []string{s.tablesDir(), s.exportsDir(), s.spoolDir()} {
		if err := durable.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("open local DynamoDB: %w", err)
		}
	}
	if s.lock, err = lockDir(dir); err != nil {
		return nil, err
	}
	if err := s.load(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// lockDir takes the lock on a directory, which ends with the process at the latest.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: another process has it open: %w", dir, err), f.Close())
	}
	return f, nil
}

func (s *Server) tablesDir() string  { return filepath.Join(s.dir, "tables") }
func (s *Server) exportsDir() string { return filepath.Join(s.dir, "exports") }
func (s *Server) spoolDir() string   { return filepath.Join(s.dir, "spool") }

// load reads what the directory holds.
func (s *Server) load() error {
	if err := durable.Empty(s.spoolDir()); err != nil { // what interrupted exports have left
		return err
	}
	exports, err := loadExports(s.exportsDir(), s.opts.Now(), s.opts.Notice)
	if err != nil {
		return err
	}
	s.exports = exports
	dirs, err := os.ReadDir(s.tablesDir())
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	for _, d := range dirs {
		dir := filepath.Join(s.tablesDir(), d.Name())
		if ext := filepath.Ext(dir); ext == durable.Temporary || ext == deleted {
			// Nobody was told that it is there, or that it is still there.
			if err := os.RemoveAll(dir); err != nil {
				return fmt.Errorf("remove what was left of a table: %w", err)
			}
			continue
		}
		t, err := openTable(dir, s.opts.Now())
		if err != nil {
			return err
		}
		if _, twice := s.tables[t.def.TableName]; twice {
			return errors.Join(fmt.Errorf("open table %s: it exists twice in %s", t.def.TableName, s.tablesDir()),
				t.close())
		}
		s.tables[t.def.TableName] = t
	}
	return nil
}

// Close ends running exports, which become FAILED, and closes the tables. No
// request may be under way, and none can be answered afterwards. Further calls
// do nothing and return the same.
func (s *Server) Close() error {
	s.closeOnce.Do(func() { s.closeErr = s.close() })
	return s.closeErr
}

func (s *Server) close() error {
	if s.exports != nil {
		s.exports.stop()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, t := range s.tables {
		err = errors.Join(err, t.close())
	}
	return errors.Join(err, s.lock.Close())
}

// ServeHTTP answers one call. The path does not matter, so that the endpoint
// can share a port; the operation is in the header X-Amz-Target.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	awsjson.Service{
		Name: "DynamoDB", Target: "DynamoDB_20120810.", Version: "1.0", MaxBody: maxRequest,
		Internal: codeInternalFailure, Namespace: namespace,
		Operation: func(name string) awsjson.Operation {
			operation := s.operation(name)
			if operation == nil {
				return nil
			}
			return func(ctx context.Context, body []byte) (any, error) {
				answer, err := operation(ctx, body)
				return json.RawMessage(answer), err
			}
		},
	}.ServeHTTP(w, r)
}

// operation returns the function for an operation, or nil.
func (s *Server) operation(name string) func(context.Context, []byte) ([]byte, error) {
	switch name {
	case "CreateTable":
		return s.createTable
	case "DescribeTable":
		return s.describeTable
	case "ListTables":
		return s.listTables
	case "DeleteTable":
		return s.deleteTable
	case "UpdateContinuousBackups":
		return s.updateContinuousBackups
	case "DescribeContinuousBackups":
		return s.describeContinuousBackups
	case "PutItem":
		return s.putItem
	case "GetItem":
		return s.getItem
	case "DeleteItem":
		return s.deleteItem
	case "BatchWriteItem":
		return s.batchWriteItem
	case "BatchGetItem":
		return s.batchGetItem
	case "Query":
		return s.query
	case "Scan":
		return s.scan
	case "ExportTableToPointInTime":
		return s.exportTableToPointInTime
	case "DescribeExport":
		return s.describeExport
	case "ListExports":
		return s.listExports
	default:
		return nil
	}
}

// table returns the table with a name or ARN.
func (s *Server) table(name string) (*table, error) {
	if name == "" {
		return nil, invalid("The parameter 'TableName' is required but was not present in the request")
	}
	if plain, ok := strings.CutPrefix(name, s.tableARN("")); ok {
		name = plain
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.tables[name]
	if !ok {
		return nil, refuse(codeNotFound, "Requested resource not found: Table: %s not found", name)
	}
	return t, nil
}

func (s *Server) tableARN(name string) string {
	return "arn:aws:dynamodb:" + s.opts.Region + ":" + Account + ":table/" + name
}

// micros returns the time in microseconds since 1970.
func (s *Server) micros() int64 {
	return s.opts.Now().UnixMicro()
}

// randomText returns n bytes of randomness in lower-case Base32.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// randomHex returns n bytes of randomness in hexadecimal.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
