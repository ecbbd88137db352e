package awsfault_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/fault/awsfault"
)

// TestClassify_answerCutShort lets the connection break in the middle of an
// answer, whose status says that all is well.
func TestClassify_answerCutShort(t *testing.T) {
	t.Parallel()

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "200")
		_, _ = w.Write([]byte(`{"Status`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	}
	calls := map[string]func() error{
		"DynamoDB": func() error {
			_, err := dynamodb.NewFromConfig(cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{})
			return err
		},
		"Redshift Data API": func() error {
			_, err := redshiftdata.NewFromConfig(cfg).DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: aws.String("x")})
			return err
		},
		"S3": func() error {
			client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
			_, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("lake")})
			return err
		},
	}
	for name, call := range calls {
		err := call()
		if got := fault.KindOf(awsfault.Classify(err)); got != fault.Transient {
			t.Errorf("%s: Classify(%v) kind = %q, want %q", name, err, got, fault.Transient)
		}
	}
}
