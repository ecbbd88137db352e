package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// tableRecord is what a table's directory holds besides the change log.
type tableRecord struct {
	Definition tableDefinition
	TableID    string
	Created    timestamp
	Recovery   recovery
}

// recovery is the state of point-in-time recovery. It is off if Enabled is nil.
type recovery struct {
	Enabled *timestamp `json:",omitempty"` // since when
	Days    int        // length of the window
}

// defaultRecoveryDays is the length of the recovery window unless asked otherwise.
const defaultRecoveryDays = 35

// The files in the directory of a table.
const (
	tableFile = "table.json"
	logFile   = "changes.log"
)

// table is one table: its change log, and the paths to the items in it.
type table struct {
	id      string
	created time.Time
	dir     string
	def     tableDefinition
	wanted  []string // the attributes whose values the paths need

	mu       sync.RWMutex // guards the fields below
	recovery recovery
	log      *changelog.Log
	paths    []*path // the table's own first
	bytes    int64   // size of all items
	latest   int64   // time of the last change, in microseconds
	promised int64   // time that somebody was told no further change will have, likewise
	buf      []byte  // for records that are written
	old      []byte  // for records that are replaced
}

// createTable makes the directory of a new table and opens it.
func createTable(dir string, r tableRecord) (*table, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create table %s: %w", r.Definition.TableName, err)
	}
	if err := writeJSON(filepath.Join(dir, tableFile), r); err != nil {
		return nil, errors.Join(fmt.Errorf("create table %s: %w", r.Definition.TableName, err), os.RemoveAll(dir))
	}
	return openTable(dir)
}

// openTable reads a table's directory and replays its log.
func openTable(dir string) (*table, error) {
	var r tableRecord
	if err := readJSON(filepath.Join(dir, tableFile), &r); err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	if err := r.Definition.check(); err != nil {
		return nil, fmt.Errorf("open table in %s: %w", dir, err)
	}
	t := &table{id: r.TableID, created: r.Created.Time, dir: dir, def: r.Definition, recovery: r.Recovery}
	t.paths, t.wanted = newPaths(&t.def)
	log, err := changelog.Open(filepath.Join(dir, logFile), t.replayer())
	if err != nil {
		return nil, fmt.Errorf("open table %s: %w", t.def.TableName, err)
	}
	t.log = log
	return t, nil
}

// replayer returns a function that applies the records of the log as it opens.
func (t *table) replayer() func(*changelog.Log, int64, changelog.Record) error {
	var p item.Parser
	values := make([]item.Value, len(t.wanted))
	return func(log *changelog.Log, offset int64, r changelog.Record) error {
		if r.Time < t.latest {
			return fmt.Errorf("its time %d lies before that of the record before it, %d", r.Time, t.latest)
		}
		t.log, t.latest = log, r.Time
		hash, key, err := t.itemKey(&p, r, values)
		if err != nil {
			return err
		}
		c := change{kind: r.Kind, size: int(r.Size), values: values, hash: hash, key: key}
		prior, err := t.prior(&c)
		if err != nil {
			return err
		}
		return t.apply(&c, offset, prior)
	}
}

// close closes the log, after which reading and writing fail.
func (t *table) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.log.Close()
}

// remove closes the table and deletes it from disk.
func (t *table) remove() error {
	if err := errors.Join(t.close(), os.RemoveAll(t.dir)); err != nil {
		return fmt.Errorf("delete table %s: %w", t.def.TableName, err)
	}
	return nil
}

// setRecovery stores another state of point-in-time recovery.
func (t *table) setRecovery(r recovery) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	record := tableRecord{Definition: t.def, TableID: t.id, Created: timestamp{t.created}, Recovery: r}
	if err := writeJSON(filepath.Join(t.dir, tableFile), record); err != nil {
		return fmt.Errorf("store table %s: %w", t.def.TableName, err)
	}
	t.recovery = r
	return nil
}

// path returns the table's own path, or that of an index.
func (t *table) path(index string) (*path, error) {
	for _, p := range t.paths {
		if p.index == index {
			return p, nil
		}
	}
	return nil, invalid("The table does not have the specified index: %s", index)
}

// writeJSON replaces a file in one step.
func writeJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	temporary := name + ".new"
	if err := os.WriteFile(temporary, append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}

func readJSON(name string, v any) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}
