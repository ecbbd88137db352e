package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awschatbot"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

// allowPublish lets a service publish for this account. A topic with a policy of
// its own loses the one that lets its account publish, and alarms would reach
// nobody: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
func allowPublish(stack awscdk.Stack, topic awssns.Topic, id, service string) {
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String(id),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(service), nil)},
		Actions:    jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]*string{"aws:SourceAccount": stack.Account()}},
	}))
}

// newBudget tells the topic when the month will cost more than the budget. It
// counts the services of a night in the whole account and all Regions: AWS counts
// by tag only where somebody has activated the tag for billing, and a budget of a tag
// that is not active stays at nothing and says nothing.
func newBudget(stack awscdk.Stack, cfg Config, topic awssns.Topic) {
	if cfg.Alarms.MonthlyBudget == 0 {
		return
	}
	allowPublish(stack, topic, "AllowBudget", "budgets.amazonaws.com")
	notify := func(kind string, percent int) *awsbudgets.CfnBudget_NotificationWithSubscribersProperty {
		return &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				NotificationType: jsii.String(kind), ComparisonOperator: jsii.String("GREATER_THAN"), Threshold: jsii.Number(percent),
			},
			Subscribers: &[]any{&awsbudgets.CfnBudget_SubscriberProperty{
				SubscriptionType: jsii.String("SNS"), Address: topic.TopicArn(),
			}},
		}
	}
	budget := awsbudgets.NewCfnBudget(stack, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetName: jsii.String(cfg.Name), BudgetType: jsii.String("COST"), TimeUnit: jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(cfg.Alarms.MonthlyBudget), Unit: jsii.String("USD")},
			CostFilters: map[string][]string{"Service": {
				"Amazon Redshift", "Amazon DynamoDB", "AWS Lambda", "AWS Step Functions", "Amazon Simple Storage Service",
			}},
		},
		NotificationsWithSubscribers: &[]any{notify("FORECASTED", 100), notify("ACTUAL", 100)},
	})
	// A budget whose topic refuses it is refused.
	budget.Node().AddDependency(topic)
}

// newChat lets a channel of Slack or Teams hear of alarms. The workspace has to
// be authorised once, by hand, in the console of Amazon Q Developer in chat
// applications, which was AWS Chatbot. People may ask nothing of it.
func newChat(stack awscdk.Stack, cfg Config, topic awssns.Topic) {
	chat := cfg.Alarms.Chat
	if chat.Kind == NoChat {
		return
	}
	role := awsiam.NewRole(stack, jsii.String("ChatRole"), &awsiam.RoleProps{
		Description: jsii.String("Nightstar: a channel that hears of alarms, and may do nothing."),
		AssumedBy:   assumedBy(stack, "chatbot.amazonaws.com"),
	})
	nothing := jsii.Strings("arn:" + *stack.Partition() + ":iam::aws:policy/AWSDenyAll")
	if chat.Kind == Slack {
		awschatbot.NewCfnSlackChannelConfiguration(stack, jsii.String("Chat"), &awschatbot.CfnSlackChannelConfigurationProps{
			ConfigurationName: jsii.String(cfg.Name), IamRoleArn: role.RoleArn(), SnsTopicArns: jsii.AnyStrings(*topic.TopicArn()),
			SlackWorkspaceId: jsii.String(chat.Workspace), SlackChannelId: jsii.String(chat.Channel), GuardrailPolicies: nothing,
		})
		return
	}
	awschatbot.NewCfnMicrosoftTeamsChannelConfiguration(stack, jsii.String("Chat"), &awschatbot.CfnMicrosoftTeamsChannelConfigurationProps{
		ConfigurationName: jsii.String(cfg.Name), IamRoleArn: role.RoleArn(), SnsTopicArns: jsii.Strings(*topic.TopicArn()),
		TeamsTenantId: jsii.String(chat.Workspace), TeamId: jsii.String(chat.Team), TeamsChannelId: jsii.String(chat.Channel),
		GuardrailPolicies: nothing,
	})
}
