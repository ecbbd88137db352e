package dynamodb

import (
	"context"
	"encoding/json"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/expression"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

func (s *Server) putItem(_ context.Context, body []byte) ([]byte, error) {
	return s.writeOne(body, "Item", changelog.Put)
}

func (s *Server) deleteItem(_ context.Context, body []byte) ([]byte, error) {
	return s.writeOne(body, "Key", changelog.Delete)
}

// writeOne puts or deletes one item, which the parameter called member holds.
func (s *Server) writeOne(body []byte, member string, kind changelog.Kind) ([]byte, error) {
	var name, returns, capacity, metrics string
	var raw json.RawMessage
	err := decode(body, params{
		"TableName":                   &name,
		member:                        &raw,
		"ReturnValues":                &returns,
		"ReturnConsumedCapacity":      &capacity,
		"ReturnItemCollectionMetrics": &metrics,
	})
	if err != nil {
		return nil, err
	}
	if err := checkReturns(returns, capacity, metrics); err != nil {
		return nil, err
	}
	t, err := s.table(name)
	if err != nil {
		return nil, err
	}
	c, err := t.parseAlone(raw, member, kind)
	if err != nil {
		return nil, err
	}
	wantOld := returns == "ALL_OLD"
	olds, err := t.write(s.micros(), []change{c}, wantOld)
	if err != nil {
		return nil, err
	}
	if !wantOld || !olds[0].found {
		return []byte("{}"), nil
	}
	answer := append([]byte(`{"Attributes":`), olds[0].body...)
	return append(answer, '}'), nil
}

func checkReturns(values, capacity, metrics string) error {
	if values != "ALL_OLD" {
		if err := checkNone("ReturnValues", values); err != nil {
			return err
		}
	}
	if err := checkNone("ReturnConsumedCapacity", capacity); err != nil {
		return err
	}
	return checkNone("ReturnItemCollectionMetrics", metrics)
}

// parseAlone parses an item or key that is a parameter by itself.
func (t *table) parseAlone(raw json.RawMessage, parameter string, kind changelog.Kind) (change, error) {
	if raw == nil {
		return change{}, invalid("the parameter %s is required", parameter)
	}
	var p item.Parser
	return t.parse(&p, item.NewScanner(raw), kind, make([]item.Value, len(t.wanted)))
}

// projectionParams are the parameters that say which attributes are read.
type projectionParams struct {
	expression *string
	names      map[string]string
}

// attributes returns the attributes to return, nil for all of them. Placeholders
// may be used by another expression too.
func (p *projectionParams) attributes(placeholders *expression.Placeholders) ([]string, error) {
	if p.expression == nil {
		return nil, nil
	}
	return expression.Projection(*p.expression, placeholders)
}

// alone is attributes for a request without any other expression.
func (p *projectionParams) alone() ([]string, error) {
	if p.expression == nil && p.names != nil {
		return nil, invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	placeholders := &expression.Placeholders{Names: p.names}
	names, err := p.attributes(placeholders)
	if err != nil {
		return nil, err
	}
	return names, placeholders.CheckUsed()
}

func (s *Server) getItem(_ context.Context, body []byte) ([]byte, error) {
	var name, capacity string
	var consistent bool // always true here
	var key json.RawMessage
	var projection projectionParams
	err := decode(body, params{
		"TableName":                &name,
		"Key":                      &key,
		"ConsistentRead":           &consistent,
		"ReturnConsumedCapacity":   &capacity,
		"ProjectionExpression":     &projection.expression,
		"ExpressionAttributeNames": &projection.names,
	})
	if err != nil {
		return nil, err
	}
	if err := checkNone("ReturnConsumedCapacity", capacity); err != nil {
		return nil, err
	}
	t, err := s.table(name)
	if err != nil {
		return nil, err
	}
	keep, err := projection.alone()
	if err != nil {
		return nil, err
	}
	c, err := t.parseAlone(key, "Key", changelog.Delete)
	if err != nil {
		return nil, err
	}
	answer, err := t.get(&c, keep, []byte(`{"Item":`))
	if err != nil {
		return nil, err
	}
	if answer == nil {
		return []byte("{}"), nil
	}
	return append(answer, '}'), nil
}
