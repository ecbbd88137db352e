package dynamodb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

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
	if _, ok := errors.AsType[*apiError](err); ok {
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
func encode(answer any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(answer); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// readBody reads a request's body, of which length may be unknown (-1).
func readBody(body io.Reader, length int64) ([]byte, error) {
	if length > maxRequest {
		return nil, refuse(codeTooLarge, "the request has %d bytes, more than %d", length, maxRequest)
	}
	if length >= 0 {
		b := make([]byte, length)
		_, err := io.ReadFull(body, b)
		return b, err
	}
	b, err := io.ReadAll(io.LimitReader(body, maxRequest+1))
	if len(b) > maxRequest {
		return nil, refuse(codeTooLarge, "the request has more than %d bytes", maxRequest)
	}
	return b, err
}

// maxRequest is the largest request that DynamoDB takes, in bytes.
const maxRequest = 16 << 20

// timestamp is a time as the protocol writes it: seconds since 1970, here with
// milliseconds. More precision would not survive the clients, of which some
// cut a time to milliseconds.
type timestamp struct {
	time.Time
}

// MarshalJSON implements [json.Marshaler].
func (t timestamp) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(t.UnixMilli())/1000, 'f', 3, 64), nil
}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *timestamp) UnmarshalJSON(text []byte) error {
	seconds, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.Abs(seconds) > 1e11 {
		return refuse(codeSerialization, "%s is not a time in seconds since 1970", text)
	}
	t.Time = time.UnixMilli(int64(math.Round(seconds * 1000))).UTC()
	return nil
}
