package dynamodb_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// TestServer_Export_LooksLikeAWS compares an export with what is known of those
// that AWS wrote.
func TestServer_Export_LooksLikeAWS(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{Partitions: 12, EmptyPartitions: 1})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	for _, key := range []string{"a", "b", "c"} {
		e.put(t, "shop", simple(key, "1", "x"))
	}
	e.clock.advance(123456 * time.Microsecond) // not a whole millisecond
	d := e.export(t, "shop", nil)
	got := e.bucket.read(t, *d.ExportManifest)
	if kind, named := got.summary["exportType"]; named {
		t.Errorf("the summary says exportType %v, and the request did not", kind)
	}
	startTime, exportTime := got.summary["startTime"].(string), got.summary["exportTime"].(string)
	if exportTime > startTime || got.summary["endTime"].(string) < startTime {
		t.Errorf("exportTime %s, startTime %s, endTime %v", exportTime, startTime, got.summary["endTime"])
	}
	var keys []string
	for i, f := range got.files {
		keys = append(keys, f.DataFileS3Key)
		body := e.bucket.objects[f.DataFileS3Key].body
		if !bytes.HasPrefix(body, []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")) {
			t.Errorf("file %d begins with % x", i, body[:10])
		}
		if f.ItemCount == 0 && f.MD5Checksum != "FjvgqIxwymKf1RbbqtrZag==" {
			t.Errorf("an empty file has MD5 %s: % x", f.MD5Checksum, body)
		}
	}
	if slices.IsSorted(keys) {
		t.Errorf("the lines of the manifest are in the order of keys: %q", keys)
	}
	named := e.export(t, "shop", func(in *exportInput) { in.ExportType = types.ExportTypeFullExport })
	if got := e.bucket.read(t, *named.ExportManifest); got.summary["exportType"] != "FULL_EXPORT" {
		t.Errorf("the summary says exportType %v, and the request named it", got.summary["exportType"])
	}
}

// TestServer_Export_RefusesEmptyEnumerations sends what the SDK would leave out.
func TestServer_Export_RefusesEmptyEnumerations(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.enableRecovery(t, "shop")
	for _, parameter := range []string{"S3Prefix", "ClientToken", "ExportFormat", "ExportType", "S3BucketOwner", "S3SseAlgorithm"} {
		status, answer := e.raw(t, "DynamoDB_20120810.ExportTableToPointInTime", `{"TableArn":"`+arn+`shop","S3Bucket":"raw","`+parameter+`":""}`)
		if status != 400 || !strings.Contains(answer, "ValidationException") || !strings.Contains(answer, parameter+" is empty") {
			t.Errorf("an empty %s gives %d %s", parameter, status, answer)
		}
	}
	list, err := e.ListExports(t.Context(), &dynamodb.ListExportsInput{TableArn: aws.String(arn + "shop")})
	if err != nil || len(list.ExportSummaries) != 0 {
		t.Errorf("exports: %+v, %v, want none", list, err)
	}
}
