package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/local/exportdir"
)

// UploadExport puts an export, as AWS wrote it, into the raw bucket under the
// run's prefix, and returns the key of its summary. It takes the files that the
// manifests name; the steps prove them. Progress, if not nil, is told how many
// bytes of how many are in the bucket, after each file.
func (e *Environment) UploadExport(
	ctx context.Context, export *exportdir.Export, runID string, progress func(done, total int64),
) (string, error) {
	names, err := export.Names()
	if err != nil {
		return "", fmt.Errorf("upload export: %w", err)
	}
	client := transfermanager.New(s3.NewFromConfig(e.Config()))
	prefix := "run=" + runID
	var done, total int64
	for _, name := range names {
		file, size, err := export.File(name)
		if err != nil {
			return "", fmt.Errorf("upload export: %w", err)
		}
		total += size
		if err := file.Close(); err != nil {
			return "", fmt.Errorf("upload export: %w", err)
		}
	}
	for _, name := range names {
		size, err := upload(ctx, client, export, name, path.Join(prefix, name))
		if err != nil {
			return "", fmt.Errorf("upload export: %w", err)
		}
		if done += size; progress != nil {
			progress(done, total)
		}
	}
	return path.Join(prefix, export.Summary()), nil
}

func upload(ctx context.Context, client *transfermanager.Client, export *exportdir.Export, name, key string) (int64, error) {
	file, size, err := export.File(name)
	if err != nil {
		return 0, err //nolint:wrapcheck // the caller wraps; the error names the file
	}
	bucket := RawBucket
	_, err = client.UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket: &bucket, Key: &key, Body: io.NewSectionReader(file, 0, size),
	})
	return size, errors.Join(err, file.Close())
}
