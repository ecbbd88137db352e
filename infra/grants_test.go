package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// actionsOf are the IAM actions behind an operation of the SDK, and of those
// that AWS calls on behalf of the caller.
//
//   - https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
//   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
//   - https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
func actionsOf(operation string) []string {
	return map[string][]string{
		"dynamodb.ExportTableToPointInTime": {
			"dynamodb:ExportTableToPointInTime", "s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload",
		},
		"dynamodb.DescribeExport":            {"dynamodb:DescribeExport"},
		"dynamodb.DescribeTable":             {"dynamodb:DescribeTable"},
		"dynamodb.DescribeContinuousBackups": {"dynamodb:DescribeContinuousBackups"},

		// To be told that an object does not exist takes the right to list.
		"s3.GetObject":               {"s3:GetObject", "s3:ListBucket"},
		"s3.HeadObject":              {"s3:GetObject", "s3:ListBucket"},
		"s3.ListObjectsV2":           {"s3:ListBucket"},
		"s3.PutObject":               {"s3:PutObject"},
		"s3.CreateMultipartUpload":   {"s3:PutObject"},
		"s3.UploadPart":              {"s3:PutObject"},
		"s3.CompleteMultipartUpload": {"s3:PutObject"},
		"s3.AbortMultipartUpload":    {"s3:AbortMultipartUpload"},
		"s3.ListMultipartUploads":    {"s3:ListBucketMultipartUploads"},
		"s3.ListParts":               {"s3:ListMultipartUploadParts"},
		"s3.UploadPartCopy":          {"s3:GetObject", "s3:PutObject"},
		"s3.CopyObject":              {"s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"},
		"s3.DeleteObjects":           {"s3:DeleteObject"},

		"sfn.DescribeExecution": {"states:DescribeExecution"},
		"sfn.ListExecutions":    {"states:ListExecutions"},

		"redshiftdata.BatchExecuteStatement": {"redshift-data:BatchExecuteStatement", "redshift-serverless:GetCredentials"},
		"redshiftdata.DescribeStatement":     {"redshift-data:DescribeStatement"},
		"redshiftdata.GetStatementResult":    {"redshift-data:GetStatementResult"},
	}[operation]
}

// ofTheService are what Lambda and Step Functions do in the name of a role.
func ofTheService() []string {
	return []string{
		"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
		"xray:GetSamplingRules", "xray:GetSamplingTargets",
		"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
		"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
	}
}

// TestGrants_areWhatTheCodeCalls reads the code of each step for the operations
// it can call, and compares what they need with what the step's role may do:
// nothing is missing, and nothing is granted that no code calls.
func TestGrants_areWhatTheCodeCalls(t *testing.T) {
	code := loadProgram(t)
	want := map[string]map[string]bool{}
	for _, step := range pipeline.Steps() {
		role := roleName(step)
		if want[role] == nil {
			want[role] = map[string]bool{}
		}
		operations := code.operations(step.Name)
		t.Logf("%s calls %s", step.Name, strings.Join(operations, ", "))
		if len(operations) == 0 {
			t.Errorf("step %s calls no operation of the SDK: the test does not see its code", step.Name)
		}
		for _, operation := range operations {
			actions := actionsOf(operation)
			if actions == nil {
				t.Errorf("step %s calls %s, whose IAM actions are not known here", step.Name, operation)
			}
			for _, action := range actions {
				want[role][action] = true
			}
		}
	}
	for env := range environments(t) {
		s := environment(t, env)
		for role, actions := range want {
			id, _ := s.one(t, "AWS::IAM::Role", role)
			if diff := cmp.Diff(slices.Sorted(maps.Keys(actions)), s.actions(t, id)); diff != "" {
				t.Errorf("environment %s, role %s (-called +granted):\n%s", env, role, diff)
			}
		}
	}
}

// actions returns what a role may do, but for what services do in its name.
func (s synthesised) actions(t *testing.T, role string) []string {
	t.Helper()
	granted := map[string]bool{}
	for _, statement := range s.policiesOf(t, role) {
		for _, action := range statement.Actions {
			if !slices.Contains(ofTheService(), action) {
				granted[action] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(granted))
}

func TestGrants_ofMachinesAndCopy(t *testing.T) {
	tests := map[string][]string{
		// lambda:invoke, the reader and the writer of the distributed map, and
		// its children.
		"PipelineRole": {
			"lambda:InvokeFunction", "s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject",
			"states:DescribeExecution", "states:RedriveExecution", "states:StartExecution", "states:StopExecution",
		},
		// The task of nightly.asl.json.
		"NightlyRole": {"states:StartExecution"},
		// COPY, and external schemas.
		"CopyRole": {
			"glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables",
			"s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket",
		},
	}
	for env := range environments(t) {
		s := environment(t, env)
		for role, want := range tests {
			id, _ := s.one(t, "AWS::IAM::Role", role)
			if diff := cmp.Diff(want, s.actions(t, id)); diff != "" {
				t.Errorf("environment %s, role %s (-needed +granted):\n%s", env, role, diff)
			}
		}
	}
}

// TestGrants_onEverything lists every action that is allowed on every
// resource. IAM knows no resource for any of them.
func TestGrants_onEverything(t *testing.T) {
	allowed := []string{
		"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
		"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
		"redshift-data:DescribeStatement", "redshift-data:GetStatementResult",
		"xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
	}
	for env := range environments(t) {
		s := environment(t, env)
		got := map[string]bool{}
		for id, policy := range s.ofType("AWS::IAM::Policy") {
			for _, statement := range statements(t, policy.Properties["PolicyDocument"]) {
				for _, action := range statement.Actions {
					if strings.Contains(action, "*") {
						t.Errorf("environment %s: %s allows %s", env, id, action)
					}
					if slices.Contains(statement.Resources, `"*"`) {
						got[action] = true
					}
				}
			}
		}
		if diff := cmp.Diff(allowed, slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("environment %s: actions on every resource (-allowed +granted):\n%s", env, diff)
		}
	}
}

func TestGrants_ofOtherCredentials(t *testing.T) {
	tests := map[string]struct {
		warehouse map[string]any
		action    string
		on        string
	}{
		"a workgroup without a secret": {
			map[string]any{
				"kind": Workgroup, "database": "dwh", "workgroup": "bi",
				"workgroupArn": "arn:aws:redshift-serverless:eu-west-1:111122223333:workgroup/1", "secretArn": "",
			},
			"redshift-serverless:GetCredentials", `"arn:aws:redshift-serverless:eu-west-1:111122223333:workgroup/1"`,
		},
		"a cluster without a secret": {
			map[string]any{"kind": Cluster, "database": "dwh", "cluster": "bi", "secretArn": ""},
			"redshift:GetClusterCredentialsWithIAM", ":dbname:bi/dwh",
		},
		"a cluster with a secret": {
			map[string]any{
				"kind": Cluster, "database": "dwh", "cluster": "bi",
				"secretArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:bi-1",
			},
			"secretsmanager:GetSecretValue", `"arn:aws:secretsmanager:eu-west-1:111122223333:secret:bi-1"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := synthesise(t, "dev", set(tt.warehouse, "warehouse"))
			id, _ := s.one(t, "AWS::IAM::Role", sharedRole)
			found := false
			for _, statement := range s.policiesOf(t, id) {
				if slices.Contains(statement.Actions, tt.action) {
					found = true
					if len(statement.Resources) != 1 || !strings.Contains(statement.Resources[0], tt.on) {
						t.Errorf("%s is granted on %s, want %s", tt.action, statement.Resources, tt.on)
					}
				}
			}
			if !found {
				t.Errorf("%s is not granted", tt.action)
			}
			for _, absent := range []string{"AWS::RedshiftServerless::Namespace", "AWS::Redshift::Cluster", "AWS::EC2::VPC"} {
				if n := len(s.ofType(absent)); n != 0 {
					t.Errorf("an existing warehouse brings %d × %s", n, absent)
				}
			}
			if len(s.findings) > 0 {
				t.Errorf("findings:\n%s", strings.Join(s.findings, "\n"))
			}
		})
	}
}
