package stepfunctions_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

// invoker runs the functions "echo", which returns its payload, "fail", and
// "stuck", which ends only with its context.
type invoker struct {
	// stuck, if set, is sent to when stuck has begun: the execution writes
	// nothing then.
	stuck chan<- struct{}
}

func (i invoker) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	switch name {
	case "echo":
		return payload, nil
	case "stuck":
		if i.stuck != nil {
			i.stuck <- struct{}{}
		}
		<-ctx.Done()
		return nil, ctx.Err()
	default:
		return nil, &asl.TaskError{Name: "Corrupt", Cause: "bad line"}
	}
}

const role = "arn:aws:iam::000000000000:role/nightly"

// task is a definition with one Task state, A, which calls the function named.
func task(function string) string {
	return `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,` +
		`"TimeoutSeconds":60,"Parameters":{"FunctionName":"` + function + `","Payload.$":"$"},` +
		`"OutputPath":"$.Payload"}}}`
}

// open starts an endpoint and returns a client of it.
func open(t *testing.T, dir string, opts stepfunctions.Options) (*stepfunctions.Server, *sfn.Client) {
	t.Helper()
	return openWith(t, dir, invoker{}, opts)
}

// openWith is open with functions of the test's own.
func openWith(t *testing.T, dir string, functions asl.Invoker, opts stepfunctions.Options) (*stepfunctions.Server, *sfn.Client) {
	t.Helper()
	server, err := stepfunctions.Open(dir, functions, nil, opts)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(server)
	t.Cleanup(func() {
		listener.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, sfn.New(sfn.Options{
		BaseEndpoint: aws.String(listener.URL), Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func create(t *testing.T, client *sfn.Client, name, definition string) string {
	t.Helper()
	out, err := client.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String(name), Definition: aws.String(definition), RoleArn: aws.String(role),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.StateMachineArn
}

func start(t *testing.T, client *sfn.Client, machine, name, input string) string {
	t.Helper()
	out, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machine), Name: aws.String(name), Input: aws.String(input),
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.ExecutionArn
}

// finish polls an execution until it has ended, as a user of AWS would.
func finish(t *testing.T, client *sfn.Client, execution string) *sfn.DescribeExecutionOutput {
	t.Helper()
	for {
		out, err := client.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(execution)})
		if err != nil {
			t.Fatal(err)
		}
		if out.Status != types.ExecutionStatusRunning {
			return out
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(time.Millisecond):
		}
	}
}
