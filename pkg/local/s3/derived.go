package s3

import (
	"crypto/md5" //nolint:gosec // the ETag of S3
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
)

// etagAttribute is where versitygw keeps an object's ETag.
const etagAttribute = "etag"

// derivedStore makes ETags for objects that have none: whoever copies a
// directory with a tool that leaves out extended attributes, as cp -r and most
// archives do, loses them with the rest of the metadata. The ETag is then what
// S3 gives to an object that is put in one piece, the MD5 of its content. What
// else the attributes held, such as the storage class, is lost.
type derivedStore struct {
	meta.MetadataStorer

	root   string
	notice func(string)

	once  sync.Once // guards the notice
	mu    sync.Mutex
	etags map[string]derivedETag // by path
}

// derivedETag is the ETag of a file as it was at a time.
type derivedETag struct {
	size     int64
	modified time.Time
	etag     string
}

// RetrieveAttribute returns one value, or [meta.ErrNoSuchKey].
func (d *derivedStore) RetrieveAttribute(f *os.File, bucket, object, attribute string) ([]byte, error) {
	value, err := d.MetadataStorer.RetrieveAttribute(f, bucket, object, attribute)
	if attribute != etagAttribute || object == "" || strings.HasPrefix(object, posix.MetaTmpDir) ||
		(err == nil && len(value) > 0) || (err != nil && !errors.Is(err, meta.ErrNoSuchKey)) {
		return value, err
	}
	etag, ok, derived := d.derive(filepath.Join(d.root, bucket, filepath.FromSlash(object)))
	if derived != nil {
		return nil, fmt.Errorf("derive ETag of %s/%s: %w", bucket, object, derived)
	}
	if !ok {
		return value, err
	}
	d.once.Do(func() {
		d.notice(fmt.Sprintf("objects in %s have lost their metadata, as after a copy with cp -r: "+
			"their ETags are derived from their content, and they are taken for objects of class STANDARD; "+
			"nothing needs to be done, and cp -a keeps the metadata the next time", filepath.Join(d.root, bucket)))
	})
	return []byte(etag), nil
}

// derive returns the ETag of a regular file, and false for anything else.
func (d *derivedStore) derive(name string) (etag string, ok bool, err error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return "", false, nil //nolint:nilerr // the backend says what is wrong with the object
	}
	d.mu.Lock()
	known, found := d.etags[name]
	d.mu.Unlock()
	if found && known.size == info.Size() && known.modified.Equal(info.ModTime()) {
		return known.etag, true, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return "", false, err
	}
	sum := md5.New() //nolint:gosec // as above
	_, err = io.Copy(sum, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", false, err
	}
	etag = `"` + hex.EncodeToString(sum.Sum(nil)) + `"`
	d.mu.Lock()
	defer d.mu.Unlock()
	d.etags[name] = derivedETag{size: info.Size(), modified: info.ModTime(), etag: etag}
	return etag, true, nil
}
