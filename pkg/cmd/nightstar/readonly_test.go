package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
)

// tree lists what is below a folder, with sizes.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		names = append(names, fmt.Sprintf("%s %d", name, info.Size()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestRuns_writesNothing: neither where there is no environment, nor in one
// whose process goes on or that may not be written.
func TestRuns_writesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "night")
	for _, args := range [][]string{{"runs", "--dir", dir}, {"query", "--dir", dir, "monthly_revenue"}} {
		if got := nightstar(t, args...); got.code != 1 || !strings.Contains(got.err, "nightstar run") || got.out != "" {
			t.Errorf("nightstar %v = %+v, want that there is no run yet", args, got)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a question has made %s: %v", dir, err)
	}

	for name, text := range map[string]string{
		"lock.json":       `{"runId":"run-3"}`,
		"run-1/run.json":  `{"runId":"run-1","startedAt":"2026-11-20T02:00:00Z","endedAt":"2026-11-20T02:00:09Z","seconds":9,"result":"Loaded","notes":["a clock is odd"]}`,
		"run-2/run.json":  `{"runId":"run-2","startedAt":`,
		"run-3/plan.json": `[]`,
	} {
		path := filepath.Join(dir, "s3", local.LakeBucket, "runs", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "s3", local.LakeBucket, "runs", "run-4", "run.json"), 0o755); err != nil { // a folder of that name
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	before := tree(t, dir)
	listed := nightstar(t, "runs", "--dir", dir)
	for _, want := range []string{"run-1  2026-11-20 02:00:00        9", "RecordDamaged", "run-3", "unfinished"} {
		if listed.code != 0 || !strings.Contains(listed.out, want) {
			t.Errorf("runs = %+v, want %q", listed, want)
		}
	}
	if one := nightstar(t, "runs", "--dir", dir, "run-1"); one.code != 0 || !strings.Contains(one.out, "- a clock is odd") {
		t.Errorf("runs run-1 = %+v, want its note", one)
	}
	if one := nightstar(t, "runs", "--dir", dir, "run-2"); one.code != 0 || !strings.Contains(one.out, "unexpected end of JSON input; the run itself is not affected") {
		t.Errorf("runs run-2 = %+v, want what is wrong", one)
	}
	if after := tree(t, dir); !slices.Equal(before, after) {
		t.Errorf("the directory was\n%v\nand is\n%v", before, after)
	}
}

// holdVariable makes a process of this test hold a warehouse open.
const holdVariable = "NIGHTSTAR_TEST_HOLD"

// hold keeps a warehouse open for writing, with one row that is committed and
// one that is not, until its input ends.
func hold(path string) int {
	ctx := context.Background()
	engine, err := duckdb.Open(ctx, path, duckdb.Options{})
	if err == nil {
		err = change(ctx, engine)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func change(ctx context.Context, engine *duckdb.Engine) error {
	for _, statement := range []string{"create table t (n int)", "insert into t values (1)"} {
		tx, err := engine.Begin(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	tx, err := engine.Begin(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "insert into t values (2)")
	return err
}

// TestQuery_besideARun asks a warehouse that another process writes: what it has
// committed is there, the rest is not, and nothing is left behind.
func TestQuery_besideARun(t *testing.T) {
	dir := t.TempDir()
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	holder := exec.Command(os.Args[0])
	holder.Env = append(os.Environ(), holdVariable+"="+filepath.Join(dir, local.WarehouseFile))
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := holder.Wait(); err != nil {
			t.Error(err)
		}
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	before := tree(t, dir)
	if got := nightstar(t, "query", "--dir", dir, "select n from t"); got.code != 0 || got.out != "n\n1\n" {
		t.Errorf("query = %+v, want the row that is committed", got)
	}
	if got := nightstar(t, "query", "--dir", dir, "delete from t where 1 = 1"); got.code != 1 {
		t.Errorf("a question changes a warehouse: %+v", got)
	}
	if after := tree(t, dir); !slices.Equal(before, after) {
		t.Errorf("the directory was\n%v\nand is\n%v", before, after)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("%d temporary files are left, %v", len(left), err)
	}
}

// checkReadOnly asks about a copy of a directory that the command may read and not
// write. Rights mean nothing to root, so root starts the command as another user.
func checkReadOnly(t *testing.T, dir string) {
	t.Helper()
	place := t.TempDir()
	copied, command, out := filepath.Join(place, "night"), filepath.Join(place, "nightstar"), filepath.Join(place, "out")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = errors.Join(os.WriteFile(command, binary, 0o755), os.Mkdir(out, 0o700))
	}
	if err != nil {
		t.Fatal(err)
	}
	rights := func(folders, files fs.FileMode) {
		err := filepath.WalkDir(copied, func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() {
				return os.Chmod(name, folders)
			}
			return os.Chmod(name, files)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rights(0o555, 0o444)
	t.Cleanup(func() { rights(0o755, 0o644) })
	var as *syscall.SysProcAttr
	if os.Geteuid() == 0 {
		const nobody = 65534
		as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		for _, folder := range []string{place, filepath.Dir(place)} {
			if err := os.Chmod(folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chown(out, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, copied)
	for name, tt := range map[string]struct {
		args []string
		want string
		code int
	}{
		"runs":              {[]string{"runs"}, "Loaded", 0},
		"query":             {[]string{"query", "monthly_revenue"}, "revenue", 0},
		"tables":            {[]string{"tables"}, "dwh.order", 0},
		"report":            {[]string{"report"}, "may not be written to; name another file: nightstar report --out FILE", 1},
		"report, elsewhere": {[]string{"report", "--out", filepath.Join(out, "page.html")}, "page.html", 0},
	} {
		c := exec.Command(command, append(tt.args, "--dir", copied)...)
		c.Env, c.Dir, c.SysProcAttr = append(os.Environ(), asCommand+"=1", "TMPDIR="+out), out, as
		said, err := c.CombinedOutput()
		if c.ProcessState == nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c.ProcessState.ExitCode() != tt.code || !strings.Contains(string(said), tt.want) {
			t.Errorf("%s: status %d and %s, want %d and %q", name, c.ProcessState.ExitCode(), said, tt.code, tt.want)
		}
	}
	if after := tree(t, copied); !slices.Equal(before, after) {
		t.Errorf("the directory was\n%v\nand is\n%v", before, after)
	}
}
