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

func TestOpen_CutsTornRecordAndReportsDamage(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.put(t, "shop", simple("a", "1", "x"), simple("a", "2", "y"), simple("a", "3", "z"))
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	name := theLog(t, e.dir)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, whole[:len(whole)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	torn := startIn(t, e.dir, e.clock, e.bucket, local.Options{})
	got := column(torn.scanAll(t, "shop", ""), "SK")
	slices.Sort(got)
	if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
		t.Errorf("items after a torn record (-want +got):\n%s", diff)
	}
	if err := torn.server.Close(); err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Replace(whole, []byte(`{"S":"x"}`), []byte(`{"S":"X"}`), 1)
	if err := os.WriteFile(name, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = local.Open(e.dir, e.bucket, local.Options{})
	if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "offset 16:") {
		t.Errorf("Open() of a damaged log = %v, want an error with file and offset", err)
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
