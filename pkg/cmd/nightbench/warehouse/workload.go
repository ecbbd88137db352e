package main

import (
	"compress/gzip"
	"context"
	"crypto/md5" //nolint:gosec // what the export's manifest has
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/madeup"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

type item = map[string]types.AttributeValue

// workload returns a model and items that follow it.
func workload(name string, n int) (model.Model, iter.Seq[item], error) {
	switch name {
	case "wide":
		m, err := model.Read("wide.yaml", []byte(wide(20, 5)))
		return m, madeup.Items(m, 1, n), err //nolint:wrapcheck // names the file
	case models.Default:
		m, err := models.Read(name)
		return m, sample.New(sample.Options{Seed: 1, Items: n}).Items(), err //nolint:wrapcheck // names the file
	}
	return model.Model{}, nil, fmt.Errorf("look up model %q: it is none of store, wide", name)
}

// night is what one night lands: Parquet files and their rows, by set of rows.
type night struct {
	Files map[string][]string `json:"files"`
	Rows  map[string]int64    `json:"rows"`
}

// later is the share of facts that the first night doesn't have: one in so many.
const later = 20

// dataFiles is how many data files an export has.
const dataFiles = 4

// prepare returns the nights in a folder, and makes them first if they are not
// there.
func prepare(ctx context.Context, m model.Model, items iter.Seq[item], folder string) ([]night, error) {
	path := filepath.Join(folder, "nights.json")
	if text, err := os.ReadFile(path); err == nil {
		var nights []night
		if err := json.Unmarshal(text, &nights); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		return nights, nil
	}
	nights, err := split(ctx, m, items, folder)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(nights)
	if err != nil {
		return nil, fmt.Errorf("encode nights: %w", err)
	}
	// Last, because its presence says that the files are complete.
	return nights, os.WriteFile(path, text, 0o644) //nolint:gosec,wrapcheck // nothing secret; names the file
}

// split writes the items as the Parquet files of two nights. The second has all
// items, the first lacks some of those that facts are made of.
func split(ctx context.Context, m model.Model, items iter.Seq[item], folder string) ([]night, error) {
	if err := os.RemoveAll(folder); err != nil {
		return nil, fmt.Errorf("clear %s: %w", folder, err)
	}
	nights := make([][]*export, 2)
	for i := range nights {
		for n := range dataFiles {
			e, err := createExport(filepath.Join(folder, fmt.Sprintf("night%d", i+1)), n+1)
			if err != nil {
				return nil, err
			}
			nights[i] = append(nights[i], e)
		}
	}
	facts := 0
	for n, i := range numbered(items) {
		if isFact(m, i) {
			facts++
		}
		line, err := json.Marshal(map[string]any{"Item": plain(i)})
		if err != nil {
			return nil, fmt.Errorf("encode item: %w", err)
		}
		for nth, exports := range nights {
			if nth == 0 && isFact(m, i) && facts%later == 0 {
				continue
			}
			if err := exports[n%dataFiles].write(line); err != nil {
				return nil, err
			}
		}
	}
	var all []night
	for _, exports := range nights {
		landed, err := splitAll(ctx, m, exports)
		if err != nil {
			return nil, err
		}
		all = append(all, landed)
	}
	return all, nil
}

func numbered(items iter.Seq[item]) iter.Seq2[int, item] {
	return func(yield func(int, item) bool) {
		n := 0
		for i := range items {
			if !yield(n, i) {
				return
			}
			n++
		}
	}
}

// isFact reports whether a fact is made of the item.
func isFact(m model.Model, i item) bool {
	name, ok := i[m.TypeFrom[0]].(*types.AttributeValueMemberS)
	return ok && slices.ContainsFunc(m.Facts, func(f model.Fact) bool {
		of, _ := m.Item(f.Of)
		return slices.Contains(of.Values, name.Value)
	})
}

// export is a data file of an export while it is written.
type export struct {
	lakedoc.File

	folder string
	file   *os.File
	sum    hash.Hash
	zip    *gzip.Writer
}

func createExport(folder string, number int) (*export, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	name := fmt.Sprintf("%05d.json.gz", number)
	file, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return nil, fmt.Errorf("create data file: %w", err)
	}
	e := &export{File: lakedoc.File{Number: number, Key: name}, folder: folder, file: file, sum: md5.New()} //nolint:gosec // as above
	e.zip = gzip.NewWriter(io.MultiWriter(file, e.sum))
	return e, nil
}

func (e *export) write(line []byte) error {
	e.Items++
	if _, err := e.zip.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", e.Key, err)
	}
	return nil
}

// splitAll does with the data files of a night what the partition step does.
func splitAll(ctx context.Context, m model.Model, exports []*export) (night, error) {
	splitter, err := lake.NewSplitter(m)
	if err != nil {
		return night{}, fmt.Errorf("prepare the model: %w", err)
	}
	n := night{Files: map[string][]string{}, Rows: map[string]int64{}}
	for _, e := range exports {
		result, err := e.split(ctx, splitter)
		if err == nil && (result.Problem != "" || result.SetAside.Total() > 0) {
			err = fmt.Errorf("the data is not sound: %s %v", result.Problem, result.SetAside)
		}
		if err != nil {
			return night{}, fmt.Errorf("split %s: %w", e.Key, err)
		}
		for _, o := range result.Objects {
			n.Files[o.Type] = append(n.Files[o.Type], filepath.Join(e.folder, filepath.FromSlash(o.Key)))
			n.Rows[o.Type] += o.Rows
		}
	}
	return n, nil
}

func (e *export) split(ctx context.Context, splitter *lake.Splitter) (lakedoc.Result, error) {
	if err := e.zip.Close(); err != nil {
		return lakedoc.Result{}, fmt.Errorf("compress: %w", err)
	}
	e.MD5 = base64.StdEncoding.EncodeToString(e.sum.Sum(nil))
	if _, err := e.file.Seek(0, io.SeekStart); err != nil {
		return lakedoc.Result{}, fmt.Errorf("read again: %w", err)
	}
	var opened error
	result, err := splitter.Split(ctx, lake.PartitionInput{RunID: "bench", File: e.File}, e.Key, e.file, func(key string) lake.Output {
		path := filepath.Join(e.folder, filepath.FromSlash(key))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		file, createErr := os.Create(path)
		opened = errors.Join(opened, err, createErr)
		return output{file}
	})
	return result, errors.Join(err, opened, e.file.Close())
}

// output is a local file that a split writes.
type output struct{ *os.File }

func (o output) Commit() (string, error) { return "", o.Close() } //nolint:wrapcheck // names the file

func (o output) Abandon() { _ = o.Close() } //nolint:errcheck // the run fails anyway

// plain returns the map as encoding/json writes DynamoDB JSON.
func plain(i item) map[string]any {
	out := make(map[string]any, len(i))
	for name, value := range i {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			out[name] = map[string]string{"S": v.Value}
		case *types.AttributeValueMemberN:
			out[name] = map[string]string{"N": v.Value}
		case *types.AttributeValueMemberM:
			out[name] = map[string]any{"M": plain(v.Value)}
		case *types.AttributeValueMemberNULL:
			out[name] = map[string]bool{"NULL": v.Value}
		}
	}
	return out
}
