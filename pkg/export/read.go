package export

import (
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // the checksum that DynamoDB writes
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// maxSmall bounds, in bytes, the objects that are read whole: a summary and
// the checksum files. Real ones have less than two kilobytes.
const maxSmall = 1 << 20

func (p *Planner) readSummary(ctx context.Context, key string) (summary, error) {
	read, err := document.Read(ctx, p.api, p.raw, key, maxSmall)
	if document.Missing(err) {
		return summary{}, fault.New(fault.Invalid, err)
	}
	if err != nil {
		return summary{}, err //nolint:wrapcheck // names the object
	}
	s, errDecode := decodeSummary(read.Body)
	if errDecode == nil { // the kind comes first: a checksum that is wrong says nothing about it
		if err := s.checkKind(); err != nil {
			return summary{}, fmt.Errorf("read %s: %w", p.url(key), err)
		}
	}
	digest := md5.New() //nolint:gosec // as above
	digest.Write(read.Body)
	if err := p.verify(ctx, key, digest); err != nil {
		return summary{}, err
	}
	if err := cmp.Or(errDecode, s.check()); err != nil {
		return summary{}, fmt.Errorf("read %s: %w", p.url(key), err)
	}
	if !s.isKnown() {
		p.log.WarnContext(ctx, "manifest has another version", slog.String("manifest", p.url(key)),
			slog.String("version", aws.ToString(s.Version)), slog.String("known", s.version()))
	}
	return s, nil
}

func (p *Planner) readFiles(ctx context.Context, key string, at location, changes bool) ([]lakedoc.File, int64, error) {
	body, err := p.open(ctx, key)
	if document.Missing(err) {
		return nil, 0, fault.New(fault.Corrupt, err)
	}
	if err != nil {
		return nil, 0, err
	}
	defer body.Close()  //nolint:errcheck // what matters was read, and is proven
	digest := md5.New() //nolint:gosec // as above
	files, items, err := decodeFiles(io.TeeReader(connection{body}, digest), at, changes)
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", p.url(key), err)
	}
	if err := p.verify(ctx, key, digest); err != nil {
		return nil, 0, err
	}
	return files, items, nil
}

// verify compares a manifest with the checksum file beside it. AWS's manual
// calls that file .checksum in one place and .md5 in another; DynamoDB writes
// .md5. An export without either is taken, and that is logged: people copy
// exports without their small files, and the counts prove the manifests too.
func (p *Planner) verify(ctx context.Context, key string, digest hash.Hash) error {
	got := base64.StdEncoding.EncodeToString(digest.Sum(nil))
	for _, suffix := range []string{".md5", ".checksum"} {
		sideKey := strings.TrimSuffix(key, ".json") + suffix
		side, err := document.Read(ctx, p.api, p.raw, sideKey, maxSmall)
		if document.Missing(err) {
			continue
		}
		if err != nil {
			return err //nolint:wrapcheck // names the object
		}
		if want := strings.TrimSpace(string(side.Body)); got != want {
			return fault.New(fault.Corrupt, fmt.Errorf("verify %s: its MD5 is %s, %s says %q",
				p.url(key), got, p.url(sideKey), want))
		}
		return nil
	}
	p.log.WarnContext(ctx, "manifest has no checksum file", slog.String("object", p.url(key)))
	return nil
}

func (p *Planner) open(ctx context.Context, key string) (io.ReadCloser, error) {
	out, err := p.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &p.raw, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", p.url(key), awsfault.Classify(err))
	}
	return out.Body, nil
}

// connection marks the errors of a body as Transient: what breaks off between
// S3 and us says nothing about the object. A checksum that does not match does.
type connection struct{ io.Reader }

func (c connection) Read(buffer []byte) (int, error) {
	n, err := c.Reader.Read(buffer)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err //nolint:wrapcheck // io.EOF must stay itself
	}
	if document.Damaged(err) {
		return n, fault.New(fault.Corrupt, err)
	}
	return n, fault.New(fault.Transient, err)
}
