package s3

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/versity/versitygw/backend/meta"
)

// TestAttributes stores values that ext4 would refuse as extended attributes,
// such as the table of parts of an upload of 10,000 parts.
func TestAttributes(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	if err := probe(root); err != nil {
		t.Logf("this file system has no extended attributes: %v", err)
		store, err := openMetadata(root, false)
		if _, ok := store.(meta.SideCar); !ok || err != nil {
			t.Errorf("openMetadata() = %T, %v, want a side car", store, err)
		}
		return
	}
	store, err := openMetadata(root, false)
	if err != nil {
		t.Fatal(err)
	}
	bucket := filepath.Join(root, "bucket")
	object := filepath.Join(bucket, "a", "object")
	write := func() {
		if err := errors.Join(os.MkdirAll(filepath.Dir(object), 0o755), os.RemoveAll(object)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(object, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	get := func() []byte {
		value, err := store.RetrieveAttribute(nil, bucket, "a/object", "mp-metadata")
		if err != nil && !errors.Is(err, meta.ErrNoSuchKey) {
			t.Fatal(err)
		}
		return value
	}
	write()
	for _, size := range []int{0, 1, maxAttribute, maxAttribute + 1, 120_000} {
		want := bytes.Repeat([]byte("p"), size)
		if err := store.StoreAttribute(nil, bucket, "a/object", "mp-metadata", want); err != nil {
			t.Fatalf("StoreAttribute() of %d bytes: %v", size, err)
		}
		if got := get(); !bytes.Equal(got, want) {
			t.Errorf("after %d bytes were stored %d come back", size, len(got))
		}
	}
	write()
	if got := get(); len(got) != 0 {
		t.Errorf("a replaced object still has %d bytes of its predecessor", len(got))
	}
	if err := store.StoreAttribute(nil, bucket, "a/object", "mp-metadata", make([]byte, 9999)); err != nil {
		t.Fatal(err)
	}
	if err := store.RenameObject(bucket, "a/object", "b/object"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(bucket, "a"), filepath.Join(bucket, "b")); err != nil {
		t.Fatal(err)
	}
	if got, err := store.RetrieveAttribute(nil, bucket, "b/object", "mp-metadata"); len(got) != 9999 || err != nil {
		t.Errorf("the renamed object has %d bytes, %v, want 9999", len(got), err)
	}
	if err := store.DeleteAttributes(bucket, "b/object"); err != nil {
		t.Fatal(err)
	}
	var left []string
	_ = filepath.WalkDir(filepath.Join(root, metadataFolder), func(path string, d os.DirEntry, _ error) error {
		if !d.IsDir() {
			left = append(left, path)
		}
		return nil
	})
	// The values of the first object went with nothing but their hashes; they
	// stay until an object of that name is deleted.
	if joined := strings.Join(left, " "); strings.Contains(joined, "b/object") {
		t.Errorf("the deleted object leaves %q", left)
	}
}

func TestOpenMetadata_staysWithSideCar(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	if _, err := openMetadata(root, true); err != nil {
		t.Fatal(err)
	}
	store, err := openMetadata(root, false)
	if _, ok := store.(meta.SideCar); !ok || err != nil {
		t.Errorf("openMetadata() of a directory begun with a side car = %T, %v", store, err)
	}
}

// TestProbe_refuses tells the two kinds of file systems apart by a directory
// that cannot be written at all.
func TestProbe_refuses(t *testing.T) {
	t.Parallel()

	if err := probe(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("probe() of a missing directory succeeded")
	}
}
