package dynamodb_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

func (e *endpoint) scanAll(t *testing.T, table, index string) []attributes {
	t.Helper()

	in := &dynamodb.ScanInput{TableName: &table}
	if index != "" {
		in.IndexName = &index
	}
	var items []attributes
	p := dynamodb.NewScanPaginator(e, in)
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, page.Items...)
	}
	return items
}

// TestOpen_AfterAbruptStop opens a copy of the files of a server that was not
// closed, and expects the same tables.
func TestOpen_AfterAbruptStop(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.createTable(t, "other")
	e.enableRecovery(t, "shop")
	for i := range 200 {
		e.put(t, "shop", attributes{"PK": str(fmt.Sprint(i % 50)), "SK": str(fmt.Sprint(i % 7)),
			"GSIpk": str(fmt.Sprint(i % 3)), "GSIsk": str("x"), "n": num(fmt.Sprint(i))})
		if i%5 == 0 {
			e.delete(t, "shop", fmt.Sprint(i%20), fmt.Sprint(i%7))
		}
	}
	e.put(t, "other", everyType())
	describe := func(e *endpoint) *types.TableDescription {
		out, err := e.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("shop")})
		if err != nil {
			t.Fatal(err)
		}
		return out.Table
	}
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(e.dir)); err != nil {
		t.Fatal(err)
	}
	again := startIn(t, copied, e.clock, e.bucket, local.Options{})
	if diff := cmp.Diff(describe(e), describe(again), noSerde()); diff != "" {
		t.Errorf("table (-before +after):\n%s", diff)
	}
	for _, index := range []string{"", "GSI"} {
		before, after := e.scanAll(t, "shop", index), again.scanAll(t, "shop", index)
		if diff := cmp.Diff(before, after, noSerde()); diff != "" || len(before) == 0 {
			t.Errorf("index %q: %d items (-before +after):\n%s", index, len(before), diff)
		}
	}
	if diff := cmp.Diff([]attributes{everyType()}, again.scanAll(t, "other", ""), noSerde()); diff != "" {
		t.Errorf("other table (-want +got):\n%s", diff)
	}
	again.put(t, "shop", simple("new", "1", "x"))
	if got := again.get(t, "shop", "new", "1"); got == nil {
		t.Error("the reopened table can't be written")
	}
}

// theLog returns the only change log in a directory.
func theLog(t *testing.T, dir string) string {
	t.Helper()

	logs, err := filepath.Glob(filepath.Join(dir, "tables", "*", "changes.log"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("logs: %q, %v", logs, err)
	}
	return logs[0]
}

// TestOpen_RefusesShortenedAndDamagedTables takes away what was acknowledged, in
// several ways, and adds what was not.
func TestOpen_RefusesShortenedAndDamagedTables(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.put(t, "shop", simple("a", "1", "x"), simple("a", "2", "y"), simple("a", "3", "z"))
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	name := theLog(t, e.dir)
	definition := filepath.Join(filepath.Dir(name), "table.json")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		file, words string
		content     []byte // none: the file is deleted
	}{
		"cut in a record":      {name, "its last 5 bytes are missing", whole[:len(whole)-5]},
		"cut in half":          {name, "bytes are missing", whole[:len(whole)/2]},
		"cut after the head":   {name, "bytes are missing", whole[:32]},
		"empty":                {name, "not a change log", []byte{}},
		"deleted":              {name, "no such file", nil},
		"a byte changed":       {name, "offset 32:", bytes.Replace(whole, []byte(`{"S":"x"}`), []byte(`{"S":"X"}`), 1)},
		"an older format":      {name, "not a change log of this version", bytes.Replace(whole, []byte("ddb-2"), []byte("ddb-1"), 1)},
		"definition deleted":   {definition, "no such file", nil},
		"definition shortened": {definition, "table.json", []byte("{")},
	}
	for what, tt := range tests {
		before, err := os.ReadFile(tt.file)
		if err == nil {
			err = os.WriteFile(tt.file, tt.content, 0o600)
		}
		if tt.content == nil {
			err = errors.Join(err, os.Remove(tt.file))
		}
		if err != nil {
			t.Fatal(err)
		}
		_, err = local.Open(e.dir, e.bucket, local.Options{})
		for _, words := range []string{tt.words, filepath.Dir(name), "put", "back from a copy, or delete it"} {
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("%s: Open() = %v, want an error with %q", what, err, words)
			}
		}
		if err := os.WriteFile(tt.file, before, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(name, append(whole[:len(whole):len(whole)], whole[32:50]...), 0o600); err != nil {
		t.Fatal(err)
	}
	torn := startIn(t, e.dir, e.clock, e.bucket, local.Options{})
	got := column(torn.scanAll(t, "shop", ""), "SK")
	slices.Sort(got)
	if diff := cmp.Diff([]string{"1", "2", "3"}, got); diff != "" {
		t.Errorf("items before a record that was not written to its end (-want +got):\n%s", diff)
	}
}

// TestOpen_RemovesWhatKilledProcessesLeave makes what they leave: half a table,
// half-deleted ones, and a description that was not written to its end.
func TestOpen_RemovesWhatKilledProcessesLeave(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	left := []string{"tables/x.new/changes.log", "tables/y.deleted/table.json", "exports/1.json.new", "spool/partition-1.json.gz"}
	for _, name := range left {
		name = filepath.Join(e.dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte("{"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	again := startIn(t, e.dir, e.clock, e.bucket, local.Options{})
	again.put(t, "shop", simple("a", "1", "x"))
	for _, name := range left {
		if _, err := os.Stat(filepath.Join(e.dir, filepath.FromSlash(name))); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
}

// TestOpen_CompactsLogs changes items over and over, most of that before the
// recovery window, and compares the states in the window before and after.
func TestOpen_CompactsLogs(t *testing.T) {
	t.Parallel()

	for name, recovery := range map[string]bool{"recovery is on": true, "recovery is off": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			dir, c, b := t.TempDir(), newClock(), newBucket("raw")
			e := startIn(t, dir, c, b, local.Options{})
			e.createTable(t, "shop")
			if recovery {
				e.enableRecovery(t, "shop")
			}
			change := func(rounds int, text string) {
				for round := range rounds {
					for i := range 5 {
						e.put(t, "shop", attributes{"PK": str("a"), "SK": str(fmt.Sprint(i)), "n": num(fmt.Sprint(round)),
							"GSIpk": str(fmt.Sprint(round % 2)), "GSIsk": str("x"), "text": str(text)})
					}
					e.delete(t, "shop", "a", fmt.Sprint(round%5))
				}
			}
			change(12, strings.Repeat("long ago ", 4000))
			c.advance(40 * 24 * time.Hour)
			change(3, "lately")
			c.advance(time.Second)
			var times []time.Time
			var states [][]attributes
			if recovery {
				change(1, "now")
				c.advance(time.Second)
				for _, ago := range []time.Duration{35 * 24 * time.Hour, 2 * time.Second, time.Second, 0} {
					at := c.Now().Add(-ago)
					d := e.export(t, "shop", func(in *exportInput) { in.ExportTime = &at })
					times, states = append(times, at), append(states, b.read(t, *d.ExportManifest).items)
				}
			}
			items, indexed := e.scanAll(t, "shop", ""), e.scanAll(t, "shop", "GSI")
			e.http.Close()
			if err := e.server.Close(); err != nil {
				t.Fatal(err)
			}
			before := size(t, theLog(t, dir))
			for range 2 { // the second time there is nothing to compact
				again := startIn(t, dir, c, b, local.Options{})
				for i, at := range times {
					d := again.export(t, "shop", func(in *exportInput) { in.ExportTime = &at })
					if diff := diffItems(states[i], b.read(t, *d.ExportManifest).items); diff != "" {
						t.Errorf("state at %s (-before +after):\n%s", at, diff)
					}
				}
				if diff := diffItems(items, again.scanAll(t, "shop", "")); diff != "" || len(items) == 0 {
					t.Errorf("%d items (-before +after):\n%s", len(items), diff)
				}
				if diff := diffItems(indexed, again.scanAll(t, "shop", "GSI")); diff != "" {
					t.Errorf("index (-before +after):\n%s", diff)
				}
				if err := again.server.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if after := size(t, theLog(t, dir)); before < 2<<20 || after > 300<<10 {
				t.Errorf("the log has %d bytes, %d before", after, before)
			}
		})
	}
}

func size(t *testing.T, name string) int64 {
	t.Helper()

	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestOpen_ForgetsOldExports(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	old := e.export(t, "shop", nil)
	e.clock.advance(80 * 24 * time.Hour)
	recent := e.export(t, "shop", nil)
	e.clock.advance(11 * 24 * time.Hour)
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	again := startIn(t, e.dir, e.clock, e.bucket, local.Options{})
	_, err := again.DescribeExport(t.Context(), &dynamodb.DescribeExportInput{ExportArn: old.ExportArn})
	wantError(t, err, "ExportNotFoundException", *old.ExportArn)
	if d := again.wait(t, recent.ExportArn); d.ExportStatus != types.ExportStatusCompleted {
		t.Errorf("an export of eleven days ago is %s", d.ExportStatus)
	}
}

func TestOpen_RefusesSecondProcess(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	_, err := local.Open(e.dir, e.bucket, local.Options{})
	if err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("second Open() = %v", err)
	}
}

// TestOpen_FailsInterruptedExports stops a server while S3 hangs, once with
// Close and once without.
func TestOpen_FailsInterruptedExports(t *testing.T) {
	t.Parallel()

	hang := make(chan struct{}, 10)
	b := newBucket("raw")
	b.fail = func(ctx context.Context, call, _ string) error {
		if call != "CreateMultipartUpload" {
			return nil
		}
		hang <- struct{}{}
		<-ctx.Done() // until the server is closed
		return errors.New("too late")
	}
	e := startIn(t, t.TempDir(), newClock(), b, local.Options{})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	started, err := e.startExport(t, "shop",
		func(in *exportInput) { in.ClientToken = aws.String("token") })
	if err != nil {
		t.Fatal(err)
	}
	<-hang
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(e.dir)); err != nil {
		t.Fatal(err)
	}
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"closed": e.dir, "killed": copied} {
		again := startIn(t, dir, e.clock, newBucket("raw"), local.Options{})
		d := again.wait(t, started.ExportArn)
		if d.ExportStatus != types.ExportStatusFailed || !strings.Contains(aws.ToString(d.FailureMessage), "was "+
			"stopped while the export ran") {
			t.Errorf("%s: export is %s: %s", name, d.ExportStatus, aws.ToString(d.FailureMessage))
		}
		if left, _ := os.ReadDir(filepath.Join(dir, "spool")); len(left) != 0 {
			t.Errorf("%s: left in the spool: %v", name, left)
		}
		again.export(t, "shop",
			func(in *exportInput) { in.ClientToken = aws.String("token 2") })
	}
}

// writerDir names, for a child process of the test below, the directory in
// which it is to write until it is killed.
const writerDir = "NIGHTSTAR_TEST_WRITER_DIR"

// TestOpen_KeepsAcknowledgedWritesWhenKilled kills a process that writes, and
// expects everything that it had an answer for.
func TestOpen_KeepsAcknowledgedWritesWhenKilled(t *testing.T) {
	t.Parallel()

	if dir := os.Getenv(writerDir); dir != "" {
		writeForever(t, dir)
		return
	}
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOpen_KeepsAcknowledgedWritesWhenKilled$")
	child.Env = append(os.Environ(), writerDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]bool{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if key, ok := strings.CutPrefix(lines.Text(), "acknowledged "); ok {
			acknowledged[key] = true
		}
		if len(acknowledged) == 300 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if len(acknowledged) < 300 {
		t.Fatalf("the writer ended after %d writes", len(acknowledged))
	}
	e := startIn(t, dir, newClock(), newBucket("raw"), local.Options{})
	for _, item := range e.scanAll(t, "shop", "") {
		delete(acknowledged, text(item["PK"]))
	}
	if len(acknowledged) != 0 {
		t.Errorf("%d acknowledged items are lost", len(acknowledged))
	}
}

func writeForever(t *testing.T, dir string) {
	server, err := local.Open(dir, newBucket("raw"), local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(server)
	e := &endpoint{Client: newClient(h.URL), server: server, http: h}
	e.createTable(t, "shop")
	for i := 0; context.Cause(t.Context()) == nil; i++ {
		e.put(t, "shop", simple(fmt.Sprint(i), "x", strings.Repeat("y", i%2000)))
		fmt.Println("acknowledged", i)
	}
}

// TestOpen_setsDamagedExportsAside: they are forgotten, kept and said in one
// sentence; the endpoint starts.
func TestOpen_setsDamagedExportsAside(t *testing.T) {
	t.Parallel()

	for name, text := range map[string]string{"cut": `{"Description":{"ExportA`, "empty": "", "of another": `{}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			dir := t.TempDir()
			file := filepath.Join(dir, "exports", "01700000000000-abcdef.json")
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var said []string
			e := startIn(t, dir, newClock(), newBucket("raw"), local.Options{Notice: func(s string) { said = append(said, s) }})
			if len(said) != 1 || !strings.Contains(said[0], file+".damaged") {
				t.Errorf("Open() says %q, want one sentence with the file", said)
			}
			if kept, err := os.ReadFile(file + ".damaged"); err != nil || string(kept) != text {
				t.Errorf("it kept %q, %v", kept, err)
			}
			if list, err := e.ListExports(t.Context(), &dynamodb.ListExportsInput{}); err != nil || len(list.ExportSummaries) != 0 {
				t.Errorf("ListExports() = %+v, %v, want none", list, err)
			}
		})
	}
}
