package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

func TestCatalog_hasTheColumnsOfTheModel(t *testing.T) {
	s := environment(t, "prod")
	for _, item := range model.Store().Items {
		var want []string
		for _, column := range item.Columns {
			want = append(want, column.Name+" "+column.Type.Glue())
		}
		for id, table := range s.ofType("AWS::Glue::Table") {
			input := table.Properties["TableInput"]
			if at(t, input, "Name") != item.Name {
				continue
			}
			var got []string
			for _, column := range at(t, input, "StorageDescriptor", "Columns").([]any) {
				got = append(got, at(t, column, "Name").(string)+" "+at(t, column, "Type").(string))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-model +table):\n%s", id, diff)
			}
			location := flat(t, at(t, input, "StorageDescriptor", "Location"))
			if !strings.Contains(location, "/items/type="+item.Name+"/") {
				t.Errorf("%s is at %s", id, location)
			}
			byRun := strings.HasPrefix(id, "Lake")
			if _, projected := at(t, input, "Parameters").(map[string]any)["projection.enabled"]; projected != byRun {
				t.Errorf("%s: projection %t, want %t: Spectrum does not know it", id, projected, byRun)
			}
		}
	}
	_, raw := s.one(t, "AWS::Glue::Table", "RawItems")
	column := at(t, raw.Properties["TableInput"], "StorageDescriptor", "Columns", 0, "Type").(string)
	for _, part := range []string{"pk:struct<s:string>", "address:struct<m:struct<addressline1:struct<s:string>,", "price:struct<n:string>"} {
		if !strings.Contains(column, part) {
			t.Errorf("raw items have the type %s, without %s", column, part)
		}
	}
}

func TestExportedType_refuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		attribute, want string
	}{
		"a name that is no field":         {"order-date", `attribute "order-date" has characters that no field of a Glue struct may have`},
		"names that differ in case alone": {"pk", `attributes "PK" and "pk" differ in case only, which Glue does not tell apart`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			m := model.Store()
			m.Items = []model.Item{{Name: "order", Columns: []model.Column{
				{Name: "flag", Type: model.Boolean(), From: []string{tt.attribute}},
			}}}
			_, err := exportedType(m)
			if want := `describe exports of model "store": ` + tt.want; err == nil || err.Error() != want {
				t.Errorf("error = %v, want %s", err, want)
			}
		})
	}
}

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
