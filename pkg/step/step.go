// Package step is the boundary between a handler and AWS Lambda.
//
// It loads the AWS configuration, reads the settings that package pipeline
// declares for the step, logs one record at the start and one at the end of
// every invocation, and gives each error the name that the state machine
// matches. It is the only importer of aws-lambda-go; handlers are plain
// functions that know nothing of Lambda.
package step

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// Handler is the shape of every step: a small message in, a small message out.
// Step Functions may deliver one message more than once, so a handler that
// runs twice must leave what one run leaves.
type Handler[In, Out any] func(context.Context, In) (Out, error)

// Settings are the environment variables of one step, read once at cold start.
type Settings map[string]string

// Run serves the step of that name with the handler that build returns, until
// the execution environment ends. Configuration errors end the process: Lambda
// reports them as an initialisation failure.
func Run[In, Out any](name string, build func(aws.Config, Settings) Handler[In, Out]) {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil)).With(slog.String("step", name))
	handler, err := assemble(context.Background(), name, build)
	if err != nil {
		log.Error("step not started", slog.Any("error", err))
		os.Exit(1)
	}
	lambda.Start(Named(log, handler))
}

func assemble[In, Out any](
	ctx context.Context, name string, build func(aws.Config, Settings) Handler[In, Out],
) (Handler[In, Out], error) {
	declared, ok := pipeline.Find(name)
	if !ok {
		return nil, fmt.Errorf("find step %q: it is not in pipeline.Steps", name)
	}
	settings, err := ReadSettings(declared, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	return build(cfg, settings), nil
}

// Refused is the handler of a step that cannot work as it is set up: every call
// fails with that error, so that the state machine sees its kind. A step that
// did not start would be a failure without a name.
func Refused[In, Out any](err error) Handler[In, Out] {
	return func(context.Context, In) (Out, error) {
		var none Out
		return none, err
	}
}

// ReadSettings reads the variables that the step declares. All that are
// missing are reported together, so that one failed deployment shows them all.
func ReadSettings(declared pipeline.Step, lookup func(string) (string, bool)) (Settings, error) {
	settings := Settings{}
	var missing []string
	for _, name := range declared.Settings {
		value, _ := lookup(name)
		if value == "" {
			missing = append(missing, name)
		}
		settings[name] = value
	}
	for _, name := range declared.Optional {
		settings[name], _ = lookup(name)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("read settings of step %q: set %s", declared.Name, strings.Join(missing, ", "))
	}
	return settings, nil
}

// Named wraps handle so that the error type Step Functions sees is the fault
// kind. Without it the runtime reports the outermost Go type, which for a
// wrapped error is always "wrapError":
// https://docs.aws.amazon.com/lambda/latest/dg/golang-exceptions.html
func Named[In, Out any](log *slog.Logger, handle Handler[In, Out]) Handler[In, Out] {
	return func(ctx context.Context, in In) (Out, error) {
		log.InfoContext(ctx, "step started")
		began := time.Now()
		out, err := handle(ctx, in)
		took := slog.Int64("duration_ms", time.Since(began).Milliseconds())
		if err == nil {
			log.InfoContext(ctx, "step finished", took)
			return out, nil
		}
		err = awsfault.Classify(err)
		kind := string(fault.KindOf(err))
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			kind = string(fault.Transient)
		}
		log.ErrorContext(ctx, "step failed", took, slog.String("kind", kind), slog.Any("error", err))
		return out, messages.InvokeResponse_Error{Type: kind, Message: err.Error()}
	}
}
