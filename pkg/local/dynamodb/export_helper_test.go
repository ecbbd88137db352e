package dynamodb_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type exportInput = dynamodb.ExportTableToPointInTimeInput

// startExport starts an export of a table into the bucket, after change has
// changed the request.
func (e *endpoint) startExport(
	t testing.TB, table string, change func(*exportInput),
) (*types.ExportDescription, error) {
	t.Helper()

	in := &exportInput{
		TableArn: aws.String(arn + table), S3Bucket: aws.String("raw"),
	}
	if change != nil {
		change(in)
	}
	out, err := e.ExportTableToPointInTime(t.Context(), in)
	if err != nil {
		return nil, err
	}
	return out.ExportDescription, nil
}

// wait polls an export until it has ended.
func (e *endpoint) wait(t testing.TB, arn *string) *types.ExportDescription {
	t.Helper()

	for range 2000 {
		out, err := e.DescribeExport(t.Context(), &dynamodb.DescribeExportInput{ExportArn: arn})
		if err != nil {
			t.Fatal(err)
		}
		if out.ExportDescription.ExportStatus != types.ExportStatusInProgress {
			return out.ExportDescription
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("export %s does not end", *arn)
	return nil
}

// export exports a table and returns the description of the completed export.
func (e *endpoint) export(t testing.TB, table string, change func(*exportInput)) *types.ExportDescription {
	t.Helper()

	started, err := e.startExport(t, table, change)
	if err != nil {
		t.Fatal(err)
	}
	d := e.wait(t, started.ExportArn)
	if d.ExportStatus != types.ExportStatusCompleted {
		t.Fatalf("export is %s: %s: %s", d.ExportStatus, aws.ToString(d.FailureCode), aws.ToString(d.FailureMessage))
	}
	return d
}

// fileLine is a line of manifest-files.json.
type fileLine struct {
	ItemCount     int    `json:"itemCount"`
	MD5Checksum   string `json:"md5Checksum"`
	ETag          string `json:"etag"`
	DataFileS3Key string `json:"dataFileS3Key"`
}

// exported is an export as it was found in the bucket.
type exported struct {
	summary map[string]any
	files   []fileLine
	items   []attributes
	perFile [][]attributes
}

// read reads and checks an export from its summary on, with the standard library
// and the SDK only.
func (b *bucket) read(t testing.TB, summaryKey string) exported {
	t.Helper()

	b.mu.Lock()
	defer b.mu.Unlock()
	var out exported
	if err := json.Unmarshal(b.verified(t, summaryKey), &out.summary); err != nil {
		t.Fatal(err)
	}
	lines := b.verified(t, out.summary["manifestFilesS3Key"].(string))
	if !bytes.HasSuffix(lines, []byte("\n")) {
		t.Errorf("manifest-files.json does not end with a line")
	}
	for line := range strings.Lines(string(lines)) {
		var f fileLine
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&f); err != nil {
			t.Fatal(err)
		}
		items := b.dataFile(t, f)
		out.files = append(out.files, f)
		out.perFile = append(out.perFile, items)
		out.items = append(out.items, items...)
	}
	if int(out.summary["itemCount"].(float64)) != len(out.items) {
		t.Errorf("summary has %v items, the files %d", out.summary["itemCount"], len(out.items))
	}
	return out
}

// verified returns a manifest after checking it against its .md5.
func (b *bucket) verified(t testing.TB, key string) []byte {
	t.Helper()

	o, ok := b.objects[key]
	if !ok {
		t.Fatalf("no object %s", key)
	}
	sum := md5.Sum(o.body)
	got := b.objects[strings.TrimSuffix(key, ".json")+".md5"].body
	if want := base64.StdEncoding.EncodeToString(sum[:]); string(got) != want || len(got) != 24 {
		t.Errorf("MD5 of %s is stored as %q, want %q", key, got, want)
	}
	return o.body
}

func (b *bucket) dataFile(t testing.TB, f fileLine) []attributes {
	t.Helper()

	o, ok := b.objects[f.DataFileS3Key]
	if !ok {
		t.Fatalf("no object %s", f.DataFileS3Key)
	}
	sum := md5.Sum(o.body)
	if want := base64.StdEncoding.EncodeToString(sum[:]); f.MD5Checksum != want {
		t.Errorf("md5Checksum = %q, want %q", f.MD5Checksum, want)
	}
	if f.ETag != o.etag || !strings.HasSuffix(f.ETag, "-1") {
		t.Errorf("etag = %q, want %q of one part", f.ETag, o.etag)
	}
	items, err := readItems(o.body)
	if err != nil {
		t.Fatalf("%s: %v", f.DataFileS3Key, err)
	}
	if len(items) != f.ItemCount {
		t.Errorf("%s has %d items, itemCount is %d", f.DataFileS3Key, len(items), f.ItemCount)
	}
	return items
}

// readItems decodes a data file.
func readItems(file []byte) ([]attributes, error) {
	zip, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	var items []attributes
	in := bufio.NewReader(zip)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return items, nil
		}
		if err != nil {
			return nil, err
		}
		var record struct{ Item map[string]wireValue }
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&record); err != nil {
			return nil, err
		}
		item := attributes{}
		for name, v := range record.Item {
			item[name] = v.value()
		}
		items = append(items, item)
	}
}

// wireValue is an attribute value in DynamoDB JSON.
type wireValue struct {
	S    *string
	N    *string
	B    *[]byte
	BOOL *bool
	NULL *bool
	M    map[string]wireValue
	L    []wireValue
	SS   []string
	NS   []string
	BS   [][]byte
}

func (w wireValue) value() types.AttributeValue {
	switch {
	case w.S != nil:
		return &types.AttributeValueMemberS{Value: *w.S}
	case w.N != nil:
		return &types.AttributeValueMemberN{Value: *w.N}
	case w.B != nil:
		return &types.AttributeValueMemberB{Value: *w.B}
	case w.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *w.BOOL}
	case w.NULL != nil:
		return &types.AttributeValueMemberNULL{Value: *w.NULL}
	case w.SS != nil:
		return &types.AttributeValueMemberSS{Value: w.SS}
	case w.NS != nil:
		return &types.AttributeValueMemberNS{Value: w.NS}
	case w.BS != nil:
		return &types.AttributeValueMemberBS{Value: w.BS}
	case w.L != nil:
		list := make([]types.AttributeValue, len(w.L))
		for i, v := range w.L {
			list[i] = v.value()
		}
		return &types.AttributeValueMemberL{Value: list}
	default:
		m := attributes{}
		for name, v := range w.M {
			m[name] = v.value()
		}
		return &types.AttributeValueMemberM{Value: m}
	}
}
