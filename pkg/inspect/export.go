package inspect

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/gunzip"
	"github.com/nightstar-elt/nightstar/pkg/inspect/source"
)

// Options say how an export is read.
type Options struct {
	TypeAttribute string                  // an attribute that names types, if somebody says so
	Keys          []string                // partition key and sort key; empty to find out
	Sample        int64                   // read about as many items; 0 for all
	Progress      func(done, total int64) // is told how many compressed bytes were read; may be nil
}

// Report is what an export holds.
type Report struct {
	Folder         string
	Table          string // empty if no manifest says it
	Files          int
	Items          int64
	Sampled        bool // not all items were read
	Bad            int64
	BadReason      string // of one bad line
	Keys           []Key
	Delims         Delims
	TypeAttributes []string // attributes that may name an item's type, the likeliest first
	Groups         []*Group // largest first
	Saved          []byte   // the item with the schema that OneTable keeps in the table; nil if there is none
	Full           bool     // there were more attributes than are told apart
}

// reading is a source that is read.
type reading struct{ source.Source }

// maxHead is how many items are read to find out which attributes are keys.
const maxHead = 3000

// Read reads all files of a source.
func Read(ctx context.Context, from source.Source, o Options) (*Report, error) {
	f := reading{from}
	h, err := f.head(ctx)
	if err != nil {
		return nil, err
	}
	if len(h.items) == 0 {
		return nil, fmt.Errorf("%s holds no items, so there is nothing to inspect", f.Name)
	}
	if len(o.Keys) == 0 {
		o.Keys = f.Keys
	}
	keys, err := h.keys(o.Keys)
	if err != nil {
		return nil, err
	}
	delims := h.delims(keys)
	types := h.types(keys, delims)
	if o.TypeAttribute != "" && !slices.Contains(types, o.TypeAttribute) {
		types = append([]string{o.TypeAttribute}, types...)[:min(len(types)+1, maxTypeAttributes)]
	}
	passes, err := f.read(ctx, keys, delims, types, o)
	if err != nil {
		return nil, err
	}
	return f.report(keys, delims, types, passes, o)
}

// head reads the first items of some of the files. A file whose first lines hold
// no item is not DynamoDB JSON.
func (f reading) head(ctx context.Context) (*head, error) {
	selector, err := ddbjson.NewSelector()
	if err != nil {
		return nil, fmt.Errorf("prepare the decoder: %w", err)
	}
	h, d := &head{}, ddbjson.NewDecoder(selector)
	bad, first := 0, ""
	for i, file := range f.Files {
		want := (maxHead - len(h.items)) / max(1, min(len(f.Files)-i, 16))
		seen := 0
		err := lines(ctx, file, nil, func(n int64, line []byte) bool {
			if err := d.Decode(line); err == nil {
				h.add(d.Item())
			} else if bad++; first == "" {
				first = fmt.Sprintf("%s, line %d: %v", file.Name, n, err)
			}
			seen++
			return seen < want && bad < maxHead
		})
		if err != nil {
			return nil, err
		}
		if len(h.items) >= maxHead {
			break
		}
	}
	if bad > 9*len(h.items) {
		return nil, fmt.Errorf("the lines are not items in DynamoDB JSON, such as %s", first)
	}
	return h, nil
}

// lines reads the lines of a file until take returns false. The error names
// the file.
func lines(ctx context.Context, file source.File, count *atomic.Int64, take func(n int64, line []byte) bool) error {
	opened, err := file.Open(ctx)
	if err != nil {
		return fmt.Errorf("open %s: %w", file.Name, err)
	}
	defer opened.Close() //nolint:errcheck // read only
	var body io.Reader = counted{opened, count}
	if !file.Plain {
		body, err = gunzip.NewReader(body)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: it is not a gzip file: %w", file.Name, err)
		}
	}
	reader := ddbjson.NewReader(body, 0)
	for {
		line, err := reader.Next()
		if err == io.EOF { //nolint:errorlint // Next returns EOF itself, by contract
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", file.Name, err)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if reader.Line()%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !take(reader.Line(), line) {
			return nil
		}
	}
}

// counted counts the bytes that are read.
type counted struct {
	io.Reader
	n *atomic.Int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.n != nil {
		c.n.Add(int64(n))
	}
	return n, err
}

// read reads all files, as many at a time as there are processors.
func (f reading) read(ctx context.Context, keys []Key, d Delims, types []string, o Options) ([]*pass, error) {
	workers := min(runtime.GOMAXPROCS(0), len(f.Files))
	passes := make([]*pass, workers)
	var next, done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for w := range passes {
		p, err := newPass(keys, d, types)
		if err != nil {
			return nil, err
		}
		passes[w] = p
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(f.Files) {
					return nil
				}
				if err := f.file(ctx, p, i, &done, o); err != nil {
					return err
				}
				if o.Progress != nil {
					o.Progress(done.Load(), f.Bytes())
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err //nolint:wrapcheck // names the file
	}
	return passes, nil
}

func (f reading) file(ctx context.Context, p *pass, i int, done *atomic.Int64, o Options) error {
	most, seen := int64(0), int64(0)
	if o.Sample > 0 {
		most = (o.Sample + int64(len(f.Files)) - 1) / int64(len(f.Files))
	}
	return lines(ctx, f.Files[i], done, func(n int64, line []byte) bool {
		before := p.reason
		p.line(line)
		if before == nil && p.reason != nil {
			p.reason = fmt.Errorf("%s, line %d: %w", filepath.Base(f.Files[i].Name), n, p.reason)
		}
		seen++
		if o.Progress != nil && seen%8192 == 0 {
			o.Progress(done.Load(), f.Bytes())
		}
		return most == 0 || seen < most
	})
}

// report puts together what all readers have seen.
func (f reading) report(keys []Key, d Delims, types []string, passes []*pass, o Options) (*Report, error) {
	r := &Report{Folder: f.Name, Table: f.Table, Files: len(f.Files), Keys: keys, Delims: d, TypeAttributes: types, Sampled: o.Sample > 0}
	all := passes[0]
	for _, p := range passes {
		r.Items += p.items
		r.Bad += p.bad
		r.Full = r.Full || p.budget == 0
		if r.Saved == nil {
			r.Saved = p.saved
		}
		if p.reason != nil && r.BadReason == "" {
			r.BadReason = p.reason.Error()
		}
		if p != all {
			all.tree.merge(all.tree.root, p.tree.root)
		}
	}
	if r.Bad > 9*r.Items {
		return nil, fmt.Errorf("%d of %d lines are not items like the others, such as %s", r.Bad, r.Bad+r.Items, r.BadReason)
	}
	all.tree.collapseAll(all.tree.root, at{})
	all.tree.root.each(func(g *Group) { r.Groups = append(r.Groups, g) })
	slices.SortFunc(r.Groups, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(a.Pattern(), b.Pattern()), slices.Compare(a.Values, b.Values))
	})
	return r, nil
}
