package lake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
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
// file for each set of rows out. It never changes, so any number of files may be
// split with it at a time.
type Splitter struct {
	layout *layout
}

// NewSplitter returns a Splitter for a model.
func NewSplitter(m model.Model) (*Splitter, error) {
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
) (lakedoc.Result, error) {
	src, err := newSource(body)
	if err != nil {
		return lakedoc.Result{}, err
	}
	p := &pass{
		reading:     reading{layout: s.layout, decoder: ddbjson.NewDecoder(s.layout.selector)},
		in:          in,
		object:      object,
		begin:       begin,
		tables:      make([]*table, s.layout.relations),
		others:      make([]*others, s.layout.relations),
		wrongLines:  make([]*lines, s.layout.relations),
		asideLines:  lines{begin: begin, key: lakedoc.SetAsideKey(in.RunID, in.File.Number)},
		aside:       lakedoc.SetAside{},
		wrongCounts: lakedoc.Wrong{},
		skipped:     map[string]int64{},
	}
	if in.File.Changes {
		p.changes = ddbjson.NewChangeDecoder(s.layout.selector)
	}
	err = p.readAll(ctx, src)
	if err == nil {
		err = src.prove(in.File, p.lines)
	}
	if err != nil {
		p.abandon()
		return lakedoc.Result{}, err
	}
	result := emptyResult(in.File)
	result.Items = p.lines
	if err := p.publish(&result); err != nil {
		return lakedoc.Result{}, err
	}
	return result, nil
}

// emptyResult returns the result of a file of which nothing is known yet.
func emptyResult(f lakedoc.File) lakedoc.Result {
	return lakedoc.Result{
		File: f.Number, Key: f.Key, Rows: map[string]int64{}, SetAside: lakedoc.SetAside{}, Skipped: map[string]int64{},
		Wrong: lakedoc.Wrong{}, Objects: []lakedoc.Object{}, WithUnknown: map[string]int64{},
	}
}

// pass is the state of one file while it is read.
type pass struct {
	reading

	in      PartitionInput
	object  string // the data file, for messages
	begin   func(key string) Output
	tables  []*table        // by relation; nil until its first row
	buffers parquet.Buffers // which the tables use in turn
	others  []*others       // by relation of the item type
	unknown unknowns
	lines   int64 // that hold items
	number  int64 // of the line in hand

	aside       lakedoc.SetAside
	asideLines  lines
	wrongCounts lakedoc.Wrong
	wrongLines  []*lines // by relation
	skipped     map[string]int64
	patterns    map[string]int64
	refusal     string

	changes *ddbjson.ChangeDecoder // of an incremental export; nil for a full one
	written int64                  // when the item of the change in hand was written, in microseconds
	deletes int64                  // changes without a new image
	lost    map[string]int64       // items, by the type that they had and have no more

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
		p.number = reader.Line()
		add := p.add
		if p.changes != nil {
			add = p.addChange
		}
		if err := add(line); err != nil {
			return err
		}
	}
}

// add writes one item as its rows, or sets it aside.
func (p *pass) add(line []byte) error {
	p.next()
	if err := p.decoder.Decode(line); err != nil {
		why := refuse(lakedoc.NotAnItem, "", "%v", err)
		if syntax, ok := errors.AsType[*ddbjson.SyntaxError](err); ok {
			why = refuse(lakedoc.NotAnItem, syntax.Path, "byte %d of the line: %s", syntax.Offset, syntax.Problem)
		}
		return p.setAside(line, nil, ddbjson.Value{}, why)
	}
	t, why := p.recognise()
	if why == nil && t.Skip {
		p.skipped[t.Name]++
		return nil
	}
	if why == nil {
		why = p.build(t)
	}
	if why != nil {
		return p.setAside(line, t, p.decoder.Item(), why)
	}
	if err := p.write(t); err != nil {
		return err
	}
	return p.bound(len(line))
}

// write writes the rows of the item in hand, and what is kept beside them.
func (p *pass) write(t *itemType) error {
	err := p.put(&t.rows, p.values)
	for i := 0; err == nil && i < len(p.within); i++ {
		at := p.within[i]
		err = p.put(&at.of.relation, p.values[at.start:])
	}
	if err == nil {
		err = p.keepWrong()
	}
	if err == nil && t.Unknown == model.KeepUnknown && (p.moreWithin || !p.decoder.Covers(t.group)) {
		err = p.keepUnknown(t)
	}
	return err
}

// put writes a row that there is.
func (p *pass) put(of *relation, row []value) error {
	to, err := p.table(of)
	if err != nil {
		return err
	}
	if p.changes != nil {
		return to.change(model.Put, p.written, row)
	}
	return to.add(row)
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
		for i, t := range p.tables {
			if t != nil && !yield(t.file) {
				return
			}
			if o := p.others[i]; o != nil && o.file != nil && !yield(o.file) {
				return
			}
		}
	}
}

// publish ends all objects and notes them in the result.
func (p *pass) publish(result *lakedoc.Result) error {
	if err := p.finish(result); err != nil {
		p.abandon()
		return err
	}
	return nil
}

// finish writes the end of every file before it commits the first.
func (p *pass) finish(result *lakedoc.Result) error {
	for f := range p.files() {
		if err := f.close(); err != nil {
			return err
		}
	}
	result.SetAside, result.Wrong, result.Skipped, result.Patterns, result.Refusal = p.aside, p.wrongCounts, p.skipped, p.patterns, p.refusal
	result.Deletes, result.Lost = p.deletes, p.lost
	for i, t := range p.tables {
		if err := p.finishBeside(i, result); err != nil {
			return err
		}
		if t == nil {
			continue
		}
		object, err := t.commit(t.of.Name)
		if err != nil {
			return err
		}
		object.Sums, object.Deletes = t.total(), t.deletes
		if puts := object.Rows - t.deletes; puts > 0 {
			result.Rows[t.of.Name] = puts
		}
		if t.deletes > 0 {
			if result.Deleted == nil {
				result.Deleted = map[string]int64{}
			}
			result.Deleted[t.of.Name] = t.deletes
		}
		result.Objects = append(result.Objects, object)
		if result.Refusal == "" {
			result.Refusal = t.refusal()
		}
	}
	result.Unknown = p.unknown.result()
	var err error
	result.Aside, err = p.asideLines.commit()
	return err
}

// finishBeside commits what was kept beside the rows of a relation.
func (p *pass) finishBeside(relation int, result *lakedoc.Result) error {
	if l := p.wrongLines[relation]; l != nil {
		object, err := l.commit()
		if err != nil {
			return err
		}
		result.WrongObjects = append(result.WrongObjects, *object)
	}
	if o := p.others[relation]; o != nil && o.file != nil {
		object, err := o.commit(o.of.Name)
		if err != nil {
			return err
		}
		result.UnknownObjects = append(result.UnknownObjects, object)
		result.WithUnknown[o.of.Name] = o.items
	}
	return nil
}

// abandon gives up everything that was begun and waits until it is gone.
func (p *pass) abandon() {
	for f := range p.files() {
		if f.to != nil {
			f.to.Abandon()
		}
	}
	for _, l := range p.wrongLines {
		if l != nil {
			l.abandon()
		}
	}
	p.asideLines.abandon()
}
