package main

import (
	"encoding/json"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/statemachine"
)

// newPipeline deploys the definition of the run: the bytes that also run
// locally, with the ARNs of the functions, the partition and the concurrency in
// the place of its tokens.
//
// The CDK does not read definitions given as text, so every right of the
// machine's role is given here.
func newPipeline(stack awscdk.Stack, cfg Config, b buckets, functions []function) awsstepfunctions.StateMachine {
	substitutions := map[string]*string{
		statemachine.PartitionToken:   stack.Partition(),
		statemachine.ConcurrencyToken: jsii.String(strconv.Itoa(cfg.Concurrency)),
	}
	var arns []*string
	for _, f := range functions {
		substitutions[f.step.Token()] = f.FunctionArn()
		arns = append(arns, f.FunctionArn())
	}
	role := newMachineRole(stack, "PipelineRole", "Nightstar: the state machine of the run.")
	self := arn(stack, "states", "stateMachine", cfg.Name)
	grants := []grant{
		{actions: []string{"lambda:InvokeFunction"}, on: arns},
		// The plan that a distributed map reads, and what it writes:
		// https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
		{actions: []string{"s3:GetObject"}, on: objects(b.lake, "runs/*/plan.json")},
		{
			actions: []string{"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"},
			on:      objects(b.lake, "runs/*/map/*"),
		},
		{actions: []string{"states:StartExecution"}, on: []*string{self}},
	}
	for _, label := range mapLabels(statemachine.Definition()) {
		// Children of a distributed map are executions of "machine/label".
		children := arn(stack, "states", "execution", cfg.Name+"/"+label+":*")
		grants = append(grants, grant{
			actions: []string{"states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"},
			on:      []*string{children, arn(stack, "states", "execution", cfg.Name+":*")},
		})
	}
	machine := newMachine(stack, "Pipeline", cfg.Name, statemachine.Definition(), substitutions, role, grants, cfg)
	output(stack, "StateMachineArn", "A run is an execution of this state machine.", machine.StateMachineArn())
	return machine
}

func newMachineRole(stack awscdk.Stack, id, what string) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String(id), &awsiam.RoleProps{
		Description: jsii.String(what),
		AssumedBy:   assumedBy(stack, "states.amazonaws.com"),
	})
}

// newMachine adds a state machine that logs every event and is traced. Log
// groups of that prefix need no resource policy of their own, of which an
// account has ten:
// https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
func newMachine(
	stack awscdk.Stack, id, name, definition string, substitutions map[string]*string,
	role awsiam.Role, grants []grant, cfg Config,
) awsstepfunctions.StateMachine {
	for _, g := range cfg.withKeyGrants(grants) {
		role.AddToPolicy(g.statement())
	}
	machine := awsstepfunctions.NewStateMachine(stack, jsii.String(id), &awsstepfunctions.StateMachineProps{
		StateMachineName:        jsii.String(name),
		StateMachineType:        awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:          awsstepfunctions.DefinitionBody_FromString(jsii.String(definition)),
		DefinitionSubstitutions: &substitutions,
		Role:                    role,
		TracingEnabled:          jsii.Bool(true),
		Logs: &awsstepfunctions.LogOptions{
			Destination: newLogs(stack, id+"Logs", "/aws/vendedlogs/states/"+name, cfg),
			Level:       awsstepfunctions.LogLevel_ALL,
			// Payloads are names, keys and counts, never items; but the names of
			// attributes that the model does not know come from items.
			IncludeExecutionData: jsii.Bool(cfg.LogExecutionData),
		},
	})
	// cfn-lint looks at the definition without its substitutions, where an ARN
	// begins with a token, and fails over what it finds. Other validators and
	// executors look at it in the tests, as it is deployed.
	machine.Node().DefaultChild().(awsstepfunctions.CfnStateMachine).AddMetadata(jsii.String("cfn-lint"), //nolint:forcetypeassert // it is one
		map[string]any{"config": map[string]any{"ignore_checks": []string{"E1101", "E3601"}}})
	return machine
}

// mapLabels returns the labels of the distributed maps of a definition.
func mapLabels(definition string) []string {
	var machine struct {
		States map[string]struct {
			Label         string
			ItemProcessor struct {
				ProcessorConfig struct{ Mode string }
			}
		}
	}
	if err := json.Unmarshal([]byte(definition), &machine); err != nil {
		panic(err) // embedded, and parsed by the tests of its package
	}
	var labels []string
	for _, state := range machine.States {
		if state.ItemProcessor.ProcessorConfig.Mode == "DISTRIBUTED" {
			labels = append(labels, state.Label)
		}
	}
	return labels
}
