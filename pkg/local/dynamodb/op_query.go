package dynamodb

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/expression"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/index"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// readParams are the parameters that Query and Scan share.
type readParams struct {
	table      string
	index      string
	limit      *int
	startKey   json.RawMessage
	selects    string
	consistent bool
	capacity   string
	projection projectionParams
	values     map[string]json.RawMessage
}

func (p *readParams) params() params {
	return params{
		"TableName":                 &p.table,
		"IndexName":                 &p.index,
		"Limit":                     &p.limit,
		"ExclusiveStartKey":         &p.startKey,
		"Select":                    &p.selects,
		"ConsistentRead":            &p.consistent,
		"ReturnConsumedCapacity":    &p.capacity,
		"ProjectionExpression":      &p.projection.expression,
		"ExpressionAttributeNames":  &p.projection.names,
		"ExpressionAttributeValues": &p.values,
	}
}

// placeholders parses the attribute values that expressions may refer to.
func (p *readParams) placeholders() (*expression.Placeholders, error) {
	out := &expression.Placeholders{Names: p.projection.names, Values: map[string]item.Value{}}
	for name, text := range p.values {
		if len(name) < 2 || name[0] != ':' {
			return nil, invalid(`ExpressionAttributeValues contains invalid key: Syntax error; key: %q`, name)
		}
		var parser item.Parser
		v, err := parser.Value(item.NewScanner(text))
		if err != nil {
			return nil, err
		}
		out.Values[name] = v
	}
	for name := range p.projection.names {
		if len(name) < 2 || name[0] != '#' {
			return nil, invalid(`ExpressionAttributeNames contains invalid key: Syntax error; key: %q`, name)
		}
	}
	return out, nil
}

// prepare resolves what Query and Scan share. The range is left to them.
func (s *Server) prepare(p *readParams, placeholders *expression.Placeholders) (*table, pageQuery, error) {
	var q pageQuery
	t, err := s.table(p.table)
	if err != nil {
		return nil, q, err
	}
	if q.path, err = t.path(p.index); err != nil {
		return nil, q, err
	}
	if err := checkNone("ReturnConsumedCapacity", p.capacity); err != nil {
		return nil, q, err
	}
	if p.consistent && p.index != "" {
		return nil, q, invalid("Consistent reads are not supported on global secondary indexes")
	}
	if p.limit != nil {
		if q.limit = *p.limit; q.limit < 1 {
			return nil, q, invalid("Limit %d must be at least 1", q.limit)
		}
	}
	keep, err := p.projection.attributes(placeholders)
	if err != nil {
		return nil, q, err
	}
	return t, q, q.project(p, keep)
}

// project decides which attributes are returned.
func (q *pageQuery) project(p *readParams, keep []string) error {
	if keep != nil && p.selects != "" && p.selects != "SPECIFIC_ATTRIBUTES" {
		return invalid("Cannot specify the ProjectionExpression when choosing to get %s", p.selects)
	}
	q.keep = q.path.keep
	switch p.selects {
	case "":
	case "COUNT":
		q.count = true
	case "ALL_ATTRIBUTES":
		if q.path.keep != nil {
			return wrong("Select type ALL_ATTRIBUTES is not supported for "+
				"global secondary index %s because its projection type is not ALL", q.path.index)
		}
	case "ALL_PROJECTED_ATTRIBUTES":
		if q.path.index == "" {
			return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
		}
	case "SPECIFIC_ATTRIBUTES":
		if keep == nil {
			return invalid("Must specify the ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
		}
	default:
		return invalid("Select %q is unknown", p.selects)
	}
	if keep == nil {
		return nil
	}
	if q.path.keep != nil {
		for _, name := range keep {
			if !slices.Contains(q.path.keep, name) {
				return wrong("Global secondary index %s does not project %s", q.path.index, name)
			}
		}
	}
	q.keep = keep
	return nil
}

func (s *Server) scan(_ context.Context, body []byte) ([]byte, error) {
	var p readParams
	accepted := p.params()
	delete(accepted, "ExpressionAttributeValues") // only for filters
	if err := decode(body, accepted); err != nil {
		return nil, err
	}
	if p.projection.expression == nil && p.projection.names != nil {
		return nil, invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	placeholders, err := p.placeholders()
	if err != nil {
		return nil, err
	}
	t, q, err := s.prepare(&p, placeholders)
	if err != nil {
		return nil, err
	}
	if err := placeholders.CheckUsed(); err != nil {
		return nil, err
	}
	q.to = index.End()
	return t.answer(q, p.startKey)
}

func (s *Server) query(_ context.Context, body []byte) ([]byte, error) {
	var p readParams
	var condition string
	forward := true
	accepted := p.params()
	accepted["KeyConditionExpression"] = &condition
	accepted["ScanIndexForward"] = &forward
	if err := decode(body, accepted); err != nil {
		return nil, err
	}
	placeholders, err := p.placeholders()
	if err != nil {
		return nil, err
	}
	conditions, err := expression.KeyConditions(condition, placeholders)
	if err != nil {
		return nil, err
	}
	t, q, err := s.prepare(&p, placeholders)
	if err != nil {
		return nil, err
	}
	if err := placeholders.CheckUsed(); err != nil {
		return nil, err
	}
	q.backward = !forward
	if q.from, q.to, err = q.path.keyRange(conditions); err != nil {
		return nil, err
	}
	return t.answer(q, p.startKey)
}

// answer reads a page, from after the start key if there is one.
func (t *table) answer(q pageQuery, startKey json.RawMessage) ([]byte, error) {
	if startKey != nil {
		at, err := t.startPosition(q.path, startKey)
		if err != nil {
			return nil, err
		}
		if at.Compare(q.from) < 0 || at.Compare(q.to) >= 0 {
			return nil, invalid("The provided starting key is outside query boundaries based on provided conditions")
		}
		if q.backward {
			q.to = at
		} else {
			q.from = index.Position{Hash: at.Hash, Tail: item.Successor(at.Tail)}
		}
	}
	page, err := t.page(q)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(page.items)+len(page.last)+100)
	out = strconv.AppendInt(append(out, `{"Count":`...), int64(page.count), 10)
	out = strconv.AppendInt(append(out, `,"ScannedCount":`...), int64(page.count), 10)
	if !q.count {
		out = append(append(append(out, `,"Items":[`...), page.items...), ']')
	}
	if page.last != nil {
		out = append(append(out, `,"LastEvaluatedKey":`...), page.last...)
	}
	return append(out, '}'), nil
}

// keyRange translates key conditions into the range of positions that fulfil
// them: one on the partition key and at most one on the sort key.
func (p *path) keyRange(conditions []expression.Condition) (from, to index.Position, err error) {
	byKey := make([]*expression.Condition, len(p.keys))
	for _, c := range conditions {
		at := slices.IndexFunc(p.keys, func(k keyAttribute) bool { return k.name == c.Attribute })
		if at < 0 {
			return from, to, invalid("Query condition on %s, which is not a key here", c.Attribute)
		}
		if byKey[at] != nil {
			return from, to, invalid("KeyConditionExpressions must only contain one condition per key: %s", c.Attribute)
		}
		for _, v := range c.Values {
			if v.Type != p.keys[at].typ {
				return from, to, wrong("Condition parameter type does not match schema type")
			}
			if err := p.check(at, v); err != nil {
				return from, to, err
			}
		}
		byKey[at] = &c
	}
	if byKey[0] == nil {
		return from, to, invalid("Query condition missed key schema element: %s", p.keys[0].name)
	}
	if byKey[0].Operator != expression.Equal {
		return from, to, invalid("Query key condition not supported: %s on the partition key", byKey[0].Operator)
	}
	partition, err := item.AppendKey(nil, byKey[0].Values[0])
	if err != nil {
		return from, to, err
	}
	hash := uint64(hash32(partition))
	low, high := partition, item.Successor(slices.Clone(partition))
	if len(byKey) == 2 && byKey[1] != nil {
		low, high, err = sortRange(partition, *byKey[1])
	}
	return index.Position{Hash: hash, Tail: low}, index.Position{Hash: hash, Tail: high}, err
}

// sortRange narrows a partition, given by its encoded key, to the sort keys that
// fulfil a condition.
func sortRange(partition []byte, c expression.Condition) (low, high []byte, err error) {
	keys := make([][]byte, len(c.Values))
	for i, v := range c.Values {
		if keys[i], err = item.AppendKey(slices.Clone(partition), v); err != nil {
			return nil, nil, err
		}
	}
	low, high = partition, item.Successor(slices.Clone(partition))
	switch c.Operator {
	case expression.Equal:
		return keys[0], item.Successor(slices.Clone(keys[0])), nil
	case expression.Less:
		return low, keys[0], nil
	case expression.LessOrEqual:
		return low, item.Successor(keys[0]), nil
	case expression.Greater:
		return item.Successor(keys[0]), high, nil
	case expression.GreaterOrEqual:
		return keys[0], high, nil
	case expression.BeginsWith:
		prefix := item.AppendKeyPrefix(slices.Clone(partition), c.Values[0].Bytes)
		return prefix, item.Successor(slices.Clone(prefix)), nil
	case expression.Between:
		if bytes.Compare(keys[0], keys[1]) > 0 {
			return nil, nil, invalid("Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to " +
				"be " +
				"greater than or equal to lower bound")
		}
		return keys[0], item.Successor(keys[1]), nil
	default:
		return nil, nil, invalid("Query key condition not supported: %s", c.Operator)
	}
}
