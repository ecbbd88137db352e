package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/local/lambda"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/statemachine"
)

// The definition waits for services that take minutes; here five seconds pass in
// a quarter of one. Much less would fill the history of a long statement with
// polls: an execution ends after 25,000 events, as on AWS.
const (
	waitSpeed   = 20
	longestWait = 250 * time.Millisecond
)

// settings are what the steps are told about their resources.
func settings(modelFile string) map[string]string {
	return map[string]string{
		pipeline.Model:             modelFile,
		pipeline.RawBucket:         RawBucket,
		pipeline.LakeBucket:        LakeBucket,
		pipeline.RawArchiveBucket:  RawArchiveBucket,
		pipeline.LakeArchiveBucket: LakeArchiveBucket,
		pipeline.TableARN:          "arn:aws:dynamodb:" + region + ":" + account + ":table/" + tableName,
		pipeline.RedshiftDatabase:  databaseName,
		pipeline.RedshiftWorkgroup: workgroup,
	}
}

// functionName is what a step's function is called.
func functionName(step pipeline.Step) string { return "nightstar-" + step.Name }

// concurrency is how many environments of a function run at once, and how many
// iterations of a map: more would only wait for a place, on the clock of the
// state's time-out.
func concurrency() int { return max(4, runtime.NumCPU()) }

// stepFunctions lists the functions, with exactly the variables that each step
// declares.
func stepFunctions(dir, modelFile string) []lambda.Function {
	values := settings(modelFile)
	var functions []lambda.Function
	for _, step := range pipeline.Steps() {
		env := map[string]string{}
		for name, value := range values {
			if step.Reads(name) {
				env[name] = value
			}
		}
		functions = append(functions, lambda.Function{
			Name: functionName(step), Executable: filepath.Join(dir, step.Name), Env: env,
			MemoryMB: step.MemoryMB, Timeout: step.Timeout, MaxConcurrency: concurrency(),
		})
	}
	return functions
}

// deploy makes the state machine of the definition. The endpoint keeps no
// machines from earlier processes, so there is none to replace.
func (e *Environment) deploy(ctx context.Context) error {
	tokens := map[string]string{
		statemachine.PartitionToken: "aws", statemachine.ConcurrencyToken: strconv.Itoa(concurrency()),
	}
	for _, step := range pipeline.Steps() {
		tokens[step.Token()] = "arn:aws:lambda:" + region + ":" + account + ":function:" + functionName(step)
	}
	definition, err := asl.Substitute([]byte(statemachine.Definition()), tokens)
	if err != nil {
		return fmt.Errorf("deploy state machine: %w", err)
	}
	out, err := sfn.NewFromConfig(e.config).CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name:       aws.String(machineName),
		Definition: aws.String(string(definition)),
		RoleArn:    aws.String("arn:aws:iam::" + account + ":role/nightstar"),
	})
	if err != nil {
		return fmt.Errorf("deploy state machine: %w", err)
	}
	e.machineARN = aws.ToString(out.StateMachineArn)
	return nil
}

// invoker lets the interpreter call functions, and names failures as Step
// Functions does.
type invoker struct{ functions *lambda.Service }

func (i invoker) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	result, err := i.functions.Invoke(ctx, function, payload)
	if failed, ok := errors.AsType[*lambda.FunctionError](err); ok {
		return nil, &asl.TaskError{Name: failed.Type, Cause: string(failed.Payload)}
	}
	if refused, ok := errors.AsType[*lambda.APIError](err); ok {
		return nil, &asl.TaskError{Name: "Lambda." + refused.Code, Cause: refused.Message}
	}
	return result, err //nolint:wrapcheck // the interpreter names what it does not know
}

// objectStore is where distributed maps read their items and write results.
type objectStore struct{ client *s3.Client }

func (o objectStore) Get(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	out, err := o.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("get s3://%s/%s: %w", bucket, key, err)
	}
	return out.Body, nil
}

func (o objectStore) Put(ctx context.Context, bucket, key string, data []byte) error {
	if _, err := o.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(data)}); err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// logTo prints each line of a function behind the function's name.
func logTo(w io.Writer) func(function, line string) {
	if w == nil {
		return nil
	}
	return func(function, line string) { fmt.Fprintf(w, "%s: %s\n", function, line) }
}
