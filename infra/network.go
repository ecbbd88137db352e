package main

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// network is where a new warehouse lives. Nothing else does: the Data API is
// reached from outside of it, and Lambdas outside of a VPC start faster.
type network struct {
	subnets        *[]any
	securityGroups *[]any
}

// newNetwork returns the subnets that cdk.json names, or adds some without a way
// to the internet, and with one to S3 that costs nothing.
func newNetwork(stack awscdk.Stack, cfg Config) network {
	wanted := cfg.Warehouse.Network
	if wanted.CIDR == "" {
		return network{subnets: jsii.AnyStrings(wanted.Subnets...), securityGroups: jsii.AnyStrings(wanted.SecurityGroups...)}
	}
	logs := newLogs(stack, "NetworkLogs", "/nightstar/"+cfg.Name+"/network", cfg)
	logsRole := awsiam.NewRole(stack, jsii.String("NetworkLogsRole"), &awsiam.RoleProps{
		Description: jsii.String("Nightstar: the flow logs of the warehouse's network."),
		AssumedBy:   assumedBy(stack, "vpc-flow-logs.amazonaws.com"),
	})
	vpc := awsec2.NewVpc(stack, jsii.String("Network"), &awsec2.VpcProps{
		AvailabilityZones: zones(cfg),
		IpAddresses:       awsec2.IpAddresses_Cidr(jsii.String(wanted.CIDR)),
		NatGateways:       jsii.Number(0),
		// The default group stays as AWS makes it: nothing is ever in it, and to
		// empty it takes a function with rights on all groups.
		RestrictDefaultSecurityGroup: jsii.Bool(false),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{{
			Name: jsii.String("Warehouse"), SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED, CidrMask: jsii.Number(subnetBits(wanted.CIDR)),
		}},
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{
			"S3": {Service: awsec2.GatewayVpcEndpointAwsService_S3()},
		},
		FlowLogs: &map[string]*awsec2.FlowLogOptions{
			"Refused": {Destination: awsec2.FlowLogDestination_ToCloudWatchLogs(logs, logsRole), TrafficType: awsec2.FlowLogTrafficType_REJECT},
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

// zones names the first zones of whatever Region the stack lands in. Redshift
// Serverless wants three with enhanced VPC routing, and not every Region has
// them (us-west-1); two are enough without it:
// https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-usage-considerations.html
func zones(cfg Config) *[]*string {
	count := 2
	if cfg.Warehouse.EnhancedVPCRouting {
		count = 3
	}
	var names []*string
	for i := range count {
		names = append(names, awscdk.Fn_Select(jsii.Number(i), awscdk.Fn_GetAzs(nil)))
	}
	return &names
}

// subnetBits makes four subnets of a network, of which two or three are used.
func subnetBits(cidr string) int {
	prefix, _ := netip.ParsePrefix(cidr) // readNetwork has parsed it
	return prefix.Bits() + 2
}
