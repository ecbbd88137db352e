package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The golden templates were read line by line. What hurts when it is wrong,
// and no other test looks at, is written down here.

// TestTemplate_holdsTogether looks for what CloudFormation refuses a template
// for: names that refer to nothing, circles, and limits
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
func TestTemplate_holdsTogether(t *testing.T) {
	everyEnvironment(t, checkTemplate)
}

func checkTemplate(t *testing.T, s synthesised) {
	t.Helper()
	if len(s.text) > 1_000_000 || len(s.Resources) > 500 {
		t.Errorf("the template has %d bytes and %d resources", len(s.text), len(s.Resources))
	}
	needs := map[string][]string{}
	for id, r := range s.Resources {
		needs[id] = append(references(r.Properties), references(map[string]any{"DependsOn": r.DependsOn})...)
		for _, need := range needs[id] {
			if _, ok := s.Resources[need]; !ok && !strings.HasPrefix(need, "AWS::") && need != "BootstrapVersion" {
				t.Errorf("%s needs %s, which is not there", id, need)
			}
		}
	}
	if found := circle(needs); found != nil {
		t.Errorf("a circle: %s", strings.Join(found, " → "))
	}
}

// circle returns ids that need each other, the first one twice; nil if none do.
func circle(needs map[string][]string) []string {
	done := map[string]bool{}
	var visit func(id string, path []string) []string
	visit = func(id string, path []string) []string {
		if slices.Contains(path, id) {
			return append(path[slices.Index(path, id):], id)
		}
		if done[id] {
			return nil
		}
		for _, need := range needs[id] {
			if found := visit(need, append(slices.Clone(path), id)); found != nil {
				return found
			}
		}
		done[id] = true
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(needs)) {
		if found := visit(id, nil); found != nil {
			return found
		}
	}
	return nil
}

func TestCircle(t *testing.T) {
	t.Parallel()

	// A machine needs its function, which needs its policy, which names the machine.
	var resources map[string]any
	text := `{
		"Machine": {"DefinitionSubstitutions": {"Token": {"Fn::GetAtt": ["Function", "Arn"]}}},
		"Function": {"DependsOn": ["Policy"]},
		"Policy": {"Resource": {"Fn::Join": ["", [{"Fn::Sub": "arn:${AWS::Partition}:${Machine.Name}"}, ":*"]]}},
		"Alarm": {"Dimensions": [{"Value": {"Ref": "Machine"}}]}
	}`
	if err := json.Unmarshal([]byte(text), &resources); err != nil {
		t.Fatal(err)
	}
	needs := map[string][]string{}
	for id, r := range resources {
		needs[id] = references(r)
	}
	want := []string{"Machine", "Function", "Policy", "Machine"}
	if diff := cmp.Diff(want, circle(needs)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	delete(needs, "Policy")
	if found := circle(needs); found != nil {
		t.Errorf("without the policy %s is a circle", found)
	}
}

// references are the logical ids that a value mentions.
func references(value any) []string {
	var found []string
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			found = append(found, references(one)...)
		}
	case map[string]any:
		for key, inner := range value {
			switch key {
			case "Ref":
				found = append(found, inner.(string))
			case "DependsOn":
				for _, one := range list(inner) {
					if id, ok := one.(string); ok {
						found = append(found, id)
					}
				}
			case "Fn::GetAtt":
				found = append(found, inner.([]any)[0].(string))
			case "Fn::Sub":
				text, _ := list(inner)[0].(string)
				for _, match := range regexp.MustCompile(`\$\{([^}.!]+)`).FindAllStringSubmatch(text, -1) {
					found = append(found, match[1])
				}
			default:
				found = append(found, references(inner)...)
			}
		}
	}
	return found
}

// TestTemplate_keepsAsLongAsConfigured: objects by bucket and prefix, and every
// log group.
func TestTemplate_keepsAsLongAsConfigured(t *testing.T) {
	all := environments(t)
	for env := range all {
		s := environment(t, env)
		cfg, err := decodeConfig(all, env)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for id, b := range s.ofType("AWS::S3::Bucket") {
			var rules []string
			for _, one := range at(t, b.Properties, "LifecycleConfiguration", "Rules").([]any) {
				rule := one.(map[string]any)
				if rule["Status"] != "Enabled" {
					t.Errorf("environment %s: %s has a rule that is off", env, id)
				}
				text := fmt.Sprintf("%s*", rule["Prefix"])
				if rule["Prefix"] == nil {
					text = "*"
				}
				if abort, ok := rule["AbortIncompleteMultipartUpload"]; ok {
					text += fmt.Sprintf(" uploads %v", at(t, abort, "DaysAfterInitiation"))
				}
				if moves, ok := rule["Transitions"]; ok {
					text += fmt.Sprintf(" %v %v", at(t, moves, 0, "StorageClass"), at(t, moves, 0, "TransitionInDays"))
				}
				if expiry, ok := rule["ExpirationInDays"]; ok {
					text += fmt.Sprintf(" expire %v", expiry)
				}
				rules = append(rules, text)
			}
			got[regexp.MustCompile(`[0-9A-F]{8}$`).ReplaceAllString(id, "")] = strings.Join(rules, "; ")
		}
		archived := fmt.Sprintf("* uploads 3; * GLACIER_IR %d expire %d", cfg.Storage.ArchiveGlacierDays, cfg.Storage.ArchiveDays)
		want := map[string]string{
			"Raw":           fmt.Sprintf("* uploads 3; run=* expire %d", cfg.Storage.RawDays),
			"Lake":          fmt.Sprintf("* uploads 3; runs/* expire %d", cfg.Storage.RecordDays),
			"RawArchive":    archived,
			"LakeArchive":   archived,
			"AthenaResults": fmt.Sprintf("* uploads 3; * expire %d", cfg.Storage.AthenaDays),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("environment %s (-want +got):\n%s", env, diff)
		}
		for id, logs := range s.ofType("AWS::Logs::LogGroup") {
			if logs.Properties["RetentionInDays"] != float64(cfg.LogDays) {
				t.Errorf("environment %s: %s is kept %v days", env, id, logs.Properties["RetentionInDays"])
			}
		}
	}
}

// TestMachines_areLoggedAndTraced: both machines, with every event, without its
// data, into a group that forgets.
func TestMachines_areLoggedAndTraced(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		machines := s.ofType("AWS::StepFunctions::StateMachine")
		if len(machines) != 2 {
			t.Errorf("there are %d machines, want the pipeline and the one that starts it", len(machines))
		}
		for id, machine := range machines {
			p := machine.Properties
			logs := at(t, p, "LoggingConfiguration", "Destinations", 0, "CloudWatchLogsLogGroup", "LogGroupArn", "Fn::GetAtt", 0).(string)
			got := fmt.Sprint(p["StateMachineType"], " ", at(t, p, "TracingConfiguration", "Enabled"), " ", at(t, p, "LoggingConfiguration", "Level"),
				" ", at(t, p, "LoggingConfiguration", "IncludeExecutionData"), " ", s.Resources[logs].Properties["LogGroupName"])
			if want := fmt.Sprint("STANDARD true ALL false /aws/vendedlogs/states/", p["StateMachineName"]); got != want {
				t.Errorf("%s is %s, want %s", id, got, want)
			}
		}
	})
}

// TestAlarms_mayPublish: a topic with a policy of its own lets nobody publish
// whom the policy does not name.
func TestAlarms_mayPublish(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		topic, _ := s.one(t, "AWS::SNS::Topic", "")
		_, policy := s.one(t, "AWS::SNS::TopicPolicy", "")
		if got := flat(t, policy.Properties["Topics"]); got != `[{"Ref":"`+topic+`"}]` {
			t.Errorf("the policy is for %s", got)
		}
		var got []string
		for _, one := range statements(t, policy.Properties["PolicyDocument"]) {
			got = append(got, fmt.Sprint(one.Effect, " ", one.Actions, " ", flat(t, one.Principal), " ", flat(t, one.Condition)))
		}
		want := []string{
			`Deny [sns:Publish] "*" {"Bool":{"aws:SecureTransport":"false"}}`,
			`Allow [sns:Publish] {"Service":"cloudwatch.amazonaws.com"} {"StringEquals":{"aws:SourceAccount":{"Ref":"AWS::AccountId"}}}`,
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for id, alarm := range s.ofType("AWS::CloudWatch::Alarm") {
			if got := flat(t, alarm.Properties["AlarmActions"]); got != `[{"Ref":"`+topic+`"}]` {
				t.Errorf("%s tells %s", id, got)
			}
		}
	})
}

// TestQueue_isPrivate: undelivered starts are encrypted, by TLS only, and kept
// as long as a queue keeps anything.
func TestQueue_isPrivate(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		id, queue := s.one(t, "AWS::SQS::Queue", "")
		if queue.Properties["SqsManagedSseEnabled"] != true || queue.Properties["MessageRetentionPeriod"] != float64(14*24*3600) {
			t.Errorf("the queue is %s", flat(t, queue.Properties))
		}
		_, policy := s.one(t, "AWS::SQS::QueuePolicy", "")
		document := flat(t, policy.Properties)
		if !strings.Contains(document, `"aws:SecureTransport":"false"`) || !strings.Contains(document, id) {
			t.Errorf("its policy is %s", document)
		}
	})
}

// TestRoles_areAssumedByOneService, but for the one that COPY and Spectrum use;
// Scheduler's only for schedules of this group.
func TestRoles_areAssumedByOneService(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		for id, role := range s.ofType("AWS::IAM::Role") {
			trusts := statements(t, role.Properties["AssumeRolePolicyDocument"])
			if len(trusts) != 1 {
				t.Errorf("%s is assumed by %d", id, len(trusts))
			}
			for _, trust := range trusts {
				service := flat(t, trust.Principal)
				both := strings.HasPrefix(id, "CopyRole") && service == `{"Service":["redshift-serverless.amazonaws.com","redshift.amazonaws.com"]}`
				if !both && !strings.HasPrefix(service, `{"Service":"`) {
					t.Errorf("%s is assumed by %s", id, service)
				}
				// Redshift sends the ARN of a database user of this account. The
				// CDK makes the role of the function that empties buckets.
				condition := flat(t, trust.Condition)
				ours := strings.Contains(condition, `"aws:SourceAccount":{"Ref":"AWS::AccountId"}`) ||
					strings.HasPrefix(id, "CopyRole") && strings.Contains(condition, `"sts:ExternalId"`) && strings.Contains(condition, ":dbuser:*")
				if !ours && !strings.HasPrefix(id, "CustomS3AutoDelete") {
					t.Errorf("%s is assumed for anybody's %s: %s", id, service, condition)
				}
			}
			for _, managed := range list(role.Properties["ManagedPolicyArns"]) {
				if managed != nil && !strings.Contains(flat(t, managed), "AWSLambdaBasicExecutionRole") {
					t.Errorf("%s has the policy %s", id, flat(t, managed))
				}
			}
		}
	})
}

// TestTemplate_holdsNoSecret: passwords are managed by Redshift, and steps get
// the name of a secret only.
func TestTemplate_holdsNoSecret(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		for _, word := range []string{"AdminUserPassword", "MasterUserPassword", "SecretString", "{{resolve:", "AKIA"} {
			if strings.Contains(string(s.text), word) {
				t.Errorf("the template has %s", word)
			}
		}
	})
}

// TestDashboard_showsANight: every graph that the README promises.
func TestDashboard_showsANight(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		_, dashboard := s.one(t, "AWS::CloudWatch::Dashboard", "")
		body := flat(t, dashboard.Properties["DashboardBody"])
		for _, metric := range []string{
			"ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionTime",
			"Items", "ItemsSetAside", "WrongValues", "Duration", "Errors", "Throttles", "ComputeSeconds", "ComputeCapacity",
		} {
			if !strings.Contains(body, `\"`+metric+`\"`) {
				t.Errorf("it does not show %s", metric)
			}
		}
	})
}

// TestEndpoint_isReachedFromEverySubnet: COPY with enhanced routing has no
// other way to S3.
func TestEndpoint_isReachedFromEverySubnet(t *testing.T) {
	everyEnvironment(t, func(t *testing.T, s synthesised) {
		_, endpoint := s.one(t, "AWS::EC2::VPCEndpoint", "")
		if endpoint.Properties["VpcEndpointType"] != "Gateway" {
			t.Errorf("the endpoint is of type %v, which is billed", endpoint.Properties["VpcEndpointType"])
		}
		routes := flat(t, endpoint.Properties["RouteTableIds"])
		for id, association := range s.ofType("AWS::EC2::SubnetRouteTableAssociation") {
			if table := flat(t, association.Properties["RouteTableId"]); !strings.Contains(routes, table) {
				t.Errorf("%s uses %s, from where no endpoint is reached", id, table)
			}
		}
		for id, subnet := range s.ofType("AWS::EC2::Subnet") {
			if subnet.Properties["MapPublicIpOnLaunch"] != false {
				t.Errorf("%s hands out public addresses", id)
			}
		}
	})
}
