package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
)

// network is where a new warehouse lives. Nothing else does: the Data API is
// reached from outside of it, and Lambdas outside of a VPC start faster.
type network struct {
	subnets        *[]any
	securityGroups *[]any
}

// newNetwork adds three subnets without a way to the internet, and one to S3
// that costs nothing. Redshift Serverless wants three Availability Zones:
// https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html
func newNetwork(stack awscdk.Stack, cfg Config) network {
	// A stack that is bound to no Region has two zones as far as the CDK knows.
	// The first three of whatever Region it lands in are named here.
	var zones []*string
	for i := range 3 {
		zones = append(zones, awscdk.Fn_Select(jsii.Number(i), awscdk.Fn_GetAzs(nil)))
	}
	logs := newLogs(stack, "NetworkLogs", "/nightstar/"+cfg.Name+"/network", cfg)
	vpc := awsec2.NewVpc(stack, jsii.String("Network"), &awsec2.VpcProps{
		AvailabilityZones: &zones,
		IpAddresses:       awsec2.IpAddresses_Cidr(jsii.String("10.61.0.0/22")),
		NatGateways:       jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
			{Name: jsii.String("Warehouse"), SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED, CidrMask: jsii.Number(24)},
		},
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{
			"S3": {Service: awsec2.GatewayVpcEndpointAwsService_S3()},
		},
		FlowLogs: &map[string]*awsec2.FlowLogOptions{
			"Refused": {Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(logs, nil), TrafficType: awsec2.FlowLogTrafficType_REJECT},
		},
	})
	// No rule lets anybody in: people who connect with a client add their own.
	group := awsec2.NewSecurityGroup(stack, jsii.String("WarehouseGroup"), &awsec2.SecurityGroupProps{
		Vpc: vpc, Description: jsii.String("The warehouse; statements arrive through the Data API."),
	})
	net := network{securityGroups: jsii.AnyStrings(*group.SecurityGroupId()), subnets: &[]any{}}
	for _, subnet := range *vpc.IsolatedSubnets() {
		*net.subnets = append(*net.subnets, *subnet.SubnetId())
	}
	return net
}
