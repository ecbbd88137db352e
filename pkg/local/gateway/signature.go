package gateway

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// verifier checks Signature Version 4 by signing the request once more:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
type verifier struct {
	credentials aws.Credentials
	region      string
}

// maxSkew is how far a signature's time may be from this machine's.
const maxSkew = 5 * time.Minute

// timeLayout is the form of X-Amz-Date.
const timeLayout = "20060102T150405Z"

// authorization is a parsed Authorization header.
type authorization struct {
	keyID, date, region, service string
	// headers are the names of the signed headers, in lower case.
	headers   []string
	signature string
}

// verify returns nil for a request that is signed for a service with the right
// secret.
func (v *verifier) verify(r *http.Request, service string, body []byte) *refusal {
	header := r.Header.Get("Authorization")
	if header == "" {
		return &refusal{http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token"}
	}
	signed, err := parseAuthorization(header)
	if err != nil {
		return &refusal{http.StatusForbidden, "IncompleteSignatureException", err.Error()}
	}
	if subtle.ConstantTimeCompare([]byte(signed.keyID), []byte(v.credentials.AccessKeyID)) != 1 {
		return &refusal{
			http.StatusForbidden, "UnrecognizedClientException", "The security token included in the request is invalid.",
		}
	}
	at, err := v.checkScope(r, signed, service)
	if err != nil {
		return &refusal{http.StatusForbidden, "InvalidSignatureException", err.Error()}
	}
	want, err := v.sign(r, signed, at, body)
	if err != nil {
		return &refusal{http.StatusForbidden, "IncompleteSignatureException", err.Error()}
	}
	if subtle.ConstantTimeCompare([]byte(signed.signature), []byte(want)) != 1 {
		return &refusal{
			http.StatusForbidden, "InvalidSignatureException",
			"The request signature we calculated does not match the signature you provided. " +
				"Check your AWS Secret Access Key and signing method.",
		}
	}
	return nil
}

// checkScope checks what a signature is good for, and returns its time.
func (v *verifier) checkScope(r *http.Request, signed authorization, service string) (time.Time, error) {
	at, err := time.Parse(timeLayout, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return at, fmt.Errorf("the header X-Amz-Date is %q, not a time such as %s", r.Header.Get("X-Amz-Date"), timeLayout)
	}
	if skew := time.Since(at).Abs(); skew > maxSkew {
		return at, fmt.Errorf("Signature expired: %s is %v from now", r.Header.Get("X-Amz-Date"), skew.Round(time.Second)) //nolint:staticcheck // AWS's words
	}
	want := []string{at.Format("20060102"), v.region, service}
	if got := []string{signed.date, signed.region, signed.service}; !slices.Equal(got, want) {
		return at, fmt.Errorf("credential should be scoped to %q, not %q", strings.Join(want, "/"), strings.Join(got, "/"))
	}
	for name := range r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(signed.headers, name) {
			return at, fmt.Errorf("the header %q is not signed", name)
		}
	}
	if !slices.Contains(signed.headers, "host") {
		return at, errors.New(`the header "host" is not signed`)
	}
	return at, nil
}

// sign returns the signature that the request should have: that of a request
// which has the signed headers and no others.
func (v *verifier) sign(r *http.Request, signed authorization, at time.Time, body []byte) (string, error) {
	link := *r.URL
	again := &http.Request{Method: r.Method, URL: &link, Host: r.Host, Header: http.Header{}}
	for _, name := range signed.headers {
		switch name {
		case "host":
		case "content-length":
			again.ContentLength = r.ContentLength
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	sum := sha256.Sum256(body)
	err := v4.NewSigner().SignHTTP(r.Context(), v.credentials, again,
		hex.EncodeToString(sum[:]), signed.service, signed.region, at)
	if err != nil {
		return "", fmt.Errorf("sign the request again: %w", err)
	}
	own, err := parseAuthorization(again.Header.Get("Authorization"))
	return own.signature, err
}

// parseAuthorization parses a header of the form
//
//	AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=A;B, Signature=HEX
func parseAuthorization(header string) (authorization, error) {
	var a authorization
	fields, ok := strings.CutPrefix(header, "AWS4-HMAC-SHA256 ")
	if !ok {
		return a, errors.New("the Authorization header does not begin with AWS4-HMAC-SHA256")
	}
	values := map[string]string{}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		values[name] = value
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if values[name] == "" {
			return a, fmt.Errorf("the Authorization header has no %s", name)
		}
	}
	scope := strings.Split(values["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" {
		return a, fmt.Errorf("the credential %q is not of the form KEY/DATE/REGION/SERVICE/aws4_request", values["Credential"])
	}
	return authorization{
		keyID: scope[0], date: scope[1], region: scope[2], service: scope[3],
		headers:   strings.Split(strings.ToLower(values["SignedHeaders"]), ";"),
		signature: values["Signature"],
	}, nil
}
