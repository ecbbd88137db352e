package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

// night is what the dashboard shows of the nights themselves.
type night struct {
	machine, nightly awsstepfunctions.StateMachine
	items, setAside  awscloudwatch.IMetric
	wrong            awscloudwatch.IMetric // values
}

// newDashboard shows two weeks of nights: whether they came, how long they
// took, what they moved, and where the time and the errors were.
func newDashboard(stack awscdk.Stack, cfg Config, n night, functions []function, w warehouse) {
	var duration, errors, throttles []awscloudwatch.IMetric
	for _, f := range functions {
		label := jsii.String(f.step.Name)
		duration = append(duration, f.MetricDuration(&awscloudwatch.MetricOptions{Label: label, Statistic: jsii.String("Maximum")}))
		errors = append(errors, f.MetricErrors(&awscloudwatch.MetricOptions{Label: label}))
		throttles = append(throttles, f.MetricThrottles(&awscloudwatch.MetricOptions{Label: label}))
	}
	rows := [][]awscloudwatch.IWidget{
		{awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{
			Width: jsii.Number(24), Height: jsii.Number(2),
			Markdown: jsii.String(fmt.Sprintf("# %s\nA night is one execution of the state machine `%s`. "+
				"When one fails, its cause says what to do: `statemachine/RUNBOOK.md`.", cfg.Name, cfg.Name)),
		})},
		{
			graph("Nights", n.machine.MetricSucceeded(nil), n.machine.MetricFailed(nil), n.machine.MetricTimedOut(nil),
				n.machine.MetricAborted(nil), n.nightly.MetricFailed(&awscloudwatch.MetricOptions{Label: jsii.String("not started")})),
			graph("Duration of a night", n.machine.MetricTime(&awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum")})),
			graph("Items, items set aside, wrong values", n.items, n.setAside, n.wrong),
		},
		{
			graph("Longest invocation of each step", duration...),
			graph("Errors of steps", errors...),
			graph("Throttled invocations of steps", throttles...),
		},
		{graph("Warehouse", warehouseMetrics(w)...)},
	}
	var widgets []*[]awscloudwatch.IWidget
	for i := range rows {
		widgets = append(widgets, &rows[i])
	}
	awscloudwatch.NewDashboard(stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String(cfg.Name), DefaultInterval: days(14), Widgets: &widgets,
	})
}

func graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Width: jsii.Number(8), Height: jsii.Number(6), Left: &metrics,
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
	})
}

// warehouseMetrics show what the warehouse costs or does.
func warehouseMetrics(w warehouse) []awscloudwatch.IMetric {
	metric := func(namespace, name, statistic, dimension string, value *string) awscloudwatch.IMetric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace: jsii.String(namespace), MetricName: jsii.String(name), Statistic: jsii.String(statistic),
			DimensionsMap: &map[string]*string{dimension: value},
		})
	}
	if w.workgroup != nil {
		return []awscloudwatch.IMetric{
			metric("AWS/Redshift-Serverless", "ComputeSeconds", "Sum", "Workgroup", w.workgroup),
			metric("AWS/Redshift-Serverless", "ComputeCapacity", "Maximum", "Workgroup", w.workgroup),
		}
	}
	return []awscloudwatch.IMetric{
		metric("AWS/Redshift", "CPUUtilization", "Average", "ClusterIdentifier", w.cluster),
		metric("AWS/Redshift", "PercentageDiskSpaceUsed", "Maximum", "ClusterIdentifier", w.cluster),
	}
}
