package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsredshift"
	"github.com/aws/aws-cdk-go/awscdk/v2/customresources"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// newCluster adds a provisioned cluster, for those who want the shape of the
// original: it costs by the hour, whether it works or not.
func newCluster(stack awscdk.Stack, cfg Config, m model.Model, role awsiam.Role, net network, w *warehouse) {
	subnets := awsredshift.NewCfnClusterSubnetGroup(stack, jsii.String("ClusterSubnets"), &awsredshift.CfnClusterSubnetGroupProps{
		Description: jsii.String("Subnets without a way to the internet."), SubnetIds: net.subnets,
	})
	parameters := awsredshift.NewCfnClusterParameterGroup(stack, jsii.String("ClusterParameters"), &awsredshift.CfnClusterParameterGroupProps{
		Description:          jsii.String("TLS only; statements are logged."),
		ParameterGroupFamily: jsii.String("redshift-2.0"),
		Parameters: []awsredshift.CfnClusterParameterGroup_ParameterProperty{
			{ParameterName: jsii.String("require_ssl"), ParameterValue: jsii.String("true")},
			{ParameterName: jsii.String("enable_user_activity_logging"), ParameterValue: jsii.String("true")},
		},
	})
	cluster := awsredshift.NewCfnCluster(stack, jsii.String("Cluster"), &awsredshift.CfnClusterProps{
		ClusterIdentifier:                jsii.String(cfg.Name),
		ClusterType:                      jsii.String("multi-node"),
		NodeType:                         jsii.String(cfg.Warehouse.NodeType),
		NumberOfNodes:                    jsii.Number(cfg.Warehouse.Nodes),
		DbName:                           w.database,
		MasterUsername:                   jsii.String(adminUser),
		ManageMasterPassword:             jsii.Bool(true),
		MasterPasswordSecretKmsKeyId:     cfg.keyARN(),
		KmsKeyId:                         keyOrNone(cfg),
		IamRoles:                         jsii.AnyStrings(*role.RoleArn()),
		ClusterSubnetGroupName:           subnets.Ref(),
		ClusterParameterGroupName:        parameters.Ref(),
		VpcSecurityGroupIds:              net.securityGroups,
		EnhancedVpcRouting:               jsii.Bool(cfg.Warehouse.EnhancedVPCRouting),
		Encrypted:                        jsii.Bool(true),
		PubliclyAccessible:               jsii.Bool(false),
		AllowVersionUpgrade:              jsii.Bool(true),
		AutomatedSnapshotRetentionPeriod: jsii.Number(7),
		Port:                             jsii.Number(5440), // scanners look at 5439
		LoggingProperties: &awsredshift.CfnCluster_LoggingPropertiesProperty{
			LogDestinationType: jsii.String("cloudwatch"),
			LogExports:         jsii.Strings("connectionlog", "userlog", "useractivitylog"),
		},
	})
	cluster.ApplyRemovalPolicy(clusterRemoval(cfg), nil)
	w.cluster, w.databaseUserARN = cluster.Ref(), databaseARN(stack, cfg)
	w.arn = arn(stack, "redshift", "cluster", cfg.Name)
	d := newDeployment(stack, cfg, []grant{
		{actions: []string{"redshift:ModifyClusterIamRoles"}, on: []*string{w.arn}},
		{actions: []string{"iam:PassRole"}, on: []*string{role.RoleArn()}},
		{actions: []string{"redshift-data:BatchExecuteStatement"}, on: []*string{w.arn}},
		adminSecretGrant(stack, cfg),
	})
	setDefaultRole(d, cluster, role)
	newOwnerAndReaders(d, m, *w, cluster.AttrMasterPasswordSecretArn(), cluster)
}

// clusterRemoval keeps the data of a cluster that should outlive its stack as
// a snapshot, not as a cluster that costs by the hour.
func clusterRemoval(cfg Config) awscdk.RemovalPolicy {
	if cfg.KeepData {
		return awscdk.RemovalPolicy_SNAPSHOT
	}
	return awscdk.RemovalPolicy_DESTROY
}

// setDefaultRole makes the role the one that COPY … IAM_ROLE default uses.
// CloudFormation attaches roles to a cluster but cannot say which is the
// default.
func setDefaultRole(d deployment, cluster awsredshift.CfnCluster, role awsiam.Role) {
	call := &customresources.AwsSdkCall{
		Service: jsii.String("redshift"), Action: jsii.String("modifyClusterIamRoles"),
		Parameters:         map[string]*string{"ClusterIdentifier": cluster.Ref(), "DefaultIamRoleArn": role.RoleArn()},
		OutputPaths:        jsii.Strings("Cluster.DefaultIamRoleArn"),
		PhysicalResourceId: customresources.PhysicalResourceId_Of(jsii.String("default-role")),
	}
	d.call("ClusterDefaultRole", call, call)
}
