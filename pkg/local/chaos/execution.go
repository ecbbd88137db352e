package chaos

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// longestExecution bounds the wait for the end of an execution.
const longestExecution = 5 * time.Minute

// stop stops an execution, as somebody would who sees that something is wrong.
func (c *Chaos) stop(executionARN string) {
	_, _ = sfn.NewFromConfig(c.clients).StopExecution(context.Background(), &sfn.StopExecutionInput{
		ExecutionArn: &executionARN, Error: aws.String("Stopped"), Cause: aws.String("chaos stopped it"),
	})
}

// start starts another execution of the machine that an execution is of, as the
// console does: without a name, and with an empty input.
func (c *Chaos) start(executionARN string) {
	machine := strings.Replace(executionARN, ":execution:", ":stateMachine:", 1)
	machine = machine[:strings.LastIndexByte(machine, ':')]
	_, _ = sfn.NewFromConfig(c.clients).StartExecution(context.Background(), &sfn.StartExecutionInput{StateMachineArn: &machine})
}

// startAfter does so as soon as the execution is over, however that ends.
func (c *Chaos) startAfter(executionARN string) {
	ctx, cancel := context.WithTimeout(context.Background(), longestExecution)
	defer cancel()
	api := sfn.NewFromConfig(c.clients)
	for {
		out, err := api.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &executionARN})
		if err != nil {
			return
		}
		if out.Status != types.ExecutionStatusRunning {
			c.start(executionARN)
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}
