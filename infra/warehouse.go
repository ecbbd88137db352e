package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsredshiftserverless"
	"github.com/aws/aws-cdk-go/awscdk/v2/customresources"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// adminUser is the administrator of a new warehouse. Its password is for people
// and for the deployment; the pipeline does without.
const adminUser = "nightstar"

// warehouse is what the steps need to send statements.
type warehouse struct {
	workgroup, cluster *string // one of them is nil
	database           *string
	arn                *string // of the workgroup or cluster
	secret             *string // nil for temporary IAM credentials
	databaseUserARN    *string // cluster without a secret: whose credentials
	copyRole           *string // that COPY names; nil for the warehouse's default role
	owner              *string // database user that a new warehouse belongs to
}

// settings are the environment variables of the steps that send statements.
func (w warehouse) settings() map[string]*string {
	return map[string]*string{
		pipeline.RedshiftDatabase: w.database, pipeline.RedshiftWorkgroup: w.workgroup,
		pipeline.RedshiftCluster: w.cluster, pipeline.RedshiftSecretARN: w.secret,
		pipeline.CopyRoleARN: w.copyRole,
	}
}

// newWarehouse returns the warehouse that cdk.json describes, and creates it if
// it is not there yet.
func newWarehouse(stack awscdk.Stack, cfg Config, m model.Model, b buckets, spectrum string) warehouse {
	role := newCopyRole(stack, cfg, b, spectrum)
	w := warehouse{
		database: jsii.String(cfg.Warehouse.Database),
		// The name by which Redshift knows a role that logs in by IAM:
		// https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
		owner: jsii.String("IAMR:" + *ownerRole(stack, cfg)),
	}
	if cfg.Warehouse.SecretARN != "" {
		w.secret = jsii.String(cfg.Warehouse.SecretARN)
	}
	switch cfg.Warehouse.Kind {
	case Serverless:
		newServerless(stack, cfg, m, role, newNetwork(stack, cfg), &w)
	case Provisioned:
		newCluster(stack, cfg, m, role, newNetwork(stack, cfg), &w)
	case Workgroup:
		w.workgroup, w.arn = jsii.String(cfg.Warehouse.Name), jsii.String(cfg.Warehouse.WorkgroupARN)
		w.copyRole = role.RoleArn() // the default role is its owner's to choose
	case Cluster:
		w.cluster = jsii.String(cfg.Warehouse.Name)
		w.arn = arn(stack, "redshift", "cluster", cfg.Warehouse.Name)
		w.databaseUserARN = databaseARN(stack, cfg)
		w.copyRole = role.RoleArn()
	}
	output(stack, "CopyRoleArn", "The role that COPY and Spectrum read with.", role.RoleArn())
	output(stack, "DatabaseUser", "The database user that the pipeline runs as, unless cdk.json names a secret.", w.owner)
	return w
}

// databaseARN is what temporary credentials of a cluster are asked for.
func databaseARN(stack awscdk.Stack, cfg Config) *string {
	cluster := cfg.Warehouse.Name
	if cluster == "" {
		cluster = cfg.Name
	}
	return arn(stack, "redshift", "dbname", cluster+"/"+cfg.Warehouse.Database)
}

// newCopyRole adds the role behind COPY … IAM_ROLE default, and behind external
// schemas over the catalog.
//
// Redshift names the database user for whom it assumes a role as the external
// id, and documents no other condition, so that is what holds the role to
// warehouses of this account and Region:
// https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service-database-users.html
func newCopyRole(stack awscdk.Stack, cfg Config, b buckets, spectrum string) awsiam.Role {
	trusted := func(service string) awsiam.IPrincipal {
		return awsiam.NewServicePrincipal(jsii.String(service), &awsiam.ServicePrincipalOpts{Conditions: &map[string]any{
			"StringLike": map[string]*string{"sts:ExternalId": arn(stack, "redshift", "dbuser", "*")},
		}})
	}
	role := awsiam.NewRole(stack, jsii.String("CopyRole"), &awsiam.RoleProps{
		Description: jsii.String("Redshift reads the lake with it."),
		AssumedBy:   awsiam.NewCompositePrincipal(trusted("redshift.amazonaws.com"), trusted("redshift-serverless.amazonaws.com")),
	})
	tables := []*string{
		stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("glue"), Resource: jsii.String("catalog")}),
		slashARN(stack, "glue", "database", spectrum),
		slashARN(stack, "glue", "table", spectrum+"/*"), // all of them are this stack's
	}
	for _, g := range cfg.withKeyGrants([]grant{
		// COPY of Parquet goes through Spectrum, which asks where the bucket is.
		{actions: []string{"s3:ListBucket", "s3:GetBucketLocation"}, on: []*string{b.lake.BucketArn()}},
		{actions: []string{"s3:GetObject"}, on: objects(b.lake, lakedoc.ItemsPrefix+"*", "runs/*/copy/*")},           // COPY: files and manifests
		{actions: []string{"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartitions"}, on: tables}, // Spectrum
	}) {
		role.AddToPolicy(g.statement())
	}
	return role
}

func newServerless(stack awscdk.Stack, cfg Config, m model.Model, role awsiam.Role, net network, w *warehouse) {
	namespace := awsredshiftserverless.NewCfnNamespace(stack, jsii.String("Namespace"), &awsredshiftserverless.CfnNamespaceProps{
		NamespaceName:       jsii.String(cfg.Name),
		DbName:              w.database,
		AdminUsername:       jsii.String(adminUser),
		ManageAdminPassword: jsii.Bool(true),
		KmsKeyId:            keyOrNone(cfg),
		DefaultIamRoleArn:   role.RoleArn(),

		AdminPasswordSecretKmsKeyId: cfg.keyARN(),
		IamRoles:                    jsii.AnyStrings(*role.RoleArn()),
		LogExports:                  jsii.Strings("userlog", "connectionlog", "useractivitylog"),
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
	// The name alone is not a reference, and a workgroup needs its namespace.
	workgroup.AddResourceDependency(namespace, nil)
	// The data is the namespace's. A workgroup that stayed would hold on to a
	// network that goes.
	workgroup.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
	w.workgroup, w.arn = workgroup.Ref(), workgroup.AttrWorkgroupWorkgroupArn()
	d := newDeployment(stack, cfg, serverlessGrants(stack, cfg))
	newOwnerAndReaders(d, m, *w, namespaceSecret(d, namespace), workgroup)
	newUsageLimit(d, cfg, workgroup)
}

// keyOrNone is the key for properties that take references, too.
func keyOrNone(cfg Config) any {
	if cfg.KeyARN == "" {
		return nil
	}
	return jsii.String(cfg.KeyARN)
}

// newUsageLimit turns the warehouse off for the rest of a day (UTC) that has
// used up its hours. A night that this ends fails before anything is published.
// CloudFormation knows no such limit; it goes with the workgroup.
func newUsageLimit(d deployment, cfg Config, workgroup awsredshiftserverless.CfnWorkgroup) {
	if cfg.Warehouse.DailyRPUHours == 0 {
		return
	}
	const id = "usageLimit.usageLimitId"
	set := func(action string, parameters map[string]any) *customresources.AwsSdkCall {
		parameters["amount"], parameters["breachAction"] = cfg.Warehouse.DailyRPUHours, "deactivate"
		return &customresources.AwsSdkCall{
			Service: jsii.String("redshift-serverless"), Action: jsii.String(action), Parameters: parameters,
			OutputPaths: jsii.Strings(id), PhysicalResourceId: customresources.PhysicalResourceId_FromResponse(jsii.String(id)),
		}
	}
	limit := d.call("UsageLimit",
		set("createUsageLimit", map[string]any{
			"resourceArn": workgroup.AttrWorkgroupWorkgroupArn(), "usageType": "serverless-compute", "period": "daily",
		}),
		set("updateUsageLimit", map[string]any{"usageLimitId": customresources.NewPhysicalResourceIdReference()}))
	limit.Node().AddDependency(workgroup)
}

// serverlessGrants are for the calls of a deployment, on names that are known
// before there is anything: IAM takes a while to know a policy that is attached
// to a role in use (https://github.com/aws/aws-cdk/issues/37675).
func serverlessGrants(stack awscdk.Stack, cfg Config) []grant {
	workgroups := []*string{slashARN(stack, "redshift-serverless", "workgroup", "*")} // by id
	grants := []grant{
		{actions: []string{"redshift-serverless:GetNamespace"}, on: []*string{slashARN(stack, "redshift-serverless", "namespace", "*")}},
		{actions: []string{"redshift-data:BatchExecuteStatement"}, on: workgroups},
	}
	if cfg.Warehouse.DailyRPUHours > 0 {
		grants = append(grants, grant{
			actions: []string{"redshift-serverless:CreateUsageLimit", "redshift-serverless:UpdateUsageLimit"}, on: anything(),
		})
	}
	return append(grants, adminSecretGrant(stack, cfg))
}

// adminSecretGrant allows to read the secret that Redshift manages, by the name
// that it gives to it:
// https://docs.aws.amazon.com/redshift/latest/mgmt/redshift-secrets-manager-integration.html
func adminSecretGrant(stack awscdk.Stack, cfg Config) grant {
	return grant{
		actions: []string{"secretsmanager:GetSecretValue"},
		on:      []*string{arn(stack, "secretsmanager", "secret", "redshift!"+cfg.Name+"-*")},
	}
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
	secret := d.call("NamespaceSecret", call, call)
	secret.Node().AddDependency(namespace)
	return secret.GetResponseField(jsii.String(path))
}

// deployment makes calls to AWS while the stack is deployed, for what
// CloudFormation does not do.
type deployment struct {
	stack awscdk.Stack
	logs  awslogs.LogGroup // one function makes all calls of the stack
	role  awsiam.Role
}

// newDeployment makes the role of all calls, with its rights as a part of it.
func newDeployment(stack awscdk.Stack, cfg Config, grants []grant) deployment {
	logs := newLogs(stack, "DeploymentLogs", "/nightstar/"+cfg.Name+"/deployment", cfg)
	grants = append(cfg.withKeyGrants(grants), grant{
		actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, on: []*string{logs.LogGroupArn()},
	})
	var statements []awsiam.PolicyStatement
	for _, g := range grants {
		statements = append(statements, g.statement())
	}
	role := awsiam.NewRole(stack, jsii.String("DeploymentRole"), &awsiam.RoleProps{
		Description: jsii.String("Nightstar: calls that a deployment makes for what CloudFormation does not do."),
		AssumedBy:   assumedBy(stack, "lambda.amazonaws.com"),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"calls": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
	return deployment{stack: stack, logs: logs, role: role}
}

// call adds a custom resource that makes one call when it is created, and one
// when that call changes.
func (d deployment) call(id string, create, update *customresources.AwsSdkCall) customresources.AwsCustomResource {
	return customresources.NewAwsCustomResource(d.stack, jsii.String(id), &customresources.AwsCustomResourceProps{
		OnCreate: create, OnUpdate: update,
		Role: d.role,
		// The runtime's own SDK knows the calls. Installing the latest one takes
		// a minute and the network.
		InstallLatestAwsSdk: jsii.Bool(false),
		LogGroup:            d.logs,
	})
}
