// Command function is a Lambda function that does what its event asks for, the
// bad things included.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do    string `json:"do"`
	Text  string `json:"text"`
	Sleep int    `json:"sleepMillis"`
	Size  int    `json:"size"`
}

type answer struct {
	Text      string   `json:"text,omitempty"`
	PID       int      `json:"pid"`
	Env       []string `json:"env,omitempty"`
	RequestID string   `json:"requestId"`
	ARN       string   `json:"arn"`
	Remaining int64    `json:"remainingMillis"`
	Files     []string `json:"files,omitempty"`
	Dir       string   `json:"dir"`
}

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		fmt.Fprintln(os.Stderr, "cannot read the settings")
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, e event) (any, error) {
	time.Sleep(time.Duration(e.Sleep) * time.Millisecond)
	switch e.Do {
	case "fail":
		return nil, errors.New(e.Text)
	case "fail typed":
		return nil, messages.InvokeResponse_Error{Type: "Transient", Message: e.Text}
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.Size)
	case "big":
		return strings.Repeat("x", e.Size), nil
	case "stream and fail":
		return io.MultiReader(strings.NewReader(`{"half":`), failing{}), nil
	case "hang":
		fmt.Fprintln(os.Stderr, "hanging")
		time.Sleep(time.Hour)
	case "write":
		fmt.Fprint(os.Stderr, e.Text)
	case "leave grandchild":
		grandchild := exec.Command("sleep", "60")
		if err := grandchild.Start(); err != nil {
			return nil, err
		}
		e.Text = strconv.Itoa(grandchild.Process.Pid)
	case "leave file":
		if err := os.WriteFile(filepath.Join(os.TempDir(), e.Text), nil, 0o600); err != nil {
			return nil, err
		}
	}
	return describe(ctx, e)
}

func describe(ctx context.Context, e event) (answer, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	files, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
	if err != nil {
		return answer{}, err
	}
	dir, err := os.Getwd()
	return answer{
		Text: e.Text, PID: os.Getpid(), Env: os.Environ(), RequestID: lc.AwsRequestID, ARN: lc.InvokedFunctionArn,
		Remaining: time.Until(deadline).Milliseconds(), Files: files, Dir: dir,
	}, err
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the source broke off") }
