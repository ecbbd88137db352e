package main

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/price"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// What an estimate assumes of Redshift Serverless: the default of cdk.json.
const (
	assumedRPU     = 8
	assumedSeconds = 120
	bytesPerFile   = 256 << 20 // of the table, in one data file of its export
)

// sayCost says what a run of that mode would cost on AWS, for a table of the size of
// the local one. What has changed is not known beforehand, so an increment is given
// from the least on.
func sayCost(ctx context.Context, environment *local.Environment, mode string, to io.Writer) error {
	out, err := dynamodb.NewFromConfig(environment.Config()).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(environment.Table())})
	if err != nil {
		return fmt.Errorf("estimate what the run costs: %w", err)
	}
	bytes := aws.ToInt64(out.Table.TableSizeBytes)
	size := price.Size{Gigabytes: float64(bytes) / 1e9, Files: int(bytes/bytesPerFile) + 1, RPU: assumedRPU, Seconds: assumedSeconds}
	list := price.Read()
	full, least := list.Night(size), list.Day(price.Cadence{Size: size, RunsADay: 1})
	switch mode {
	case lakedoc.Full:
		fmt.Fprintf(to, "Full run of %s, %.3f GB: on AWS about $%.3f, of which the export is $%.3f and Redshift $%.3f\n",
			spell.Count(aws.ToInt64(out.Table.ItemCount), "item", "items"), size.Gigabytes, full.Total(), full.Export, full.Redshift)
	case lakedoc.Incremental:
		fmt.Fprintf(to, "Incremental run: on AWS $%.3f at least, and $%.2f for each GB written since the last run\n", least.Total(), list.Prices["dynamodb-export"].USD)
	default:
		fmt.Fprintf(to, "Run of the mode auto: on AWS $%.3f at least as an increment, about $%.3f as a full run\n", least.Total(), full.Total())
	}
	return nil
}
