package infer_test

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// discarded is an object of the lake that nobody reads.
type discarded struct{ io.Writer }

func (discarded) Commit() (string, error) { return `"x"`, nil }
func (discarded) Abandon()                {}

// load splits the data files of an export with a model, as a night does, and
// returns what became of all of them.
func load(t *testing.T, m model.Model, folder string) lakedoc.Result {
	t.Helper()
	splitter, err := lake.NewSplitter(m)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "data", "*.json.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no data files in %s: %v", folder, err)
	}
	sum := lakedoc.Result{Rows: map[string]int64{}, SetAside: lakedoc.SetAside{}, Wrong: lakedoc.Wrong{}}
	for i, path := range files {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		digest := md5.Sum(body)
		in := lake.PartitionInput{RunID: "r", File: lakedoc.File{Number: i + 1, Key: filepath.Base(path), Items: count(t, body), MD5: base64.StdEncoding.EncodeToString(digest[:])}}
		result, err := splitter.Split(context.Background(), in, path, strings.NewReader(string(body)), func(string) lake.Output { return discarded{io.Discard} })
		if err != nil {
			t.Fatalf("split %s: %v", path, err)
		}
		sum.Items += result.Items
		sum.Refusal += result.Refusal
		for rows, n := range result.Rows {
			sum.Rows[rows] += n
		}
		sum.SetAside.Merge(result.SetAside)
		sum.Wrong.Merge(result.Wrong)
	}
	return sum
}

func count(t *testing.T, body []byte) int64 {
	t.Helper()
	text, err := unzip(body)
	if err != nil {
		t.Fatal(err)
	}
	return int64(strings.Count(text, "\n"))
}
