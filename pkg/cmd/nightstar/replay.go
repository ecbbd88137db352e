package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // as the manifests of exports have it
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/progress"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

type replayCommand struct {
	services
	modelled
	Name string `name:"run" required:"" help:"The run that set items aside." placeholder:"RUN"`
	Dry  bool   `help:"Only say how many items the model loads now."`
}

// Help says when a replay is of use.
func (replayCommand) Help() string {
	return `Use this after you corrected the model. It says how many of the items that a run set aside the model loads now, and starts a run.
That run is full: an item may have changed since it was set aside, and a changed model makes something else of all others, too.
Items that you corrected in the table need no replay: the next run of any mode loads them.`
}

// Run tries the items that were set aside, and loads the table.
func (c replayCommand) Run(ctx context.Context, to output) error {
	m, err := planCommand{place: c.place, modelled: c.modelled}.model()
	if err != nil {
		return err
	}
	items, unread, err := setAsideBy(c.Dir, c.Name)
	if err != nil {
		return err
	}
	result, err := try(ctx, m, items)
	if err != nil {
		return err
	}
	var rows int64
	for _, item := range m.Items {
		rows += result.Rows[item.Name]
	}
	fmt.Fprintf(to.out, "Run %s set %s aside. Model %s now loads %s, skips %s and sets %s aside. Lines without an item: %s.\n",
		c.Name, spell.Count(int64(len(items))+unread, "item", "items"), m.Name, spell.Int(rows), spell.Int(total(result.Skipped)), spell.Int(result.SetAside.Total()), spell.Int(unread))
	if c.Dry || rows == 0 {
		return nil
	}
	wanted, err := c.read()
	if err != nil {
		return err
	}
	view := progress.New(to.err)
	defer view.Close()
	environment, err := c.open(ctx, view, wanted, false)
	if err != nil {
		return err
	}
	err = sayCost(ctx, environment, lakedoc.Full, view)
	summary, read := execution.Empty(), environment.Model()
	if err == nil {
		summary, err = night(ctx, environment, execution.Input{Mode: lakedoc.Full}, nil, view, to.verbose)
	}
	err = errors.Join(err, environment.Close())
	view.Close()
	again := runCommand{services: c.services, modelled: c.modelled, Mode: lakedoc.Full}.command()
	if err != nil {
		return c.interrupted(ctx, err, summary, again)
	}
	verdict(to.out, summary, &read, c.situation(ctx, summary, again, "", c.Model), c.example(summary, ""))
	if summary.Status != "SUCCEEDED" {
		return errNightFailed
	}
	return nil
}

func total(counts map[string]int64) (n int64) {
	for _, count := range counts {
		n += count
	}
	return n
}

// setAsideBy returns the items that a run has set aside, in DynamoDB JSON, and how many
// lines it set aside that were no items. They are in the lake or, after a later run, in
// its archive.
func setAsideBy(dir, run string) (items []json.RawMessage, unread int64, err error) {
	folder := filepath.FromSlash(lakedoc.SetAsideFolder(run))
	var files []string
	for _, root := range []string{filepath.Join(local.LakeBucket, folder), filepath.Join(local.LakeArchiveBucket, "*", folder)} {
		found, err := filepath.Glob(filepath.Join(dir, "s3", root, "*.jsonl"))
		if err != nil {
			return nil, 0, fmt.Errorf("find what run %q has set aside: %w", run, err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return nil, 0, fmt.Errorf("run %s has set nothing aside in %s, or does not exist; nightstar runs lists all runs", run, dir)
	}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // a file of the directory that the person named
		if err != nil {
			return nil, 0, fmt.Errorf("read what was set aside: %w", err)
		}
		lines := bufio.NewReader(bytes.NewReader(text))
		for number := 1; ; number++ {
			line, err := lines.ReadBytes('\n')
			if len(bytes.TrimSpace(line)) > 0 {
				var kept struct {
					Item json.RawMessage `json:"item"`
				}
				if err := json.Unmarshal(line, &kept); err != nil {
					return nil, 0, fmt.Errorf("read line %d of %s: %w", number, file, err)
				}
				if kept.Item == nil {
					unread++
				} else {
					items = append(items, kept.Item)
				}
			}
			if err != nil {
				break
			}
		}
	}
	return items, unread, nil
}

// try makes rows of items, and keeps none of them.
func try(ctx context.Context, m model.Model, items []json.RawMessage) (lakedoc.Result, error) {
	splitter, err := lake.NewSplitter(m)
	if err != nil {
		return lakedoc.Result{}, err
	}
	var body bytes.Buffer
	zip := gzip.NewWriter(&body)
	for _, item := range items {
		if _, err := fmt.Fprintf(zip, "{\"Item\":%s}\n", item); err != nil {
			return lakedoc.Result{}, fmt.Errorf("try the items: %w", err)
		}
	}
	if err := zip.Close(); err != nil {
		return lakedoc.Result{}, fmt.Errorf("try the items: %w", err)
	}
	sum := md5.Sum(body.Bytes()) //nolint:gosec // as above
	in := lake.PartitionInput{RunID: "replay", File: lakedoc.File{
		Number: 1, Items: int64(len(items)), MD5: base64.StdEncoding.EncodeToString(sum[:]),
	}}
	result, err := splitter.Split(ctx, in, "what was set aside", &body, func(string) lake.Output { return nowhere{io.Discard} })
	if err != nil {
		return lakedoc.Result{}, fmt.Errorf("try the items: %w", err)
	}
	return result, nil
}

// nowhere is an output that nothing is kept of.
type nowhere struct{ io.Writer }

func (nowhere) Commit() (string, error) { return "none", nil }

func (nowhere) Abandon() {}
