// Command parent runs the function named by its argument until it is killed. It
// prints the process id of an environment that is in the middle of an
// invocation.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/nightstar-elt/nightstar/pkg/local/lambda"
)

func main() {
	service, err := lambda.New([]lambda.Function{{
		Name: "orphan", Executable: os.Args[1], MemoryMB: 128, Timeout: time.Minute, MaxConcurrency: 1,
	}}, lambda.Options{
		EndpointURL: "http://127.0.0.1:1",
		Credentials: aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"},
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	description, err := service.Invoke(ctx, "orphan", nil)
	if err != nil {
		panic(err)
	}
	go func() { _, _ = service.Invoke(ctx, "orphan", []byte(`{"sleepMillis": 60000}`)) }()
	time.Sleep(200 * time.Millisecond)
	fmt.Println(string(description))
	select {}
}
