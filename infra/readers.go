package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/customresources"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// readerRole is the database role of people and tools that read.
const readerRole = "nightstar_reader"

// databaseUsers make the users of a new database, once: the owner that the
// pipeline logs in as, by IAM and without a password, and the role of readers.
// Redshift has neither CREATE USER nor CREATE ROLE IF NOT EXISTS.
func databaseUsers(owner string) []string {
	return []string{`create user "` + owner + `" password disable`, "create role " + readerRole}
}

// databaseGrants let the owner create schemas, and readers read the star schema
// and the records of runs: the tables that are there, and those that the owner
// will create. They may be repeated.
func databaseGrants(m model.Model, database, owner string) []string {
	statements := []string{`grant create on database ` + database + ` to "` + owner + `"`}
	for _, schema := range []string{m.Schema(model.DWH), m.Schema(model.ETL)} {
		statements = append(statements,
			"create schema if not exists "+schema+` authorization "`+owner+`"`,
			"grant usage on schema "+schema+" to role "+readerRole,
			"grant select on all tables in schema "+schema+" to role "+readerRole,
			`alter default privileges for user "`+owner+`" in schema `+schema+" grant select on tables to role "+readerRole,
		)
	}
	return statements
}

// newOwnerAndReaders sends these statements to a new warehouse, as the
// administrator: all of them when it is created, and the grants whenever they
// change. The statements of a batch are one transaction.
//
// Nothing waits for the batch. Until it is done, seconds after the warehouse, a
// run ends as WarehouseNotPrepared and has changed nothing.
func newOwnerAndReaders(d deployment, m model.Model, w warehouse, secret *string, after constructs.IConstruct) {
	call := func(statements []string) *customresources.AwsSdkCall {
		parameters := map[string]any{"Database": w.database, "SecretArn": secret, "Sqls": statements}
		if w.workgroup != nil {
			parameters["WorkgroupName"] = w.workgroup
		} else {
			parameters["ClusterIdentifier"] = w.cluster
		}
		return &customresources.AwsSdkCall{
			Service: jsii.String("redshift-data"), Action: jsii.String("batchExecuteStatement"), Parameters: parameters,
			OutputPaths:        jsii.Strings("Id"),
			PhysicalResourceId: customresources.PhysicalResourceId_Of(jsii.String("owner-and-readers")),
		}
	}
	grants := databaseGrants(m, *w.database, *w.owner)
	users := d.call("OwnerAndReaders", call(slices.Concat(databaseUsers(*w.owner), grants)), call(grants))
	users.Node().AddDependency(after)
}
