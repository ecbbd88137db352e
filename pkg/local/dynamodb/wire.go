package dynamodb

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

// params are the parameters that an operation acts upon: where to decode each.
// A *json.RawMessage gets the text as it is.
type params map[string]any

// decode reads the parameters of a request. One that is not in params, or a
// member of one that the target doesn't have, is refused by name. Null is the
// same as absent.
func decode(body []byte, p params) error {
	s := item.NewScanner(body)
	err := s.Object(func(name []byte) error {
		text, err := s.Skip()
		if err != nil {
			return err
		}
		target, ok := p[string(name)]
		if !ok {
			return unsupported("parameter %q", name)
		}
		if string(text) == "null" {
			return nil
		}
		if raw, ok := target.(*json.RawMessage); ok {
			*raw = text
			return nil
		}
		return decodeStrict(string(name), text, target)
	})
	if err != nil {
		return err
	}
	return s.End()
}

func decodeStrict(name string, text []byte, target any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(target)
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*awsjson.Error](err); ok {
		return err
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return unsupported("member %s of parameter %q", field, name)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		where := strings.TrimSuffix(name+"."+wrong.Field, ".")
		return refuse(codeSerialization, "%s can not hold a JSON %s", where, wrong.Value)
	}
	return refuse(codeSerialization, "%s: %v", name, err)
}

// encode writes an answer that is not on a hot path.
func encode(answer any) ([]byte, error) { return awsjson.Encode(answer) }

// maxRequest is the largest request that DynamoDB takes, in bytes.
const maxRequest = 16 << 20

type timestamp = awsjson.Time
