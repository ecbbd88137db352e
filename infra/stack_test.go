package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// everyEnvironment runs a check on each environment of cdk.json.
func everyEnvironment(t *testing.T, check func(*testing.T, synthesised)) {
	t.Helper()
	for env := range environments(t) {
		t.Run(env, func(t *testing.T) { check(t, environment(t, env)) })
	}
}

// flat is a value of the template as compact JSON.
func flat(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestStack_hasNoUnexplainedFinding(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		if len(s.findings) > 0 {
			t.Errorf("cdk-nag:\n%s", strings.Join(s.findings, "\n"))
		}
	})
}

// TestStack_acceptsOnlyWhatIsFound: an accepted finding that nobody makes hides
// the next one.
func TestStack_acceptsOnlyWhatIsFound(t *testing.T) {
	s := environment(t, "dev")
	for _, f := range findings(Config{Warehouse: WarehouseConfig{Kind: Serverless}}) {
		if len(strings.Fields(f.reason)) < 8 {
			t.Errorf("%s is accepted because %q, which is no reason", f.rule, f.reason)
		}
		for _, path := range f.paths {
			found := s.accepted["/nightstar-dev/"+path+"/Resource"]
			if !slices.ContainsFunc(found, func(text string) bool { return strings.Contains(text, f.rule) }) {
				t.Errorf("%s of %s is accepted, but not found: %s", f.rule, path, found)
			}
		}
	}
}

func TestFunctions_areTheSteps(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		for _, step := range pipeline.Steps() {
			id, f := s.one(t, "AWS::Lambda::Function", identifier(step))
			got := map[string]any{
				"memory": f.Properties["MemorySize"], "timeout": f.Properties["Timeout"], "runtime": f.Properties["Runtime"],
				"architecture": flat(t, f.Properties["Architectures"]), "tracing": at(t, f.Properties, "TracingConfig", "Mode"),
				"handler": f.Properties["Handler"],
			}
			want := map[string]any{
				"memory": float64(step.MemoryMB), "timeout": step.Timeout.Seconds(), "runtime": "provided.al2023",
				"architecture": `["arm64"]`, "tracing": "Active", "handler": "bootstrap",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
			logs := at(t, f.Properties, "LoggingConfig", "LogGroup", "Ref").(string)
			if days := s.Resources[logs].Properties["RetentionInDays"]; days == nil {
				t.Errorf("%s keeps its log for ever", id)
			}
		}
	})
}

func TestFunctions_getTheVariablesTheyRead(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		for _, step := range pipeline.Steps() {
			id, f := s.one(t, "AWS::Lambda::Function", identifier(step))
			variables := map[string]any{}
			if set, ok := f.Properties["Environment"]; ok {
				variables = at(t, set, "Variables").(map[string]any)
			}
			for name := range variables {
				if !step.Reads(name) {
					t.Errorf("%s gets %s, which the step does not read", id, name)
				}
			}
			for _, name := range step.Settings {
				if variables[name] == nil {
					t.Errorf("%s does not get %s", id, name)
				}
			}
			if _, ok := variables[pipeline.RedshiftWorkgroup]; step.Reads(pipeline.RedshiftWorkgroup) && !ok {
				t.Errorf("%s is not told of the workgroup", id)
			}
		}
	})
}

func TestFunctions_warehouseStepsShareARole(t *testing.T) {
	s := environment(t, "prod")
	roles := map[string][]string{}
	for _, step := range pipeline.Steps() {
		_, f := s.one(t, "AWS::Lambda::Function", identifier(step))
		role := flat(t, f.Properties["Role"])
		roles[role] = append(roles[role], step.Name)
	}
	var shared [][]string
	for _, steps := range roles {
		if len(steps) > 1 {
			shared = append(shared, steps)
		}
	}
	want := [][]string{{"landing-load", "transform", "statement-poll", "record"}}
	if diff := cmp.Diff(want, shared); diff != "" {
		t.Errorf("steps that share a role (-want +got):\n%s", diff)
	}
}

func TestPipeline_runsTheBytesThatRunLocally(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		_, machine := s.one(t, "AWS::StepFunctions::StateMachine", "Pipeline")
		if machine.Properties["DefinitionString"] != statemachine.Definition() {
			t.Error("the definition is not statemachine/pipeline.asl.json")
		}
		substitutions := machine.Properties["DefinitionSubstitutions"].(map[string]any)
		for _, step := range pipeline.Steps() {
			id, _ := s.one(t, "AWS::Lambda::Function", identifier(step))
			if got, want := flat(t, substitutions[step.Token()]), `{"Fn::GetAtt":["`+id+`","Arn"]}`; got != want {
				t.Errorf("${%s} is %s, want %s", step.Token(), got, want)
			}
		}
		if got := flat(t, substitutions[statemachine.PartitionToken]); got != `{"Ref":"AWS::Partition"}` {
			t.Errorf("${%s} is %s", statemachine.PartitionToken, got)
		}
		if got := substitutions[statemachine.ConcurrencyToken]; got != map[string]string{"nightstar-dev": "8", "nightstar-prod": "40"}[machine.Properties["StateMachineName"].(string)] {
			t.Errorf("${%s} is %v", statemachine.ConcurrencyToken, got)
		}
		if len(substitutions) != len(statemachine.Tokens()) {
			t.Errorf("%d tokens are replaced, the definition has %d", len(substitutions), len(statemachine.Tokens()))
		}
		logging := machine.Properties["LoggingConfiguration"]
		if at(t, logging, "Level") != "ALL" || at(t, machine.Properties, "TracingConfiguration", "Enabled") != true {
			t.Errorf("logging is %s, tracing %s", flat(t, logging), flat(t, machine.Properties["TracingConfiguration"]))
		}
	})
}

// TestMachines_namesNoPartition: an ARN that begins with arn:aws is refused in
// China and in GovCloud.
func TestMachines_nameNoPartition(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		if i := strings.Index(string(s.text), "arn:aws"); i >= 0 {
			t.Errorf("the template has …%s…", s.text[max(0, i-80):i+80])
		}
		for id, machine := range s.ofType("AWS::StepFunctions::StateMachine") {
			definition := machine.Properties["DefinitionString"].(string)
			for _, match := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(definition, -1) {
				if machine.Properties["DefinitionSubstitutions"].(map[string]any)[match[1]] == nil {
					t.Errorf("${%s} of %s has no value", match[1], id)
				}
			}
		}
	})
}

func TestPipeline_mayRunItsDistributedMap(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		_, machine := s.one(t, "AWS::StepFunctions::StateMachine", "Pipeline")
		name := machine.Properties["StateMachineName"].(string)
		role, _ := s.one(t, "AWS::IAM::Role", "PipelineRole")
		allows := func(action, on string) bool {
			return slices.ContainsFunc(s.policiesOf(t, role), func(one statement) bool {
				return slices.Contains(one.Actions, action) &&
					slices.ContainsFunc(one.Resources, func(r string) bool { return strings.Contains(r, on) })
			})
		}
		for action, on := range map[string]string{
			"states:StartExecution":    ":stateMachine:" + name + `"`,
			"states:DescribeExecution": ":execution:" + name + "/Partition:*",
			"states:StopExecution":     ":execution:" + name + ":*",
			"states:RedriveExecution":  ":execution:" + name + "/Partition:*",
			"s3:GetObject":             "/runs/*/plan.json",
			"s3:PutObject":             "/runs/*/map/*",
		} {
			if !allows(action, on) {
				t.Errorf("%s is not allowed on …%s", action, on)
			}
		}
	})
}

func TestBuckets(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		found := s.ofType("AWS::S3::Bucket")
		if len(found) != 5 {
			t.Errorf("there are %d buckets, want 5", len(found))
		}
		for id, b := range found {
			public := at(t, b.Properties, "PublicAccessBlockConfiguration").(map[string]any)
			for _, block := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
				if public[block] != true {
					t.Errorf("%s does not %s", id, block)
				}
			}
			if at(t, b.Properties, "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm") != "AES256" {
				t.Errorf("%s is not encrypted", id)
			}
			rules := flat(t, at(t, b.Properties, "LifecycleConfiguration", "Rules"))
			if !strings.Contains(rules, "AbortIncompleteMultipartUpload") || !strings.Contains(rules, "ExpirationInDays") {
				t.Errorf("%s has the lifecycle %s", id, rules)
			}
			if archive := strings.Contains(id, "Archive"); archive != strings.Contains(rules, "GLACIER_IR") {
				t.Errorf("%s has the lifecycle %s", id, rules)
			}
		}
	})
}

// TestBuckets_denyPlainHTTPAndNothingElse: a bucket that denies presigned
// requests, or asks for one network, breaks COPY of Parquet.
func TestBuckets_denyPlainHTTPAndNothingElse(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		policies := s.ofType("AWS::S3::BucketPolicy")
		if len(policies) != 5 {
			t.Errorf("there are %d bucket policies, want 5", len(policies))
		}
		for id, policy := range policies {
			denials := 0
			for _, one := range statements(t, policy.Properties["PolicyDocument"]) {
				if one.Effect == "Deny" {
					denials++
					if got, want := flat(t, one.Condition), `{"Bool":{"aws:SecureTransport":"false"}}`; got != want {
						t.Errorf("%s denies on %s", id, got)
					}
				}
			}
			if denials != 1 {
				t.Errorf("%s denies %d times, want once: plain HTTP", id, denials)
			}
		}
	})
}

func TestTable(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		_, table := s.one(t, "AWS::DynamoDB::Table", "Table")
		if at(t, table.Properties, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != true {
			t.Error("without point-in-time recovery nothing is exported")
		}
		if table.Properties["BillingMode"] != "PAY_PER_REQUEST" {
			t.Errorf("it is billed %s", table.Properties["BillingMode"])
		}
		want := `[{"AttributeName":"PK","KeyType":"HASH"},{"AttributeName":"SK","KeyType":"RANGE"}]`
		if got := flat(t, table.Properties["KeySchema"]); got != want {
			t.Errorf("its key is %s", got)
		}
		if got := flat(t, at(t, table.Properties, "GlobalSecondaryIndexes", 0, "KeySchema")); !strings.Contains(got, "GSIpk") {
			t.Errorf("its index is %s", got)
		}
	})
}

func TestTable_existing(t *testing.T) {
	tests := map[string]string{
		"orders": `{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":dynamodb:",{"Ref":"AWS::Region"},":",{"Ref":"AWS::AccountId"},":table/orders"]]}`,
	}
	for table, want := range tests {
		t.Run(table, func(t *testing.T) {
			s := synthesise(t, "dev", set(table, "existingTable"))
			_, start := s.one(t, "AWS::Lambda::Function", "ExportStart")
			if got := flat(t, at(t, start.Properties, "Environment", "Variables", pipeline.TableARN)); got != want {
				t.Errorf("%s is %s, want %s", pipeline.TableARN, got, want)
			}
			if n := len(s.ofType("AWS::DynamoDB::Table")); n != 0 {
				t.Errorf("there are %d tables beside the existing one", n)
			}
		})
	}
}

func TestRemoval(t *testing.T) {
	// What a first deployment made before it failed goes, with its name.
	for env, want := range map[string]string{"dev": "Delete", "prod": "RetainExceptOnCreate"} {
		s := environment(t, env)
		for id, r := range s.Resources {
			holdsData := slices.Contains([]string{"AWS::S3::Bucket", "AWS::RedshiftServerless::Namespace", "AWS::DynamoDB::Table"}, r.Type)
			if holdsData && r.DeletionPolicy != want {
				t.Errorf("environment %s: %s has the deletion policy %q, want %q", env, id, r.DeletionPolicy, want)
			}
			if !holdsData && strings.HasPrefix(r.DeletionPolicy, "Retain") {
				t.Errorf("environment %s: %s holds no data and stays", env, id)
			}
		}
	}
	if n := len(environment(t, "prod").ofType("Custom::S3AutoDeleteObjects")); n != 0 {
		t.Errorf("%d buckets of prod are emptied with the stack", n)
	}
	// A protected stack cannot be removed after a first deployment that failed.
	for env, want := range map[string]bool{"dev": false, "prod": false} {
		if got := environment(t, env).protected; got != want {
			t.Errorf("environment %s: the stack is protected from deletion: %t, want %t", env, got, want)
		}
	}
}

func TestSchedule(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		_, schedule := s.one(t, "AWS::Scheduler::Schedule", "")
		target := at(t, schedule.Properties, "Target")
		nightly, _ := s.one(t, "AWS::StepFunctions::StateMachine", "Nightly")
		queue, _ := s.one(t, "AWS::SQS::Queue", "Undelivered")
		got := map[string]string{
			"when": flat(t, schedule.Properties["ScheduleExpression"]), "zone": flat(t, schedule.Properties["ScheduleExpressionTimezone"]),
			"retries": flat(t, at(t, target, "RetryPolicy")), "queue": flat(t, at(t, target, "DeadLetterConfig", "Arn")),
			"target": flat(t, at(t, target, "Arn")), "input": at(t, target, "Input").(string),
		}
		want := map[string]string{
			"when": `"cron(30 1 * * ? *)"`, "zone": `"UTC"`,
			"retries": `{"MaximumEventAgeInSeconds":7200,"MaximumRetryAttempts":10}`, "queue": `{"Fn::GetAtt":["` + queue + `","Arn"]}`,
			"target": `{"Ref":"` + nightly + `"}`, "input": `{"scheduledTime":"<aws.scheduler.scheduled-time>"}`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	for env, want := range map[string]string{"dev": "DISABLED", "prod": "ENABLED"} {
		if _, schedule := environment(t, env).one(t, "AWS::Scheduler::Schedule", ""); schedule.Properties["State"] != want {
			t.Errorf("the schedule of %s is %s", env, schedule.Properties["State"])
		}
	}
}

func TestAlarms(t *testing.T) {
	s := environment(t, "prod")
	got := map[string]string{}
	for _, alarm := range s.ofType("AWS::CloudWatch::Alarm") {
		p := alarm.Properties
		got[p["AlarmName"].(string)] = fmt.Sprintf("%s %v %v for %v×%vs, missing %v",
			p["MetricName"], p["ComparisonOperator"], p["Threshold"], p["EvaluationPeriods"], p["Period"], p["TreatMissingData"])
		if len(p["AlarmActions"].([]any)) != 1 {
			t.Errorf("alarm %s tells nobody", p["AlarmName"])
		}
	}
	want := map[string]string{
		"nightstar-prod-RunFailed":        "ExecutionsFailed GreaterThanThreshold 0 for 1×300s, missing notBreaching",
		"nightstar-prod-RunTimedOut":      "ExecutionsTimedOut GreaterThanThreshold 0 for 1×300s, missing notBreaching",
		"nightstar-prod-StartFailed":      "ExecutionsFailed GreaterThanThreshold 0 for 1×300s, missing notBreaching",
		"nightstar-prod-StartTimedOut":    "ExecutionsTimedOut GreaterThanThreshold 0 for 1×300s, missing notBreaching",
		"nightstar-prod-StartUndelivered": "ApproximateNumberOfMessagesVisible GreaterThanThreshold 0 for 1×300s, missing notBreaching",
		"nightstar-prod-SetAside":         "ItemsSetAside GreaterThanThreshold 0 for 1×300s, missing notBreaching",
		"nightstar-prod-DidNotRun":        "ExecutionsSucceeded LessThanThreshold 1 for 26×3600s, missing breaching",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
