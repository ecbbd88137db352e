package sample_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/sample"
)

// store is the model of the sample.
func store() model.Model {
	m, err := models.Read(models.Default)
	if err != nil {
		panic(err)
	}
	return m
}

// paths returns the attributes of an item, nested ones as "Address.city".
func paths(prefix string, item sample.Item) []string {
	var all []string
	for attribute, value := range item {
		if nested, ok := value.(*types.AttributeValueMemberM); ok {
			all = append(all, paths(prefix+attribute+".", nested.Value)...)
		} else {
			all = append(all, prefix+attribute)
		}
	}
	return all
}

func quarter(date string) string {
	month, _ := strconv.Atoi(date[5:7])
	return strconv.Itoa((month + 2) / 3)
}

func textOf(value types.AttributeValue) string {
	if s, ok := value.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func numberOf(value types.AttributeValue) string {
	if n, ok := value.(*types.AttributeValueMemberN); ok {
		return n.Value
	}
	return ""
}

// centsOf reads an amount of money the slow and obvious way.
func centsOf(t *testing.T, value types.AttributeValue) int {
	t.Helper()
	whole, decimals, _ := strings.Cut(numberOf(value), ".")
	cents, err := strconv.Atoi(whole + (decimals + "00")[:2])
	if err != nil || len(decimals) > 2 || strings.HasSuffix(decimals, "0") {
		t.Errorf("price %q, want at most two decimals as DynamoDB spells them", numberOf(value))
	}
	return cents
}

// sum is the SHA-256 of items in a spelling without choices.
func sum(items iter.Seq[sample.Item]) string {
	hash := sha256.New()
	for item := range items {
		hash.Write([]byte(encode(item)))
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

func encode(item sample.Item) string {
	var b strings.Builder
	for _, attribute := range slices.Sorted(maps.Keys(item)) {
		fmt.Fprintf(&b, "%s=%s;", attribute, encodeValue(item[attribute]))
	}
	return "{" + b.String() + "}\n"
}

func encodeValue(value types.AttributeValue) string {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("S%d:%s", len(v.Value), v.Value)
	case *types.AttributeValueMemberN:
		return "N" + v.Value
	case *types.AttributeValueMemberB:
		return "B" + hex.EncodeToString(v.Value)
	case *types.AttributeValueMemberBOOL:
		return strconv.FormatBool(v.Value)
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberM:
		return encode(v.Value)
	case *types.AttributeValueMemberL:
		var all []string
		for _, element := range v.Value {
			all = append(all, encodeValue(element))
		}
		return "L[" + strings.Join(all, ",") + "]"
	case *types.AttributeValueMemberSS:
		return "SS" + strings.Join(v.Value, "|")
	case *types.AttributeValueMemberNS:
		return "NS" + strings.Join(v.Value, "|")
	case *types.AttributeValueMemberBS:
		return "BS" + hex.EncodeToString(slices.Concat(v.Value...))
	}
	return "?"
}

// sizeOf counts the bytes of an item as DynamoDB does:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func sizeOf(item sample.Item) int {
	size := 0
	for attribute, value := range item {
		size += len(attribute)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			size += len(v.Value)
		case *types.AttributeValueMemberN:
			significant := strings.Trim(strings.ReplaceAll(v.Value, ".", ""), "0")
			size += (len(significant)+1)/2 + 1
		case *types.AttributeValueMemberM:
			size += 3 + len(v.Value) + sizeOf(v.Value)
		case *types.AttributeValueMemberNULL:
			size++
		}
	}
	return size
}
