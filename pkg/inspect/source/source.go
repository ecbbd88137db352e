// Package source opens what items can be read from: an export in a folder or in
// a bucket, data files without manifests, a table, or lines in memory.
//
// A source says where items are and hands out streams of them. What items hold
// is for package inspect to say.
package source

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Source is where items are read from.
type Source struct {
	Name  string   // for people: a folder or an address
	Table string   // name of the table; empty if nothing says it
	Keys  []string // partition key and sort key, if the source knows them
	Files []File
	close func() error
}

// File is a part of a source: items in DynamoDB JSON, one on each line. It is
// opened for each reading.
type File struct {
	Name  string
	Bytes int64 // as they are read; 0 if that is not known
	Plain bool  // the lines are not compressed; otherwise they are gzip
	Open  func(context.Context) (io.ReadCloser, error)
}

// Bytes is the size of all files.
func (s Source) Bytes() (sum int64) {
	for _, f := range s.Files {
		sum += f.Bytes
	}
	return sum
}

// Close releases what the source holds.
func (s Source) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

// Schemes of addresses that are no folder.
const (
	bucketScheme = "s3://"
	tableScheme  = "dynamodb://"
)

// Open opens what an address names: s3://bucket/prefix, dynamodb://table, or a
// folder. The AWS configuration is that of the environment.
func Open(ctx context.Context, address string) (Source, error) {
	if !strings.HasPrefix(address, bucketScheme) && !strings.HasPrefix(address, tableScheme) {
		return Folder(address)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return Source{}, fmt.Errorf("load AWS configuration: %w", err)
	}
	if name, ok := strings.CutPrefix(address, tableScheme); ok {
		return Table(ctx, dynamodb.NewFromConfig(cfg), name)
	}
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(address, bucketScheme), "/")
	return Bucket(ctx, s3.NewFromConfig(cfg), bucket, prefix)
}

// Lines is a source of items in memory, each the JSON of its attributes.
func Lines(name string, items []string) Source {
	var all bytes.Buffer
	for _, item := range items {
		fmt.Fprintf(&all, "{\"Item\":%s}\n", item)
	}
	return Source{Name: name, Files: []File{{
		Name: name, Bytes: int64(all.Len()), Plain: true,
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(all.Bytes())), nil },
	}}}
}

// summaryName is the name of an export's summary.
const summaryName = "manifest-summary.json"

// maxSummary and maxManifest bound, in bytes, what is read whole of an export
// that may be damaged. A manifest has 250 bytes for each data file.
const (
	maxSummary  = 1 << 20
	maxManifest = 1 << 28
)

// summary is what counts here of manifest-summary.json.
type summary struct {
	ExportType   string `json:"exportType"`
	OutputFormat string `json:"outputFormat"`
	TableARN     string `json:"tableArn"`
	FilesKey     string `json:"manifestFilesS3Key"`
}

// table is the name of the table.
func (s summary) table() string { return s.TableARN[strings.LastIndexByte(s.TableARN, '/')+1:] }

// decodeSummary reads a summary. Items of an incremental export are changes, and
// in Ion they are not JSON, so both are refused.
func decodeSummary(name string, text []byte) (summary, error) {
	var s summary
	if err := json.Unmarshal(text, &s); err != nil {
		return summary{}, fmt.Errorf("read %s: it is not the summary of an export: %w", name, err)
	}
	switch {
	case cmp.Or(s.ExportType, "FULL_EXPORT") != "FULL_EXPORT":
		return summary{}, fmt.Errorf("read %s: it is of an %s, which holds changes; give a full export", name, s.ExportType)
	case cmp.Or(s.OutputFormat, "DYNAMODB_JSON") != "DYNAMODB_JSON":
		return summary{}, fmt.Errorf("read %s: the export is in %s; give one in DYNAMODB_JSON", name, s.OutputFormat)
	case s.FilesKey == "":
		return summary{}, fmt.Errorf("read %s: it has no manifestFilesS3Key, which names the list of data files", name)
	}
	return s, nil
}

// decodeFiles returns the keys of the data files that a manifest lists.
func decodeFiles(name string, text []byte) ([]string, error) {
	var keys []string
	for n := 1; len(text) > 0; n++ {
		line := text
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			line, text = text[:end], text[end+1:]
		} else {
			text = nil
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var entry struct {
			Key string `json:"dataFileS3Key"`
		}
		if err := json.Unmarshal(line, &entry); err != nil {
			return nil, fmt.Errorf("read %s, line %d: %w", name, n, err)
		}
		if entry.Key == "" {
			return nil, fmt.Errorf("read %s, line %d: it has no dataFileS3Key, which names a data file", name, n)
		}
		keys = append(keys, entry.Key)
	}
	if len(keys) == 0 {
		return nil, errors.New("read " + name + ": it lists no data file")
	}
	return keys, nil
}
