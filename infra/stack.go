package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/models"
)

// newNightstar adds the stack of one environment. It has no account and no
// Region of its own: it goes where the command line's credentials point.
func newNightstar(app constructs.Construct, cfg Config, executables string) (awscdk.Stack, error) {
	stack := awscdk.NewStack(app, jsii.String(cfg.Name), &awscdk.StackProps{
		Description:           jsii.String("Nightstar: every night, a DynamoDB single-table design becomes a Redshift star schema."),
		TerminationProtection: jsii.Bool(cfg.KeepData),
	})
	m, err := models.Load("")
	if err != nil {
		return nil, err
	}
	table := newTable(stack, cfg, m)
	buckets := newBuckets(stack, cfg)
	lake := newCatalog(stack, cfg, m, buckets)
	target := newWarehouse(stack, cfg, buckets, lake)
	functions := newFunctions(stack, cfg, executables, table, buckets, target)
	n := night{machine: newPipeline(stack, cfg, buckets, functions)}
	n.nightly = newNightly(stack, cfg, n.machine)
	n.items, n.setAside = nightMetrics(stack, cfg, functions)
	newAlarms(stack, cfg, n, newSchedule(stack, cfg, n.nightly))
	newDashboard(stack, cfg, n, functions, target)
	suppressFindings(stack, cfg)
	return stack, nil
}

// removal is what happens to data when its resource leaves the stack.
func removal(cfg Config) awscdk.RemovalPolicy {
	if cfg.KeepData {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

// newLogs adds a log group. Without one, the service makes its own, which is
// kept for ever.
func newLogs(scope constructs.Construct, id, name string, cfg Config) awslogs.LogGroup {
	retention, _ := logRetention(cfg.LogDays)
	return awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(name), Retention: retention, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}

// logRetention is the retention of that many days, if there is one.
func logRetention(days int) (awslogs.RetentionDays, bool) {
	retention, ok := map[int]awslogs.RetentionDays{
		7: awslogs.RetentionDays_ONE_WEEK, 14: awslogs.RetentionDays_TWO_WEEKS, 30: awslogs.RetentionDays_ONE_MONTH,
		90: awslogs.RetentionDays_THREE_MONTHS, 180: awslogs.RetentionDays_SIX_MONTHS,
		365: awslogs.RetentionDays_ONE_YEAR, 731: awslogs.RetentionDays_TWO_YEARS,
	}[days]
	return retention, ok
}

// arn spells the ARN of a resource of this account and Region. Where a name is
// known beforehand this avoids circles between a role and what it may touch.
func arn(stack awscdk.Stack, service, resource, name string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String(service), Resource: jsii.String(resource), ResourceName: jsii.String(name),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
}

func output(stack awscdk.Stack, id, what string, value *string) {
	awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(what)})
}
