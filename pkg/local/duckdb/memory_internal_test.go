package duckdb

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestTx_endsWhatTakesTooMuchMemory lets an engine have one byte, so that any
// statement that goes on for a while is above it.
func TestTx_endsWhatTakesTooMuchMemory(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the memory of the process is read on Linux only")
	}

	engine, err := Open(t.Context(), filepath.Join(t.TempDir(), "warehouse.duckdb"), Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = engine.Close() }()
	if engine.most < 256<<20 {
		t.Errorf("statements may take %d bytes of this machine's memory", engine.most)
	}
	engine.most = 1
	for _, statement := range []string{
		"with recursive d(n) as (select 1 union all select 1 from d) select count(*) from d",
		"create table public.endless as with recursive d(n) as (select 1 union all select 1 from d) select count(*) as n from d",
	} {
		tx, err := engine.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), statement); !errors.Is(err, errMemory) || !strings.Contains(err.Error(), "ask for fewer rows") {
			t.Errorf("%s: %v, want %v", statement, err, errMemory)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

func TestWatched_leavesOthersAlone(t *testing.T) {
	t.Parallel()

	for name, resident := range map[string]func() (int64, bool){
		"below":   func() (int64, bool) { return 10, true },
		"unknown": func() (int64, bool) { return 0, false },
	} {
		ctx, release := watched(t.Context(), 10, resident)
		time.Sleep(3 * watchEvery)
		if ctx.Err() != nil {
			t.Errorf("%s: %v", name, ctx.Err())
		}
		release()
	}
}
