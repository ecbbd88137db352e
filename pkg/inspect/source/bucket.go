package source

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/local/exportdir"
)

// Objects is what [Bucket] calls of S3: s3:ListBucket and s3:GetObject.
type Objects interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// maxObjects is how many objects below a prefix are looked at.
const maxObjects = 200_000

// bucket is a prefix of a bucket, and how large its objects are.
type bucket struct {
	api   Objects
	name  string
	sizes map[string]int64
}

// Bucket opens the one export below a prefix of a bucket.
func Bucket(ctx context.Context, api Objects, name, prefix string) (Source, error) {
	b := bucket{api: api, name: name, sizes: map[string]int64{}}
	address := bucketScheme + name + "/" + prefix
	if name == "" {
		return Source{}, fmt.Errorf("open %s: it names no bucket; write s3://bucket/prefix", address)
	}
	found, err := b.list(ctx, prefix)
	if err != nil {
		return Source{}, fmt.Errorf("list %s: %w", address, err)
	}
	switch {
	case len(found) == 0:
		return Source{}, fmt.Errorf("open %s: there is no %s below it; name the prefix that the export was written to", address, summaryName)
	case len(found) > 1:
		return Source{}, fmt.Errorf("open %s: there are %d exports below it; name one, such as %s", address, len(found), b.url(strings.TrimSuffix(found[0], summaryName)))
	}
	return b.exported(ctx, found[0])
}

// list finds the summaries below a prefix.
func (b bucket) list(ctx context.Context, prefix string) (found []string, err error) {
	pages := s3.NewListObjectsV2Paginator(b.api, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err //nolint:wrapcheck // the caller says what it was about
		}
		for _, object := range page.Contents {
			key := aws.ToString(object.Key)
			b.sizes[key] = aws.ToInt64(object.Size)
			if strings.HasSuffix("/"+key, "/"+summaryName) {
				found = append(found, key)
			}
		}
		if len(b.sizes) > maxObjects {
			return nil, fmt.Errorf("it holds more than %d objects; name the prefix of one export", maxObjects)
		}
	}
	return found, nil
}

func (b bucket) url(key string) string { return bucketScheme + b.name + "/" + key }

// exported lists what the manifests of an export name. Its files lie where they
// lay beside the summary, whatever bucket DynamoDB wrote them to.
func (b bucket) exported(ctx context.Context, key string) (Source, error) {
	read, err := document.Read(ctx, b.api, b.name, key, maxSummary)
	if err != nil {
		return Source{}, err //nolint:wrapcheck // names the object
	}
	sum, err := decodeSummary(b.url(key), read.Body)
	if err != nil {
		return Source{}, err
	}
	at := strings.LastIndex("/"+key, "/"+exportdir.Folder+"/")
	if at < 0 {
		return Source{}, fmt.Errorf("open %s: the export lies in no folder %s, so its files cannot be found", b.url(key), exportdir.Folder)
	}
	home := key[:at]
	manifest := home + exportdir.Name(sum.FilesKey)
	if read, err = document.Read(ctx, b.api, b.name, manifest, maxManifest); err != nil {
		return Source{}, err //nolint:wrapcheck // names the object
	}
	keys, err := decodeFiles(b.url(manifest), read.Body)
	if err != nil {
		return Source{}, err
	}
	s := Source{Name: b.url(strings.TrimSuffix(key, summaryName)), Table: sum.table()}
	for _, k := range keys {
		name := exportdir.Name(k)
		if name == "" {
			return Source{}, fmt.Errorf("read %s: dataFileS3Key %q names no file of an export", b.url(manifest), k)
		}
		s.Files = append(s.Files, b.file(home+name))
	}
	s.sort()
	return s, nil
}

func (b bucket) file(key string) File {
	return File{Name: b.url(key), Bytes: b.sizes[key], Open: func(ctx context.Context) (io.ReadCloser, error) {
		out, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", b.url(key), err)
		}
		return out.Body, nil
	}}
}
