package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var keys = aws.Credentials{AccessKeyID: "nightstar", SecretAccessKey: "only-for-this-machine"}

const body = `{"TableName": "store"}`

// signedRequest is a request as a server receives it.
func signedRequest(t *testing.T, at time.Time) *http.Request {
	t.Helper()
	out, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"http://127.0.0.1:4566/2015-03-31/functions/arn%3Aaws%3Alambda/invocations?b=2&a=1%2F+x&flag", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	out.Header.Set("X-Amz-Target", "DynamoDB_20120810.DescribeTable")
	out.Header.Set("X-Amz-Meta-Spaces", "  two   words ")
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, out, hex.EncodeToString(sum[:]), "dynamodb", "us-east-1", at); err != nil {
		t.Fatal(err)
	}
	in := httptest.NewRequestWithContext(t.Context(), http.MethodPost, out.URL.RequestURI(), strings.NewReader(body))
	in.Host = out.URL.Host
	in.Header = out.Header
	return in
}

func TestVerifier(t *testing.T) {
	t.Parallel()

	resign := func(old, replacement string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, replacement, 1))
		}
	}
	tests := map[string]struct {
		skew  time.Duration
		alter func(*http.Request)
		body  string
		want  string
	}{
		"the signed request":           {},
		"a clock that is a bit late":   {skew: -4 * time.Minute},
		"a header that need no sign":   {alter: func(r *http.Request) { r.Header.Set("Accept", "*/*") }},
		"a time long ago":              {skew: -6 * time.Minute, want: "InvalidSignatureException"},
		"a time to come":               {skew: 6 * time.Minute, want: "InvalidSignatureException"},
		"another body":                 {body: `{"TableName": "other"}`, want: "InvalidSignatureException"},
		"no body":                      {body: "-", want: "InvalidSignatureException"},
		"another method":               {alter: func(r *http.Request) { r.Method = http.MethodGet }, want: "InvalidSignatureException"},
		"another path":                 {alter: func(r *http.Request) { r.URL.Path += "x"; r.URL.RawPath += "x" }, want: "InvalidSignatureException"},
		"another query":                {alter: func(r *http.Request) { r.URL.RawQuery = "b=3" }, want: "InvalidSignatureException"},
		"another host":                 {alter: func(r *http.Request) { r.Host = "127.0.0.1:80" }, want: "InvalidSignatureException"},
		"another target":               {alter: func(r *http.Request) { r.Header.Set("X-Amz-Target", "DynamoDB_20120810.DeleteTable") }, want: "InvalidSignatureException"},
		"a second target":              {alter: func(r *http.Request) { r.Header.Add("X-Amz-Target", "DynamoDB_20120810.DeleteTable") }, want: "InvalidSignatureException"},
		"an unsigned AWS header":       {alter: func(r *http.Request) { r.Header.Set("X-Amz-Late", "1") }, want: "InvalidSignatureException"},
		"no time":                      {alter: func(r *http.Request) { r.Header.Del("X-Amz-Date") }, want: "InvalidSignatureException"},
		"no signature":                 {alter: func(r *http.Request) { r.Header.Del("Authorization") }, want: "MissingAuthenticationTokenException"},
		"another scheme":               {alter: resign("AWS4-HMAC-SHA256", "Basic"), want: "IncompleteSignatureException"},
		"another key":                  {alter: resign("Credential=nightstar", "Credential=nightstar2"), want: "UnrecognizedClientException"},
		"another Region":               {alter: resign("us-east-1", "eu-west-1"), want: "InvalidSignatureException"},
		"another service":              {alter: resign("/dynamodb/", "/states/"), want: "InvalidSignatureException"},
		"a credential without a scope": {alter: resign("/aws4_request", ""), want: "IncompleteSignatureException"},
		"a host that is not signed":    {alter: resign(";host;", ";"), want: "InvalidSignatureException"},
		"an empty signature":           {alter: func(r *http.Request) { cutSignature(r) }, want: "IncompleteSignatureException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := signedRequest(t, time.Now().Add(tt.skew).UTC())
			if tt.alter != nil {
				tt.alter(r)
			}
			got := []byte(body)
			if tt.body != "" {
				got = bytes.TrimPrefix([]byte(tt.body), []byte("-"))
			}
			v := verifier{credentials: keys, region: "us-east-1"}
			refused := v.verify(r, "dynamodb", got)
			switch {
			case refused == nil && tt.want != "":
				t.Errorf("verify() accepts it, want %s", tt.want)
			case refused != nil && (refused.code != tt.want || refused.status != http.StatusForbidden):
				t.Errorf("verify() = %+v, want %q", refused, tt.want)
			}
		})
	}
}

func cutSignature(r *http.Request) {
	head, _, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	r.Header.Set("Authorization", head+"Signature=")
}

// FuzzParseAuthorization checks that no header makes the parser panic, and that
// what it accepts has all parts.
func FuzzParseAuthorization(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=k/20261122/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=00ff")
	f.Add("AWS4-HMAC-SHA256 Credential=k/20261122/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=00")
	f.Add("AWS4-HMAC-SHA256 Credential=////aws4_request, SignedHeaders=;, Signature==")
	f.Add("AWS4-HMAC-SHA256 ,,,=,")
	f.Add("Basic bmlnaHQ6c3Rhcg==")
	f.Fuzz(func(t *testing.T, header string) {
		a, err := parseAuthorization(header)
		if err == nil && (len(a.headers) == 0 || a.signature == "") {
			t.Errorf("parseAuthorization(%q) = %+v", header, a)
		}
	})
}
