package lake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
)

// Output is an object while it is written. It is there once Commit has
// returned, and never after Abandon, which does nothing after Commit.
type Output interface {
	io.Writer
	Commit() error
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
		Rows: map[string]int64{}, SetAside: map[Reason]int64{}, Objects: []Object{},
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
	aside   *setAside
	begin   func(key string) Output
	lines   int64

	unchecked int // bytes of lines since bound looked
}

// checkEvery is how many lines pass between looks at the context.
const checkEvery = 4096

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
		case len(line) == 0:
			continue // a blank line holds no item
		}
		if p.lines++; p.lines%checkEvery == 0 && ctx.Err() != nil {
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
	return p.bound(len(line))
}

// table returns the open table of an item type. Its object is begun with its
// first row, because a file without rows must not exist.
func (p *pass) table(index int) (*table, error) {
	if p.tables[index] == nil {
		item := &p.layout.types[index]
		t, err := newTable(item, itemsKey(item.Name, p.in.RunID, p.in.File.Number), &p.buffers, p.begin)
		if err != nil {
			return nil, err
		}
		p.tables[index] = t
	}
	return p.tables[index], nil
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
	var total int64
	var fullest *table
	for _, t := range p.tables {
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
func (p *pass) publish(result *Result) error {
	for _, t := range p.tables {
		if t == nil || t.rows == 0 {
			continue
		}
		if err := t.close(); err != nil {
			p.abandon()
			return err
		}
		result.Rows[t.item.Name] = t.rows
		result.Objects = append(result.Objects, Object{Type: t.item.Name, Key: t.key, Bytes: t.bytes, Rows: t.rows})
	}
	for _, t := range p.tables {
		if t == nil || t.rows == 0 {
			continue
		}
		if err := t.to.Commit(); err != nil {
			p.abandon()
			return err
		}
	}
	return p.aside.commit()
}

// abandon gives up everything that was begun and waits until it is gone.
func (p *pass) abandon() {
	for _, t := range p.tables {
		if t != nil && t.to != nil {
			t.to.Abandon()
		}
	}
	p.aside.abandon()
}
