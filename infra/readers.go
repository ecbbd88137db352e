package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/customresources"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// readerRole is the database role of people and tools that read.
const readerRole = "nightstar_reader"

// readerGrants let the role read the star schema and the records of runs: the
// tables that are there, and those that the administrator will create. They may
// be repeated.
func readerGrants() []string {
	var statements []string
	for _, schema := range []string{"dwh", "etl"} {
		statements = append(statements,
			"create schema if not exists "+schema,
			"grant usage on schema "+schema+" to role "+readerRole,
			"grant select on all tables in schema "+schema+" to role "+readerRole,
			"alter default privileges in schema "+schema+" grant select on tables to role "+readerRole,
		)
	}
	return statements
}

// newReaders sends the grants to a new warehouse whenever they change, and
// creates the role with them the first time: Redshift has no CREATE ROLE IF NOT
// EXISTS. The statements of a batch are one transaction.
//
// Nothing waits for the batch, and the pipeline does not need it: it runs as
// the administrator.
func newReaders(d deployment, w warehouse, after constructs.IConstruct) {
	call := func(statements []string) *customresources.AwsSdkCall {
		parameters := map[string]any{"Database": w.database, "SecretArn": w.secret, "Sqls": statements}
		if w.workgroup != nil {
			parameters["WorkgroupName"] = w.workgroup
		} else {
			parameters["ClusterIdentifier"] = w.cluster
		}
		return &customresources.AwsSdkCall{
			Service: jsii.String("redshift-data"), Action: jsii.String("batchExecuteStatement"), Parameters: parameters,
			OutputPaths:        jsii.Strings("Id"),
			PhysicalResourceId: customresources.PhysicalResourceId_Of(jsii.String("readers")),
		}
	}
	create := slices.Concat([]string{"create role " + readerRole}, readerGrants())
	readers := d.call("Readers", call(create), call(readerGrants()),
		grant{actions: []string{"redshift-data:BatchExecuteStatement"}, on: []*string{w.arn}},
		grant{actions: []string{"secretsmanager:GetSecretValue"}, on: []*string{w.secret}},
	)
	readers.Node().AddDependency(after)
}
