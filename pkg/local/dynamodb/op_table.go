package dynamodb

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// tableDescription is what the protocol tells about a table.
type tableDescription struct {
	TableName              string
	TableArn               string
	TableID                string `json:"TableId"`
	TableStatus            string
	CreationDateTime       timestamp
	AttributeDefinitions   []attributeDefinition
	KeySchema              []keyElement
	ItemCount              int
	TableSizeBytes         int64
	ProvisionedThroughput  throughputDescription
	BillingModeSummary     *billingModeSummary `json:",omitempty"`
	GlobalSecondaryIndexes []indexDescription  `json:",omitempty"`
	DeletionProtection     bool                `json:"DeletionProtectionEnabled"`
}

type throughputDescription struct {
	NumberOfDecreasesToday int64
	throughput
}

type billingModeSummary struct {
	BillingMode string
}

type indexDescription struct {
	IndexName             string
	IndexArn              string
	IndexStatus           string
	KeySchema             []keyElement
	Projection            projection
	ProvisionedThroughput throughputDescription
	ItemCount             int
}

func (s *Server) createTable(_ context.Context, body []byte) ([]byte, error) {
	d := tableDefinition{BillingMode: "PROVISIONED"}
	var protection bool
	err := decode(body, params{
		"TableName":                 &d.TableName,
		"AttributeDefinitions":      &d.AttributeDefinitions,
		"KeySchema":                 &d.KeySchema,
		"BillingMode":               &d.BillingMode,
		"ProvisionedThroughput":     &d.ProvisionedThroughput,
		"GlobalSecondaryIndexes":    &d.GlobalSecondaryIndexes,
		"DeletionProtectionEnabled": &protection,
	})
	if err != nil {
		return nil, err
	}
	if protection {
		return nil, unsupported("DeletionProtectionEnabled true")
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.tables[d.TableName]; exists {
		return nil, refuse(codeInUse, "Table already exists: %s", d.TableName)
	}
	id := uuid.NewString()
	t, err := createTable(filepath.Join(s.tablesDir(), id), tableRecord{
		Definition: d,
		TableID:    id,
		Created:    timestamp{Time: s.opts.Now()},
		Recovery:   recovery{Days: defaultRecoveryDays},
	})
	if err != nil {
		return nil, err
	}
	s.tables[d.TableName] = t
	return encode(map[string]any{"TableDescription": s.describe(t, "CREATING")})
}

func (s *Server) describeTable(_ context.Context, body []byte) ([]byte, error) {
	var name string
	if err := decode(body, params{"TableName": &name}); err != nil {
		return nil, err
	}
	t, err := s.table(name)
	if err != nil {
		return nil, err
	}
	return encode(map[string]any{"Table": s.describe(t, "ACTIVE")})
}

func (s *Server) deleteTable(_ context.Context, body []byte) ([]byte, error) {
	var name string
	if err := decode(body, params{"TableName": &name}); err != nil {
		return nil, err
	}
	t, err := s.table(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	if s.tables[t.def.TableName] != t {
		s.mu.Unlock()
		return nil, refuse(codeNotFound, "Requested resource not found: Table: %s not found", name)
	}
	delete(s.tables, t.def.TableName)
	s.mu.Unlock()
	description := s.describe(t, "DELETING")
	if err := t.remove(); err != nil {
		return nil, err
	}
	return encode(map[string]any{"TableDescription": description})
}

// describe describes a table whose indexes are as far as the table itself.
func (s *Server) describe(t *table, status string) tableDescription {
	t.mu.RLock()
	defer t.mu.RUnlock()
	d := tableDescription{
		TableName:             t.def.TableName,
		TableArn:              s.tableARN(t.def.TableName),
		TableID:               t.id,
		TableStatus:           status,
		CreationDateTime:      timestamp{Time: t.created},
		AttributeDefinitions:  t.def.AttributeDefinitions,
		KeySchema:             t.def.KeySchema,
		ItemCount:             t.paths[0].set.Len(),
		TableSizeBytes:        t.bytes,
		ProvisionedThroughput: describeThroughput(t.def.ProvisionedThroughput),
	}
	if t.def.BillingMode == "PAY_PER_REQUEST" {
		d.BillingModeSummary = &billingModeSummary{BillingMode: t.def.BillingMode}
	}
	for i, x := range t.def.GlobalSecondaryIndexes {
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, indexDescription{
			IndexName:             x.IndexName,
			IndexArn:              d.TableArn + "/index/" + x.IndexName,
			IndexStatus:           status,
			KeySchema:             x.KeySchema,
			Projection:            x.Projection,
			ProvisionedThroughput: describeThroughput(x.ProvisionedThroughput),
			ItemCount:             t.paths[i+1].set.Len(),
		})
	}
	return d
}

func describeThroughput(t *throughput) throughputDescription {
	if t == nil {
		return throughputDescription{}
	}
	return throughputDescription{throughput: *t}
}

func (s *Server) listTables(_ context.Context, body []byte) ([]byte, error) {
	var after string
	limit := 100
	if err := decode(body, params{"ExclusiveStartTableName": &after, "Limit": &limit}); err != nil {
		return nil, err
	}
	if limit < 1 || limit > 100 {
		return nil, invalid("Limit %d must be 1 to 100", limit)
	}
	s.mu.RLock()
	names := slices.Sorted(maps.Keys(s.tables))
	s.mu.RUnlock()
	first, _ := slices.BinarySearchFunc(names, after, func(name, after string) int {
		if strings.Compare(name, after) <= 0 {
			return -1
		}
		return 1
	})
	answer := struct {
		TableNames             []string
		LastEvaluatedTableName string `json:",omitempty"`
	}{TableNames: append([]string{}, names[first:]...)}
	if len(answer.TableNames) > limit {
		answer.TableNames = answer.TableNames[:limit]
		answer.LastEvaluatedTableName = answer.TableNames[limit-1]
	}
	return encode(answer)
}

// checkNone refuses a parameter of which only the value NONE is supported.
func checkNone(parameter, value string) error {
	if value != "" && value != "NONE" {
		return unsupported("%s %q", parameter, value)
	}
	return nil
}
