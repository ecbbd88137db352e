package dynamodb_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

func TestServer_Export_Refuses(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	e.createTable(t, "shop")
	e.createTable(t, "no-recovery")
	e.enableRecovery(t, "shop")
	now := e.clock.Now()
	e.clock.advance(time.Minute)
	tests := map[string]struct {
		change        func(*exportInput)
		code, message string
	}{
		"a table without recovery": {func(in *exportInput) {
			in.TableArn = aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/no-recovery")
		}, "PointInTimeRecoveryUnavailableException", "not enabled"},
		"a missing table": {func(in *exportInput) {
			in.TableArn = aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/none")
		}, "TableNotFoundException", "none"},
		"another region": {func(in *exportInput) {
			in.TableArn = aws.String("arn:aws:dynamodb:eu-west-1:000000000000:table/shop")
		}, "AccessDeniedException", "eu-west-1"},
		"an empty prefix": {func(in *exportInput) { in.S3Prefix = aws.String("") }, "ValidationException", "S3Prefix is empty"},
		"an empty owner": {func(in *exportInput) { in.S3BucketOwner = aws.String("") },
			"ValidationException", "S3BucketOwner is empty"},
		"an empty token": {func(in *exportInput) { in.ClientToken = aws.String("") },
			"ValidationException", "ClientToken is empty"},
		"no ARN": {func(in *exportInput) { in.TableArn = aws.String("shop") },
			"ValidationException", "ARN"},
		"the future": {func(in *exportInput) {
			in.ExportTime = aws.Time(now.Add(2 * time.Minute))
		}, "InvalidExportTimeException", "recovery window"},
		"before recovery was on": {func(in *exportInput) {
			in.ExportTime = aws.Time(now.Add(-time.Second))
		}, "InvalidExportTimeException", "recovery window"},
		"an incremental export without a period": {func(in *exportInput) {
			in.ExportType = types.ExportTypeIncrementalExport
		}, "ValidationException", "IncrementalExportSpecification with ExportFromTime and ExportToTime is required"},
		"a period without a type": {func(in *exportInput) {
			in.IncrementalExportSpecification = &types.IncrementalExportSpecification{ExportFromTime: &now}
		}, "ValidationException", "can only be given with ExportType INCREMENTAL_EXPORT"},
		"Ion": {func(in *exportInput) { in.ExportFormat = types.ExportFormatIon },
			"ValidationException", "ION is not supported"},
		"a filter": {func(in *exportInput) {
			in.FilterSpecification = &types.FilterSpecification{}
		}, "ValidationException", `"FilterSpecification" is not supported`},
		"another encryption": {func(in *exportInput) { in.S3SseAlgorithm = "ROT13" },
			"ValidationException", "ROT13"},
		"a key without KMS": {func(in *exportInput) { in.S3SseKmsKeyId = aws.String("k") },
			"ValidationException", "KMS"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			// A refused request does not reserve its token.
			for range 2 {
				_, err := e.startExport(t, "shop", func(in *exportInput) {
					in.ClientToken = &name
					tt.change(in)
				})
				wantError(t, err, tt.code, tt.message)
			}
			d := e.export(t, "shop", func(in *exportInput) { in.ClientToken = &name })
			if aws.ToString(d.ClientToken) != name {
				t.Errorf("ClientToken = %q", aws.ToString(d.ClientToken))
			}
		})
	}
}

func TestServer_Export_ClientToken(t *testing.T) {
	t.Parallel()

	dir, c, b := t.TempDir(), newClock(), newBucket("raw")
	e := startIn(t, dir, c, b, local.Options{})
	e.createTable(t, "shop")
	e.createTable(t, "other")
	e.enableRecovery(t, "shop")
	e.enableRecovery(t, "other")
	at := c.Now()
	run := func(e *endpoint, table, token, prefix string, exportTime *time.Time) (*types.ExportDescription, error) {
		return e.startExport(t, table, func(in *exportInput) {
			in.ClientToken, in.S3Prefix, in.ExportTime = &token, &prefix, exportTime
		})
	}
	first, err := run(e, "shop", "token", "p", nil)
	if err != nil {
		t.Fatal(err)
	}
	timed, err := run(e, "shop", "timed", "p", &at)
	if err != nil {
		t.Fatal(err)
	}
	e.wait(t, first.ExportArn)
	e.wait(t, timed.ExportArn)
	same := func(e *endpoint) {
		t.Helper()
		again, err := run(e, "shop", "token", "p", nil)
		if err != nil || *again.ExportArn != *first.ExportArn || again.ExportStatus != types.ExportStatusCompleted {
			t.Errorf("the same request again = %v, %v, want export %s", again, err, *first.ExportArn)
		}
		again, err = run(e, "shop", "timed", "p", aws.Time(at.In(time.FixedZone("", 3600))))
		if err != nil || *again.ExportArn != *timed.ExportArn {
			t.Errorf("the same request with a time again = %v, %v, want export %s", again, err, *timed.ExportArn)
		}
	}
	same(e)
	for name, conflict := range map[string]func() (*types.ExportDescription, error){
		"other prefix": func() (*types.ExportDescription, error) { return run(e, "shop", "token", "q", nil) },
		"other table":  func() (*types.ExportDescription, error) { return run(e, "other", "token", "p", nil) },
		"other time":   func() (*types.ExportDescription, error) { return run(e, "shop", "token", "p", &at) },
		"no time":      func() (*types.ExportDescription, error) { return run(e, "shop", "timed", "p", nil) },
	} {
		if _, err := conflict(); err == nil {
			t.Errorf("%s: accepted", name)
		} else {
			wantError(t, err, "ExportConflictException", "Duplicate request detected")
		}
	}
	a, errA := e.startExport(t, "shop",
		func(in *exportInput) { in.ClientToken = aws.String("x") })
	z, errZ := e.startExport(t, "shop",
		func(in *exportInput) { in.ClientToken = aws.String("y") })
	if errors.Join(errA, errZ) != nil || *a.ExportArn == *z.ExportArn {
		t.Errorf("two tokens give %v and %v, %v, %v", a, z, errA, errZ)
	}

	e.http.Close()
	if err := e.server.Close(); err != nil {
		t.Fatal(err)
	}
	c.advance(8*time.Hour - time.Millisecond)
	e = startIn(t, dir, c, b, local.Options{})
	same(e)
	c.advance(time.Millisecond)
	late, err := run(e, "shop", "token", "p", nil)
	if err != nil || *late.ExportArn == *first.ExportArn {
		t.Errorf("after 8 hours = %v, %v, want another export", late, err)
	}
	if late != nil {
		e.wait(t, late.ExportArn)
	}
}

func TestServer_Export_ThatFails(t *testing.T) {
	t.Parallel()

	boom := errors.New("connection reset")
	tests := map[string]struct {
		bucket  string
		call    string
		key     string
		code    string
		message string
		objects int // what is left in the bucket
	}{
		"a missing bucket": {bucket: "none", code: "S3NoSuchBucket", message: "bucket does not exist"},
		"the first object": {bucket: "raw", call: "PutObject", key: "_started", code: "InternalFailure",
			message: "connection reset"},
		"a data file": {bucket: "raw", call: "UploadPart", key: ".json.gz", code: "InternalFailure",
			message: "connection reset", objects: 1},
		"the end of a data file": {bucket: "raw", call: "CompleteMultipartUpload", key: ".json.gz",
			code: "InternalFailure", message: "connection reset", objects: 1},
		"the last manifest": {bucket: "raw", call: "PutObject", key: "manifest-summary.md5",
			code: "InternalFailure", message: "connection reset", objects: 8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			b := newBucket("raw")
			b.fail = func(_ context.Context, call, key string) error {
				if call == tt.call && strings.HasSuffix(key, tt.key) {
					return boom
				}
				return nil
			}
			e := startIn(t, t.TempDir(), newClock(), b, local.Options{})
			e.createTable(t, "shop")
			e.enableRecovery(t, "shop")
			e.put(t, "shop", simple("a", "1", "x"))
			started, err := e.startExport(t, "shop",
				func(in *exportInput) { in.S3Bucket = &tt.bucket })
			if err != nil {
				t.Fatal(err)
			}
			if started.ExportStatus != types.ExportStatusInProgress {
				t.Errorf("accepted as %s", started.ExportStatus)
			}
			d := e.wait(t, started.ExportArn)
			if d.ExportStatus != types.ExportStatusFailed || aws.ToString(d.FailureCode) != tt.code ||
				!strings.Contains(aws.ToString(d.FailureMessage), tt.message) {
				t.Errorf("export is %s: %s: %s", d.ExportStatus, aws.ToString(d.FailureCode),
					aws.ToString(d.FailureMessage))
			}
			if d.ExportManifest != nil || d.ItemCount != nil || d.EndTime == nil {
				t.Errorf("a failed export has manifest %v, %v items, end %v", d.ExportManifest, d.ItemCount, d.EndTime)
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.objects) > tt.objects || len(b.uploads) != 0 {
				t.Errorf("left behind: %q and %d uploads", b.order, len(b.uploads))
			}
		})
	}
}

func TestServer_ListExports(t *testing.T) {
	t.Parallel()

	e := start(t, local.Options{})
	var want []string
	for i, table := range []string{"one", "two"} {
		e.createTable(t, table)
		e.enableRecovery(t, table)
		first := 3 * i
		for range 3 {
			d := e.export(t, table,
				func(in *exportInput) {
					if len(want)%2 == 0 { // the list says it for all
						in.ExportType = types.ExportTypeFullExport
					}
				})
			want = slices.Insert(want, first, *d.ExportArn) // the newest first
			e.clock.advance(time.Second)
		}
	}
	list := func(table *string, size int32) []string {
		var got []string
		p := dynamodb.NewListExportsPaginator(e, &dynamodb.ListExportsInput{TableArn: table, MaxResults: &size})
		for p.HasMorePages() {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.ExportSummaries {
				if s.ExportStatus != types.ExportStatusCompleted || s.ExportType != types.ExportTypeFullExport {
					t.Errorf("summary %v", s)
				}
				got = append(got, *s.ExportArn)
			}
		}
		return got
	}
	if diff := gocmp.Diff(want, list(nil, 4)); diff != "" {
		t.Errorf("all exports (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(want[3:], list(aws.String(arn+"two"), 25)); diff != "" {
		t.Errorf("exports of one table (-want +got):\n%s", diff)
	}
	_, err := e.DescribeExport(t.Context(), &dynamodb.DescribeExportInput{ExportArn: aws.String(want[0] + "0")})
	wantError(t, err, "ExportNotFoundException", want[0])
	_, err = e.DescribeExport(t.Context(),
		&dynamodb.DescribeExportInput{ExportArn: aws.String("arn:aws:dynamodb:nowhere-in-particular")})
	wantError(t, err, "ValidationException", "Invalid Export ARN")
	for _, foreign := range [][2]string{{"arn:aws:", "arn:aws-cn:"}, {":dynamodb:", ":s3:"}, {"us-east-1", "eu-west-1"}, {"000000000000", "123456789012"}} {
		arn := strings.Replace(want[0], foreign[0], foreign[1], 1)
		_, err := e.DescribeExport(t.Context(), &dynamodb.DescribeExportInput{ExportArn: &arn})
		wantError(t, err, "AccessDeniedException", arn)
	}
	for _, token := range []string{"x", want[0] + "0", want[0]} { // the last is one of another table
		_, err := e.ListExports(t.Context(), &dynamodb.ListExportsInput{NextToken: &token, TableArn: aws.String(arn + "two")})
		wantError(t, err, "ValidationException", "Invalid NextToken")
	}
}
