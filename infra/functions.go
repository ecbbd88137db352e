package main

import (
	"maps"
	"path/filepath"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// function is a deployed step.
type function struct {
	step pipeline.Step
	awslambda.Function
	logs awslogs.LogGroup
}

// newFunctions deploys every step of package pipeline from the executables
// that were built before. Steps that read the model get the layer, if there is one.
func newFunctions(
	stack awscdk.Stack, cfg Config, executables string, layer awslambda.ILayerVersion, table *string, b buckets, w warehouse,
) []function {
	values := settings(cfg, layer, table, b, w)
	grants := stepGrants(table, cfg.tableKey(), arn(stack, "states", "stateMachine", cfg.Name), arn(stack, "states", "execution", cfg.Name+":*"), b, w)
	roles := map[string]awsiam.Role{}
	var functions []function
	for _, step := range pipeline.Steps() {
		name := cfg.Name + "-" + step.Name
		logs := newLogs(stack, identifier(step)+"Logs", "/aws/lambda/"+name, cfg)
		role := roleOf(stack, cfg, step, roles)
		for _, g := range cfg.withKeyGrants(grants[step.Name]) {
			role.AddToPolicy(g.statement())
		}
		logs.GrantWrite(role)
		environment := map[string]*string{}
		for setting, value := range values {
			if step.Reads(setting) && value != nil {
				environment[setting] = value
			}
		}
		var layers *[]awslambda.ILayerVersion
		if environment[pipeline.Model] != nil {
			layers = &[]awslambda.ILayerVersion{layer}
		}
		key := cfg.key
		if len(environment) == 0 {
			key = nil // there is nothing to encrypt
		}
		functions = append(functions, function{step: step, logs: logs, Function: awslambda.NewFunction(
			stack, jsii.String(identifier(step)), &awslambda.FunctionProps{
				FunctionName: jsii.String(name),
				Description:  jsii.String("Nightstar: " + step.Does + "."),
				Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
				Architecture: awslambda.Architecture_ARM_64(),
				Handler:      jsii.String("bootstrap"),
				Code:         awslambda.Code_FromAsset(jsii.String(filepath.Join(executables, step.Name)), nil),
				MemorySize:   jsii.Number(step.MemoryMB),
				Timeout:      awscdk.Duration_Seconds(jsii.Number(step.Timeout.Seconds())),
				Environment:  &environment,
				Layers:       layers,

				EnvironmentEncryption: key,
				Role:                  role,
				LogGroup:              logs,
				Tracing:               awslambda.Tracing_ACTIVE,
			})})
	}
	return functions
}

// settings returns the environment variables of all steps.
func settings(cfg Config, layer awslambda.ILayerVersion, table *string, b buckets, w warehouse) map[string]*string {
	values := w.settings()
	if layer != nil {
		values[pipeline.Model] = jsii.String(modelPath)
	}
	maps.Copy(values, map[string]*string{
		pipeline.TableARN:  table,
		pipeline.RawBucket: b.raw.BucketName(), pipeline.RawArchiveBucket: b.rawArchive.BucketName(),
		pipeline.LakeBucket: b.lake.BucketName(), pipeline.LakeArchiveBucket: b.lakeArchive.BucketName(),
	})
	if cfg.Schedule.FullDays > 0 {
		values[pipeline.FullEveryDays] = jsii.String(strconv.Itoa(cfg.Schedule.FullDays))
	}
	if cfg.key != nil {
		values[pipeline.ExportKeyARN] = cfg.keyARN()
	}
	return values
}

// roleOf returns the role of a step. The steps that talk to the warehouse share
// one, because only the role that
// submitted a statement may ask for it: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
func roleOf(stack awscdk.Stack, cfg Config, step pipeline.Step, made map[string]awsiam.Role) awsiam.Role {
	id := roleName(step)
	if made[id] == nil {
		props := &awsiam.RoleProps{
			Description: jsii.String("Nightstar: the step " + step.Name + "."),
			AssumedBy:   assumedBy(stack, "lambda.amazonaws.com"),
		}
		if id == sharedRole {
			props.Description = jsii.String("Nightstar: the steps that submit statements, and the one that asks for them.")
			props.RoleName = ownerRole(stack, cfg)
		}
		made[id] = awsiam.NewRole(stack, jsii.String(id), props)
	}
	return made[id]
}

// ownerRole is the name of the role that owns everything in a new warehouse. It
// is named beforehand, because the database user that Redshift knows it by is
// made before the role has to be there, and a role of another name would be
// another user. Roles of an account share their names across Regions.
func ownerRole(stack awscdk.Stack, cfg Config) *string {
	return jsii.String(cfg.Name + "-" + *stack.Region() + "-owner")
}

// assumedBy trusts a service, for resources of this account only.
func assumedBy(stack awscdk.Stack, service string) awsiam.IPrincipal {
	return awsiam.NewServicePrincipal(jsii.String(service), &awsiam.ServicePrincipalOpts{
		Conditions: &map[string]any{"StringEquals": map[string]*string{"aws:SourceAccount": stack.Account()}},
	})
}

const sharedRole = "StatementsRole"

// roleName is the name of a step's role in the template.
func roleName(step pipeline.Step) string {
	if step.Reads(pipeline.RedshiftDatabase) || step.Name == "statement-poll" {
		return sharedRole
	}
	return identifier(step) + "Role"
}

// identifier is the step's name in the template: "ExportStart".
func identifier(step pipeline.Step) string {
	const suffix = "FunctionArn"
	token := step.Token()
	return token[:len(token)-len(suffix)]
}
