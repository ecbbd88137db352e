package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// grant allows actions on resources.
type grant struct {
	actions []string
	on      []*string // ARNs
}

func (g grant) statement() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(g.actions...), Resources: &g.on,
	})
}

// anything is the resource of actions that IAM cannot restrict to one.
func anything() []*string { return []*string{jsii.String("*")} }

// objects are objects of a bucket, by patterns of their keys.
func objects(bucket awss3.Bucket, patterns ...string) []*string {
	var arns []*string
	for _, pattern := range patterns {
		arns = append(arns, bucket.ArnForObjects(jsii.String(pattern)))
	}
	return arns
}

// kept are the patterns of the objects that partition makes of items.
func kept() []string {
	return []string{
		lakedoc.ItemsPrefix + "*", lakedoc.ChangesPrefix + "*", lakedoc.UnknownPrefix + "*", lakedoc.WrongPrefix + "*", lakedoc.SetAsidePrefix + "*",
	}
}

// stepGrants says what each step may do: the actions behind the calls that its
// code makes, which a test compares, on the keys that it makes them for.
//
// Steps that look for objects may list the bucket. Without that S3 answers 403
// for a key that does not exist, and a missing object is an answer to them:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func stepGrants(table, tableKey, machine, executions *string, b buckets, w warehouse) map[string][]grant {
	submit := append(w.credentials(), grant{actions: []string{"redshift-data:BatchExecuteStatement"}, on: []*string{w.arn}})
	// Steps that change what a run publishes look whether it still holds the lock.
	fence := []grant{
		{actions: []string{"s3:ListBucket"}, on: []*string{b.lake.BucketArn()}},
		{actions: []string{"s3:GetObject"}, on: objects(b.lake, "runs/lock.json")},
	}
	return map[string][]grant{
		"lock": slices.Concat(fence, []grant{
			// The record of a run that was ended from outside is written by the next.
			{actions: []string{"s3:PutObject"}, on: objects(b.lake, "runs/lock.json", "runs/*/run.json")},
			// By name: the machine itself needs the function.
			{actions: []string{"states:DescribeExecution"}, on: []*string{executions}},
			// Of a lock that is damaged, whether anybody may hold it.
			{actions: []string{"states:ListExecutions"}, on: []*string{machine}},
		}),
		"export-window": {
			{actions: []string{"dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups"}, on: []*string{table}},
			{actions: []string{"s3:ListBucket"}, on: []*string{b.lake.BucketArn()}},
			{actions: []string{"s3:GetObject"}, on: objects(b.lake, "runs/current.json", "runs/*/night.json", "runs/*/run.json")},
		},
		"export-start": slices.Concat(exportKeyGrants(tableKey), []grant{
			{actions: []string{"dynamodb:ExportTableToPointInTime"}, on: []*string{table}},
			// DynamoDB writes the export as the caller:
			// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
			{actions: []string{"s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"}, on: objects(b.raw, "run=*")},
		}),
		"export-poll": {
			{actions: []string{"dynamodb:DescribeExport"}, on: []*string{jsii.String(*table + "/export/*")}},
		},
		"export-plan": {
			{actions: []string{"s3:ListBucket"}, on: []*string{b.raw.BucketArn(), b.lake.BucketArn()}},
			{actions: []string{"s3:GetObject"}, on: append(objects(b.raw, "run=*"), objects(b.lake, "runs/current.json", "runs/*/night.json")...)},
			{actions: []string{"s3:PutObject"}, on: objects(b.lake, "runs/*/plan.json")},
		},
		"partition": slices.Concat(fence, []grant{
			{actions: []string{"s3:ListBucket"}, on: []*string{b.raw.BucketArn()}},
			{actions: []string{"s3:GetObject"}, on: objects(b.raw, "run=*")},
			{
				actions: []string{"s3:PutObject", "s3:AbortMultipartUpload"},
				on:      objects(b.lake, append(kept(), "runs/*/files/*")...),
			},
		}),
		"reconcile": {
			{actions: []string{"s3:ListBucket"}, on: []*string{b.lake.BucketArn()}},
			{actions: []string{"s3:GetObject"}, on: objects(b.lake, append(kept(), "runs/*")...)},
			{actions: []string{"s3:PutObject"}, on: objects(b.lake, "runs/*/copy/*", "runs/*/night.json")},
		},
		"landing-load": slices.Concat(submit, fence),
		"transform": slices.Concat(submit, fence, []grant{
			// It reads what the warehouse holds; see statement-poll.
			{actions: []string{"redshift-data:GetStatementResult"}, on: anything()},
		}),
		"statement-poll": {
			// IAM knows no resource for these two. The Data API itself lets
			// nobody but the role that submitted a statement ask for it:
			// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
			{actions: []string{"redshift-data:DescribeStatement", "redshift-data:GetStatementResult"}, on: anything()},
		},
		"archive": slices.Concat(archiveGrants(b), fence),
		"record": slices.Concat(submit, []grant{
			{actions: []string{"s3:ListBucket"}, on: []*string{b.lake.BucketArn()}},
			{actions: []string{"s3:GetObject", "s3:PutObject"}, on: objects(b.lake, "runs/*/run.json")},
			{actions: []string{"s3:GetObject"}, on: objects(b.lake, "runs/*/night.json")},
			{actions: []string{"s3:PutObject"}, on: objects(b.lake, "runs/*/model.yaml")},
		}),
	}
}

// exportKeyGrants let the caller export a table that is encrypted with a key of
// its owner's: DynamoDB reads it with the rights of the caller
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html).
func exportKeyGrants(tableKey *string) []grant {
	if tableKey == nil {
		return nil
	}
	return []grant{{actions: []string{"kms:Decrypt", "kms:DescribeKey"}, on: []*string{tableKey}}}
}

func archiveGrants(b buckets) []grant {
	from := append(objects(b.raw, "run=*"), objects(b.lake, kept()...)...)
	to := append(objects(b.rawArchive, "run=*"), objects(b.lakeArchive, "run=*")...)
	return []grant{
		{
			actions: []string{"s3:ListBucket", "s3:ListBucketMultipartUploads"},
			on:      []*string{b.raw.BucketArn(), b.lake.BucketArn(), b.rawArchive.BucketArn(), b.lakeArchive.BucketArn()},
		},
		// CopyObject copies the tags that somebody may have put on an object.
		{actions: []string{"s3:GetObject", "s3:GetObjectTagging", "s3:DeleteObject", "s3:AbortMultipartUpload"}, on: from},
		{
			actions: []string{
				"s3:GetObject", "s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
			},
			on: to,
		},
		{actions: []string{"s3:GetObject", "s3:PutObject"}, on: objects(b.lake, "runs/current.json")},
		{actions: []string{"s3:PutObject"}, on: objects(b.lake, lakedoc.StateKey)},
		{actions: []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, on: objects(b.lake, "runs/archiving-*.json")},
	}
}

// credentials allow the Data API to log in to the database for the caller:
// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
func (w warehouse) credentials() []grant {
	switch {
	case w.secret != nil:
		return []grant{{actions: []string{"secretsmanager:GetSecretValue"}, on: []*string{w.secret}}}
	case w.workgroup != nil:
		return []grant{{actions: []string{"redshift-serverless:GetCredentials"}, on: []*string{w.arn}}}
	default:
		return []grant{{actions: []string{"redshift:GetClusterCredentialsWithIAM"}, on: []*string{w.databaseUserARN}}}
	}
}

// slashARN spells the ARN of a resource whose name follows a slash.
func slashARN(stack awscdk.Stack, service, resource, name string) *string {
	return stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String(service), Resource: jsii.String(resource), ResourceName: jsii.String(name),
	})
}
