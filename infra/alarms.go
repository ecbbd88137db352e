package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// alarm is a condition that people are told about.
type alarm struct {
	id, says  string
	metric    awscloudwatch.IMetric
	above     float64 // the alarm is raised by more than this
	unlessRun bool    // raised by the absence of a success instead
}

// newAlarms tells people about nights that failed, took too long, did not
// happen, or set more aside than they want to miss.
func newAlarms(stack awscdk.Stack, cfg Config, n night, undelivered awssqs.Queue) {
	topic := awssns.NewTopic(stack, jsii.String("Alarms"), &awssns.TopicProps{
		TopicName: jsii.String(cfg.Name + "-alarms"), EnforceSSL: jsii.Bool(true), MasterKey: cfg.key,
	})
	allowPublish(stack, topic, "AllowAlarms", "cloudwatch.amazonaws.com")
	newBudget(stack, cfg, topic)
	newChat(stack, cfg, topic)
	if cfg.Alarms.Email != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(cfg.Alarms.Email), nil))
	}
	alarms := []alarm{
		{id: "RunFailed", metric: n.machine.MetricFailed(nil), says: "A run failed. Its cause says what to do; see statemachine/RUNBOOK.md."},
		{id: "RunTimedOut", metric: n.machine.MetricTimedOut(nil), says: "A run did not end in time and was stopped. Nothing of it was published, or all of it."},
		{id: "StartFailed", metric: n.nightly.MetricFailed(nil), says: "The run of a scheduled time could not be started."},
		{id: "StartTimedOut", metric: n.nightly.MetricTimedOut(nil), says: "The run of a scheduled time could not be started in time."},
		{id: "StartUndelivered", metric: undelivered.MetricApproximateNumberOfMessagesVisible(nil), says: "Scheduler could not start a run; the message in the queue says why."},
		{
			id: "SetAside", metric: n.setAside, above: float64(cfg.Alarms.SetAsideLimit),
			says: "More items were set aside than the limit in cdk.json. Each is in the lake below setaside/, with its reason.",
		},
	}
	if cfg.Schedule.Enabled {
		alarms = append(alarms, alarm{
			id: "DidNotRun", unlessRun: true, says: "No run has succeeded for 26 hours: last night is missing.",
			metric: n.machine.MetricSucceeded(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Hours(jsii.Number(1))}),
		})
	}
	for _, a := range alarms {
		newAlarm(stack, cfg, a).AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
	}
	output(stack, "AlarmTopicArn", "Subscribe to it to hear of alarms.", topic.TopicArn())
}

func newAlarm(stack awscdk.Stack, cfg Config, a alarm) awscloudwatch.Alarm {
	props := &awscloudwatch.AlarmProps{
		AlarmName:          jsii.String(cfg.Name + "-" + a.id),
		AlarmDescription:   jsii.String(a.says),
		Metric:             a.metric,
		Threshold:          jsii.Number(a.above),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	}
	if a.unlessRun {
		// A day, and two hours that one night may take longer than the last.
		props.EvaluationPeriods, props.Threshold = jsii.Number(26), jsii.Number(1)
		props.ComparisonOperator = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
		props.TreatMissingData = awscloudwatch.TreatMissingData_BREACHING
	}
	return awscloudwatch.NewAlarm(stack, jsii.String(a.id+"Alarm"), props)
}

// nightMetrics counts the items of a night, those set aside, and the values that
// are null for being wrong, from the record that reconcile logs.
func nightMetrics(stack awscdk.Stack, cfg Config, functions []function) (items, setAside, wrong awscloudwatch.Metric) {
	metric := func(id, field string) awscloudwatch.Metric {
		var logs awslogs.ILogGroup
		for _, f := range functions {
			if f.step.Name == "reconcile" {
				logs = f.logs
			}
		}
		filter := awslogs.NewMetricFilter(stack, jsii.String(id+"Filter"), &awslogs.MetricFilterProps{
			LogGroup:        logs,
			FilterPattern:   awslogs.FilterPattern_Literal(jsii.String(fmt.Sprintf(`{ $.msg = "%s" }`, pipeline.NightReconciled))),
			MetricNamespace: jsii.String("Nightstar/" + cfg.Name),
			MetricName:      jsii.String(id),
			MetricValue:     jsii.String("$." + field),
		})
		return filter.Metric(&awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum")})
	}
	return metric("Items", pipeline.ItemsField), metric("ItemsSetAside", pipeline.SetAsideField), metric("WrongValues", pipeline.WrongField)
}
