package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/explain"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/nearest"
)

// firstRun says how a directory comes to have something.
const firstRun = "run nightstar demo or nightstar run first"

// defaultDir is the directory of commands that name none.
const defaultDir = ".nightstar"

// place are the flags of every command that works in a directory.
type place struct {
	Dir string `default:".nightstar" help:"Directory of the table, the buckets and the warehouse." placeholder:"DIR"`
}

// check refuses what can be no directory.
func (p place) check() error {
	if p.Dir == "" {
		return errors.New("open the directory: --dir is empty")
	}
	if info, err := os.Stat(p.Dir); err == nil && !info.IsDir() {
		return fmt.Errorf("open %s: it is a file; --dir names a directory", p.Dir)
	}
	return nil
}

// mustExist refuses a directory that no command has made: its name is probably
// misspelled. How says what makes one.
func (p place) mustExist(how string) error {
	if err := p.check(); err != nil {
		return err
	}
	_, err := os.Stat(filepath.Join(p.Dir, local.ModelFile))
	if err == nil {
		return nil
	}
	if _, warehouse := os.Stat(filepath.Join(p.Dir, local.WarehouseFile)); warehouse == nil {
		return nil
	}
	if _, lake := os.Stat(filepath.Join(p.Dir, "s3", local.LakeBucket)); lake == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open %s: %w", p.Dir, err)
	}
	if near := p.nearest(); near != "" {
		return fmt.Errorf("open %s: Nightstar has nothing there; did you mean --dir %s?", p.Dir, quoted(near))
	}
	return fmt.Errorf("open %s: Nightstar has nothing there yet; %s", p.Dir, how)
}

// nearest returns the directory beside this one that holds a table or a warehouse
// and whose name is the most like it; empty if there is none.
func (p place) nearest() string {
	parent, name := filepath.Split(filepath.Clean(p.Dir))
	entries, err := os.ReadDir(filepath.Join(".", parent))
	if filepath.IsAbs(parent) {
		entries, err = os.ReadDir(parent)
	}
	if err != nil {
		return ""
	}
	best, distance := "", len(name)
	for _, entry := range entries {
		if _, err := os.Stat(filepath.Join(parent, entry.Name(), local.ModelFile)); err != nil {
			continue
		}
		if d := nearest.Edits(name, entry.Name()); d < distance || best == "" && d <= distance {
			best, distance = parent+entry.Name(), d
		}
	}
	return best
}

// situation is where a run of this directory stands, for explanations.
func (p place) situation(ctx context.Context, s execution.Summary, command, export, model string) explain.Place {
	look := "nightstar runs " + s.RunID
	if p.Dir != defaultDir {
		look += " --dir " + quoted(p.Dir)
	}
	return explain.Place{
		RunID: s.RunID, Command: command, Export: export, Model: model, Look: look,
		Star: p.star(ctx), File: func(url string) string { return p.file(url, export) },
	}
}

// star returns the run whose star the warehouse holds; nil if that is not known.
func (p place) star(ctx context.Context) *string {
	none := ""
	if _, err := os.Stat(filepath.Join(p.Dir, local.WarehouseFile)); errors.Is(err, fs.ErrNotExist) {
		return &none
	}
	m, known, err := local.ReadModel(p.Dir)
	if err != nil || !known {
		return nil
	}
	query := fmt.Sprintf("select run_id from %s.content where schema_name = '%s'", model.QuoteName(m.Schema(model.ETL)), model.DWH)
	result, err := ask(context.WithoutCancel(ctx), p.Dir, query)
	if err != nil {
		if strings.Contains(err.Error(), "does not exist") { // the warehouse has no schema yet
			return &none
		}
		return nil
	}
	if len(result.Rows) == 0 {
		return &none
	}
	run := fmt.Sprint(result.Rows[0][0])
	return &run
}

// file returns the file of an object: of an export, where the person has it, or in
// the directory.
func (p place) file(url, export string) string {
	key := strings.TrimPrefix(url, "s3://")
	if key == url {
		key = local.RawBucket + "/" + url // a key of the raw bucket
	}
	bucket, key, _ := strings.Cut(key, "/")
	_, name, isExport := strings.Cut(key, "/AWSDynamoDB/")
	if bucket != local.RawBucket || !isExport || export == "" {
		return filepath.Join(p.Dir, "s3", bucket, filepath.FromSlash(key))
	}
	if _, err := os.Stat(filepath.Join(export, "manifest-summary.json")); err == nil { // the export's own folder
		_, name, _ = strings.Cut(name, "/")
		return filepath.Join(export, filepath.FromSlash(name))
	}
	return filepath.Join(export, "AWSDynamoDB", filepath.FromSlash(name))
}

// example tells of one item that the run has set aside, one wrong value or one row
// within an item that was left out: where it is, and what is wrong with it. It is empty if there is none.
func (p place) example(s execution.Summary, export string) string {
	lake := filepath.Join(p.Dir, "s3", local.LakeBucket)
	folders := []string{filepath.Join(lake, filepath.FromSlash(lakedoc.SetAsideFolder(s.RunID)))}
	for name := range s.Wrong {
		rows, _, _ := strings.Cut(name, ": ")
		if i := strings.LastIndex(rows, "."); i > 0 {
			folders = append(folders, filepath.Join(lake, filepath.FromSlash(lakedoc.WrongFolder(rows[:i], s.RunID))))
		}
	}
	for name := range s.LeftOut {
		rows, _, _ := strings.Cut(name, ": ")
		folders = append(folders, filepath.Join(lake, filepath.FromSlash(lakedoc.WrongFolder(rows, s.RunID))))
	}
	slices.Sort(folders[1:])
	for _, folder := range folders {
		files, err := os.ReadDir(folder)
		if err != nil {
			continue // nothing was kept there
		}
		for _, file := range files {
			if text := p.firstLine(filepath.Join(folder, file.Name()), export); text != "" {
				return text
			}
		}
	}
	return ""
}

// firstLine tells of the first line of a file of items or values.
func (p place) firstLine(file, export string) string {
	opened, err := os.Open(file) //nolint:gosec // a file of the directory that the person named
	if err != nil {
		return ""
	}
	defer opened.Close() //nolint:errcheck // read only
	var line struct {
		Type, Object, Detail string
		Line                 int64
	}
	if err := json.NewDecoder(opened).Decode(&line); err != nil {
		return ""
	}
	return fmt.Sprintf("%s, line %d: %s", p.file(line.Object, export), line.Line, line.Detail)
}

// stopped is the end of a command that was interrupted: what is true, and how to
// go on.
type stopped struct{ says string }

// Error is what is true.
func (s *stopped) Error() string { return s.says }

// interrupted says what is true of a run that was interrupted. Other errors stay
// as they are.
func (p place) interrupted(ctx context.Context, err error, s execution.Summary, command string) error {
	if already, ok := errors.AsType[*stopped](err); err == nil || ctx.Err() == nil || ok {
		if ok {
			return already
		}
		return err
	}
	where := "at its beginning"
	for _, stage := range s.Stages {
		if stage.State == execution.Running {
			where = "in the stage " + stage.Name
			if stage.PartOf != "" {
				where = "in the stage " + stage.PartOf
			}
		}
	}
	f := explain.Run("ABORTED", "", "", p.situation(ctx, s, command, "", ""))
	return &stopped{fmt.Sprintf("The run was stopped %s. %s %s", where, f.True, strings.Join(f.Next, " "))}
}
