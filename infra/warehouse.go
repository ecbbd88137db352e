package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsredshiftserverless"
	"github.com/aws/aws-cdk-go/awscdk/v2/customresources"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// adminUser owns all objects of the database: the pipeline creates and fills
// them as this user, so the pipeline needs no grants. Readers do.
const adminUser = "nightstar"

// warehouse is what the steps need to send statements.
type warehouse struct {
	workgroup, cluster *string // one of them is nil
	database           *string
	arn                *string // of the workgroup or cluster
	secret             *string // nil for temporary IAM credentials
	databaseUserARN    *string // cluster without a secret: whose credentials
}

// settings are the environment variables of the steps that send statements.
func (w warehouse) settings() map[string]*string {
	return map[string]*string{
		pipeline.RedshiftDatabase: w.database, pipeline.RedshiftWorkgroup: w.workgroup,
		pipeline.RedshiftCluster: w.cluster, pipeline.RedshiftSecretARN: w.secret,
	}
}

// newWarehouse returns the warehouse that cdk.json describes, and creates it if
// it is not there yet.
func newWarehouse(stack awscdk.Stack, cfg Config, b buckets, lake catalog) warehouse {
	role := newCopyRole(stack, b, lake)
	w := warehouse{database: jsii.String(cfg.Warehouse.Database)}
	if cfg.Warehouse.SecretARN != "" {
		w.secret = jsii.String(cfg.Warehouse.SecretARN)
	}
	switch cfg.Warehouse.Kind {
	case Serverless:
		newServerless(stack, cfg, role, newNetwork(stack, cfg), &w)
	case Provisioned:
		newCluster(stack, cfg, role, newNetwork(stack, cfg), &w)
	case Workgroup:
		w.workgroup, w.arn = jsii.String(cfg.Warehouse.Name), jsii.String(cfg.Warehouse.WorkgroupARN)
	case Cluster:
		w.cluster = jsii.String(cfg.Warehouse.Name)
		w.arn = arn(stack, "redshift", "cluster", cfg.Warehouse.Name)
		w.databaseUserARN = arn(stack, "redshift", "dbname", cfg.Warehouse.Name+"/"+cfg.Warehouse.Database)
	}
	output(stack, "CopyRoleArn", "The role that COPY and Spectrum read with; the default role of the warehouse.", role.RoleArn())
	return w
}

// newCopyRole adds the role behind COPY … IAM_ROLE default, and behind external
// schemas over the catalog.
func newCopyRole(stack awscdk.Stack, b buckets, lake catalog) awsiam.Role {
	role := awsiam.NewRole(stack, jsii.String("CopyRole"), &awsiam.RoleProps{
		Description: jsii.String("Redshift reads the lake with it."),
		AssumedBy: awsiam.NewCompositePrincipal(
			awsiam.NewServicePrincipal(jsii.String("redshift.amazonaws.com"), nil),
			awsiam.NewServicePrincipal(jsii.String("redshift-serverless.amazonaws.com"), nil),
		),
	})
	tables := []*string{
		stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("glue"), Resource: jsii.String("catalog")}),
		slashARN(stack, "glue", "database", lake.spectrum),
	}
	for _, table := range lake.tables {
		tables = append(tables, slashARN(stack, "glue", "table", lake.spectrum+"/"+table))
	}
	for _, g := range []grant{
		{actions: []string{"s3:ListBucket"}, on: []*string{b.lake.BucketArn()}},                                      // COPY, Spectrum
		{actions: []string{"s3:GetObject"}, on: objects(b.lake, "items/*", "runs/*/copy/*")},                         // COPY: files and manifests
		{actions: []string{"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartitions"}, on: tables}, // Spectrum
	} {
		role.AddToPolicy(g.statement())
	}
	return role
}

func newServerless(stack awscdk.Stack, cfg Config, role awsiam.Role, net network, w *warehouse) {
	namespace := awsredshiftserverless.NewCfnNamespace(stack, jsii.String("Namespace"), &awsredshiftserverless.CfnNamespaceProps{
		NamespaceName:       jsii.String(cfg.Name),
		DbName:              w.database,
		AdminUsername:       jsii.String(adminUser),
		ManageAdminPassword: jsii.Bool(true),
		DefaultIamRoleArn:   role.RoleArn(),
		IamRoles:            jsii.AnyStrings(*role.RoleArn()),
		LogExports:          jsii.Strings("userlog", "connectionlog", "useractivitylog"),
	})
	namespace.ApplyRemovalPolicy(removal(cfg), nil)
	workgroup := awsredshiftserverless.NewCfnWorkgroup(stack, jsii.String("Workgroup"), &awsredshiftserverless.CfnWorkgroupProps{
		WorkgroupName:      jsii.String(cfg.Name),
		NamespaceName:      namespace.NamespaceName(),
		BaseCapacity:       jsii.Number(cfg.Warehouse.BaseRPU),
		MaxCapacity:        jsii.Number(cfg.Warehouse.MaxRPU),
		SubnetIds:          net.subnets,
		SecurityGroupIds:   net.securityGroups,
		EnhancedVpcRouting: jsii.Bool(cfg.Warehouse.EnhancedVPCRouting),
		PubliclyAccessible: jsii.Bool(false),
		ConfigParameters: []awsredshiftserverless.CfnWorkgroup_ConfigParameterProperty{
			{ParameterKey: jsii.String("require_ssl"), ParameterValue: jsii.String("true")},
		},
	})
	// The name alone is no reference, and a workgroup needs its namespace.
	workgroup.AddResourceDependency(namespace, nil)
	// The data is the namespace's. A workgroup that stayed would hold on to a
	// network that goes.
	workgroup.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
	w.workgroup, w.arn = workgroup.Ref(), workgroup.AttrWorkgroupWorkgroupArn()
	d := newDeployment(stack, cfg)
	w.secret = namespaceSecret(d, namespace)
	newReaders(d, *w, workgroup)
}

// namespaceSecret asks Redshift for the ARN of the secret that it manages:
// CloudFormation does not return it
// (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2021).
func namespaceSecret(d deployment, namespace awsredshiftserverless.CfnNamespace) *string {
	const path = "namespace.adminPasswordSecretArn"
	call := &customresources.AwsSdkCall{
		Service: jsii.String("redshift-serverless"), Action: jsii.String("getNamespace"),
		Parameters:         map[string]*string{"namespaceName": namespace.NamespaceName()},
		OutputPaths:        jsii.Strings(path),
		PhysicalResourceId: customresources.PhysicalResourceId_Of(jsii.String("namespace-secret")),
	}
	secret := d.call("NamespaceSecret", call, call, grant{
		actions: []string{"redshift-serverless:GetNamespace"}, on: []*string{namespace.AttrNamespaceNamespaceArn()},
	})
	secret.Node().AddDependency(namespace)
	return secret.GetResponseField(jsii.String(path))
}

// deployment makes calls to AWS while the stack is deployed, for what
// CloudFormation does not do.
type deployment struct {
	stack awscdk.Stack
	logs  awslogs.LogGroup // one function makes all calls of the stack
}

func newDeployment(stack awscdk.Stack, cfg Config) deployment {
	return deployment{stack: stack, logs: newLogs(stack, "DeploymentLogs", "/nightstar/"+cfg.Name+"/deployment", cfg)}
}

// call adds a custom resource that makes one call when it is created, and one
// when that call changes.
func (d deployment) call(id string, create, update *customresources.AwsSdkCall, grants ...grant) customresources.AwsCustomResource {
	statements := []awsiam.PolicyStatement{}
	for _, g := range grants {
		statements = append(statements, g.statement())
	}
	return customresources.NewAwsCustomResource(d.stack, jsii.String(id), &customresources.AwsCustomResourceProps{
		OnCreate: create, OnUpdate: update,
		Policy: customresources.AwsCustomResourcePolicy_FromStatements(&statements),
		// The runtime's own SDK knows the calls. Installing the latest one takes
		// a minute and the network.
		InstallLatestAwsSdk: jsii.Bool(false),
		LogGroup:            d.logs,
	})
}
