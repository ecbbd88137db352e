package s3_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// checkOddRequests signs requests that no SDK sends, and wants each refused as the
// client's mistake.
func checkOddRequests(t *testing.T, e env) {
	do := func(method, path, body string, header map[string]string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, e.url+"/"+e.bucket+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range header {
			r.Header.Set(name, value)
		}
		sum := sha256.Sum256([]byte(body))
		hash := hex.EncodeToString(sum[:])
		r.Header.Set("X-Amz-Content-Sha256", hash)
		signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
		if err := signer.SignHTTP(t.Context(), testKeys, r, hash, "s3", "us-east-1", time.Now()); err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	if status := do(http.MethodPut, "/plain", "x", nil); status != http.StatusOK {
		t.Fatalf("a plain request gives %d", status)
	}
	for _, key := range []string{"/a%00b", "/%00", "/a/%00/b", "/a%00"} {
		for _, method := range []string{http.MethodPut, http.MethodGet, http.MethodHead, http.MethodDelete} {
			if status := do(method, key, "", nil); status < 400 || status > 499 {
				t.Errorf("%s %s gives %d", method, key, status)
			}
		}
		if status := do(http.MethodPost, key+"?uploads=", "", nil); status < 400 || status > 499 {
			t.Errorf("an upload of %s gives %d", key, status)
		}
		if status := do(http.MethodPut, "/copy", "", map[string]string{"X-Amz-Copy-Source": e.bucket + key}); status < 400 || status > 499 {
			t.Errorf("a copy of %s gives %d", key, status)
		}
	}
	for _, query := range []string{"?list-type=2&prefix=%00", "?prefix=a%00b", "?list-type=2&start-after=%00", "?uploads=&prefix=%00"} {
		if status := do(http.MethodGet, query, "", nil); status >= 500 {
			t.Errorf("a listing %s gives %d", query, status)
		}
	}
	for _, header := range []string{
		"X-Amz-Storage-Class", "X-Amz-Acl", "X-Amz-Copy-Source", "X-Amz-Copy-Source-Range", "X-Amz-Copy-Source-If-Modified-Since", "X-Amz-Tagging",
		"X-Amz-Tagging-Directive", "X-Amz-Metadata-Directive", "X-Amz-Object-Lock-Mode", "X-Amz-Object-Lock-Retain-Until-Date", "X-Amz-Object-Lock-Legal-Hold",
		"X-Amz-Checksum-Algorithm", "X-Amz-Sdk-Checksum-Algorithm", "X-Amz-Checksum-Crc32", "X-Amz-Checksum-Sha256", "X-Amz-Checksum-Crc64nvme", "X-Amz-Checksum-Type",
		"X-Amz-Trailer", "X-Amz-Decoded-Content-Length", "X-Amz-Server-Side-Encryption", "X-Amz-Expected-Bucket-Owner", "X-Amz-Website-Redirect-Location",
		"X-Amz-Mp-Object-Size", "X-Amz-Grant-Read", "X-Amz-Request-Payer", "X-Amz-Version-Id", "X-Amz-Write-Offset-Bytes", "X-Amz-Mfa", "X-Amz-Meta-Odd", "X-Amz-Security-Token",
	} {
		for _, value := range []string{"?", "-1", "99999999999999999999", "é", "%00", "%zz", "bytes=5-1", strings.Repeat("x", 3000), "/", "a/b/c", "a=b&c=%"} {
			for _, request := range [][2]string{{http.MethodPut, "/odd"}, {http.MethodGet, "/plain"}, {http.MethodHead, "/plain"}, {http.MethodPost, "/odd?uploads="}, {http.MethodGet, "?list-type=2"}, {http.MethodPut, "/odd?partNumber=1&uploadId=x"}} {
				if status := do(request[0], request[1], "", map[string]string{header: value}); status >= 500 {
					t.Errorf("%s %s with %s: %.30q gives %d", request[0], request[1], header, value, status)
				}
			}
		}
	}
}
