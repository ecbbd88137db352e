package startest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star/startest"
)

// object is an object of the lake, as a file.
type object struct{ *os.File }

func (o object) Commit() (etag string, err error) { return "etag", o.Close() }

func (o object) Abandon() { _ = o.Close() }

// split makes Parquet files of the items of a night, by set of rows.
func split(ctx context.Context, m model.Model, items []startest.Item, folder string) (map[string]string, lakedoc.Result, error) {
	splitter, err := lake.NewSplitter(m)
	if err != nil {
		return nil, lakedoc.Result{}, err
	}
	var body bytes.Buffer
	packed := gzip.NewWriter(&body)
	for _, item := range items {
		if _, err := packed.Write([]byte(item.JSON() + "\n")); err != nil {
			return nil, lakedoc.Result{}, err
		}
	}
	if err := packed.Close(); err != nil {
		return nil, lakedoc.Result{}, err
	}
	sum := md5.Sum(body.Bytes())
	in := lake.PartitionInput{RunID: "run", File: lakedoc.File{
		Number: 1, Key: "data.json.gz", Items: int64(len(items)), MD5: base64.StdEncoding.EncodeToString(sum[:]),
	}}
	paths, opened := map[string]string{}, error(nil)
	result, err := splitter.Split(ctx, in, "data.json.gz", &body, func(key string) lake.Output {
		paths[key] = filepath.Join(folder, strings.ReplaceAll(key, "/", "_"))
		f, err := os.Create(paths[key])
		if err != nil {
			opened = err
		}
		return object{f}
	})
	switch {
	case opened != nil:
		return nil, result, opened
	case err != nil:
		return nil, result, err
	case result.Problem != "":
		return nil, result, fmt.Errorf("the file is refused: %s", result.Problem)
	}
	files := map[string]string{}
	for _, o := range result.Objects {
		files[o.Type] = paths[o.Key]
	}
	return files, result, nil
}

// agree compares what became of the items with the reference.
func agree(night startest.Landing, result lakedoc.Result) error {
	var skipped int64
	for _, n := range result.Skipped {
		skipped += n
	}
	if int64(len(night.Aside)) != result.SetAside.Total() || int64(night.Skipped) != skipped {
		return fmt.Errorf("the lake sets aside %v and skips %d items, plain Go sets aside %v and skips %d",
			result.SetAside, skipped, night.Aside, night.Skipped)
	}
	if int64(night.Wrong) != result.Wrong.Total() {
		return fmt.Errorf("the lake keeps %v as wrong, plain Go %d values and rows", result.Wrong, night.Wrong)
	}
	return nil
}
