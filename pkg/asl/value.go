package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// MaxPayload is the size in bytes of the UTF-8 JSON text that the input, the
// output and the task payload of a state may have (256 KiB). See
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html.
const MaxPayload = 256 * 1024

// maxDepth bounds the nesting of a definition. The service's own limit is not
// documented; no readable definition comes near this one.
const maxDepth = 100

// Values are held as encoding/json decodes them with numbers kept as text:
// nil, bool, string, json.Number, []any and map[string]any. A value that has
// been built is never changed, so branches share them without copies.

// decodeValue reads one JSON value and refuses anything after it.
func decodeValue(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more text after the JSON value")
	}
	return value, nil
}

// encodeValue writes value as compact JSON with sorted keys and without HTML
// escapes, so its length is the one that limits are measured by.
func encodeValue(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// encodeLimited is encodeValue for a payload: what names it in the error.
func encodeLimited(value any, what string) ([]byte, error) {
	data, err := encodeValue(value)
	if err != nil {
		return nil, failf(ErrorRuntime, "encode %s: %v", what, err)
	}
	if len(data) > MaxPayload {
		return nil, failf(ErrorDataLimit, "%s is %d bytes of JSON, the limit is %d", what, len(data), MaxPayload)
	}
	return data, nil
}

// decodeStrict reads a definition. Unlike encoding/json it refuses an object
// that has the same key twice, because the second would silently win.
func decodeStrict(data []byte) (any, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("text is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	value, err := readStrict(decoder, 0)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more text after the JSON value")
	}
	return value, nil
}

func readStrict(decoder *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, noEOF(err)
	}
	switch token {
	case json.Delim('{'):
		return readStrictObject(decoder, depth)
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			value, err := readStrict(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := decoder.Token()
		return list, noEOF(err)
	default:
		return token, nil
	}
}

func readStrictObject(decoder *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, noEOF(err)
		}
		key, ok := token.(string)
		if !ok {
			return nil, fmt.Errorf("object key %v is not a string", token)
		}
		if _, double := object[key]; double {
			return nil, fmt.Errorf("key %q appears twice in one object", key)
		}
		if object[key], err = readStrict(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return object, noEOF(err)
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// typeName says what kind of JSON value v is, for messages.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	default:
		return fmt.Sprintf("a %T", v)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
