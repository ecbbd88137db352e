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
// manifests name; the steps prove them.
func (e *Environment) UploadExport(ctx context.Context, export *exportdir.Export, runID string) (string, error) {
	names, err := export.Names()
	if err != nil {
		return "", fmt.Errorf("upload export: %w", err)
	}
	client := transfermanager.New(s3.NewFromConfig(e.Config()))
	prefix := "run=" + runID
	for _, name := range names {
		if err := upload(ctx, client, export, name, path.Join(prefix, name)); err != nil {
			return "", fmt.Errorf("upload export: %w", err)
		}
	}
	return path.Join(prefix, export.Summary()), nil
}

func upload(ctx context.Context, client *transfermanager.Client, export *exportdir.Export, name, key string) error {
	file, size, err := export.File(name)
	if err != nil {
		return err //nolint:wrapcheck // the caller wraps; the error names the file
	}
	bucket := RawBucket
	_, err = client.UploadObject(ctx, &transfermanager.UploadObjectInput{
		Bucket: &bucket, Key: &key, Body: io.NewSectionReader(file, 0, size),
	})
	return errors.Join(err, file.Close())
}
