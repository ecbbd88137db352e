package main

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/xitongsys/parquet-go/writer"
)

// The rows of the naive contender: what most would write first, with the tags
// of the libraries. Decimals and timestamps come ready-made, because the
// writer's own conversions corrupt some of them.

type customerRow struct {
	Username     string  `dynamodbav:"username"    parquet:"name=username, type=BYTE_ARRAY, convertedtype=UTF8"`
	Email        *string `dynamodbav:"email"       parquet:"name=email, type=BYTE_ARRAY, convertedtype=UTF8"`
	Fullname     *string `dynamodbav:"fullname"    parquet:"name=fullname, type=BYTE_ARRAY, convertedtype=UTF8"`
	AddressLine1 *string `dynamodbav:"-"           parquet:"name=addressline1, type=BYTE_ARRAY, convertedtype=UTF8"`
	AddressLine2 *string `dynamodbav:"-"           parquet:"name=addressline2, type=BYTE_ARRAY, convertedtype=UTF8"`
	City         *string `dynamodbav:"-"           parquet:"name=city, type=BYTE_ARRAY, convertedtype=UTF8"`
	Postcode     *string `dynamodbav:"-"           parquet:"name=postcode, type=BYTE_ARRAY, convertedtype=UTF8"`
	Country      *string `dynamodbav:"-"           parquet:"name=country, type=BYTE_ARRAY, convertedtype=UTF8"`
}

type orderRow struct {
	PK            string  `parquet:"name=pk, type=BYTE_ARRAY, convertedtype=UTF8"`
	OrderID       string  `parquet:"name=orderid, type=BYTE_ARRAY, convertedtype=UTF8"`
	NumberOfItems *int32  `parquet:"name=numberofitems, type=INT32"`
	Amount        *string `parquet:"name=amount, type=FIXED_LEN_BYTE_ARRAY, convertedtype=DECIMAL, scale=2, precision=18, length=8"`
	OrderDate     string  `parquet:"name=orderdate, type=INT96"`
}

type productRow struct {
	OrderID     string  `parquet:"name=orderid, type=BYTE_ARRAY, convertedtype=UTF8"`
	ProductID   string  `parquet:"name=productid, type=BYTE_ARRAY, convertedtype=UTF8"`
	ProductName *string `parquet:"name=productname, type=BYTE_ARRAY, convertedtype=UTF8"`
	Category    *string `parquet:"name=category, type=BYTE_ARRAY, convertedtype=UTF8"`
	Color       *string `parquet:"name=color, type=BYTE_ARRAY, convertedtype=UTF8"`
	Price       string  `parquet:"name=price, type=FIXED_LEN_BYTE_ARRAY, convertedtype=DECIMAL, scale=2, precision=18, length=8"`
}

// anyItem is an item of any of the three types.
type anyItem struct {
	customerRow

	Type    string `dynamodbav:"type"`
	Address struct {
		AddressLine1 *string `dynamodbav:"addressline1"`
		AddressLine2 *string `dynamodbav:"addressline2"`
		City         *string `dynamodbav:"city"`
		Postcode     *string `dynamodbav:"postcode"`
		Country      *string `dynamodbav:"country"`
	} `dynamodbav:"Address"`
	PK            string                `dynamodbav:"PK"`
	OrderID       string                `dynamodbav:"orderid"`
	NumberOfItems *int32                `dynamodbav:"numberofitems"`
	Amount        attributevalue.Number `dynamodbav:"amount"`
	OrderDate     time.Time             `dynamodbav:"orderdate"`
	ProductID     string                `dynamodbav:"productid"`
	ProductName   *string               `dynamodbav:"productname"`
	Category      *string               `dynamodbav:"category"`
	Color         *string               `dynamodbav:"color"`
	Price         attributevalue.Number `dynamodbav:"price"`
}

// naive does the job with the libraries that come to mind first.
func naive(data, out string) error {
	files, err := dataFiles(data)
	if err != nil {
		return err
	}
	for _, path := range files {
		if err := naiveFile(path, out); err != nil {
			return fmt.Errorf("convert %s: %w", path, err)
		}
	}
	return nil
}

func naiveFile(path, out string) (err error) {
	file, err := os.Open(path) //nolint:gosec // the folder is ours
	if err != nil {
		return fmt.Errorf("open data file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	zip, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("decompress: %w", err)
	}
	tables := map[string]*naiveTable{}
	lines := bufio.NewScanner(zip)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		kind, row, err := naiveRow(lines.Bytes())
		if err != nil {
			return err
		}
		if tables[kind] == nil {
			if tables[kind], err = newNaiveTable(filepath.Join(out, kind+"-"+filepath.Base(path)+".parquet"), kind); err != nil {
				return err
			}
		}
		if err := tables[kind].writer.Write(row); err != nil {
			return fmt.Errorf("write row: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read line: %w", err)
	}
	for _, t := range tables {
		if err := errors.Join(t.writer.WriteStop(), t.buffer.Flush(), t.file.Close()); err != nil {
			return fmt.Errorf("close output: %w", err)
		}
	}
	return nil
}

type naiveTable struct {
	file   *os.File
	buffer *bufio.Writer
	writer *writer.ParquetWriter
}

func newNaiveTable(path, kind string) (*naiveTable, error) {
	file, err := os.Create(path) //nolint:gosec // the folder is ours
	if err != nil {
		return nil, fmt.Errorf("create output: %w", err)
	}
	buffer := bufio.NewWriter(file)
	schema := map[string]any{"customer": new(customerRow), "order": new(orderRow), "product": new(productRow)}
	w, err := writer.NewParquetWriterFromWriter(buffer, schema[kind], 1)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open writer: %w", err), file.Close())
	}
	w.RowGroupSize = 16 << 20
	return &naiveTable{file: file, buffer: buffer, writer: w}, nil
}

// naiveRow converts a line to its row, and names the item type.
func naiveRow(line []byte) (kind string, row any, err error) {
	var decoded struct{ Item map[string]rawValue }
	if err := json.Unmarshal(line, &decoded); err != nil {
		return "", nil, fmt.Errorf("decode line: %w", err)
	}
	var item anyItem
	if err := attributevalue.UnmarshalMap(attributes(decoded.Item), &item); err != nil {
		return "", nil, fmt.Errorf("decode item: %w", err)
	}
	switch item.Type {
	case "customer":
		r := item.customerRow
		r.AddressLine1, r.AddressLine2 = item.Address.AddressLine1, item.Address.AddressLine2
		r.City, r.Postcode, r.Country = item.Address.City, item.Address.Postcode, item.Address.Country
		return item.Type, r, nil
	case "order":
		r := orderRow{PK: item.PK, OrderID: item.OrderID, NumberOfItems: item.NumberOfItems, OrderDate: int96(item.OrderDate)}
		if item.Amount != "" {
			amount, err := decimal(item.Amount)
			if err != nil {
				return "", nil, err
			}
			r.Amount = &amount
		}
		return item.Type, r, nil
	case "product":
		price, err := decimal(item.Price)
		return item.Type, productRow{
			OrderID: item.OrderID, ProductID: item.ProductID, ProductName: item.ProductName,
			Category: item.Category, Color: item.Color, Price: price,
		}, err
	}
	return "", nil, fmt.Errorf("decode item: unknown type %q", item.Type)
}

// rawValue is DynamoDB JSON as encoding/json reads it.
type rawValue struct {
	S    *string
	N    *string
	NULL *bool
	M    map[string]rawValue
}

func attributes(values map[string]rawValue) map[string]types.AttributeValue {
	out := make(map[string]types.AttributeValue, len(values))
	for name, v := range values {
		switch {
		case v.S != nil:
			out[name] = &types.AttributeValueMemberS{Value: *v.S}
		case v.N != nil:
			out[name] = &types.AttributeValueMemberN{Value: *v.N}
		case v.NULL != nil:
			out[name] = &types.AttributeValueMemberNULL{Value: *v.NULL}
		case v.M != nil:
			out[name] = &types.AttributeValueMemberM{Value: attributes(v.M)}
		}
	}
	return out
}

// decimal returns an amount with two decimals as eight bytes, big endian.
func decimal(number attributevalue.Number) (string, error) {
	value, ok := new(big.Rat).SetString(string(number))
	if ok {
		value.Mul(value, big.NewRat(100, 1))
		ok = value.IsInt() && value.Num().IsInt64()
	}
	if !ok {
		return "", fmt.Errorf("convert number %q: no decimal(18,2)", string(number))
	}
	return string(binary.BigEndian.AppendUint64(nil, uint64(value.Num().Int64()))), nil //nolint:gosec // two's complement
}

// int96 returns an instant as nanoseconds of its day and its Julian day.
func int96(at time.Time) string {
	const epoch = 2440588
	day := at.UTC().Truncate(24 * time.Hour)
	nanos := binary.LittleEndian.AppendUint64(nil, uint64(at.Sub(day)))                         //nolint:gosec // within a day
	return string(binary.LittleEndian.AppendUint32(nanos, uint32(day.Unix()/(24*60*60)+epoch))) //nolint:gosec // small
}
