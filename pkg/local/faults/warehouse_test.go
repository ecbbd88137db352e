package faults_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

// tables returns all rows of all tables of a schema, each row as text, sorted.
func (w *world) tables(ctx context.Context, schema string) map[string][]string {
	names := w.query(ctx, "select table_name from information_schema.tables where table_schema = '"+schema+"'")
	tables := map[string][]string{}
	if len(names) == 0 {
		return tables
	}
	var all []string
	for _, name := range names {
		all = append(all, `select * from `+schema+`."`+name+`"`)
	}
	// In one transaction: a statement of a run that was stopped may just commit.
	api := redshiftdata.NewFromConfig(w.clients)
	submitted := must(api.BatchExecuteStatement(ctx, &redshiftdata.BatchExecuteStatementInput{
		Database: aws.String("nightstar"), WorkgroupName: aws.String("nightstar"), Sqls: all,
	}))
	out := w.await(ctx, api, submitted.Id)
	for i, name := range names {
		tables[name] = w.result(ctx, api, out.SubStatements[i].Id)
	}
	return tables
}

// settle waits until no statement of an execution that is over runs on. On
// another day it would have ended long before; here days take a second.
func (w *world) settle(ctx context.Context) {
	api := redshiftdata.NewFromConfig(w.clients)
	for _, status := range []types.StatusString{types.StatusStringSubmitted, types.StatusStringPicked, types.StatusStringStarted} {
		for {
			out := must(api.ListStatements(ctx, &redshiftdata.ListStatementsInput{Status: status}))
			if len(out.Statements) == 0 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// query returns the rows of a statement as text, sorted.
func (w *world) query(ctx context.Context, sql string) []string {
	api := redshiftdata.NewFromConfig(w.clients)
	submitted := must(api.ExecuteStatement(ctx, &redshiftdata.ExecuteStatementInput{
		Database: aws.String("nightstar"), WorkgroupName: aws.String("nightstar"), Sql: &sql,
	}))
	w.await(ctx, api, submitted.Id)
	return w.result(ctx, api, submitted.Id)
}

// await waits until a statement has finished.
func (w *world) await(ctx context.Context, api *redshiftdata.Client, id *string) *redshiftdata.DescribeStatementOutput {
	for {
		out := must(api.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: id}))
		switch out.Status {
		case types.StatusStringFinished:
			return out
		case types.StatusStringFailed, types.StatusStringAborted:
			panic(fatal{fmt.Errorf("%s: %s", aws.ToString(out.QueryString), aws.ToString(out.Error))})
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (w *world) result(ctx context.Context, api *redshiftdata.Client, id *string) []string {
	rows := []string{}
	pages := redshiftdata.NewGetStatementResultPaginator(api, &redshiftdata.GetStatementResultInput{Id: id})
	for pages.HasMorePages() {
		for _, record := range must(pages.NextPage(ctx)).Records {
			row := ""
			for i, field := range record {
				if i > 0 {
					row += "|"
				}
				row += text(field)
			}
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return rows
}

func text(field types.Field) string {
	switch field := field.(type) {
	case *types.FieldMemberIsNull:
		return "null"
	case *types.FieldMemberStringValue:
		return field.Value
	case *types.FieldMemberLongValue:
		return fmt.Sprint(field.Value)
	case *types.FieldMemberDoubleValue:
		return fmt.Sprint(field.Value)
	case *types.FieldMemberBooleanValue:
		return fmt.Sprint(field.Value)
	default:
		panic(fatal{fmt.Errorf("a field is a %T", field)})
	}
}
