package s3

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/s3response"

	"github.com/nightstar-elt/nightstar/pkg/local/durable"
)

// syncing makes what S3 has acknowledged survive a power failure, which the
// backend leaves to chance. It syncs an object's file before the answer, and the
// directories that lead to it. That an object is never half of one is the work
// of [syncedStore]: it syncs the file before the backend gives it its name.
type syncing struct {
	backend.Backend

	root string
}

// synced makes an object's file and its place durable.
func (s *syncing) synced(bucket, key string) error {
	name := filepath.Join(s.root, bucket, filepath.FromSlash(key))
	if err := syncFile(name); err != nil && !errors.Is(err, fs.ErrNotExist) { // it may be deleted already
		return err
	}
	return s.syncedPlace(name)
}

// syncedPlace makes the directories above a file durable, up to the root. One
// that is gone left its trace in the one above it.
func (s *syncing) syncedPlace(name string) error {
	for dir := filepath.Dir(name); len(dir) >= len(s.root); dir = filepath.Dir(dir) {
		if err := durable.SyncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncFile(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// CreateBucket makes a durable bucket.
func (s *syncing) CreateBucket(ctx context.Context, in *awss3.CreateBucketInput, acl []byte) error {
	if err := s.Backend.CreateBucket(ctx, in, acl); err != nil {
		return err
	}
	return s.synced(*in.Bucket, "")
}

// PutObject stores an object durably.
func (s *syncing) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	out, err := s.Backend.PutObject(ctx, in)
	if err == nil {
		err = s.synced(*in.Bucket, *in.Key)
	}
	return out, err
}

// CopyObject stores a copy durably.
func (s *syncing) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	out, err := s.Backend.CopyObject(ctx, in)
	if err == nil {
		err = s.synced(*in.Bucket, *in.Key)
	}
	return out, err
}

// CompleteMultipartUpload stores the object of an upload durably. Its parts are
// not: an upload that a power failure interrupts is begun again.
func (s *syncing) CompleteMultipartUpload(
	ctx context.Context, in *awss3.CompleteMultipartUploadInput,
) (s3response.CompleteMultipartUploadResult, string, error) {
	out, version, err := s.Backend.CompleteMultipartUpload(ctx, in)
	if err == nil {
		err = s.synced(*in.Bucket, *in.Key)
	}
	return out, version, err
}

// PutObjectTagging stores tags durably.
func (s *syncing) PutObjectTagging(ctx context.Context, bucket, key, version string, tags map[string]string) error {
	if err := s.Backend.PutObjectTagging(ctx, bucket, key, version, tags); err != nil {
		return err
	}
	return s.synced(bucket, key)
}

// DeleteObject deletes an object durably.
func (s *syncing) DeleteObject(ctx context.Context, in *awss3.DeleteObjectInput) (*awss3.DeleteObjectOutput, error) {
	out, err := s.Backend.DeleteObject(ctx, in)
	if err == nil {
		err = s.syncedPlace(filepath.Join(s.root, *in.Bucket, filepath.FromSlash(*in.Key)))
	}
	return out, err
}

// DeleteObjects deletes objects durably, and syncs each directory once.
func (s *syncing) DeleteObjects(ctx context.Context, in *awss3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	out, err := s.Backend.DeleteObjects(ctx, in)
	places := map[string]bool{}
	for _, o := range out.Deleted {
		name := filepath.Join(s.root, *in.Bucket, filepath.FromSlash(*o.Key))
		if dir := filepath.Dir(name); err == nil && !places[dir] {
			places[dir] = true
			err = s.syncedPlace(name)
		}
	}
	return out, err
}

// syncedStore syncs a file when its ETag is stored, which the backend does after
// the last byte of an object and before it gives the file a name. So no power
// failure leaves a name with a part of an object, nor an empty file in place of
// an object that is replaced.
type syncedStore struct {
	meta.MetadataStorer
}

// StoreAttribute stores one value.
func (s syncedStore) StoreAttribute(f *os.File, bucket, object, attribute string, value []byte) error {
	if err := s.MetadataStorer.StoreAttribute(f, bucket, object, attribute, value); err != nil {
		return err
	}
	if f == nil || attribute != etagAttribute {
		return nil
	}
	return f.Sync()
}
