package main

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"

	"github.com/nightstar-elt/nightstar/statemachine"
)

//go:embed nightly.asl.json
var nightlyDefinition string

// newNightly adds the machine between Scheduler and the pipeline. Scheduler
// delivers at least once and can give an execution no name that tells the two
// deliveries of a night apart from two nights: its times have colons
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
// That runs do not run side by side is the pipeline's own business: its first
// step takes a lock.
func newNightly(stack awscdk.Stack, cfg Config, pipeline awsstepfunctions.StateMachine) awsstepfunctions.StateMachine {
	role := newMachineRole(stack, "NightlyRole", "Nightstar: the state machine that starts the runs of the schedule.")
	return newMachine(stack, "Nightly", cfg.Name+"-nightly", nightlyDefinition,
		map[string]*string{"PipelineArn": pipeline.StateMachineArn(), statemachine.PartitionToken: stack.Partition()}, role,
		[]grant{{actions: []string{"states:StartExecution"}, on: []*string{pipeline.StateMachineArn()}}}, cfg)
}
