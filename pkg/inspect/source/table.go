package source

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Items is what [Table] calls of DynamoDB: dynamodb:DescribeTable and
// dynamodb:Scan.
type Items interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Table reads a table by scanning it, which costs read capacity and shows no one
// moment. It knows the keys, which an export does not say.
func Table(ctx context.Context, api Items, name string) (Source, error) {
	out, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return Source{}, fmt.Errorf("describe the table %s: %w", name, err)
	}
	s := Source{Name: tableScheme + name, Table: aws.ToString(out.Table.TableName)}
	for _, kind := range []types.KeyType{types.KeyTypeHash, types.KeyTypeRange} {
		for _, key := range out.Table.KeySchema {
			if key.KeyType == kind {
				s.Keys = append(s.Keys, aws.ToString(key.AttributeName))
			}
		}
	}
	s.Files = []File{{Name: s.Name, Bytes: aws.ToInt64(out.Table.TableSizeBytes), Plain: true, Open: func(ctx context.Context) (io.ReadCloser, error) {
		ctx, stop := context.WithCancel(ctx)
		r, w := io.Pipe()
		go func() { w.CloseWithError(scan(ctx, api, name, w)) }()
		return scanned{r, stop}, nil
	}}}
	return s, nil
}

// scanned is a scan that ends when it is closed.
type scanned struct {
	*io.PipeReader
	stop context.CancelFunc
}

func (s scanned) Close() error {
	s.stop()
	return s.PipeReader.Close()
}

// scan writes the items of a table as lines of an export.
func scan(ctx context.Context, api Items, name string, to io.Writer) error {
	pages := dynamodb.NewScanPaginator(api, &dynamodb.ScanInput{TableName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("scan the table %s: %w", name, err)
		}
		var lines []byte
		for _, item := range page.Items {
			lines = append(lines, `{"Item":`...)
			lines = append(members(lines, item), "}\n"...)
		}
		if _, err := to.Write(lines); err != nil {
			return err //nolint:wrapcheck // the reader has closed the pipe
		}
	}
	return nil
}

// members appends a map of attributes as DynamoDB JSON.
func members(to []byte, all map[string]types.AttributeValue) []byte {
	to = append(to, '{')
	for i, name := range slices.Sorted(maps.Keys(all)) {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(append(to, encoded(name)...), ':')
		to = value(to, all[name])
	}
	return append(to, '}')
}

// value appends an attribute value.
func value(to []byte, v types.AttributeValue) []byte {
	kind := func(name string, body []byte) []byte {
		return append(append(append(append(to, `{"`...), name...), `":`...), append(body, '}')...)
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return kind("S", encoded(v.Value))
	case *types.AttributeValueMemberN:
		return kind("N", encoded(v.Value))
	case *types.AttributeValueMemberB:
		return kind("B", encoded(base64.StdEncoding.EncodeToString(v.Value)))
	case *types.AttributeValueMemberBOOL:
		return kind("BOOL", encoded(v.Value))
	case *types.AttributeValueMemberSS:
		return kind("SS", encoded(v.Value))
	case *types.AttributeValueMemberNS:
		return kind("NS", encoded(v.Value))
	case *types.AttributeValueMemberBS:
		return kind("BS", encoded(v.Value))
	case *types.AttributeValueMemberM:
		return kind("M", members(nil, v.Value))
	case *types.AttributeValueMemberL:
		list := []byte{'['}
		for i, element := range v.Value {
			if i > 0 {
				list = append(list, ',')
			}
			list = value(list, element)
		}
		return kind("L", append(list, ']'))
	}
	return kind("NULL", []byte("true"))
}

// encoded is JSON of text, a truth value or a list of either.
func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // none of these fails
	}
	return text
}
