package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/progress"
	"github.com/nightstar-elt/nightstar/pkg/spell"
	dataapi "github.com/nightstar-elt/nightstar/pkg/warehouse"
)

// account checks the AWS account: what it finds first is missing for all that
// follows.
func (c doctorCommand) account(ctx context.Context) []finding {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return []finding{{Check: "AWS configuration", State: stateMissing, Found: err.Error()}}
	}
	if cfg.Region == "" {
		return []finding{{Check: "Region", State: stateMissing, Found: "none is set", Do: "Set AWS_REGION"}}
	}
	findings := []finding{{Check: "Region", State: stateOK, Found: cfg.Region}, identity(ctx, sts.NewFromConfig(cfg))}
	if findings[1].State == stateMissing {
		return findings
	}
	if c.Table != "" {
		findings = append(findings, awsTable(ctx, dynamodb.NewFromConfig(cfg), c.Table)...)
	}
	buckets := c.Bucket
	for _, name := range []string{os.Getenv(pipeline.RawBucket), os.Getenv(pipeline.LakeBucket)} {
		if name != "" && len(c.Bucket) == 0 {
			buckets = append(buckets, name)
		}
	}
	for _, name := range buckets {
		findings = append(findings, bucket(ctx, s3.NewFromConfig(cfg), name, cfg.Region))
	}
	if os.Getenv(pipeline.RedshiftWorkgroup)+os.Getenv(pipeline.RedshiftCluster) != "" {
		findings = append(findings, reach(ctx, redshiftdata.NewFromConfig(cfg), targetOfVariables()))
	}
	return append(findings, quota(ctx, lambda.NewFromConfig(cfg)))
}

func identity(ctx context.Context, api interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}) finding {
	out, err := api.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return finding{Check: "credentials", State: stateMissing, Found: err.Error(), Do: "Sign in, such as by aws sso login, or set AWS_PROFILE"}
	}
	return finding{Check: "credentials", State: stateOK, Found: fmt.Sprintf("%s in account %s", aws.ToString(out.Arn), aws.ToString(out.Account))}
}

// awsTable checks that it is there and can be exported.
func awsTable(ctx context.Context, api *dynamodb.Client, name string) []finding {
	described, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return []finding{{Check: "table " + name, State: stateMissing, Found: err.Error(), Do: "Check name, Region and the right dynamodb:DescribeTable"}}
	}
	t := described.Table
	found := []finding{{
		Check: "table " + name, State: stateOK,
		Found: fmt.Sprintf("%s items, %s, as DynamoDB last counted them", spell.Int(aws.ToInt64(t.ItemCount)), progress.Bytes(aws.ToInt64(t.TableSizeBytes))),
	}}
	pitr := finding{Check: "point-in-time recovery", State: stateMissing, Do: "Switch it on: aws dynamodb update-continuous-backups --table-name " +
		aws.ToString(t.TableName) + " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"}
	backups, err := api.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	switch {
	case err != nil:
		pitr.Found, pitr.Do = err.Error(), "Check the right dynamodb:DescribeContinuousBackups"
	case backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription == nil ||
		backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus != ddbtypes.PointInTimeRecoveryStatusEnabled:
		pitr.Found = "it is off, and a table without it cannot be exported"
	default:
		pitr.State, pitr.Found, pitr.Do = stateOK, "it is on", ""
	}
	return append(found, pitr)
}

// bucket checks that it is there, ours, and in the Region.
func bucket(ctx context.Context, api *s3.Client, name, region string) finding {
	f := finding{Check: "bucket " + name, State: stateMissing}
	out, err := api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	if err != nil {
		f.Found, f.Do = err.Error(), "Check name, Region and the right s3:ListBucket"
		return f
	}
	if in := aws.ToString(out.BucketRegion); in != "" && in != region {
		f.State, f.Found, f.Do = stateWarning, "it is in "+in, "Data that crosses Regions costs money; take a bucket in "+region
		return f
	}
	f.State, f.Found = stateOK, "it is there"
	return f
}

// reachEvery is how often the warehouse is asked whether it has answered, and
// reachWithin how long one that sleeps may take to wake.
const (
	reachEvery  = time.Second
	reachWithin = 2 * time.Minute
)

// reach asks the warehouse for one row.
func reach(ctx context.Context, api *redshiftdata.Client, target dataapi.Target) finding {
	f := finding{Check: "warehouse " + cmp.Or(target.Workgroup, target.Cluster), State: stateMissing}
	ctx, stop := context.WithTimeoutCause(ctx, reachWithin, fmt.Errorf("it has not answered for %s", reachWithin))
	defer stop()
	if _, _, err := dataapi.Query(ctx, api, target, "select 1", reachEvery); err != nil {
		f.Found, f.Do = cmp.Or(context.Cause(ctx), err).Error(), "Check database, workgroup, secret and the rights redshift-data:* and redshift-serverless:GetCredentials"
		return f
	}
	f.State, f.Found = stateOK, "it answers"
	return f
}

// fewPlaces is how many functions at once a new account may have.
const fewPlaces = 50

// quota checks how many functions may run at once.
func quota(ctx context.Context, api interface {
	GetAccountSettings(context.Context, *lambda.GetAccountSettingsInput, ...func(*lambda.Options)) (*lambda.GetAccountSettingsOutput, error)
}) finding {
	f := finding{Check: "Lambda concurrency", State: stateWarning}
	out, err := api.GetAccountSettings(ctx, &lambda.GetAccountSettingsInput{})
	switch {
	case err != nil:
		f.Found, f.Do = err.Error(), "Check the right lambda:GetAccountSettings"
	case out.AccountLimit == nil:
		f.Found = "the account does not say"
	default:
		free := out.AccountLimit.UnreservedConcurrentExecutions
		f.Found = fmt.Sprintf("%d at once, %d of them not reserved", out.AccountLimit.ConcurrentExecutions, aws.ToInt32(free))
		if aws.ToInt32(free) >= fewPlaces {
			f.State = stateOK
		} else {
			f.Do = "An export of many files takes long with so few; ask for more in Service Quotas, or lower partitionConcurrency in cdk.json"
		}
	}
	return f
}
