package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// newNightstar adds the stack of one environment. Where cdk.json pins no account
// and no Region, it goes where the command line's credentials point.
func newNightstar(app constructs.Construct, cfg Config, m model.Model, executables string) (awscdk.Stack, error) {
	props := &awscdk.StackProps{
		Description: jsii.String("Nightstar: every night, a DynamoDB single-table design becomes a Redshift star schema."),
		// A first deployment that fails has to be removed before the next.
		TerminationProtection: jsii.Bool(cfg.Protected),
	}
	if cfg.Account != "" {
		props.Env = &awscdk.Environment{Account: jsii.String(cfg.Account), Region: jsii.String(cfg.Region)}
	}
	stack := awscdk.NewStack(app, jsii.String(cfg.Name), props)
	for key, value := range cfg.Tags {
		// Dashboards have had tags for a short while only, and cost nothing.
		awscdk.Tags_Of(stack).Add(jsii.String(key), jsii.String(value), &awscdk.TagProps{
			ExcludeResourceTypes: jsii.Strings("AWS::CloudWatch::Dashboard"),
		})
	}
	if cfg.Boundary != "" {
		boundary := awsiam.ManagedPolicy_FromManagedPolicyArn(stack, jsii.String("Boundary"), jsii.String(cfg.Boundary))
		awsiam.PermissionsBoundary_Of(stack).Apply(boundary)
	}
	cfg = withKey(stack, cfg)
	table := newTable(stack, cfg, m)
	buckets := newBuckets(stack, cfg)
	spectrum := newCatalog(stack, cfg, m, buckets)
	encryptResults(stack, cfg)
	target := newWarehouse(stack, cfg, m, buckets, spectrum)
	layer, err := newModelLayer(stack, cfg, m, executables)
	if err != nil {
		return nil, err
	}
	functions := newFunctions(stack, cfg, executables, layer, table, buckets, target)
	n := night{machine: newPipeline(stack, cfg, buckets, functions)}
	n.nightly = newNightly(stack, cfg, n.machine)
	n.items, n.setAside, n.wrong = nightMetrics(stack, cfg, functions)
	newAlarms(stack, cfg, n, newSchedule(stack, cfg, n.nightly))
	newDashboard(stack, cfg, n, functions, target)
	suppressFindings(stack, cfg)
	return stack, nil
}

// removal is what happens to data when its resource leaves the stack. What a
// first deployment made before it failed holds no data and goes: it would keep
// its name, and the next attempt would find that taken.
func removal(cfg Config) awscdk.RemovalPolicy {
	if cfg.KeepData {
		return awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	return awscdk.RemovalPolicy_DESTROY
}

// newLogs adds a log group. Without one, the service makes its own, which is
// kept for ever.
func newLogs(scope constructs.Construct, id, name string, cfg Config) awslogs.LogGroup {
	retention, _ := logRetention(cfg.LogDays)
	return awslogs.NewLogGroup(scope, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(name), Retention: retention, RemovalPolicy: awscdk.RemovalPolicy_DESTROY, EncryptionKey: cfg.key,
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
