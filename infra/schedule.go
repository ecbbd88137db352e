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

// newSchedule starts a run at the configured local time, or as often as configured,
// through the machine that names its run, and returns the queue of starts that could
// not be delivered.
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
		Description:   jsii.String("Starts the runs of Nightstar."),
		Enabled:       jsii.Bool(cfg.Schedule.Enabled),
		TimeWindow:    awsscheduler.TimeWindow_Off(),
		Schedule:      cfg.Schedule.expression(),
		Target: awsschedulertargets.NewStepFunctionsStartExecution(nightly, &awsschedulertargets.ScheduleTargetBaseProps{
			Input: awsscheduler.ScheduleTargetInput_FromObject(map[string]*string{
				"scheduledTime": awsscheduler.ContextAttribute_ScheduledTime(),
			}),
			DeadLetterQueue: undelivered,
			MaxEventAge:     awscdk.Duration_Minutes(jsii.Number(min(120, cfg.Schedule.EveryMinutes))),
			RetryAttempts:   jsii.Number(10),
		}),
	})
	return undelivered
}

// expression is when Scheduler starts runs. A rate begins with the deployment.
func (s ScheduleConfig) expression() awsscheduler.ScheduleExpression {
	if s.EveryMinutes < everyNight {
		return awsscheduler.ScheduleExpression_Rate(awscdk.Duration_Minutes(jsii.Number(s.EveryMinutes)))
	}
	return awsscheduler.ScheduleExpression_Cron(&awsscheduler.CronOptionsWithTimezone{
		Hour: jsii.String(strconv.Itoa(s.Hour)), Minute: jsii.String(strconv.Itoa(s.Minute)),
		TimeZone: awscdk.TimeZone_Of(jsii.String(s.TimeZone)),
	})
}
