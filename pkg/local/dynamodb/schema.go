package dynamodb

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// The types below are the protocol's, and are stored as they are.

type keyElement struct {
	AttributeName string
	KeyType       string
}

type attributeDefinition struct {
	AttributeName string
	AttributeType string
}

type projection struct {
	ProjectionType   string
	NonKeyAttributes []string `json:",omitempty"`
}

type throughput struct {
	ReadCapacityUnits  int64
	WriteCapacityUnits int64
}

type indexDefinition struct {
	IndexName             string
	KeySchema             []keyElement
	Projection            projection
	ProvisionedThroughput *throughput `json:",omitempty"`
}

// tableDefinition is what CreateTable says about a table.
type tableDefinition struct {
	TableName              string
	AttributeDefinitions   []attributeDefinition
	KeySchema              []keyElement
	BillingMode            string
	ProvisionedThroughput  *throughput       `json:",omitempty"`
	GlobalSecondaryIndexes []indexDefinition `json:",omitempty"`
}

// maxIndexes is the default quota of global secondary indexes of a table.
const maxIndexes = 20

// check refuses definitions that DynamoDB refuses.
func (d *tableDefinition) check() error {
	if !isName(d.TableName) {
		return invalid("TableName %q must be 3 to 255 characters out of a-z, A-Z, 0-9, '_', '-' and '.'", d.TableName)
	}
	if err := d.checkThroughput(); err != nil {
		return err
	}
	defined := map[string]bool{}
	for _, a := range d.AttributeDefinitions {
		if !slices.Contains([]string{"S", "N", "B"}, a.AttributeType) {
			return invalid("AttributeType %q of the attribute %q must be S, N or B", a.AttributeType, a.AttributeName)
		}
		if defined[a.AttributeName] {
			return wrong("Duplicate AttributeName in AttributeDefinitions: %s", a.AttributeName)
		}
		defined[a.AttributeName] = true
	}
	used := map[string]bool{}
	if err := checkKey("the table", d.KeySchema, defined, used); err != nil {
		return err
	}
	if err := d.checkIndexes(defined, used); err != nil {
		return err
	}
	if len(used) != len(defined) {
		return wrong("Number of attributes in KeySchema does not " +
			"exactly match number of attributes defined in AttributeDefinitions")
	}
	return nil
}

func (d *tableDefinition) checkThroughput() error {
	switch d.BillingMode {
	case "PAY_PER_REQUEST":
		if d.ProvisionedThroughput != nil {
			return wrong("Neither ReadCapacityUnits nor WriteCapacityUnits " +
				"can be specified when BillingMode is PAY_PER_REQUEST")
		}
	case "PROVISIONED":
		if d.ProvisionedThroughput == nil {
			return wrong("ReadCapacityUnits and WriteCapacityUnits " +
				"must both be specified when BillingMode is PROVISIONED")
		}
	default:
		return invalid("BillingMode %q must be PROVISIONED or PAY_PER_REQUEST", d.BillingMode)
	}
	return nil
}

func (d *tableDefinition) checkIndexes(defined, used map[string]bool) error {
	if len(d.GlobalSecondaryIndexes) > maxIndexes {
		return wrong("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxIndexes)
	}
	names := map[string]bool{}
	for _, x := range d.GlobalSecondaryIndexes {
		if !isName(x.IndexName) {
			return invalid("IndexName %q must be 3 to 255 characters out of a-z, A-Z, 0-9, '_', '-' and '.'",
				x.IndexName)
		}
		if names[x.IndexName] {
			return wrong("Duplicate index name: %s", x.IndexName)
		}
		names[x.IndexName] = true
		if err := checkKey("index "+x.IndexName, x.KeySchema, defined, used); err != nil {
			return err
		}
		switch x.Projection.ProjectionType {
		case "ALL", "KEYS_ONLY":
			if len(x.Projection.NonKeyAttributes) > 0 {
				return wrong("ProjectionType is %s, but NonKeyAttributes is specified",
					x.Projection.ProjectionType)
			}
		case "INCLUDE":
			if len(x.Projection.NonKeyAttributes) == 0 {
				return wrong("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
			}
		default:
			return wrong("Unknown ProjectionType: %q of index %s",
				x.Projection.ProjectionType, x.IndexName)
		}
	}
	return nil
}

// checkKey checks one key schema and notes the attributes it uses.
func checkKey(of string, key []keyElement, defined, used map[string]bool) error {
	if len(key) < 1 || len(key) > 2 {
		return invalid("the KeySchema of %s has %d elements; it must have a HASH and may have a RANGE key", of,
			len(key))
	}
	for i, k := range key {
		if want := []string{"HASH", "RANGE"}[i]; k.KeyType != want {
			return invalid("Invalid KeySchema: element %d of %s is of type %q, want %s", i+1, of, k.KeyType, want)
		}
		if !defined[k.AttributeName] {
			return wrong("Some index key attributes are not defined in "+
				"AttributeDefinitions. Key: %s of %s", k.AttributeName, of)
		}
		used[k.AttributeName] = true
	}
	if len(key) == 2 && key[0].AttributeName == key[1].AttributeName {
		return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name: %s",
			key[0].AttributeName)
	}
	return nil
}

// isName reports whether s can name a table or an index.
func isName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return len(s) >= 3 && len(s) <= 255 && strings.Trim(s, letters+"0123456789_-.") == ""
}

// typeOf returns the type of an attribute that is a key.
func (d *tableDefinition) typeOf(name string) item.Type {
	for _, a := range d.AttributeDefinitions {
		if a.AttributeName == name {
			t, _ := item.ParseType([]byte(a.AttributeType))
			return t
		}
	}
	return 0
}
