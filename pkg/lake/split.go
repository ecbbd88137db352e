package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// Output is an object while it is written. It is there once Commit has
// returned its ETag, and never after Abandon, which does nothing after Commit.
type Output interface {
	io.Writer
	Commit() (etag string, err error)
	Abandon()
}

// Splitter is the hot path without S3: the lines of one data file in, a Parquet
// file for each item type out. It never changes, so any number of files may be
// split with it at a time.
type Splitter struct {
	layout *layout
}

// NewSplitter returns a Splitter for a model, which must be valid.
func NewSplitter(m model.Model) (*Splitter, error) {
	if err := m.Validate(); err != nil {
		return nil, err //nolint:wrapcheck // names the model
	}
	l, err := newLayout(m)
	if err != nil {
		return nil, fmt.Errorf("compile model %q: %w", m.Name, err)
	}
	return &Splitter{layout: l}, nil
}

// Split reads a data file as it is in the export, compressed. Outputs are begun
// under the keys of the lake when there is something to write, and committed
// after the whole file was read and its checksum and count were found right;
// otherwise they are abandoned. The name of the object stands in the lines
// that are set aside.
func (s *Splitter) Split(
	ctx context.Context, in PartitionInput, object string, body io.Reader, begin func(key string) Output,
) (Result, error) {
	result := in.File.result()
	src, err := newSource(body)
	if err != nil {
		return Result{}, err
	}
	p := &pass{
		decoder: ddbjson.NewDecoder(s.layout.selector),
		layout:  s.layout,
		tables:  make([]*table, len(s.layout.types)),
		unknown: &unknowns{},
		begin:   begin,
		in:      in,
		aside: &setAside{
			begin: begin, key: setAsideKey(in.RunID, in.File.Number), object: object, counts: result.SetAside,
		},
	}
	err = p.readAll(ctx, src)
	if err == nil {
		err = src.prove(in.File, p.lines)
	}
	if err != nil {
		p.abandon()
		return Result{}, err
	}
	result.Items = p.lines
	if err := p.publish(&result); err != nil {
		return Result{}, err
	}
	return result, nil
}

// result returns the result of a file of which nothing is known yet.
func (f File) result() Result {
	return Result{
		File: f.Number, Key: f.Key,
		Rows: map[string]int64{}, SetAside: map[Reason]int64{}, Objects: []Object{}, WithUnknown: map[string]int64{},
	}
}

// pass is the state of one file while it is read.
type pass struct {
	in      PartitionInput
	decoder *ddbjson.Decoder
	layout  *layout
	keys    keyText
	tables  []*table        // by item type; nil until the type's first row
	buffers parquet.Buffers // which the tables use in turn
	unknown *unknowns
	aside   *setAside
	begin   func(key string) Output
	lines   int64 // that hold items

	unchecked int // bytes of lines since bound looked
}

// checkEvery is how many lines pass between looks at the context.
const checkEvery = 4096

// spareLines is how many blank lines a file may have beyond one for each item.
const spareLines = 1000

// isBlank reports whether a line holds nothing but JSON's white space: no item,
// and nothing to set aside.
func isBlank(line []byte) bool { return len(bytes.TrimLeft(line, " \t\r\n")) == 0 }

// readAll reads the items of the file. However small a file is that unpacks to
// terabytes, it is given up when it has more lines than its manifest allows, or
// one that no item can fill.
//
// In numbers: as many lines as the manifest counts items, as many blank ones
// and spareLines more, and [ddbjson.DefaultMaxLine] bytes in each.
func (p *pass) readAll(ctx context.Context, src *source) error {
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
		case len(line) == 0 || line[0] <= ' ' && isBlank(line):
			if limit := p.in.File.Items + spareLines; reader.Line()-p.lines > limit {
				return contradiction("it has more than %d blank lines", limit)
			}
			continue
		}
		if p.lines++; p.lines > p.in.File.Items {
			return contradiction("it holds more than the %d items that the manifest counts", p.in.File.Items)
		}
		if p.lines%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err() //nolint:wrapcheck // the caller names the file
		}
		if err := p.add(line, reader.Line()); err != nil {
			return err
		}
	}
}

// add writes one item as a row, or sets it aside.
func (p *pass) add(line []byte, number int64) error {
	if err := p.decoder.Decode(line); err != nil {
		why := refuse(NotAnItem, "", "%v", err)
		if syntax, ok := errors.AsType[*ddbjson.SyntaxError](err); ok {
			why = refuse(NotAnItem, syntax.Path, "byte %d of the line: %s", syntax.Offset, syntax.Problem)
		}
		return p.aside.add(line, number, ddbjson.Value{}, why)
	}
	index, why := p.layout.recognise(p.decoder, &p.keys)
	if why != nil {
		return p.aside.add(line, number, p.decoder.Item(), why)
	}
	t, err := p.table(index)
	if err != nil {
		return err
	}
	why, err = t.add(p.decoder, &p.keys)
	if err != nil {
		return err
	}
	if why != nil {
		return p.aside.add(line, number, p.decoder.Item(), why)
	}
	if !p.decoder.Covers(t.item.group) {
		if err := t.others.add(p.decoder, &p.keys); err != nil {
			return err
		}
	}
	return p.bound(len(line))
}

// maxBuffered bounds the bytes that all open tables buffer together. The
// fullest table then ends its row group, so memory stays flat whatever the
// number of types and the size of the file.
const maxBuffered = 32 << 20

// boundEvery is how many bytes of lines pass between looks at that: asking all
// columns of all tables costs more than a row.
const boundEvery = 1 << 20

func (p *pass) bound(added int) error {
	if p.unchecked += added; p.unchecked < boundEvery {
		return nil
	}
	p.unchecked = 0
	total := 0
	var fullest *file
	for f := range p.files() {
		total += f.BufferedBytes()
		if fullest == nil || f.BufferedBytes() > fullest.BufferedBytes() {
			fullest = f
		}
	}
	if total < maxBuffered {
		return nil
	}
	return fullest.flush()
}

// files yields the Parquet files that are open, rows or not.
func (p *pass) files() iter.Seq[*file] {
	return func(yield func(*file) bool) {
		for _, t := range p.tables {
			if t == nil {
				continue
			}
			if !yield(t.file) || t.others.file != nil && !yield(t.others.file) {
				return
			}
		}
	}
}

// publish ends all objects and notes them in the result.
func (p *pass) publish(result *Result) error {
	if err := p.finish(result); err != nil {
		p.abandon()
		return err
	}
	return nil
}

// finish writes the end of every file before it commits the first.
func (p *pass) finish(result *Result) error {
	for f := range p.files() {
		if f.Rows() == 0 {
			continue
		}
		if err := f.close(); err != nil {
			return err
		}
	}
	for _, t := range p.tables {
		if t == nil || t.Rows() == 0 {
			continue
		}
		object, err := t.commit(t.item.Name)
		if err != nil {
			return err
		}
		object.Sums = t.total()
		result.Rows[t.item.Name] = object.Rows
		result.Objects = append(result.Objects, object)
		if t.others.file == nil {
			continue
		}
		result.WithUnknown[t.item.Name] = t.others.items
		if object, err = t.others.commit(t.item.Name); err != nil {
			return err
		}
		result.UnknownObjects = append(result.UnknownObjects, object)
	}
	result.Unknown = p.unknown.result()
	var err error
	result.Aside, err = p.aside.commit()
	return err
}

// abandon gives up everything that was begun and waits until it is gone.
func (p *pass) abandon() {
	for f := range p.files() {
		if f.to != nil {
			f.to.Abandon()
		}
	}
	p.aside.abandon()
}
