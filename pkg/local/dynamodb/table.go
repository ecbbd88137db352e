package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/durable"
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
	stale    int64   // bytes of the log that nobody could ask for when it was opened
}

// deleted ends the name of the directory of a table that is being deleted.
const deleted = ".deleted"

// createTable makes the directory of a new table and opens it. It gets its name
// when it is complete.
func createTable(dir string, r tableRecord) (*table, error) {
	temporary := dir + durable.Temporary
	err := os.Mkdir(temporary, 0o700)
	if err == nil {
		err = errors.Join(changelog.Create(filepath.Join(temporary, logFile)),
			writeJSON(filepath.Join(temporary, tableFile), r))
	}
	if err == nil {
		err = durable.Rename(temporary, dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create table %s: %w", r.Definition.TableName, err), os.RemoveAll(temporary))
	}
	return openTable(dir, r.Created.Time)
}

// openTable reads a table's directory and replays its log, after it has left out
// what nobody can ask for any more if that is most of it.
func openTable(dir string, now time.Time) (*table, error) {
	var r tableRecord
	if err := readJSON(filepath.Join(dir, tableFile), &r); err != nil {
		return nil, fmt.Errorf("open table: %w; %s", err, wayOut(dir))
	}
	if err := r.Definition.check(); err != nil {
		return nil, fmt.Errorf("open table in %s: %w; %s", dir, err, wayOut(dir))
	}
	t, err := replayTable(dir, r, now)
	if err == nil && t.stale > max(staleBytes, t.log.Size()/2) {
		if err = t.compact(now); err == nil {
			t, err = replayTable(dir, r, now)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open table %s: %w; %s", r.Definition.TableName, err, wayOut(dir))
	}
	return t, nil
}

// wayOut says what to do about a table that does not open.
func wayOut(dir string) string {
	return fmt.Sprintf("nothing was changed; put %s back from a copy, or delete it, which gives up the table, "+
		"and load the table again", dir)
}

// replayTable makes a table of what its directory holds.
func replayTable(dir string, r tableRecord, now time.Time) (*table, error) {
	t := &table{id: r.TableID, created: r.Created.Time, dir: dir, def: r.Definition, recovery: r.Recovery}
	t.paths, t.wanted = newPaths(&t.def)
	var err error
	t.log, err = changelog.Open(filepath.Join(dir, logFile), t.replayer(t.horizon(now)))
	return t, err
}

// replayer returns a function that applies the records of the log as it opens,
// and adds up what the changes until the horizon have made stale.
func (t *table) replayer(horizon int64) func(*changelog.Log, int64, changelog.Record) error {
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
		if r.Time <= horizon {
			t.stale += staleBy(r, prior)
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

// remove closes the table and deletes it from disk. It is gone at once, however
// far the deletion of its files comes.
func (t *table) remove() error {
	doomed := t.dir + deleted
	err := errors.Join(t.close(), durable.Rename(t.dir, doomed))
	if err == nil {
		err = os.RemoveAll(doomed)
	}
	if err != nil {
		return fmt.Errorf("delete table %s: %w", t.def.TableName, err)
	}
	return nil
}

// setRecovery stores another state of point-in-time recovery.
func (t *table) setRecovery(r recovery) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	record := tableRecord{Definition: t.def, TableID: t.id, Created: timestamp{Time: t.created}, Recovery: r}
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
	return durable.WriteFile(name, append(text, '\n'))
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
