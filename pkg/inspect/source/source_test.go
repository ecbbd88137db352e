package source_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/inspecttest"
	"github.com/nightstar-elt/nightstar/pkg/inspect/source"
)

// upload puts the files of a folder into a bucket.
func upload(t *testing.T, s3 *awstest.S3, dir, prefix string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		s3.Put("raw", prefix+filepath.ToSlash(name), body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBucket reads an export wherever it lies in a bucket.
func TestBucket(t *testing.T) {
	t.Parallel()

	home := inspecttest.Export(t, 3, `{"id":{"S":"1"}}`, `{"id":{"S":"2"}}`, `{"id":{"S":"3"}}`)
	top := filepath.Dir(filepath.Dir(home))
	s3 := awstest.NewS3(t, "raw")
	s3.PageSize(2)
	upload(t, s3, top, "nightly/2026/")
	for _, prefix := range []string{"", "nightly", "nightly/2026/AWSDynamoDB/", "nightly/2026/AWSDynamoDB/01700000000000-00000000"} {
		from, err := source.Bucket(t.Context(), s3.Client(), "raw", prefix)
		if err != nil {
			t.Fatalf("prefix %q: %v", prefix, err)
		}
		r, err := inspect.Read(t.Context(), from, inspect.Options{})
		if err != nil || r.Items != 3 || r.Table != "desk" || from.Bytes() == 0 {
			t.Errorf("prefix %q: %+v, %v", prefix, r, err)
		}
	}
	refused := func(prefix, want string) {
		t.Helper()
		if _, err := source.Bucket(t.Context(), s3.Client(), "raw", prefix); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error = %v, want one line with %q", err, want)
		}
	}
	refused("elsewhere", "there is no manifest-summary.json below it")
	upload(t, s3, home, "flat/")
	refused("flat", "lies in no folder AWSDynamoDB")
	refused("", "there are 2 exports below it")
	s3.Put("raw", "bad/AWSDynamoDB/1/manifest-summary.json", []byte("oops"))
	refused("bad", "is not the summary of an export")
	s3.Put("raw", "bad/AWSDynamoDB/1/manifest-summary.json", []byte(`{"exportType":"INCREMENTAL_EXPORT"}`))
	refused("bad", "give a full export")
	s3.Put("raw", "bad/AWSDynamoDB/1/manifest-summary.json", []byte(`{"manifestFilesS3Key":"AWSDynamoDB/1/manifest-files.json"}`))
	refused("bad", "manifest-files.json")
	s3.Put("raw", "bad/AWSDynamoDB/1/manifest-files.json", []byte(`{"dataFileS3Key":"../x"}`))
	refused("bad", "names no file of an export")
}

// pages is a table of which each page has one item.
type pages struct {
	items []map[string]types.AttributeValue
}

func (p pages) DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return &dynamodb.DescribeTableOutput{Table: &types.TableDescription{TableName: aws.String("shop"), KeySchema: []types.KeySchemaElement{
		{AttributeName: aws.String("b"), KeyType: types.KeyTypeRange}, {AttributeName: aws.String("a"), KeyType: types.KeyTypeHash},
	}}}, nil
}

func (p pages) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	at := 0
	if in.ExclusiveStartKey != nil {
		at = len(in.ExclusiveStartKey["at"].(*types.AttributeValueMemberS).Value)
	}
	out := &dynamodb.ScanOutput{Items: p.items[at : at+1]}
	if at+1 < len(p.items) {
		out.LastEvaluatedKey = map[string]types.AttributeValue{"at": &types.AttributeValueMemberS{Value: strings.Repeat("x", at+1)}}
	}
	return out, nil
}

// TestTable reads a table: every type of attribute, as an export would have it.
func TestTable(t *testing.T) {
	t.Parallel()

	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	all := map[string]types.AttributeValue{
		"a": text("x\"<\n"), "b": &types.AttributeValueMemberN{Value: "1.50"}, "bytes": &types.AttributeValueMemberB{Value: []byte{0, 255}},
		"flag": &types.AttributeValueMemberBOOL{Value: true}, "none": &types.AttributeValueMemberNULL{Value: true},
		"ss": &types.AttributeValueMemberSS{Value: []string{"p", "q"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"1"}}, "bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
		"map": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": text("v")}}, "list": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("e"), text("f")}},
	}
	table := pages{[]map[string]types.AttributeValue{all, {"a": text("y"), "b": &types.AttributeValueMemberN{Value: "2"}}}}
	from, err := source.Table(t.Context(), table, "shop")
	if err != nil {
		t.Fatal(err)
	}
	body, err := from.Files[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines, err := io.ReadAll(body)
	if err != nil || body.Close() != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(lines), "\n")
	selector, err := ddbjson.NewSelector()
	if err != nil {
		t.Fatal(err)
	}
	if err := ddbjson.NewDecoder(selector).Decode([]byte(first)); err != nil {
		t.Errorf("%s: %v", first, err)
	}
	for _, want := range []string{`"flag":{"BOOL":true}`, `"bytes":{"B":"AP8="}`, `"ss":{"SS":["p","q"]}`, `"bs":{"BS":["AQ=="]}`, `"none":{"NULL":true}`, `"list":{"L":[{"S":"e"},{"S":"f"}]}`, `"map":{"M":{"k":{"S":"v"}}}`} {
		if !strings.Contains(first, want) {
			t.Errorf("%s lacks %s", first, want)
		}
	}
	r, err := inspect.Read(t.Context(), from, inspect.Options{})
	if err != nil || r.Items != 2 || r.Table != "shop" || len(r.Keys) != 2 || r.Keys[0].Name != "a" || !r.Keys[0].Sure {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = inspect.Read(t.Context(), from, inspect.Options{Sample: 1}); err != nil || r.Items != 1 {
		t.Errorf("a sample: %+v, %v", r, err)
	}
}

// TestFolder takes the full export of a folder, however deep it lies, and says what
// to give otherwise.
func TestFolder(t *testing.T) {
	t.Parallel()

	home := inspecttest.Export(t, 1, `{"id":{"S":"1"}}`)
	top := filepath.Dir(filepath.Dir(home))
	for _, dir := range []string{home, top, filepath.Dir(top)} {
		from, err := source.Folder(dir)
		if err != nil || len(from.Files) != 1 || from.Table != "desk" || from.Close() != nil {
			t.Errorf("%s: %+v, %v", dir, from, err)
		}
	}
	loose := t.TempDir()
	for _, name := range []string{"a.json.gz", "b.txt"} {
		if err := os.WriteFile(filepath.Join(loose, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if from, err := source.Folder(loose); err != nil || len(from.Files) != 1 {
		t.Errorf("data files alone: %+v, %v", from, err)
	}
	if _, err := source.Folder(filepath.Join(loose, "b.txt")); err == nil || !strings.Contains(err.Error(), "is a file") {
		t.Errorf("a file: %v", err)
	}
	if _, err := source.Open(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no file ends in .json.gz") {
		t.Errorf("an empty folder: %v", err)
	}
}
