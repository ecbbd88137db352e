package redshiftdata_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/google/go-cmp/cmp"
)

func TestExecuteStatement(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	id := w.execute(t, "select 1 as one, 2.50 as price, 0.0::float8 as rate, true as yes, 'a' as name, null::integer as gone, date '2024-01-31' as day, 0::bigint as zero")
	got := w.finish(t, id)
	if !aws.ToBool(got.HasResultSet) || got.ResultRows != 1 || got.ResultSize == 0 || got.Duration <= 0 || got.RedshiftQueryId < 1 ||
		aws.ToString(got.Database) != "dwh" || aws.ToString(got.WorkgroupName) != "local" || got.ResultFormat != types.ResultFormatStringJson ||
		!strings.HasPrefix(aws.ToString(got.QueryString), "select 1") || got.UpdatedAt.Before(*got.CreatedAt) || got.CreatedAt.Year() != 2026 {
		t.Errorf("described as %+v", got)
	}
	if rows := w.result(t, id); rows != "1 | 2.50 | 0f | true | a | null | 2024-01-31 | 0" {
		t.Errorf("rows %s", rows)
	}
	page, err := w.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: aws.String(id)})
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, c := range page.ColumnMetadata {
		columns = append(columns, aws.ToString(c.Name)+" "+aws.ToString(c.TypeName))
	}
	want := []string{"one int4", "price numeric", "rate float8", "yes bool", "name varchar", "gone int4", "day date", "zero int8"}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExecuteStatement_failsAsStatement(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	for sql, want := range map[string]string{
		"select 1 / 0":                      "ERROR: Invalid Input Error: division by zero",
		"select * from nowhere":             "nowhere",
		"truncate t":                        "ERROR: line 1: truncate is refused",
		"select 'a":                         "ERROR: scan SQL line 1",
		"copy a.b from 's3://x/y' csv":      `ERROR: copy: option "csv" is refused`,
		"insert into t values (:missing)":   `":" is refused`,
		"call a.p()":                        "procedure a.p() does not exist",
		"unload ('select 1') to 's3://x/y'": `starts with "unload"`,
	} {
		id := w.execute(t, sql)
		wantText(t, w.fail(t, id), want)
		if got := w.describe(t, id); aws.ToBool(got.HasResultSet) || got.ResultRows != -1 {
			t.Errorf("%s: described as %+v", sql, got)
		}
		_, err := w.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: aws.String(id)})
		if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
			t.Errorf("%s: result gives %v", sql, err)
		}
	}
}

func TestBatchExecuteStatement(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	id := w.batch(t, "create table t (a integer)", "insert into t values (1), (2)", "select 't' as name, count(*) as rows from t")
	got := w.finish(t, id)
	if !aws.ToBool(got.HasResultSet) || len(got.SubStatements) != 3 || got.QueryString != nil {
		t.Fatalf("described as %+v", got)
	}
	for i, want := range []struct {
		rows   int64
		result bool
	}{{0, false}, {2, false}, {1, true}} {
		sub := got.SubStatements[i]
		if aws.ToString(sub.Id) != fmt.Sprintf("%s:%d", id, i+1) || sub.Status != types.StatementStatusStringFinished ||
			sub.ResultRows != want.rows || aws.ToBool(sub.HasResultSet) != want.result || sub.Duration <= 0 {
			t.Errorf("part %d described as %+v", i+1, sub)
		}
	}
	if rows := w.result(t, id+":3"); rows != "t | 2" {
		t.Errorf("rows %s", rows)
	}
	if part := w.describe(t, id+":2"); aws.ToString(part.QueryString) != "insert into t values (1), (2)" || part.ResultRows != 2 {
		t.Errorf("part described as %+v", part)
	}
	for _, bad := range []string{id, id + ":2"} {
		_, err := w.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: aws.String(bad)})
		if err == nil {
			t.Errorf("%s has a result", bad)
		}
	}
	for _, bad := range []string{id + ":4", id + ":0", id + ":x", "nobody"} {
		_, err := w.DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: aws.String(bad)})
		if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestBatchExecuteStatement_rollsBack(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	w.finish(t, w.execute(t, "create table t (a integer not null)"))
	id := w.batch(t, "insert into t values (1)", "select count(*) from t", "insert into t values (null)", "insert into t values (3)")
	text := w.fail(t, id)
	wantText(t, text, "Query #3 failed with ERROR: ", "cannot insert a NULL value into column a")
	var statuses []string
	for _, sub := range w.describe(t, id).SubStatements {
		statuses = append(statuses, string(sub.Status))
	}
	if diff := cmp.Diff([]string{"FINISHED", "FINISHED", "FAILED", "ABORTED"}, statuses); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := w.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: aws.String(id + ":2")}); err == nil {
		t.Error("a part that was rolled back has a result")
	}
	if rows := w.rows(t, "select count(*) from t"); rows != "0" {
		t.Errorf("%s rows are left", rows)
	}
}

func TestBatchExecuteStatement_raises(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	w.finish(t, w.batch(t, "create schema s", "create table s.t (a integer)",
		`create procedure s.verify() language plpgsql as $$
		declare counted bigint;
		begin
			select into counted count(*) from s.t;
			if counted <> 1 then
				raise exception 's.t has % rows; not 1', counted;
			end if;
		end $$`))
	text := w.fail(t, w.batch(t, "insert into s.t values (1), (2)", "call s.verify()"))
	if text != "Query #2 failed with ERROR: s.t has 2 rows; not 1" {
		t.Errorf("error %q", text)
	}
	w.finish(t, w.batch(t, "insert into s.t values (1)", "call s.verify()"))
	if rows := w.rows(t, "select count(*) from s.t"); rows != "1" {
		t.Errorf("%s rows", rows)
	}
}

func TestGetStatementResult_pages(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	id := w.execute(t, "with recursive d(n) as (select 1 union all select n + 1 from d where n < 7) select n from d order by n")
	w.finish(t, id)
	first, err := w.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: aws.String(id)})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Records) != 3 || first.TotalNumRows != 7 || first.NextToken == nil {
		t.Errorf("first page %+v", first)
	}
	if rows := w.result(t, id); rows != "1\n2\n3\n4\n5\n6\n7" {
		t.Errorf("rows %q", rows)
	}
	for _, token := range []string{"x", id + "/0", id + "/7", id + "/-1", "other/3"} {
		_, err := w.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: aws.String(id), NextToken: aws.String(token)})
		if _, ok := errors.AsType[*types.ValidationException](err); !ok {
			t.Errorf("token %q: %v", token, err)
		}
	}
	empty := w.execute(t, "select 1 as a where false")
	if got := w.finish(t, empty); !aws.ToBool(got.HasResultSet) || got.ResultRows != 0 {
		t.Errorf("empty result described as %+v", got)
	}
	if rows := w.result(t, empty); rows != "" {
		t.Errorf("rows %q", rows)
	}
}

func TestClientToken(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	w.finish(t, w.execute(t, "create table t (a integer)"))
	start := func(sql, token string) (string, error) {
		out, err := w.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{
			Database: aws.String("dwh"), WorkgroupName: aws.String("local"), Sql: aws.String(sql), ClientToken: aws.String(token),
		})
		return aws.ToString(out.Id), err
	}
	insert, err := start("insert into t values (1)", "one")
	if err != nil {
		t.Fatal(err)
	}
	broken, err := start("insert into nowhere values (1)", "two")
	if err != nil {
		t.Fatal(err)
	}
	w.finish(t, insert)
	w.fail(t, broken)
	w.clock.advance(7 * time.Hour)
	if again, err := start("insert into t values (1)", "one"); err != nil || again != insert {
		t.Errorf("the same token gives %s, %v, not %s", again, err, insert)
	}
	if again, err := start("insert into nowhere values (1)", "two"); err != nil || again != broken {
		t.Errorf("the token of a failed statement gives %s, %v, not %s", again, err, broken)
	}
	_, err = w.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{
		Database: aws.String("dwh"), WorkgroupName: aws.String("local"), Sql: aws.String("insert into t values (2)"), ClientToken: aws.String("one"),
	})
	if _, ok := errors.AsType[*types.ValidationException](err); !ok {
		t.Errorf("the same token for another statement gives %v", err)
	}
	if rows := w.rows(t, "select count(*) from t"); rows != "1" {
		t.Errorf("%s rows", rows)
	}
	w.clock.advance(2 * time.Hour)
	later, err := start("insert into t values (1)", "one")
	if err != nil || later == insert {
		t.Fatalf("after 8 hours the token gives %s, %v", later, err)
	}
	w.finish(t, later)
	w.clock.advance(25 * time.Hour)
	_, err = w.DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: aws.String(insert)})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("after a day the statement gives %v", err)
	}
}

func TestConflict(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	w.finish(t, w.execute(t, "create table t (a integer)"))
	// The first transaction holds the table until its slow query has ended.
	slow := w.batch(t, "delete from t", "insert into t values (1)", slowQuery)
	for len(w.describe(t, slow).SubStatements) < 3 || w.describe(t, slow).SubStatements[2].Status != types.StatementStatusStringStarted {
		time.Sleep(time.Millisecond)
	}
	text := w.fail(t, w.batch(t, "delete from t", "insert into t values (1)"))
	wantText(t, text, "Query #1 failed with ERROR: 1023", "Serializable isolation violation on table public.t")
	if _, err := w.CancelStatement(t.Context(), &redshiftdata.CancelStatementInput{Id: aws.String(slow)}); err != nil {
		t.Fatal(err)
	}
	w.wait(t, slow)
	w.finish(t, w.batch(t, "delete from t", "insert into t values (1)"))
}

// slowQuery runs for minutes.
const slowQuery = `with recursive d(n) as (select 1 union all select n + 1 from d where n < 100000)
	select count(*) from d as a, d as b, d as c where a.n + b.n + c.n = 7`
