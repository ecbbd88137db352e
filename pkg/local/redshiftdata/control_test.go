package redshiftdata_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	local "github.com/nightstar-elt/nightstar/pkg/local/redshiftdata"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

func TestCancelStatement(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	w.finish(t, w.execute(t, "create table t (a integer)"))
	id := w.batch(t, "insert into t values (1)", slowQuery)
	for w.describe(t, id).Status != types.StatusStringStarted {
		time.Sleep(time.Millisecond)
	}
	_, err := w.CancelStatement(t.Context(), &redshiftdata.CancelStatementInput{Id: aws.String(id + ":1")})
	if _, ok := errors.AsType[*types.ValidationException](err); !ok {
		t.Errorf("cancelling a part gives %v", err)
	}
	out, err := w.CancelStatement(t.Context(), &redshiftdata.CancelStatementInput{Id: aws.String(id)})
	if err != nil || !aws.ToBool(out.Status) {
		t.Fatal(out, err)
	}
	got := w.wait(t, id)
	if got.Status != types.StatusStringAborted {
		t.Errorf("the statement is %s", got.Status)
	}
	wantText(t, aws.ToString(got.Error), "cancelled on user's request")
	_, err = w.CancelStatement(t.Context(), &redshiftdata.CancelStatementInput{Id: aws.String(id)})
	if _, ok := errors.AsType[*types.ValidationException](err); !ok {
		t.Errorf("cancelling twice gives %v", err)
	}
	if rows := w.rows(t, "select count(*) from t"); rows != "0" {
		t.Errorf("%s rows are left", rows)
	}
}

// gate is an engine whose statements wait until it opens.
type gate struct {
	opened chan struct{}
	mu     sync.Mutex
	now    int // transactions that are open
	most   int
}

func (g *gate) Begin(context.Context) (sqlengine.Tx, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now++
	g.most = max(g.most, g.now)
	return &gateTx{gate: g}, nil
}

func (g *gate) Close() error { return nil }

type gateTx struct {
	gate *gate
	done bool
}

func (tx *gateTx) Exec(ctx context.Context, _ string) (*sqlengine.Result, error) {
	select {
	case <-tx.gate.opened:
		return &sqlengine.Result{}, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("exec: %w", ctx.Err())
	}
}

func (tx *gateTx) CopyParquet(context.Context, string, []string, []string) (int64, error) {
	return 0, nil
}

func (tx *gateTx) Commit() error { return tx.Rollback() }

func (tx *gateTx) Rollback() error {
	tx.gate.mu.Lock()
	defer tx.gate.mu.Unlock()
	if !tx.done {
		tx.gate.now--
	}
	tx.done = true
	return nil
}

func TestServer_boundsWhatRuns(t *testing.T) {
	t.Parallel()
	g := &gate{opened: make(chan struct{})}
	w := newWarehouseOver(t, g, local.Options{Workers: 2})
	var ids []string
	for range 500 {
		ids = append(ids, w.execute(t, "select 1"))
	}
	_, err := w.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{
		Database: aws.String("dwh"), WorkgroupName: aws.String("local"), Sql: aws.String("select 1"),
	})
	if _, ok := errors.AsType[*types.ActiveStatementsExceededException](err); !ok {
		t.Errorf("the 501st statement gives %v", err)
	}
	if got := w.describe(t, ids[499]); got.Status != types.StatusStringSubmitted {
		t.Errorf("the last statement is %s", got.Status)
	}
	// A statement that waits for its turn can be cancelled too.
	if _, err := w.CancelStatement(t.Context(), &redshiftdata.CancelStatementInput{Id: aws.String(ids[499])}); err != nil {
		t.Error(err)
	}
	if got := w.wait(t, ids[499]); got.Status != types.StatusStringAborted || got.Duration != 0 {
		t.Errorf("cancelled: %+v", got)
	}
	close(g.opened)
	for _, id := range ids[:499] {
		w.finish(t, id)
	}
	if g.most > 2 {
		t.Errorf("%d transactions were open at the same time", g.most)
	}
}

func TestServer_Close(t *testing.T) {
	t.Parallel()
	g := &gate{opened: make(chan struct{})}
	w := newWarehouseOver(t, g, local.Options{Workers: 1})
	running, waiting := w.execute(t, "select 1"), w.execute(t, "select 2")
	for w.describe(t, running).Status != types.StatusStringStarted {
		time.Sleep(time.Millisecond)
	}
	if err := w.server.Close(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{running, waiting} {
		if got := w.describe(t, id); got.Status != types.StatusStringAborted {
			t.Errorf("a statement is %s after Close", got.Status)
		}
	}
	_, err := w.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{
		Database: aws.String("dwh"), WorkgroupName: aws.String("local"), Sql: aws.String("select 1"),
	})
	if _, ok := errors.AsType[*types.InternalServerException](err); !ok {
		t.Errorf("a statement after Close gives %v", err)
	}
}

func TestListStatements(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	start := func(name, sql, workgroup string) string {
		out, err := w.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{
			Database: aws.String("dwh"), WorkgroupName: aws.String(workgroup), Sql: aws.String(sql), StatementName: aws.String(name),
		})
		if err != nil {
			t.Fatal(err)
		}
		w.wait(t, *out.Id)
		return *out.Id
	}
	a := start("load-a", "select 1", "local")
	b := start("load-b", "select 1 / 0", "local")
	c := start("other", "select 3", "elsewhere")
	d := w.batch(t, "select 4", "select 5")
	w.finish(t, d)
	list := func(in redshiftdata.ListStatementsInput) []string {
		var ids []string
		pages := redshiftdata.NewListStatementsPaginator(w.Client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.Statements {
				ids = append(ids, *s.Id)
			}
		}
		return ids
	}
	for name, test := range map[string]struct {
		in   redshiftdata.ListStatementsInput
		want []string
	}{
		"finished ones, newest first": {redshiftdata.ListStatementsInput{}, []string{d, c, a}},
		"failed ones":                 {redshiftdata.ListStatementsInput{Status: types.StatusStringFailed}, []string{b}},
		"all, in pages of one":        {redshiftdata.ListStatementsInput{Status: types.StatusStringAll, MaxResults: 1}, []string{d, c, b, a}},
		"by prefix of the name":       {redshiftdata.ListStatementsInput{Status: types.StatusStringAll, StatementName: aws.String("load")}, []string{b, a}},
		"by workgroup":                {redshiftdata.ListStatementsInput{WorkgroupName: aws.String("elsewhere")}, []string{c}},
		"by database":                 {redshiftdata.ListStatementsInput{Database: aws.String("x")}, nil},
	} {
		if diff := cmp.Diff(test.want, list(test.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	_, err := w.ListStatements(t.Context(), &redshiftdata.ListStatementsInput{NextToken: aws.String("x")})
	if _, ok := errors.AsType[*types.ValidationException](err); !ok {
		t.Errorf("a wrong token gives %v", err)
	}
}

func TestServer_validates(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	tests := map[string]struct{ operation, body, want string }{
		"no database":              {"ExecuteStatement", `{"Sql":"select 1","WorkgroupName":"w"}`, "Database is required"},
		"no warehouse":             {"ExecuteStatement", `{"Sql":"select 1","Database":"d"}`, "WorkgroupName or ClusterIdentifier is required"},
		"two warehouses":           {"ExecuteStatement", `{"Sql":"select 1","Database":"d","WorkgroupName":"w","ClusterIdentifier":"c"}`, "exclude each other"},
		"a user for a workgroup":   {"ExecuteStatement", `{"Sql":"select 1","Database":"d","WorkgroupName":"w","DbUser":"u"}`, "DbUser"},
		"no text":                  {"ExecuteStatement", `{"Database":"d","WorkgroupName":"w"}`, "empty"},
		"two statements":           {"ExecuteStatement", `{"Sql":"select 1; select 2","Database":"d","WorkgroupName":"w"}`, "2 statements"},
		"only a comment":           {"ExecuteStatement", `{"Sql":"-- x","Database":"d","WorkgroupName":"w"}`, "0 statements"},
		"a long statement":         {"ExecuteStatement", `{"Sql":"select '` + strings.Repeat("x", 200<<10) + `'","Database":"d","WorkgroupName":"w"}`, "takes 204800"},
		"an unknown field":         {"ExecuteStatement", `{"Sql":"select 1","Database":"d","WorkgroupName":"w","WaitTimeSeconds":5}`, "WaitTimeSeconds"},
		"CSV":                      {"ExecuteStatement", `{"Sql":"select 1","Database":"d","WorkgroupName":"w","ResultFormat":"CSV"}`, "ResultFormat"},
		"a session":                {"ExecuteStatement", `{"Sql":"select 1","Database":"d","WorkgroupName":"w","SessionKeepAliveSeconds":5}`, "no sessions"},
		"events":                   {"ExecuteStatement", `{"Sql":"select 1","Database":"d","WorkgroupName":"w","WithEvent":true}`, "WithEvent"},
		"a long token":             {"ExecuteStatement", `{"Sql":"select 1","Database":"d","WorkgroupName":"w","ClientToken":"` + strings.Repeat("x", 65) + `"}`, "ClientToken"},
		"a long name":              {"ExecuteStatement", `{"Sql":"select 1","Database":"d","WorkgroupName":"w","StatementName":"` + strings.Repeat("x", 501) + `"}`, "StatementName"},
		"an empty parameter":       {"ExecuteStatement", `{"Sql":"select :a","Database":"d","WorkgroupName":"w","Parameters":[{"name":"a","value":""}]}`, "no value"},
		"an unused parameter":      {"ExecuteStatement", `{"Sql":"select ':a'","Database":"d","WorkgroupName":"w","Parameters":[{"name":"a","value":"1"}]}`, "used by no statement"},
		"a missing parameter":      {"ExecuteStatement", `{"Sql":"select :a, :b","Database":"d","WorkgroupName":"w","Parameters":[{"name":"a","value":"1"}]}`, `"b" has no value`},
		"a parameter twice":        {"ExecuteStatement", `{"Sql":"select :a","Database":"d","WorkgroupName":"w","Parameters":[{"name":"a","value":"1"},{"name":"a","value":"2"}]}`, "twice"},
		"a strange parameter name": {"ExecuteStatement", `{"Sql":"select :a","Database":"d","WorkgroupName":"w","Parameters":[{"name":"a b","value":"1"}]}`, "letters"},
		"no statements":            {"BatchExecuteStatement", `{"Sqls":[],"Database":"d","WorkgroupName":"w"}`, "0 statements"},
		"41 statements":            {"BatchExecuteStatement", `{"Sqls":["` + strings.Repeat(`x","`, 40) + `x"],"Database":"d","WorkgroupName":"w"}`, "41 statements"},
		"a bad one in a batch":     {"BatchExecuteStatement", `{"Sqls":["select 1","a;b"],"Database":"d","WorkgroupName":"w"}`, "statement 2"},
		"no JSON":                  {"DescribeStatement", `{`, "decode request"},
		"more than JSON":           {"DescribeStatement", `{"Id":"x"} {}`, "after its JSON object"},
		"a wrong type":             {"DescribeStatement", `{"Id":5}`, "decode request"},
		"a long list":              {"ListStatements", `{"MaxResults":101}`, "MaxResults"},
		"a strange status":         {"ListStatements", `{"Status":"DONE"}`, "Status"},
		"another operation":        {"ListTables", `{}`, "not supported by the local Redshift Data API"},
		"another service":          {"", `{}`, "not a call of Redshift Data API"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := "RedshiftData." + test.operation
			if test.operation == "" {
				target = "DynamoDB_20120810.ListTables"
			}
			status, body := post(t, w.url, target, test.body)
			if status != http.StatusBadRequest {
				t.Errorf("status %d", status)
			}
			wantText(t, body, "Exception", strings.ReplaceAll(test.want, `"`, `\"`))
		})
	}
	response, err := http.Get(w.url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("GET gives %d", response.StatusCode)
	}
}

// post calls the endpoint without the SDK.
func post(t *testing.T, url, target, body string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", target)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestParameters(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	out, err := w.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{
		Database: aws.String("dwh"), ClusterIdentifier: aws.String("c"), DbUser: aws.String("u"),
		Sql: aws.String("select :text as a, :n::integer + 1 as b, ':n' as c -- :nobody\n where 5 = :n"),
		Parameters: []types.SqlParameter{
			{Name: aws.String("text"), Value: aws.String("it's'; drop table t; --")},
			{Name: aws.String("n"), Value: aws.String("5")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := w.finish(t, *out.Id)
	if rows := w.result(t, *out.Id); rows != "it's'; drop table t; -- | 6 | :n" {
		t.Errorf("rows %s", rows)
	}
	if !strings.Contains(aws.ToString(got.QueryString), ":text") || len(got.QueryParameters) != 2 || aws.ToString(got.DbUser) != "u" {
		t.Errorf("described as %+v", got)
	}
}

// TestParameters_anyText: what a value holds is data, in a batch too; the
// engines of the endpoint have no common spelling of a backslash.
func TestParameters_anyText(t *testing.T) {
	t.Parallel()

	w := newWarehouse(t)
	for _, value := range []string{`\`, `a\'b\\`, "it's", "line\nbreak", ":b", "'; drop table t; --", "日本 \U0001F600", " "} {
		out, err := w.BatchExecuteStatement(t.Context(), &redshiftdata.BatchExecuteStatementInput{
			Database: aws.String("dwh"), WorkgroupName: aws.String("local"), Sqls: []string{"select 1", "select cast(:a as varchar(40)) as a"},
			Parameters: []types.SqlParameter{{Name: aws.String("a"), Value: &value}},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.finish(t, *out.Id)
		if got := w.result(t, *out.Id+":2"); got != value {
			t.Errorf("the parameter %q arrives as %q", value, got)
		}
	}
}

func TestServer_hasOneDatabase(t *testing.T) {
	t.Parallel()

	w := newWarehouseOver(t, localtest.DuckDB(t), local.Options{Database: "dwh"})
	w.finish(t, w.execute(t, "select 1"))
	out, err := w.BatchExecuteStatement(t.Context(), &redshiftdata.BatchExecuteStatementInput{
		Database: aws.String("other"), WorkgroupName: aws.String("local"), Sqls: []string{"select 1", "select 2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.fail(t, *out.Id), `FATAL: database "other" does not exist; this warehouse has "dwh"`; got != want {
		t.Errorf("a batch for another database fails with %q, want %q", got, want)
	}
	for _, sub := range w.describe(t, *out.Id).SubStatements {
		if sub.Status != types.StatementStatusStringAborted {
			t.Errorf("its statement %s is %s, want it aborted", *sub.Id, sub.Status)
		}
	}
}
