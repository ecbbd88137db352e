package gateway_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/gateway"
	"github.com/nightstar-elt/nightstar/pkg/local/lambda"
)

var testKeys = aws.Credentials{AccessKeyID: "nightstar", SecretAccessKey: "only-for-this-machine"}

// fake is a JSON service that gives the same answer to every request, and
// remembers the last one.
type fake struct {
	answer string

	lock   sync.Mutex
	target string
	body   string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.ContentLength != int64(len(body)) {
		http.Error(w, fmt.Sprintf("read %d of %d bytes: %v", len(body), r.ContentLength, err), http.StatusInternalServerError)
		return
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	f.target, f.body = r.Header.Get("X-Amz-Target"), string(body)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	_, _ = io.WriteString(w, f.answer)
}

// sdk is a configuration that knows one endpoint for all services.
func sdk(t *testing.T, url string, keys aws.Credentials) aws.Config {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context(),
		config.WithBaseEndpoint(url),
		config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.StaticCredentialsProvider{Value: keys}),
		config.WithSharedConfigFiles(nil),
		config.WithSharedCredentialsFiles(nil),
		config.WithRetryMaxAttempts(1),
	)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// serve serves on a port of its own until the test ends.
func serve(t *testing.T, services gateway.Services) string {
	t.Helper()
	listener, err := gateway.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g, err := gateway.Serve(listener, services, gateway.Options{Credentials: testKeys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	if g.URL() != gateway.URL(listener) {
		t.Errorf("URL() = %q of a listener on %q", g.URL(), gateway.URL(listener))
	}
	return g.URL()
}

// jsonServices are the three fakes that X-Amz-Target chooses from.
type jsonServices struct{ dynamo, steps, redshift fake }

func newJSONServices() *jsonServices {
	s := new(jsonServices)
	s.dynamo.answer = `{"TableNames": ["store"]}`
	s.steps.answer = `{"stateMachines": [{"stateMachineArn": "arn", "name": "pipeline", "type": "STANDARD", "creationDate": 0}]}`
	s.redshift.answer = `{"Statements": [{"Id": "one"}]}`
	return s
}

func newLambda(t *testing.T) *lambda.Service {
	t.Helper()
	service, err := lambda.New(nil, lambda.Options{Credentials: testKeys, EndpointURL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.Close() })
	return service
}

// calls are one call of each service that the gateway verifies.
func calls(t *testing.T, cfg aws.Config) map[string]func() (string, error) {
	t.Helper()
	ctx := t.Context()
	return map[string]func() (string, error){
		"DynamoDB": func() (string, error) {
			out, err := dynamodb.NewFromConfig(cfg).ListTables(ctx, &dynamodb.ListTablesInput{Limit: aws.Int32(7)})
			if err != nil {
				return "", err
			}
			return out.TableNames[0], nil
		},
		"Step Functions": func() (string, error) {
			out, err := sfn.NewFromConfig(cfg).ListStateMachines(ctx, &sfn.ListStateMachinesInput{MaxResults: 7})
			if err != nil {
				return "", err
			}
			return *out.StateMachines[0].Name, nil
		},
		"Redshift Data API": func() (string, error) {
			out, err := redshiftdata.NewFromConfig(cfg).ListStatements(ctx, &redshiftdata.ListStatementsInput{MaxResults: 7})
			if err != nil {
				return "", err
			}
			return *out.Statements[0].Id, nil
		},
		"Lambda": func() (string, error) {
			client := awslambda.NewFromConfig(cfg)
			arn := "arn:aws:lambda:us-east-1:000000000000:function:none"
			_, err := client.Invoke(ctx, &awslambda.InvokeInput{FunctionName: &arn, Payload: []byte(`{"a": 1}`)})
			if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
				return "", err
			}
			out, err := client.ListFunctions(ctx, &awslambda.ListFunctionsInput{MaxItems: aws.Int32(5)})
			if err != nil {
				return "", err
			}
			return fmt.Sprint(len(out.Functions)), nil
		},
	}
}

func TestGateway_dispatches(t *testing.T) {
	t.Parallel()

	fakes := newJSONServices()
	url := serve(t, gateway.Services{
		DynamoDB: &fakes.dynamo, StepFunctions: &fakes.steps, RedshiftData: &fakes.redshift, Lambda: newLambda(t),
	})
	want := map[string]string{"DynamoDB": "store", "Step Functions": "pipeline", "Redshift Data API": "one", "Lambda": "0"}
	for name, call := range calls(t, sdk(t, url, testKeys)) {
		if got, err := call(); err != nil || got != want[name] {
			t.Errorf("%s answers %q, %v, want %q", name, got, err, want[name])
		}
	}
	got := []string{
		fakes.dynamo.target, fakes.dynamo.body, fakes.steps.target, fakes.steps.body,
		fakes.redshift.target, fakes.redshift.body,
	}
	requests := []string{
		"DynamoDB_20120810.ListTables", `{"Limit":7}`, "AWSStepFunctions.ListStateMachines", `{"maxResults":7}`,
		"RedshiftData.ListStatements", `{"MaxResults":7}`,
	}
	if diff := cmp.Diff(requests, got); diff != "" {
		t.Errorf("the services got (-want +got):\n%s", diff)
	}
}

func TestGateway_refusesSignatures(t *testing.T) {
	t.Parallel()

	fakes := newJSONServices()
	url := serve(t, gateway.Services{
		DynamoDB: &fakes.dynamo, StepFunctions: &fakes.steps, RedshiftData: &fakes.redshift, Lambda: newLambda(t),
	})
	wrongRegion := sdk(t, url, testKeys)
	wrongRegion.Region = "eu-west-1"
	tests := map[string]struct {
		cfg  aws.Config
		code string
	}{
		"a wrong secret": {
			sdk(t, url, aws.Credentials{AccessKeyID: testKeys.AccessKeyID, SecretAccessKey: "guessed"}), "InvalidSignatureException",
		},
		"an unknown key": {
			sdk(t, url, aws.Credentials{AccessKeyID: "stranger", SecretAccessKey: testKeys.SecretAccessKey}), "UnrecognizedClientException",
		},
		"another Region": {wrongRegion, "InvalidSignatureException"},
	}
	for name, tt := range tests {
		for service, call := range calls(t, tt.cfg) {
			t.Run(name+" for "+service, func(t *testing.T) {
				_, err := call()
				var response interface{ HTTPStatusCode() int }
				if !errors.As(err, &response) || response.HTTPStatusCode() != http.StatusForbidden {
					t.Fatalf("the error is %v, want status 403", err)
				}
				if apiErr, ok := errors.AsType[smithy.APIError](err); !ok || apiErr.ErrorCode() != tt.code {
					t.Errorf("the error is %v, want %s", err, tt.code)
				}
			})
		}
	}
	if fakes.dynamo.target+fakes.steps.target+fakes.redshift.target != "" {
		t.Error("a service got a request that was refused")
	}
}

func TestGateway_answersForMissingServices(t *testing.T) {
	t.Parallel()

	url := serve(t, gateway.Services{})
	for name, call := range calls(t, sdk(t, url, testKeys)) {
		_, err := call()
		if err == nil || !strings.Contains(err.Error(), "the local AWS does not serve "+name) {
			t.Errorf("%s: the error is %v, want one that names the service", name, err)
		}
	}
	tests := map[string]struct {
		header http.Header
		want   string
	}{
		"a target of another service": {http.Header{"X-Amz-Target": {"Kinesis_20131202.ListStreams"}}, "Kinesis_20131202"},
		"a signature of another service": {
			http.Header{"Authorization": {
				"AWS4-HMAC-SHA256 Credential=k/20261122/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=00",
			}}, "does not serve sts",
		},
		"S3": {http.Header{}, "does not serve S3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			request.Header = tt.header
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusNotFound || !bytes.Contains(body, []byte(tt.want)) {
				t.Errorf("the answer is %d, %s, want 404 and %q", response.StatusCode, body, tt.want)
			}
		})
	}
}

func TestGateway_reportsHealth(t *testing.T) {
	t.Parallel()

	url := serve(t, gateway.Services{DynamoDB: new(fake), S3: new(fake), Lambda: new(fake)})
	response, err := http.Get(url + "/_nightstar/health")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var got struct {
		Status   string
		Services []string
	}
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("the status is %d: %v", response.StatusCode, err)
	}
	if got.Status != "ok" || strings.Join(got.Services, " ") != "dynamodb lambda s3" {
		t.Errorf("the health is %+v", got)
	}
}

func TestListen_refusesOtherAddresses(t *testing.T) {
	t.Parallel()

	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "localhost:0", "192.0.2.1:4566", "example.com:80", "127.0.0.1", ""} {
		listener, err := gateway.Listen(address)
		if err == nil {
			_ = listener.Close()
			t.Errorf("Listen(%q) succeeded, want an error", address)
		}
	}
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if _, err := gateway.Serve(listener, gateway.Services{}, gateway.Options{}); err == nil {
		t.Error("Serve() on all addresses succeeded, want an error")
	}
}

func TestListen_usesTheGivenPort(t *testing.T) {
	t.Parallel()

	first, err := gateway.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := first.Addr().String()
	if _, err := gateway.Listen(address); err == nil {
		t.Errorf("Listen(%q) of a port in use succeeded", address)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := gateway.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if got := gateway.URL(second); got != "http://"+address {
		t.Errorf("URL() = %q, want http://%s", got, address)
	}
}

// TestHandler_refusesOtherMachines sends what a web page can send, with the key
// that it cannot know, to each service.
func TestHandler_refusesOtherMachines(t *testing.T) {
	t.Parallel()

	var reached []string
	service := func(name string) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = append(reached, name) })
	}
	handler := gateway.NewHandler(gateway.Services{
		DynamoDB: service("DynamoDB"), StepFunctions: service("Step Functions"), RedshiftData: service("Data API"),
		Lambda: service("Lambda"), S3: service("S3"),
	}, gateway.Options{Credentials: testKeys})
	for name, place := range map[string][2]string{ // path and target
		"health": {"/_nightstar/health", ""}, "S3": {"/nightstar-lake/lock.json", ""}, "S3's form": {"/nightstar-lake", ""},
		"DynamoDB": {"/", "DynamoDB_20120810.ListTables"}, "Step Functions": {"/", "AWSStepFunctions.ListStateMachines"},
		"Data API": {"/", "RedshiftData.ListStatements"}, "Lambda": {"/2015-03-31/functions/x/invocations", ""},
	} {
		for _, from := range []struct{ host, origin string }{
			{"evil.example", ""}, {"evil.example:4588", "http://evil.example:4588"}, {"127.0.0.1:4588", "https://evil.example"}, {"127.0.0.1:4588", "null"},
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, place[0], strings.NewReader("a=b"))
			r.Host = from.host
			r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			if place[1] != "" {
				r.Header.Set("X-Amz-Target", place[1])
			}
			if from.origin != "" {
				r.Header.Set("Origin", from.origin)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "AccessDenied") {
				t.Errorf("%s answers host %q, origin %q with %d %s", name, from.host, from.origin, w.Code, w.Body)
			}
		}
	}
	if len(reached) > 0 {
		t.Errorf("requests reached %q", reached)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/nightstar-lake", nil)
	r.Host = "127.0.0.1:4588"
	r.Header.Set("Origin", "http://localhost:8080")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if len(reached) != 1 {
		t.Error("a page of this machine does not reach S3")
	}
}
