package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsschedulertargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

// newSchedule starts a night at the configured local time, through the
// machine that names its run, and returns the queue of starts that could not be delivered.
//
// Scheduler tries for a day by default, which would run into the next night:
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
func newSchedule(stack awscdk.Stack, cfg Config, nightly awsstepfunctions.StateMachine) awssqs.Queue {
	undelivered := awssqs.NewQueue(stack, jsii.String("Undelivered"), &awssqs.QueueProps{
		QueueName:       jsii.String(cfg.Name + "-undelivered"),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: days(14),
	})
	group := awsscheduler.NewScheduleGroup(stack, jsii.String("Schedules"), &awsscheduler.ScheduleGroupProps{
		ScheduleGroupName: jsii.String(cfg.Name),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY, // by default it stays, and keeps its name
	})
	awsscheduler.NewSchedule(stack, jsii.String("Schedule"), &awsscheduler.ScheduleProps{
		ScheduleName:  jsii.String(cfg.Name + "-nightly"),
		ScheduleGroup: group,
		Description:   jsii.String("Starts a run of Nightstar every night."),
		Enabled:       jsii.Bool(cfg.Schedule.Enabled),
		TimeWindow:    awsscheduler.TimeWindow_Off(),
		Schedule: awsscheduler.ScheduleExpression_Cron(&awsscheduler.CronOptionsWithTimezone{
			Hour: jsii.String(strconv.Itoa(cfg.Schedule.Hour)), Minute: jsii.String(strconv.Itoa(cfg.Schedule.Minute)),
			TimeZone: awscdk.TimeZone_Of(jsii.String(cfg.Schedule.TimeZone)),
		}),
		Target: awsschedulertargets.NewStepFunctionsStartExecution(nightly, &awsschedulertargets.ScheduleTargetBaseProps{
			Input: awsscheduler.ScheduleTargetInput_FromObject(map[string]*string{
				"scheduledTime": awsscheduler.ContextAttribute_ScheduledTime(),
			}),
			DeadLetterQueue: undelivered,
			MaxEventAge:     awscdk.Duration_Hours(jsii.Number(2)),
			RetryAttempts:   jsii.Number(10),
		}),
	})
	return undelivered
}
