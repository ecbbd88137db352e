package chaos_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
	"github.com/nightstar-elt/nightstar/pkg/local/gateway"
)

// clients serves the services behind the chaos and returns the configuration
// of clients that try once.
func clients(t *testing.T, c *chaos.Chaos, services gateway.Services) aws.Config {
	t.Helper()
	var served gateway.Services
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch target := r.Header.Get("X-Amz-Target"); {
		case strings.HasPrefix(target, "DynamoDB"):
			served.DynamoDB.ServeHTTP(w, r)
		case strings.HasPrefix(target, "RedshiftData"):
			served.RedshiftData.ServeHTTP(w, r)
		default:
			served.S3.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}
	served = c.Services(cfg, services)
	c.Begin()
	return cfg
}

// answers is a service that gives fixed answers, by operation.
func answers(byOperation map[string]string, requests *[]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if requests != nil {
			*requests = append(*requests, string(body))
		}
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, byOperation[operation])
	})
}

func put(ctx context.Context, cfg aws.Config, key string) error {
	_, err := s3.NewFromConfig(cfg).PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("lake"), Key: &key, Body: strings.NewReader("0123456789"),
	})
	return err
}

func TestChaos_requests(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fault   chaos.Fault
		code    string // of the error; none for a broken connection
		carried bool   // whether the object is there all the same
	}{
		"throttles":                {chaos.Fault{Kind: chaos.Throttled}, "SlowDown", false},
		"fails":                    {chaos.Fault{Kind: chaos.ServerError}, "InternalError", false},
		"cuts a request":           {chaos.Fault{Kind: chaos.CutRequest}, "", false},
		"cuts an answer":           {chaos.Fault{Kind: chaos.CutAnswer}, "", true},
		"breaks what hangs":        {chaos.Fault{Kind: chaos.Hang}, "", false},
		"carries out what hangs":   {chaos.Fault{Kind: chaos.Hang, After: true}, "", true},
		"cuts where it can't kill": {chaos.Fault{Kind: chaos.KillFunction}, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := awstest.NewS3(t, "lake")
			tt.fault.Point, tt.fault.Nth = "function s3:PutObject", 2
			c := chaos.New([]chaos.Fault{tt.fault})
			cfg := clients(t, c, gateway.Services{S3: store})
			if err := put(t.Context(), cfg, "before"); err != nil {
				t.Fatal(err)
			}
			err := put(t.Context(), cfg, "object")
			api, isAPI := errors.AsType[smithy.APIError](err)
			if err == nil || isAPI != (tt.code != "") || (isAPI && api.ErrorCode() != tt.code) {
				t.Errorf("PutObject() error = %v, want code %q", err, tt.code)
			}
			if object, ok := store.Object("lake", "object"); ok != tt.carried || (ok && string(object.Body) != "0123456789") {
				t.Errorf("the object is there: %v, want %v", ok, tt.carried)
			}
			if err := put(t.Context(), chaos.Exempt(cfg), "watched"); err != nil {
				t.Error(err)
			}
			c.Calm()
			if err := put(t.Context(), cfg, "after"); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(map[chaos.Kind]int{tt.fault.Kind: 1}, c.Injected()); diff != "" {
				t.Errorf("injected (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(chaos.Census{"function s3:PutObject": 2}, c.Census()); diff != "" {
				t.Errorf("census (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChaos_altersDataFiles(t *testing.T) {
	t.Parallel()

	store := awstest.NewS3(t, "raw")
	const key = "run=1/AWSDynamoDB/2/data/x.json.gz"
	store.Put("raw", key, []byte("0123456789"))
	c := chaos.New([]chaos.Fault{{Kind: chaos.AlteredFile, Point: "function s3:GetObject(data)", Nth: 1}})
	cfg := clients(t, c, gateway.Services{S3: store})
	out, err := s3.NewFromConfig(cfg).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("raw"), Key: aws.String(key)})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(out.Body)
	if err != nil || len(body) != 10 || string(body) == "0123456789" {
		t.Errorf("the altered file is %q, %v", body, err)
	}
}

func TestChaos_statements(t *testing.T) {
	t.Parallel()

	tests := map[chaos.Kind]struct {
		status  types.StatusString
		message string
	}{
		chaos.Failed:       {types.StatusStringFailed, "Disk Full"},
		chaos.Aborted:      {types.StatusStringAborted, "cancelled"},
		chaos.Unserialised: {types.StatusStringFailed, "1023"},
	}
	for kind, tt := range tests {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			var requests []string
			service := answers(map[string]string{
				"BatchExecuteStatement": `{"Id":"1"}`,
				"DescribeStatement": `{"Id":"1","Status":"FAILED","Error":"no table","ResultSize":12345678901,
					"SubStatements":[{"Id":"1:1","Status":"ABORTED"},{"Id":"1:2","Status":"FAILED","Error":"no table"}]}`,
			}, &requests)
			c := chaos.New([]chaos.Fault{
				{Kind: kind, Point: "function redshift-data:BatchExecuteStatement", Nth: 1},
				{Kind: chaos.SlowPoll, Point: "function redshift-data:DescribeStatement", Nth: 1},
			})
			api := redshiftdata.NewFromConfig(clients(t, c, gateway.Services{RedshiftData: service}))
			for range 2 { // sent again with its token, it is the same statement
				_, err := api.BatchExecuteStatement(t.Context(), &redshiftdata.BatchExecuteStatementInput{
					Database: aws.String("d"), Sqls: []string{"select 1"}, ClientToken: aws.String("token"),
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if requests[0] != requests[1] || !strings.Contains(requests[0], `"select 1","select * from chaos.`) {
				t.Errorf("the requests are %q", requests)
			}
			describe := &redshiftdata.DescribeStatementInput{Id: aws.String("1")}
			out, err := api.DescribeStatement(t.Context(), describe)
			if err != nil || out.Status != types.StatusStringStarted || out.Error != nil {
				t.Errorf("the slow statement is %+v, %v", out, err)
			}
			out, err = api.DescribeStatement(t.Context(), describe)
			if err != nil || out.Status != tt.status || !strings.Contains(aws.ToString(out.Error), tt.message) || out.ResultSize != 12345678901 {
				t.Fatalf("the statement is %+v, %v", out, err)
			}
			if part := out.SubStatements[1]; !strings.Contains(aws.ToString(part.Error), tt.message) {
				t.Errorf("the part that failed is %+v", part)
			}
		})
	}
}

func TestChaos_exports(t *testing.T) {
	t.Parallel()

	service := answers(map[string]string{
		"DescribeExport": `{"ExportDescription":{"ExportArn":"e","ExportStatus":"COMPLETED","ExportManifest":"m"}}`,
	}, nil)
	c := chaos.New([]chaos.Fault{
		{Kind: chaos.SlowPoll, Point: "function dynamodb:DescribeExport", Nth: 1, Times: 2},
		{Kind: chaos.ExportFailed, Point: "function dynamodb:DescribeExport", Nth: 3},
	})
	api := dynamodb.NewFromConfig(clients(t, c, gateway.Services{DynamoDB: service}))
	var got []ddbtypes.ExportStatus
	for range 4 {
		out, err := api.DescribeExport(t.Context(), &dynamodb.DescribeExportInput{ExportArn: aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/t/export/1")})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, out.ExportDescription.ExportStatus)
		if out.ExportDescription.ExportManifest != nil {
			t.Error("an export that is not done names a manifest")
		}
	}
	want := []ddbtypes.ExportStatus{
		ddbtypes.ExportStatusInProgress, ddbtypes.ExportStatusInProgress, ddbtypes.ExportStatusFailed, ddbtypes.ExportStatusFailed,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

// counting is an Invoker that counts.
type counting struct{ calls *atomic.Int64 }

func (i counting) Invoke(context.Context, string, []byte) ([]byte, error) {
	return json.Marshal(i.calls.Add(1))
}

func TestChaos_invocations(t *testing.T) {
	t.Parallel()

	tests := map[chaos.Kind]struct {
		calls int64
		err   string
	}{
		chaos.Refused:         {0, "Lambda.ServiceException"},
		chaos.FunctionError:   {0, "Lambda.ServiceException"},
		chaos.LostResult:      {1, "Lambda.ServiceException"},
		chaos.Duplicate:       {2, ""},
		chaos.DuplicateAtOnce: {2, ""},
		chaos.DuplicateLate:   {2, ""},
	}
	machine, err := asl.Parse([]byte(`{"StartAt":"A","States":{"A":{"Type":"Task","End":true,
		"Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f","Payload":{}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for kind, tt := range tests {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			c := chaos.New([]chaos.Fault{{Kind: kind, Point: "invoke A", Nth: 1, Error: "Lambda.ServiceException"}})
			c.Begin()
			run, err := machine.Run(t.Context(), asl.Environment{
				Invoker: c.Invoker(counting{&calls}), Clock: realTime{},
				MarkFunc: func(m asl.Mark) { c.Mark("arn", m) },
			}, asl.Start{})
			if err != nil {
				t.Fatal(err)
			}
			c.Calm()
			if run.Error != tt.err || calls.Load() != tt.calls {
				t.Errorf("the execution ended with %q after %d calls, want %q and %d", run.Error, calls.Load(), tt.err, tt.calls)
			}
			if c.Marks()[asl.Mark{State: "A"}] != 1 || c.Census()["enter A"] != 1 {
				t.Errorf("marks %v, census %v", c.Marks(), c.Census())
			}
		})
	}
}
