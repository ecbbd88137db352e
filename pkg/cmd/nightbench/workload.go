package main

import (
	"bufio"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // what the export's manifest has
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/sample"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// truth is what the items of an export are, as they were when they were made.
type truth struct {
	Files  []lakedoc.File `json:"files"` // Key is the file's name
	Rows   map[string]int `json:"rows"`  // by item type
	Cents  int64          `json:"cents"` // sum of the prices of all products
	Amount int64          `json:"amount"`
	Bytes  int64          `json:"bytes"` // of JSON
	Zipped int64          `json:"zipped"`
}

func truthPath(data string) string { return filepath.Join(data, "truth.json") }

func readTruth(data string) (truth, error) {
	text, err := os.ReadFile(truthPath(data))
	if err != nil {
		return truth{}, fmt.Errorf("read truth: %w", err)
	}
	var t truth
	if err := json.Unmarshal(text, &t); err != nil {
		return truth{}, fmt.Errorf("read truth of %s: %w", data, err)
	}
	return t, nil
}

// generate writes the sample as DynamoDB exports it. The partition key decides
// about an item's file, so what belongs together stays together.
func generate(data string, items, files int) error {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", data, err)
	}
	sinks := make([]*dataFile, files)
	for i := range sinks {
		var err error
		if sinks[i], err = createDataFile(data, i+1); err != nil {
			return err
		}
	}
	t := truth{Rows: map[string]int{}}
	var line []byte
	for item := range sample.New(sample.Options{Seed: 1, Items: items}).Items() {
		var err error
		if line, err = appendLine(line[:0], item); err != nil {
			return err
		}
		if err := t.add(item); err != nil {
			return err
		}
		t.Bytes += int64(len(line))
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(textOf(item["PK"]))) // a hash takes everything
		if err := sinks[hash.Sum64()%uint64(files)].write(line); err != nil {
			return err
		}
	}
	for _, sink := range sinks {
		if err := sink.close(); err != nil {
			return err
		}
		t.Files = append(t.Files, sink.File)
		t.Zipped += sink.zipped
	}
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode truth: %w", err)
	}
	// Last, because its presence says that the export is complete.
	if err := os.WriteFile(truthPath(data), text, 0o644); err != nil { //nolint:gosec // nothing secret
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}

// add takes an item into account.
func (t *truth) add(item sample.Item) error {
	t.Rows[textOf(item["type"])]++
	for attribute, sum := range map[string]*int64{"price": &t.Cents, "amount": &t.Amount} {
		number, ok := item[attribute].(*types.AttributeValueMemberN)
		if !ok {
			continue
		}
		cents, err := scalar.Decimal([]byte(number.Value), 18, 2)
		if err != nil {
			return fmt.Errorf("add %s: %w", attribute, err)
		}
		*sum += int64(cents.Low) //nolint:gosec // 18 digits
	}
	return nil
}

func textOf(value types.AttributeValue) string {
	if s, ok := value.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// dataFile is one data file while it is written.
type dataFile struct {
	lakedoc.File

	file   *os.File
	buffer *bufio.Writer
	zip    *gzip.Writer
	sum    hash.Hash
	zipped int64
}

func createDataFile(data string, number int) (*dataFile, error) {
	name := fmt.Sprintf("%05d.json.gz", number)
	file, err := os.Create(filepath.Join(data, name)) //nolint:gosec // the folder is ours
	if err != nil {
		return nil, fmt.Errorf("create data file: %w", err)
	}
	d := &dataFile{File: lakedoc.File{Number: number, Key: name}, file: file, sum: md5.New()} //nolint:gosec // as above
	d.buffer = bufio.NewWriterSize(io.MultiWriter(file, d.sum), 1<<20)
	d.zip = gzip.NewWriter(d.buffer)
	return d, nil
}

func (d *dataFile) write(line []byte) error {
	d.Items++
	if _, err := d.zip.Write(line); err != nil {
		return fmt.Errorf("write %s: %w", d.Key, err)
	}
	return nil
}

func (d *dataFile) close() error {
	err := errors.Join(d.zip.Close(), d.buffer.Flush())
	info, statErr := d.file.Stat()
	if err = errors.Join(err, statErr, d.file.Close()); err != nil {
		return fmt.Errorf("close %s: %w", d.Key, err)
	}
	d.zipped = info.Size()
	d.MD5 = base64.StdEncoding.EncodeToString(d.sum.Sum(nil))
	return nil
}

// appendLine appends an item as a line of an export, its attributes in the
// order of their names.
func appendLine(line []byte, item sample.Item) ([]byte, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]any{"Item": plain(item)}); err != nil {
		return nil, fmt.Errorf("encode item: %w", err)
	}
	return append(line, text.String()...), nil
}

// plain returns the map as encoding/json writes DynamoDB JSON.
func plain(item sample.Item) map[string]any {
	out := make(map[string]any, len(item))
	for name, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			out[name] = map[string]string{"S": v.Value}
		case *types.AttributeValueMemberN:
			out[name] = map[string]string{"N": v.Value}
		case *types.AttributeValueMemberNULL:
			out[name] = map[string]bool{"NULL": v.Value}
		case *types.AttributeValueMemberM:
			out[name] = map[string]any{"M": plain(v.Value)}
		}
	}
	return out
}
