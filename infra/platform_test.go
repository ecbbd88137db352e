package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// TestKey_encryptsEverything: every resource that holds data, a secret or
// something about either is encrypted with the customer's key.
func TestKey_encryptsEverything(t *testing.T) {
	want := map[string][]string{ // by type: where the key stands
		"AWS::S3::Bucket":                    {"BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/KMSMasterKeyID"},
		"AWS::DynamoDB::Table":               {"SSESpecification/KMSMasterKeyId"},
		"AWS::RedshiftServerless::Namespace": {"KmsKeyId", "AdminPasswordSecretKmsKeyId"},
		"AWS::Redshift::Cluster":             {"KmsKeyId", "MasterPasswordSecretKmsKeyId"},
		"AWS::SNS::Topic":                    {"KmsMasterKeyId"},
		"AWS::Logs::LogGroup":                {"KmsKeyId"},
		"AWS::Athena::WorkGroup":             {"WorkGroupConfiguration/ResultConfiguration/EncryptionConfiguration/KmsKey"},
		"AWS::Lambda::Function":              {"KmsKeyArn"},
	}
	for _, name := range []string{"bank", "provisioned"} {
		s := kind(t, name)
		seen := map[string]bool{}
		for id, r := range s.Resources {
			for _, path := range want[r.Type] {
				if r.Type == "AWS::Lambda::Function" && r.Properties["Environment"] == nil {
					continue // there is nothing to encrypt
				}
				seen[r.Type] = true
				if got := reach(r.Properties, path); got != bankKey {
					t.Errorf("%s: %s of %s is %v", name, path, id, got)
				}
			}
		}
		if len(seen) < 7 {
			t.Errorf("%s: only %s were looked at", name, slices.Sorted(maps.Keys(seen)))
		}
		_, start := s.one(t, "AWS::Lambda::Function", "ExportStart")
		if got := at(t, start.Properties, "Environment", "Variables", pipeline.ExportKeyARN); got != bankKey {
			t.Errorf("%s: the export is encrypted with %v", name, got)
		}
	}
	if strings.Contains(string(environment(t, "prod").text), `"kms:`) {
		t.Error("without a key somebody has rights in KMS")
	}
}

// reach walks into decoded JSON, and gives nil where there is nothing.
func reach(value any, path string) any {
	for step := range strings.SplitSeq(path, "/") {
		switch inner := value.(type) {
		case map[string]any:
			value = inner[step]
		case []any:
			value = inner[0]
		default:
			return nil
		}
	}
	return value
}

// keyActionsOf are the KMS actions behind an operation on something that is
// encrypted with a customer's key:
//
//   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
//   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
//   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
func keyActionsOf(operation string) []string {
	const read, write = "kms:Decrypt", "kms:GenerateDataKey"
	return map[string][]string{
		"s3.GetObject": {read}, "s3.PutObject": {write},
		"s3.CreateMultipartUpload": {write}, "s3.UploadPart": {read, write}, "s3.CompleteMultipartUpload": {read, write},
		"s3.UploadPartCopy": {read, write}, "s3.CopyObject": {read, write},
		// The export is written in parts, and a table with the key is read.
		"dynamodb.ExportTableToPointInTime": {read, write, "kms:DescribeKey"},
	}[operation]
}

// TestKey_isForThoseWhoNeedIt compares what the steps call with what their roles
// may do with the key, and holds the other roles to a list.
func TestKey_isForThoseWhoNeedIt(t *testing.T) {
	code := loadProgram(t)
	s := kind(t, "bank")
	want := map[string]map[string]bool{
		"PipelineRole": {"kms:Decrypt": true, "kms:GenerateDataKey": true}, // the map reads and writes the lake
		"CopyRole":     {"kms:Decrypt": true},
	}
	for _, step := range pipeline.Steps() {
		role := roleName(step)
		if want[role] == nil {
			want[role] = map[string]bool{}
		}
		for _, operation := range code.operations(step.Name) {
			for _, action := range keyActionsOf(operation) {
				want[role][action] = true
			}
		}
	}
	for id := range s.ofType("AWS::IAM::Role") {
		got := map[string]bool{}
		for _, one := range s.policiesOf(t, id) {
			for _, action := range one.Actions {
				if strings.HasPrefix(action, "kms:") {
					got[action] = true
					if len(one.Resources) != 1 || one.Resources[0] != `"`+bankKey+`"` {
						t.Errorf("%s may do %s on %s", id, action, one.Resources)
					}
				}
			}
		}
		var expected map[string]bool
		for role, actions := range want {
			if strings.HasPrefix(id, role) && len(id) == len(role)+8 {
				expected = actions
			}
		}
		if strings.HasPrefix(id, "DeploymentRole") { // its rights are a part of it
			continue
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(expected)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s (-needed +granted):\n%s", id, diff)
		}
	}
	_, deployment := s.one(t, "AWS::IAM::Role", "DeploymentRole")
	if text := flat(t, deployment.Properties["Policies"]); strings.Count(text, `"kms:`) != 1 || !strings.Contains(text, `"kms:Decrypt"`) {
		t.Errorf("the role of the deployment may do %s", text)
	}
}

// TestTableKey: to export a table with a key of its own takes that key.
func TestTableKey(t *testing.T) {
	s := kind(t, "existing-workgroup")
	role, _ := s.one(t, "AWS::IAM::Role", "ExportStartRole")
	var got []string
	for _, one := range s.policiesOf(t, role) {
		if strings.HasPrefix(one.Actions[0], "kms:") {
			got = append(got, fmt.Sprint(one.Actions, one.Resources))
		}
	}
	if diff := cmp.Diff([]string{fmt.Sprint([]string{"kms:Decrypt", "kms:DescribeKey"}, []string{`"` + tableKey + `"`})}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestExisting_namesTheCopyRole: the default role of a warehouse that others
// use, too, is theirs.
func TestExisting_namesTheCopyRole(t *testing.T) {
	for name, named := range map[string]bool{"bank": false, "provisioned": false, "existing-workgroup": true, "existing-cluster": true} {
		s := kind(t, name)
		_, load := s.one(t, "AWS::Lambda::Function", "LandingLoad")
		role := flat(t, at(t, load.Properties, "Environment", "Variables", pipeline.CopyRoleARN))
		if strings.Contains(role, "CopyRole") != named {
			t.Errorf("%s: COPY reads with %s", name, role)
		}
	}
}

// TestOwner: in a new warehouse the pipeline logs in as its own role, and no
// function may read the administrator's password.
func TestOwner(t *testing.T) {
	for name, action := range map[string]string{
		"bank": "redshift-serverless:GetCredentials", "provisioned": "redshift:GetClusterCredentialsWithIAM",
	} {
		s := kind(t, name)
		role, owner := s.one(t, "AWS::IAM::Role", sharedRole)
		if got := strings.ReplaceAll(spelled(owner.Properties["RoleName"]), "eu-west-1", ""); got != "nightstar-dev--owner" {
			t.Errorf("%s: the owner is called %s", name, got)
		}
		may := false
		for _, one := range s.policiesOf(t, role) {
			may = may || slices.Contains(one.Actions, action)
		}
		if !may {
			t.Errorf("%s: the owner may not %s", name, action)
		}
		for id, policy := range s.ofType("AWS::IAM::Policy") {
			if strings.Contains(flat(t, policy.Properties), "GetSecretValue") {
				t.Errorf("%s: %s reads a secret", name, id)
			}
		}
		for id, f := range s.ofType("AWS::Lambda::Function") {
			if strings.Contains(flat(t, f.Properties), pipeline.RedshiftSecretARN) {
				t.Errorf("%s: %s is told of a secret", name, id)
			}
		}
	}
}

// TestRoles_haveTheBoundary, all of them, those of the CDK too; and everything
// that has tags has those of cdk.json.
func TestRoles_haveTheBoundary(t *testing.T) {
	s := kind(t, "bank")
	for id, role := range s.ofType("AWS::IAM::Role") {
		if role.Properties["PermissionsBoundary"] != boundary {
			t.Errorf("%s has the boundary %v", id, role.Properties["PermissionsBoundary"])
		}
	}
	for _, typed := range []string{"AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::RedshiftServerless::Workgroup", "AWS::StepFunctions::StateMachine"} {
		for id, r := range s.ofType(typed) {
			if text := flat(t, r.Properties["Tags"]); !strings.Contains(text, `{"Key":"team","Value":"dwh"}`) && !strings.HasPrefix(id, "Custom") && !strings.HasPrefix(id, "AWS679") {
				t.Errorf("%s has the tags %s", id, text)
			}
		}
	}
}

// TestNetwork: subnets that are there are used, and two or three are made.
func TestNetwork(t *testing.T) {
	s := kind(t, "bank")
	_, workgroup := s.one(t, "AWS::RedshiftServerless::Workgroup", "")
	if got := flat(t, workgroup.Properties["SubnetIds"]) + flat(t, workgroup.Properties["SecurityGroupIds"]); got != `["subnet-0a1b2c3d","subnet-1a1b2c3d","subnet-2a1b2c3d"]["sg-0a1b2c3d"]` {
		t.Errorf("the workgroup is in %s", got)
	}
	if n := len(s.ofType("AWS::EC2::VPC")) + len(s.ofType("AWS::EC2::Subnet")); n != 0 {
		t.Errorf("beside existing subnets %d are made", n)
	}
	for name, want := range map[string]string{
		"provisioned": "10.8.0.0/22 10.8.4.0/22 10.8.8.0/22", // with enhanced routing
	} {
		if diff := cmp.Diff(want, strings.Join(cidrs(kind(t, name)), " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff("10.61.0.0/24 10.61.1.0/24", strings.Join(cidrs(environment(t, "dev")), " ")); diff != "" {
		t.Errorf("dev (-want +got):\n%s", diff)
	}
}

func cidrs(s synthesised) []string {
	var all []string
	for _, subnet := range s.ofType("AWS::EC2::Subnet") {
		all = append(all, subnet.Properties["CidrBlock"].(string))
	}
	slices.Sort(all)
	return all
}

// TestMoney: the limit, the budget, and who hears of it.
func TestMoney(t *testing.T) {
	s := kind(t, "bank")
	_, limit := s.one(t, "Custom::AWS", "UsageLimit")
	for _, event := range []string{"Create", "Update"} {
		if text := spelled(limit.Properties[event]); !strings.Contains(text, `"breachAction":"deactivate"`) || !strings.Contains(text, `"amount":8`) {
			t.Errorf("%s: %s", event, text)
		}
	}
	topic, _ := s.one(t, "AWS::SNS::Topic", "")
	_, budget := s.one(t, "AWS::Budgets::Budget", "")
	if text := flat(t, budget.Properties); !strings.Contains(text, `"Amount":200`) || strings.Count(text, topic) != 2 {
		t.Errorf("the budget is %s", text)
	}
	_, policy := s.one(t, "AWS::SNS::TopicPolicy", "")
	if !strings.Contains(flat(t, policy.Properties), "budgets.amazonaws.com") {
		t.Error("the budget may not publish")
	}
	_, slack := s.one(t, "AWS::Chatbot::SlackChannelConfiguration", "")
	_, teams := kind(t, "provisioned").one(t, "AWS::Chatbot::MicrosoftTeamsChannelConfiguration", "")
	for _, chat := range []resource{slack, teams} {
		if text := flat(t, chat.Properties); !strings.Contains(text, topic) || !strings.Contains(text, "AWSDenyAll") {
			t.Errorf("the channel is %s", text)
		}
	}
	chatRole, _ := s.one(t, "AWS::IAM::Role", "ChatRole")
	if got := s.policiesOf(t, chatRole); len(got) > 0 {
		t.Errorf("the channel may do %v", got)
	}
}

// TestPinned: a stack of an account says so, and nothing is looked up for it.
func TestPinned(t *testing.T) {
	s := kind(t, "bank")
	if s.environment != "aws://"+accountID+"/"+region {
		t.Errorf("the stack goes to %s", s.environment)
	}
	if s.missing != nil {
		t.Errorf("synth has to ask AWS for %v", s.missing)
	}
	if !s.protected {
		t.Error("the stack is not protected")
	}
	if got := environment(t, "prod").environment; got != "aws://unknown-account/unknown-region" {
		t.Errorf("without an account the stack goes to %s", got)
	}
}
