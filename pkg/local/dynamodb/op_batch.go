package dynamodb

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

const (
	maxBatchWrites = 25
	maxBatchReads  = 100
	maxBatchBytes  = 16 << 20 // of the items that one BatchGetItem returns
)

// tableBatch is what a BatchWriteItem asks of one table.
type tableBatch struct {
	table   *table
	changes []change
}

// batchReader reads the request of a BatchWriteItem without decoding it twice:
// this is the call that loads tables.
type batchReader struct {
	server  *Server
	scanner *item.Scanner
	parser  item.Parser
	batches []tableBatch
	count   int
}

func (s *Server) batchWriteItem(_ context.Context, body []byte) ([]byte, error) {
	r := batchReader{server: s, scanner: item.NewScanner(body)}
	r.parser.Out = make([]byte, 0, len(body))
	if err := r.request(); err != nil {
		return nil, err
	}
	if err := r.scanner.End(); err != nil {
		return nil, err
	}
	if r.count == 0 {
		return nil, invalid("The batch write request list cannot be empty; RequestItems must hold 1 to %d writes",
			maxBatchWrites)
	}
	answer := []byte(`{"UnprocessedItems":{`)
	for _, b := range r.batches {
		write, leave := s.divide(b)
		if _, err := b.table.write(s.micros(), write, false); err != nil {
			return nil, err
		}
		answer = appendUnprocessed(answer, b.table.def.TableName, leave)
	}
	return append(answer, "}}"...), nil
}

func (r *batchReader) request() error {
	return r.scanner.Object(func(name []byte) error {
		switch string(name) {
		case "RequestItems":
			return r.scanner.Object(r.table)
		case "ReturnConsumedCapacity", "ReturnItemCollectionMetrics":
			value, err := r.scanner.String()
			if err != nil {
				return err
			}
			return checkNone(string(name), string(value))
		default:
			return unsupported("parameter %q", name)
		}
	})
}

func (r *batchReader) table(name []byte) error {
	t, err := r.server.table(string(name))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(r.batches, func(b tableBatch) bool { return b.table == t }) {
		return invalid("the table %s occurs twice in RequestItems", t.def.TableName)
	}
	r.batches = append(r.batches, tableBatch{table: t})
	b := &r.batches[len(r.batches)-1]
	err = r.scanner.Array(func() error {
		if r.count++; r.count > maxBatchWrites {
			return invalid("Too many items requested for the BatchWriteItem call")
		}
		return r.write(b)
	})
	if err == nil && len(b.changes) == 0 {
		err = invalid("The batch write request list for a table cannot be null or empty: %s", t.def.TableName)
	}
	return err
}

// write reads {"PutRequest":{"Item":…}} or {"DeleteRequest":{"Key":…}}.
func (r *batchReader) write(b *tableBatch) error {
	before := len(b.changes)
	err := r.scanner.Object(func(name []byte) error {
		switch string(name) {
		case "PutRequest":
			return r.change(b, "Item", changelog.Put)
		case "DeleteRequest":
			return r.change(b, "Key", changelog.Delete)
		default:
			return unsupported("write request %q", name)
		}
	})
	if err == nil && len(b.changes) != before+1 {
		err = invalid("Supplied AttributeValue is empty or has more than one of PutRequest and DeleteRequest set; " +
			"exactly one is needed")
	}
	return err
}

func (r *batchReader) change(b *tableBatch, member string, kind changelog.Kind) error {
	before := len(b.changes)
	err := r.scanner.Object(func(name []byte) error {
		if string(name) != member {
			return unsupported("member %q of a write request", name)
		}
		c, err := b.table.parse(&r.parser, r.scanner, kind, make([]item.Value, len(b.table.wanted)))
		if err != nil {
			return err
		}
		for i := range b.changes {
			if o := &b.changes[i]; o.hash == c.hash && bytes.Equal(o.key, c.key) {
				return invalid("Provided list of item keys contains duplicates")
			}
		}
		b.changes = append(b.changes, c)
		return nil
	})
	if err == nil && len(b.changes) == before {
		err = invalid("the member %s of a write request is required", member)
	}
	return err
}

// divide separates the changes that are left unprocessed from the others.
func (s *Server) divide(b tableBatch) (write, leave []change) {
	if s.opts.Unprocessed == nil {
		return b.changes, nil
	}
	for i, c := range b.changes {
		if s.opts.Unprocessed(b.table.def.TableName, i) {
			leave = append(leave, c)
		} else {
			write = append(write, c)
		}
	}
	return write, leave
}

// appendUnprocessed appends the member of UnprocessedItems for one table.
func appendUnprocessed(answer []byte, table string, leave []change) []byte {
	if len(leave) == 0 {
		return answer
	}
	if answer[len(answer)-1] != '{' {
		answer = append(answer, ',')
	}
	answer = append(item.AppendQuoted(answer, []byte(table)), ":["...)
	for i, c := range leave {
		if i > 0 {
			answer = append(answer, ',')
		}
		if c.kind == changelog.Put {
			answer = append(answer, `{"PutRequest":{"Item":`...)
		} else {
			answer = append(answer, `{"DeleteRequest":{"Key":`...)
		}
		answer = append(append(answer, c.body...), "}}"...)
	}
	return append(answer, ']')
}

// batchGet is what a BatchGetItem asks of one table.
type batchGet struct {
	Keys                     []json.RawMessage
	ConsistentRead           bool // always true here
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
}

func (s *Server) batchGetItem(_ context.Context, body []byte) ([]byte, error) {
	requests := map[string]batchGet{}
	var capacity string
	if err := decode(body, params{"RequestItems": &requests, "ReturnConsumedCapacity": &capacity}); err != nil {
		return nil, err
	}
	if err := checkNone("ReturnConsumedCapacity", capacity); err != nil {
		return nil, err
	}
	count := 0
	for _, request := range requests {
		count += len(request.Keys)
	}
	if count < 1 || count > maxBatchReads {
		return nil, invalid("RequestItems of BatchGetItem has %d keys; it must have 1 to %d", count, maxBatchReads)
	}
	answer := []byte(`{"UnprocessedKeys":{},"Responses":{`)
	for i, name := range slices.Sorted(maps.Keys(requests)) {
		t, err := s.table(name)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			answer = append(answer, ',')
		}
		answer = append(item.AppendQuoted(answer, []byte(t.def.TableName)), ":["...)
		if answer, err = t.batchGet(requests[name], answer); err != nil {
			return nil, err
		}
		answer = append(answer, ']')
	}
	if len(answer) > maxBatchBytes {
		return nil, unsupported("a BatchGetItem that returns more than %d bytes", maxBatchBytes)
	}
	return append(answer, "}}"...), nil
}

// batchGet appends the items that exist, separated by commas.
func (t *table) batchGet(request batchGet, answer []byte) ([]byte, error) {
	projection := projectionParams{expression: request.ProjectionExpression, names: request.ExpressionAttributeNames}
	keep, err := projection.alone()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, key := range request.Keys {
		c, err := t.parseAlone(key, "Keys", changelog.Delete)
		if err != nil {
			return nil, err
		}
		if seen[string(c.key)] {
			return nil, invalid("Provided list of item keys contains duplicates")
		}
		seen[string(c.key)] = true
		before := len(answer)
		if answer[before-1] != '[' {
			answer = append(answer, ',')
		}
		found, err := t.get(&c, keep, answer)
		if err != nil {
			return nil, err
		}
		if answer = answer[:before]; found != nil {
			answer = found
		}
	}
	return answer, nil
}
