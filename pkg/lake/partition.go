package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// PartitionInput is one data file of a run.
type PartitionInput struct {
	RunID string `json:"runId"`
	File  File   `json:"file"`
}

// Partitioner turns data files into Parquet.
type Partitioner struct {
	api        transfermanager.S3APIClient
	uploads    *transfermanager.Client
	layout     *layout
	rawBucket  string
	lakeBucket string
}

// NewPartitioner returns a Partitioner for a model, which must be valid.
func NewPartitioner(
	api transfermanager.S3APIClient, m model.Model, rawBucket, lakeBucket string,
) (*Partitioner, error) {
	if err := m.Validate(); err != nil {
		return nil, fault.New(fault.Invalid, err)
	}
	l, err := newLayout(m)
	if err != nil {
		return nil, fault.New(fault.Invalid, fmt.Errorf("compile model %q: %w", m.Name, err))
	}
	return &Partitioner{
		api: api, uploads: newUploader(api), layout: l, rawBucket: rawBucket, lakeBucket: lakeBucket,
	}, nil
}

// Partition streams one data file into Parquet objects, sets aside what cannot
// be loaded, and writes down what became of it. Objects become visible only
// after the whole file was read and its checksum and count were found right.
//
// A file that contradicts its manifest is reported in the result, not as an
// error: the reconciler names all such files at once. Everything written is
// named after run and file, so a repeat replaces it with the same bytes.
func (p *Partitioner) Partition(ctx context.Context, in PartitionInput) (Result, error) {
	result := Result{
		File: in.File.Number, Key: in.File.Key,
		Rows: map[string]int64{}, SetAside: map[Reason]int64{}, Objects: []Object{},
	}
	err := p.split(ctx, in, &result)
	if c, ok := errors.AsType[*contradictionError](err); ok {
		result = Result{
			File: in.File.Number, Key: in.File.Key, Problem: c.text,
			Rows: map[string]int64{}, SetAside: map[Reason]int64{}, Objects: []Object{},
		}
	} else if err != nil {
		return Result{}, fmt.Errorf("partition s3://%s/%s: %w", p.rawBucket, in.File.Key, err)
	}
	return result, p.report(ctx, in.RunID, result)
}

// split does the work of one file: it opens, reads, proves and publishes.
func (p *Partitioner) split(ctx context.Context, in PartitionInput, result *Result) error {
	src, err := p.open(ctx, in.File.Key)
	if err != nil {
		return err
	}
	s := &splitter{
		decoder: ddbjson.NewDecoder(p.layout.selector),
		layout:  p.layout,
		tables:  make([]*table, len(p.layout.types)),
		begin: func(key string) *upload {
			return startUpload(ctx, p.uploads, p.lakeBucket, key)
		},
		in: in,
	}
	s.aside = &setAside{
		begin: s.begin, key: setAsideKey(in.RunID, in.File.Number),
		object: "s3://" + p.rawBucket + "/" + in.File.Key, counts: result.SetAside,
	}
	err = s.readAll(ctx, src)
	if err == nil {
		err = src.prove(in.File, s.lines)
	}
	if err := errors.Join(err, src.Close()); err != nil {
		s.abandon()
		return err
	}
	result.Items = s.lines
	return s.publish(result)
}

// splitter is the state of one file while it is read.
type splitter struct {
	in      PartitionInput
	decoder *ddbjson.Decoder
	layout  *layout
	keys    keyText
	tables  []*table // by item type; nil until the type's first row
	aside   *setAside
	begin   func(key string) *upload
	lines   int64
}

// checkEvery is how many lines pass between looks at the context.
const checkEvery = 4096

func (s *splitter) readAll(ctx context.Context, src *source) error {
	reader := ddbjson.NewReader(src, 0)
	for {
		line, err := reader.Next()
		switch {
		case err == io.EOF: //nolint:errorlint // Next returns EOF itself, by contract
			return nil
		case errors.Is(err, ddbjson.ErrLineTooLong):
			return contradiction("%v", err)
		case err != nil:
			return src.asContradiction(err)
		case len(line) == 0:
			continue // a blank line holds no item
		}
		if s.lines++; s.lines%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err() //nolint:wrapcheck // the caller names the file
		}
		if err := s.add(line, reader.Line()); err != nil {
			return err
		}
	}
}

// add writes one item as a row, or sets it aside.
func (s *splitter) add(line []byte, number int64) error {
	if err := s.decoder.Decode(line); err != nil {
		why := refuse(NotAnItem, "", "%v", err)
		if syntax, ok := errors.AsType[*ddbjson.SyntaxError](err); ok {
			why = refuse(NotAnItem, syntax.Path, "byte %d of the line: %s", syntax.Offset, syntax.Problem)
		}
		return s.aside.add(line, number, ddbjson.Value{}, why)
	}
	index, why := s.layout.recognise(s.decoder, &s.keys)
	if why != nil {
		return s.aside.add(line, number, s.decoder.Item(), why)
	}
	t, err := s.table(index)
	if err != nil {
		return err
	}
	if why := t.read(s.decoder); why != nil {
		return s.aside.add(line, number, s.decoder.Item(), why)
	}
	if err := t.writeRow(); err != nil {
		return err
	}
	return s.bound()
}

// table returns the open table of an item type. Its object is begun with its
// first row, because a file without rows must not exist.
func (s *splitter) table(index int) (*table, error) {
	if s.tables[index] == nil {
		t, err := newTable(&s.layout.types[index], func() *upload {
			return s.begin(itemsKey(s.layout.types[index].Name, s.in.RunID, s.in.File.Number))
		})
		if err != nil {
			return nil, err
		}
		s.tables[index] = t
	}
	return s.tables[index], nil
}

// maxBuffered bounds the bytes that all open tables buffer together. The
// fullest table then ends its row group, so memory stays flat whatever the
// number of types and the size of the file.
const maxBuffered = 48 << 20

func (s *splitter) bound() error {
	var total int64
	var fullest *table
	for _, t := range s.tables {
		if t == nil {
			continue
		}
		total += t.buffered()
		if fullest == nil || t.buffered() > fullest.buffered() {
			fullest = t
		}
	}
	if total < maxBuffered {
		return nil
	}
	return fullest.flush()
}

// publish ends all objects and notes them in the result.
func (s *splitter) publish(result *Result) error {
	for _, t := range s.tables {
		if t == nil || t.rows == 0 {
			continue
		}
		if err := t.close(); err != nil {
			s.abandon()
			return err
		}
		result.Rows[t.item.Name] = t.rows
		result.Objects = append(result.Objects, Object{Type: t.item.Name, Key: t.to.key, Bytes: t.to.bytes, Rows: t.rows})
	}
	for _, t := range s.tables {
		if t == nil || t.rows == 0 {
			continue
		}
		if err := t.to.commit(); err != nil {
			s.abandon()
			return err
		}
	}
	return s.aside.commit()
}

// abandon gives up everything that was begun and waits until it is gone.
func (s *splitter) abandon() {
	for _, t := range s.tables {
		if t != nil && t.to != nil {
			t.to.abandon()
		}
	}
	s.aside.abandon()
}

// prove compares what was read with the manifest.
func (s *source) prove(file File, lines int64) error {
	sum, err := s.md5()
	if err != nil {
		return err
	}
	if sum != file.MD5 {
		return contradiction("its MD5 is %s, the manifest says %s: it was altered or cut after the export", sum, file.MD5)
	}
	if lines != file.Items {
		return contradiction("it holds %d items, the manifest counts %d", lines, file.Items)
	}
	return nil
}

// report writes the result for the reconciler.
func (p *Partitioner) report(ctx context.Context, run string, result Result) error {
	body, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("encode result of file %d: %w", result.File, err)
	}
	key := resultKey(run, result.File)
	if _, err := p.api.PutObject(ctx, &s3.PutObjectInput{Bucket: &p.lakeBucket, Key: &key, Body: bytes.NewReader(body)}); err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", p.lakeBucket, key, err)
	}
	return nil
}
