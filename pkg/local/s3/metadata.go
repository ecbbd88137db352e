package s3

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/versity/versitygw/backend/meta"
)

const (
	// metadataFolder cannot be mistaken for a bucket: no bucket's name begins
	// with a dot.
	metadataFolder = ".metadata"
	// objectFolder holds all metadata of a directory that does without
	// extended attributes; its presence says so.
	objectFolder = "objects"
	// probePrefix begins the name of a file that tries out the file system.
	probePrefix = ".probe-"
	// largeFolder holds single values that do not fit an extended attribute.
	largeFolder = "large"
)

// openMetadata chooses where the metadata of root's objects is kept: in
// extended attributes if the file system has them, because they change together
// with the file, and else in a side car.
func openMetadata(root string, sideCar bool) (meta.MetadataStorer, error) {
	objects := filepath.Join(root, metadataFolder, objectFolder)
	if _, err := os.Stat(objects); err == nil {
		sideCar = true
	}
	if !sideCar {
		sideCar = probe(root) != nil
	}
	if sideCar {
		return openSideCar(objects)
	}
	large, err := openSideCar(filepath.Join(root, metadataFolder, largeFolder))
	if err != nil {
		return nil, err
	}
	return &attributes{large: large, folder: filepath.Join(root, metadataFolder, largeFolder)}, nil
}

func openSideCar(folder string) (meta.SideCar, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return meta.SideCar{}, fmt.Errorf("make metadata folder %q: %w", folder, err)
	}
	return meta.NewSideCar(folder)
}

// probe writes and reads an extended attribute on a file in root. Asking the
// platform is not enough: the same system mounts file systems with and without.
func probe(root string) error {
	f, err := os.CreateTemp(root, probePrefix)
	if err != nil {
		return err
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	var attributes meta.XattrMeta
	if err := attributes.StoreAttribute(f, "", "", "nightstar", []byte("probe")); err != nil {
		return err
	}
	got, err := attributes.RetrieveAttribute(f, "", "", "nightstar")
	if err == nil && string(got) != "probe" {
		err = fmt.Errorf("the attribute reads back as %q", got)
	}
	return err
}

// attributes keeps metadata in extended attributes. The table of parts of a
// large multipart upload exceeds the 4 KiB that ext4 gives all attributes of a
// file together, so a long value goes to a side car under the name of its hash,
// and the attribute holds the hash. The value of a replaced object can thus
// never be taken for its successor's.
type attributes struct {
	meta.XattrMeta

	large meta.SideCar
	// folder is where large keeps its files.
	folder string
}

const (
	// maxAttribute leaves room for a dozen short attributes beside it.
	maxAttribute = 2 << 10
	// largePrefix marks an attribute whose value is in the side car.
	largePrefix = "\x00sha256:"
)

// StoreAttribute stores one value.
func (a *attributes) StoreAttribute(f *os.File, bucket, object, attribute string, value []byte) error {
	if len(value) <= maxAttribute {
		return a.XattrMeta.StoreAttribute(f, bucket, object, attribute, value)
	}
	name := fmt.Sprintf("%x", sha256.Sum256(value))
	if err := a.large.StoreAttribute(nil, bucket, object, name, value); err != nil {
		return err
	}
	if err := a.syncLarge(bucket, object, name); err != nil {
		return err
	}
	return a.XattrMeta.StoreAttribute(f, bucket, object, attribute, []byte(largePrefix+name))
}

// syncLarge makes a long value durable before an attribute names it.
func (a *attributes) syncLarge(bucket, object, name string) error {
	var file string
	err := filepath.WalkDir(filepath.Join(a.folder, bucket, object), func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) == name {
			file = path
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("find long attribute of %s/%s: %w", bucket, object, err)
	}
	return errors.Join(syncFile(file), (&syncing{root: a.folder}).syncedPlace(file))
}

// RetrieveAttribute returns one value, or [meta.ErrNoSuchKey].
func (a *attributes) RetrieveAttribute(f *os.File, bucket, object, attribute string) ([]byte, error) {
	value, err := a.XattrMeta.RetrieveAttribute(f, bucket, object, attribute)
	if err != nil {
		return nil, err
	}
	name, isLarge := strings.CutPrefix(string(value), largePrefix)
	if !isLarge {
		return value, nil
	}
	return a.large.RetrieveAttribute(nil, bucket, object, name)
}

// DeleteAttributes forgets an object, or a bucket when object is empty.
func (a *attributes) DeleteAttributes(bucket, object string) error {
	return errors.Join(a.XattrMeta.DeleteAttributes(bucket, object), a.large.DeleteAttributes(bucket, object))
}

// RenameObject follows an object that has been renamed. Few objects have a long
// value, and the side car would make folders for those that have none.
func (a *attributes) RenameObject(bucket, oldObject, newObject string) error {
	if _, err := os.Stat(filepath.Join(a.folder, bucket, oldObject)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return a.large.RenameObject(bucket, oldObject, newObject)
}
