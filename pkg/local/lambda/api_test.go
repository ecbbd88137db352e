package lambda_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/lambda"
)

func newClient(t *testing.T, s *lambda.Service) *awslambda.Client {
	t.Helper()
	front := httptest.NewServer(s)
	t.Cleanup(front.Close)
	return awslambda.New(awslambda.Options{
		BaseEndpoint: &front.URL, Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.StaticCredentialsProvider{Value: testKeys},
	})
}

func TestService_ServeHTTP_invokes(t *testing.T) {
	t.Parallel()

	s, _ := start(t, function())
	client := newClient(t, s)
	for _, name := range []string{"test", "arn:aws:lambda:us-east-1:000000000000:function:test"} {
		out, err := client.Invoke(t.Context(), &awslambda.InvokeInput{
			FunctionName: &name, Payload: []byte(`{"text": "hello"}`),
		})
		if err != nil {
			t.Fatal(err)
		}
		if out.StatusCode != 200 || out.FunctionError != nil || *out.ExecutedVersion != "$LATEST" ||
			!bytes.Contains(out.Payload, []byte(`"text":"hello"`)) {
			t.Errorf("Invoke(%q) = %+v, payload %s", name, out, out.Payload)
		}
	}
	out, err := client.Invoke(t.Context(), &awslambda.InvokeInput{
		FunctionName: aws.String("test"), Payload: []byte(`{"do": "fail typed", "text": "throttled"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if out.StatusCode != 200 || aws.ToString(out.FunctionError) != "Unhandled" ||
		string(out.Payload) != `{"errorMessage":"throttled","errorType":"Transient"}` {
		t.Errorf("Invoke() = %+v, payload %s", out, out.Payload)
	}
	out, err = client.Invoke(t.Context(), &awslambda.InvokeInput{
		FunctionName: aws.String("test"), InvocationType: types.InvocationTypeDryRun,
	})
	if err != nil || out.StatusCode != http.StatusNoContent {
		t.Errorf("Invoke() as a dry run = %+v, %v, want status 204", out, err)
	}
}

func TestService_ServeHTTP_refuses(t *testing.T) {
	t.Parallel()

	s, _ := start(t, function())
	client := newClient(t, s)
	tests := map[string]struct {
		in   awslambda.InvokeInput
		code string
	}{
		"an unknown function": {
			awslambda.InvokeInput{FunctionName: aws.String("other")}, "ResourceNotFoundException",
		},
		"an unknown function in a dry run": {
			awslambda.InvokeInput{FunctionName: aws.String("other"), InvocationType: types.InvocationTypeDryRun},
			"ResourceNotFoundException",
		},
		"an unknown version": {
			awslambda.InvokeInput{FunctionName: aws.String("test"), Qualifier: aws.String("3")}, "ResourceNotFoundException",
		},
		"an asynchronous invocation": {
			awslambda.InvokeInput{FunctionName: aws.String("test"), InvocationType: types.InvocationTypeEvent},
			"InvalidParameterValueException",
		},
		"a log tail": {
			awslambda.InvokeInput{FunctionName: aws.String("test"), LogType: types.LogTypeTail},
			"InvalidParameterValueException",
		},
		"a client context": {
			awslambda.InvokeInput{FunctionName: aws.String("test"), ClientContext: aws.String("e30=")},
			"InvalidParameterValueException",
		},
		"a payload over 6 MB": {
			awslambda.InvokeInput{FunctionName: aws.String("test"), Payload: []byte(strings.Repeat("1", 6<<20+1))},
			"RequestTooLargeException",
		},
		"a payload that is not JSON": {
			awslambda.InvokeInput{FunctionName: aws.String("test"), Payload: []byte("{")}, "InvalidRequestContentException",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := client.Invoke(t.Context(), &tt.in)
			apiErr, ok := errors.AsType[smithy.APIError](err)
			if !ok || apiErr.ErrorCode() != tt.code || apiErr.ErrorMessage() == "" {
				t.Errorf("Invoke() error = %v, want %s with a message", err, tt.code)
			}
		})
	}
	_, err := client.DeleteFunction(t.Context(), &awslambda.DeleteFunctionInput{FunctionName: aws.String("test")})
	if apiErr, ok := errors.AsType[smithy.APIError](err); !ok || apiErr.ErrorCode() != "UnknownOperationException" {
		t.Errorf("DeleteFunction() error = %v, want UnknownOperationException", err)
	}
}

func TestService_ServeHTTP_describes(t *testing.T) {
	t.Parallel()

	f := function()
	f.Env = map[string]string{"LAKE_BUCKET": "nightstar-lake"}
	s, _ := start(t, f)
	client := newClient(t, s)
	list, err := client.ListFunctions(t.Context(), &awslambda.ListFunctionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	get, err := client.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	only, err := client.GetFunctionConfiguration(t.Context(), &awslambda.GetFunctionConfigurationInput{
		FunctionName: aws.String("test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	type facts struct {
		Name, ARN, Bucket string
		Memory, Timeout   int32
		Runtime           types.Runtime
	}
	want := facts{
		"test", "arn:aws:lambda:us-east-1:000000000000:function:test", "nightstar-lake", 256, 20, types.RuntimeProvidedal2023,
	}
	for call, got := range map[string]facts{
		"ListFunctions": {
			*list.Functions[0].FunctionName, *list.Functions[0].FunctionArn,
			list.Functions[0].Environment.Variables["LAKE_BUCKET"],
			*list.Functions[0].MemorySize, *list.Functions[0].Timeout, list.Functions[0].Runtime,
		},
		"GetFunction": {
			*get.Configuration.FunctionName, *get.Configuration.FunctionArn,
			get.Configuration.Environment.Variables["LAKE_BUCKET"],
			*get.Configuration.MemorySize, *get.Configuration.Timeout, get.Configuration.Runtime,
		},
		"GetFunctionConfiguration": {
			*only.FunctionName, *only.FunctionArn, only.Environment.Variables["LAKE_BUCKET"],
			*only.MemorySize, *only.Timeout, only.Runtime,
		},
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s() (-want +got):\n%s", call, diff)
		}
	}
	_, err = client.GetFunction(t.Context(), &awslambda.GetFunctionInput{FunctionName: aws.String("other")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("GetFunction() of an unknown function: %v", err)
	}
}
