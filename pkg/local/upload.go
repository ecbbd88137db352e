package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// An export of DynamoDB is a folder named for its id below exportsFolder, and
// ends with its summary.
const (
	exportsFolder = "AWSDynamoDB"
	summaryName   = "manifest-summary.json"
)

// UploadExport puts an export, as AWS wrote it, into the raw bucket under the
// run's prefix, and returns the key of its summary. The folder holds
// AWSDynamoDB/<id>/manifest-summary.json and the files the manifests name; the
// steps prove them.
func (e *Environment) UploadExport(ctx context.Context, dir, runID string) (string, error) {
	summary, err := findSummary(dir)
	if err != nil {
		return "", err
	}
	client := transfermanager.New(s3.NewFromConfig(e.Config()))
	prefix := "run=" + runID
	root, err := filepath.EvalSymlinks(filepath.Join(dir, exportsFolder))
	if err != nil {
		return "", fmt.Errorf("upload export %s: %w", dir, err)
	}
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err //nolint:wrapcheck // wrapped below
		}
		return upload(ctx, client, name, RawBucket, path.Join(prefix, exportsFolder, filepath.ToSlash(relative)))
	})
	if err != nil {
		return "", fmt.Errorf("upload export %s: %w", dir, err)
	}
	return path.Join(prefix, summary), nil
}

// findSummary returns the one summary below dir, relative to it.
func findSummary(dir string) (string, error) {
	exports, err := os.ReadDir(filepath.Join(dir, exportsFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("search export in %s: %w", dir, err)
	}
	var found []string // ids
	for _, export := range exports {
		if _, err := os.Stat(filepath.Join(dir, exportsFolder, export.Name(), summaryName)); err == nil {
			found = append(found, export.Name())
		}
	}
	switch len(found) {
	case 1:
		return path.Join(exportsFolder, found[0], summaryName), nil
	case 0:
		return "", fmt.Errorf("search export in %s: there is no AWSDynamoDB/<id>/%s; give the folder that holds AWSDynamoDB", dir, summaryName)
	default:
		return "", fmt.Errorf("search export in %s: there are several (%s); give a folder with one of them", dir, strings.Join(found, ", "))
	}
}

func upload(ctx context.Context, client *transfermanager.Client, name, bucket, key string) error {
	file, err := os.Open(name)
	if err != nil {
		return err //nolint:wrapcheck // the caller wraps; the error names the file
	}
	_, err = client.UploadObject(ctx, &transfermanager.UploadObjectInput{Bucket: &bucket, Key: &key, Body: file})
	return errors.Join(err, file.Close())
}
