package lake

import (
	"context"
	"crypto/md5" //nolint:gosec // the export's manifest gives MD5 and nothing else
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/gunzip"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// source is one data file of the export while it is read: its checksum so far,
// and its decompressed content.
type source struct {
	sum      hash.Hash
	raw      io.Reader // the file, summed
	unzipped io.Reader
}

// open starts reading a data file. A file that is not there is a
// contradiction: the manifest lists it.
func (p *Partitioner) open(ctx context.Context, key string) (io.ReadCloser, error) {
	out, err := p.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &p.rawBucket, Key: &key})
	if err != nil {
		if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
			return nil, contradiction("s3://%s/%s is in the manifest but not in the bucket", p.rawBucket, key)
		}
		return nil, fmt.Errorf("get s3://%s/%s: %w", p.rawBucket, key, err)
	}
	return out.Body, nil
}

// newSource starts decompressing. Data that is not gzip contradicts the
// manifest.
func newSource(body io.Reader) (*source, error) {
	s := &source{sum: md5.New()} //nolint:gosec // as above
	s.raw = io.TeeReader(fetched{body}, s.sum)
	unzipped, err := gunzip.NewReader(s.raw)
	switch {
	case err == io.EOF: //nolint:errorlint // NewReader returns EOF itself for an object without a byte
		s.unzipped = s.raw // an empty partition may export as nothing at all
	case err != nil:
		return nil, s.asContradiction(err)
	default:
		s.unzipped = unzipped
	}
	return s, nil
}

// Read reads decompressed bytes.
func (s *source) Read(p []byte) (int, error) { return s.unzipped.Read(p) } //nolint:wrapcheck // io.Reader

// md5 reads what may be left after the compressed data and returns the
// checksum of the whole object, in base64 as the manifest has it.
func (s *source) md5() (string, error) {
	if _, err := io.Copy(io.Discard, s.raw); err != nil {
		return "", fmt.Errorf("read to the end: %w", err)
	}
	return base64.StdEncoding.EncodeToString(s.sum.Sum(nil)), nil
}

// prove compares what was read with the manifest.
func (s *source) prove(file lakedoc.File, lines int64) error {
	sum, err := s.md5()
	if err != nil {
		return err
	}
	if sum != file.MD5 {
		return contradiction("its MD5 is %s, the manifest says %s: it was altered or cut after the export", sum, file.MD5)
	}
	if lines != file.Items {
		return contradiction("it holds %d items, the manifest counts %d", lines, file.Items)
	}
	return nil
}

// asContradiction tells a connection that broke, which passes, from content
// that is not gzip or ends too early, which does not.
func (s *source) asContradiction(err error) error {
	if _, ok := errors.AsType[*fetchError](err); ok {
		return err
	}
	if c, ok := errors.AsType[*contradictionError](err); ok {
		return c
	}
	return contradiction("decompress: %v", err)
}

// fetched marks errors of reading, so that they are not taken for errors
// of the content: a connection that broke passes, and other bytes than the
// object's checksum in S3 was made of do not.
type fetched struct{ io.Reader }

func (f fetched) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	switch {
	case err == nil || err == io.EOF: //nolint:errorlint // io.Reader returns EOF itself, by contract
	case document.Damaged(err):
		err = contradiction("it was damaged where it lies: %v", err)
	default:
		err = fault.New(fault.Transient, &fetchError{err})
	}
	return n, err //nolint:wrapcheck // io.Reader
}

type fetchError struct{ err error }

func (e *fetchError) Error() string { return "fetch: " + e.err.Error() }

func (e *fetchError) Unwrap() error { return e.err }

// contradictionError says how a data file contradicts its manifest.
type contradictionError struct{ text string }

func (e *contradictionError) Error() string { return e.text }

func contradiction(format string, args ...any) error {
	return &contradictionError{text: fmt.Sprintf(format, args...)}
}
