package main

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

func TestWarehouse_serverless(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		_, namespace := s.one(t, "AWS::RedshiftServerless::Namespace", "")
		role, _ := s.one(t, "AWS::IAM::Role", "CopyRole")
		if namespace.Properties["ManageAdminPassword"] != true || namespace.Properties["AdminUserPassword"] != nil {
			t.Error("the administrator's password is not managed")
		}
		if got := flat(t, namespace.Properties["DefaultIamRoleArn"]); !strings.Contains(got, role) {
			t.Errorf("COPY … IAM_ROLE default uses %s", got)
		}
		_, workgroup := s.one(t, "AWS::RedshiftServerless::Workgroup", "")
		if workgroup.Properties["PubliclyAccessible"] != false || len(workgroup.Properties["SubnetIds"].([]any)) != 2 {
			t.Errorf("the workgroup is public, or not in two zones: %s", flat(t, workgroup.Properties))
		}
		if _, endpoint := s.one(t, "AWS::EC2::VPCEndpoint", ""); !strings.Contains(flat(t, endpoint.Properties["ServiceName"]), ".s3") {
			t.Errorf("the endpoint is for %s", flat(t, endpoint.Properties["ServiceName"]))
		}
		for _, absent := range []string{"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway"} {
			if len(s.ofType(absent)) > 0 {
				t.Errorf("the network has an %s", absent)
			}
		}
	})
}

func TestWarehouse_provisioned(t *testing.T) {
	s := kind(t, "provisioned")
	id, cluster := s.one(t, "AWS::Redshift::Cluster", "")
	want := map[string]any{
		"NodeType": "ra3.4xlarge", "NumberOfNodes": 2.0, "Encrypted": true, "PubliclyAccessible": false,
		"ManageMasterPassword": true, "EnhancedVpcRouting": true,
	}
	for property, value := range want {
		if cluster.Properties[property] != value {
			t.Errorf("%s is %v, want %v", property, cluster.Properties[property], value)
		}
	}
	_, call := s.one(t, "Custom::AWS", "ClusterDefaultRole")
	if text := flat(t, call.Properties["Create"]); !strings.Contains(text, "modifyClusterIamRoles") || !strings.Contains(text, "DefaultIamRoleArn") {
		t.Errorf("the default role is set by %s", text)
	}
	_, load := s.one(t, "AWS::Lambda::Function", "LandingLoad")
	variables := at(t, load.Properties, "Environment", "Variables").(map[string]any)
	if got := flat(t, variables[pipeline.RedshiftCluster]); !strings.Contains(got, id) || variables[pipeline.RedshiftWorkgroup] != nil {
		t.Errorf("steps get the warehouse %s", flat(t, variables))
	}
	if len(s.findings) > 0 {
		t.Errorf("cdk-nag:\n%s", strings.Join(s.findings, "\n"))
	}
}
