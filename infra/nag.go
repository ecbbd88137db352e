package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// finding is a finding of cdk-nag's AwsSolutions pack that is accepted.
type finding struct {
	paths     []string // constructs below the stack
	rule      string
	appliesTo []any // which of the rule's findings; all of them if empty
	reason    string
}

// patterns are the findings about a resource with a wildcard in a part of it.
func patterns() []any {
	return []any{&cdknag.RegexAppliesTo{Regex: jsii.String(`/^Resource::.+\*.*$/`)}}
}

// findings are the accepted findings, each with its reason.
func findings(cfg Config) []finding {
	everything := []any{"Resource::*"}
	all := []finding{
		{
			paths: []string{"Raw", "Lake", "RawArchive", "LakeArchive", "AthenaResults"}, rule: "AwsSolutions-S1",
			reason: "Only roles of this stack write, under names that carry the run. Whoever must audit readers turns on CloudTrail data events, which name them.",
		},
		{
			paths: []string{"Undelivered"}, rule: "AwsSolutions-SQS3",
			reason: "It is the dead-letter queue, of a schedule; the rule only sees queues of queues.",
		},
		{
			paths: policies("CopyRole"), rule: "AwsSolutions-IAM5", appliesTo: patterns(),
			reason: "COPY reads objects whose keys carry the run and the number of the file, below these prefixes.",
		},
		{
			paths: policies(stepRoles()...), rule: "AwsSolutions-IAM5", appliesTo: everything,
			reason: "X-Ray knows no resources for trace segments. Nor does the Data API for statements, which only the role that submitted them may ask for.",
		},
		{
			paths: policies(stepRoles()...), rule: "AwsSolutions-IAM5", appliesTo: patterns(),
			reason: "Keys carry the run and the number of the file, and ARNs of exports an id of DynamoDB; a step has them below these prefixes only.",
		},
		{
			paths: policies("PipelineRole", "NightlyRole"), rule: "AwsSolutions-IAM5", appliesTo: everything,
			reason: "Log deliveries, resource policies of logs, and trace segments know no resources.",
		},
		{
			paths: policies("PipelineRole", "NightlyRole"), rule: "AwsSolutions-IAM5", appliesTo: patterns(),
			reason: "Executions get their names, and objects their runs, when they start; the patterns hold them to this machine and these prefixes.",
		},
	}
	if kind := cfg.Warehouse.Kind; kind == Serverless || kind == Provisioned {
		all = append(all, finding{
			paths: []string{"DeploymentRole"}, rule: "AwsSolutions-IAM5", appliesTo: patterns(),
			reason: "Ids of namespaces and workgroups, and the end of a secret's name, are not known when the role is made, before all of them.",
		})
		if cfg.Warehouse.DailyRPUHours > 0 {
			all = append(all, finding{
				paths: []string{"DeploymentRole"}, rule: "AwsSolutions-IAM5", appliesTo: everything,
				reason: "Usage limits of Redshift Serverless have ids that are unknown before they are made.",
			})
		}
	}
	return all
}

// stepRoles are the roles of the functions.
func stepRoles() []string {
	made := map[string]bool{}
	var roles []string
	for _, step := range pipeline.Steps() {
		if id := roleName(step); !made[id] {
			made[id] = true
			roles = append(roles, id)
		}
	}
	return roles
}

func policies(roles ...string) []string {
	paths := make([]string, len(roles))
	for i, role := range roles {
		paths[i] = role + "/DefaultPolicy"
	}
	return paths
}

// suppressFindings accepts the findings of this stack.
func suppressFindings(stack awscdk.Stack, cfg Config) {
	for _, f := range findings(cfg) {
		suppression := &cdknag.NagPackSuppression{Id: jsii.String(f.rule), Reason: jsii.String(f.reason)}
		if len(f.appliesTo) > 0 {
			suppression.AppliesTo = &f.appliesTo
		}
		for _, path := range f.paths {
			cdknag.NagSuppressions_AddResourceSuppressionsByPath(stack,
				fmt.Sprintf("/%s/%s/Resource", cfg.Name, path), &[]*cdknag.NagPackSuppression{suppression}, nil)
		}
	}
}
