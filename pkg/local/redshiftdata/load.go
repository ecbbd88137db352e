package redshiftdata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

const (
	maxManifest = 64 << 20 // bytes; some 250,000 entries
	downloads   = 4        // at the same time, for one COPY
)

// copy fetches the files of a COPY into a folder of its own, hands them to the
// engine and removes them.
func (s *Server) copy(ctx context.Context, tx sqlengine.Tx, command *copyCommand) (_ int64, err error) {
	m, err := s.readManifest(ctx, command.manifest)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp(s.opts.TempDir, "nightstar-copy-")
	if err != nil {
		return 0, fmt.Errorf("make folder for files: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	files, err := s.fetchAll(ctx, m, dir)
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return 0, fmt.Errorf("manifest %s: none of its files is there", command.manifest)
	}
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.path
	}
	rows, err := tx.CopyParquet(ctx, command.table.SQL(), command.columns, paths)
	if err != nil {
		return 0, renamed(err, files)
	}
	return rows, nil
}

func (s *Server) readManifest(ctx context.Context, at location) (*manifest, error) {
	out, err := s.objects.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(at.bucket), Key: aws.String(at.key)})
	if err != nil {
		return nil, fmt.Errorf("get manifest %s: %w", at, err)
	}
	text, err := io.ReadAll(io.LimitReader(out.Body, maxManifest+1))
	if err := errors.Join(err, out.Body.Close()); err != nil {
		return nil, fmt.Errorf("get manifest %s: %w", at, err)
	}
	if len(text) > maxManifest {
		return nil, fmt.Errorf("get manifest %s: it has more than %d bytes", at, maxManifest)
	}
	m, err := parseManifest(text)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", at, err)
	}
	return m, nil
}

// file is an object on local disk.
type file struct {
	path     string // "" if the object was not there and need not be
	location location
}

// fetchAll downloads the files of a manifest, in its order.
func (s *Server) fetchAll(ctx context.Context, m *manifest, dir string) ([]file, error) {
	files := make([]file, len(m.Entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(downloads)
	for i, entry := range m.Entries {
		group.Go(func() error {
			path := filepath.Join(dir, fmt.Sprintf("%06d.parquet", i))
			err := s.fetch(ctx, entry, path)
			if _, missing := errors.AsType[*types.NoSuchKey](err); missing && !entry.Mandatory {
				return nil
			}
			files[i] = file{path: path, location: entry.location}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	there := files[:0]
	for _, f := range files {
		if f.path != "" {
			there = append(there, f)
		}
	}
	return there, nil
}

// fetch downloads one object, whose size the manifest has to state exactly.
func (s *Server) fetch(ctx context.Context, entry manifestEntry, path string) (err error) {
	out, err := s.objects.GetObject(ctx, &s3.GetObjectInput{
		Bucket: aws.String(entry.location.bucket), Key: aws.String(entry.location.key),
	})
	if err != nil {
		return fmt.Errorf("get object %s: %w", entry.location, err)
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	want := entry.Meta.ContentLength
	if out.ContentLength != nil && *out.ContentLength != want {
		return fmt.Errorf("object %s has %d bytes, its content_length in the manifest is %d", entry.location, *out.ContentLength, want)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("keep object %s: %w", entry.location, err)
	}
	n, err := io.Copy(f, out.Body)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("keep object %s: %w", entry.location, err)
	}
	if n != want {
		return fmt.Errorf("object %s has %d bytes, its content_length in the manifest is %d", entry.location, n, want)
	}
	return nil
}

// renamedError tells of objects where the engine's error tells of local files.
type renamedError struct {
	text string
	err  error
}

func (e *renamedError) Error() string { return e.text }

func (e *renamedError) Unwrap() error { return e.err }

func renamed(err error, files []file) error {
	text := err.Error()
	for _, f := range files {
		text = strings.ReplaceAll(text, f.path, f.location.String())
	}
	return &renamedError{text: text, err: err}
}
