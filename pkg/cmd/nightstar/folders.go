package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// folders is the folder in which the local S3 keeps its buckets, read without
// it. It answers what [record.List] asks, and nothing else.
type folders string

// GetObject opens the file of an object.
func (f folders) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	file, err := os.Open(filepath.Join(string(f), aws.ToString(in.Bucket), filepath.FromSlash(aws.ToString(in.Key))))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &types.NoSuchKey{}
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // names the file
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() { // a folder is no object
		err = &types.NoSuchKey{}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &s3.GetObjectOutput{Body: file, ContentLength: aws.Int64(info.Size()), LastModified: aws.Time(info.ModTime())}, nil
}

// ListObjectsV2 lists the folders below a prefix, with a delimiter, and the first
// objects below it, without: everything on one page.
func (f folders) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	prefix := aws.ToString(in.Prefix)
	root := filepath.Join(string(f), aws.ToString(in.Bucket), filepath.FromSlash(prefix))
	out := &s3.ListObjectsV2Output{}
	if in.Delimiter != nil {
		entries, err := os.ReadDir(root)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("list runs: %w", err)
		}
		for _, entry := range entries {
			if entry.IsDir() {
				out.CommonPrefixes = append(out.CommonPrefixes, types.CommonPrefix{Prefix: aws.String(prefix + entry.Name() + "/")})
			}
		}
		return out, nil
	}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err //nolint:wrapcheck // names the file
		}
		key := path.Join(prefix, filepath.ToSlash(strings.TrimPrefix(name, root)))
		out.Contents = append(out.Contents, types.Object{Key: &key, Size: aws.Int64(info.Size()), LastModified: aws.Time(info.ModTime())})
		if len(out.Contents) == int(aws.ToInt32(in.MaxKeys)) {
			return fs.SkipAll
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list objects of a run: %w", err)
	}
	return out, nil
}
