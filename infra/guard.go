package main

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

//go:embed guard.asl.json
var guardDefinition string

// newGuard adds the machine that starts runs, one at a time. It stands outside
// of the pipeline because it is about starting, and only AWS delivers a start
// twice; nothing of it runs locally. The pipeline stays startable by itself:
// the guard then sees that run, but a run that is started past the guard does
// not see the guard's.
func newGuard(stack awscdk.Stack, cfg Config, pipeline awsstepfunctions.StateMachine) awsstepfunctions.StateMachine {
	lock := awsdynamodb.NewTable(stack, jsii.String("Lock"), &awsdynamodb.TableProps{
		TableName:    jsii.String(cfg.Name + "-lock"),
		PartitionKey: textKey("name"),
		BillingMode:  awsdynamodb.BillingMode_PAY_PER_REQUEST,
		// One item, which the next start writes anew.
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	runs := arn(stack, "states", "execution", cfg.Name)
	grants := []grant{
		{actions: []string{"dynamodb:GetItem", "dynamodb:PutItem"}, on: []*string{lock.TableArn()}},
		{actions: []string{"states:StartExecution", "states:ListExecutions"}, on: []*string{pipeline.StateMachineArn()}},
		{actions: []string{"states:DescribeExecution"}, on: []*string{jsii.String(*runs + ":*")}},
	}
	role := newMachineRole(stack, "StartRole", "Nightstar: the state machine that starts runs.")
	guard := newMachine(stack, "Start", cfg.Name+"-start", guardDefinition, map[string]*string{
		"PipelineArn": pipeline.StateMachineArn(), "LockTable": lock.TableName(), "RunArnPrefix": runs,
	}, role, grants, cfg)
	output(stack, "StartMachineArn", "Start runs with this state machine.", guard.StateMachineArn())
	output(stack, "PipelineMachineArn", "The runs are executions of this one.", pipeline.StateMachineArn())
	return guard
}
