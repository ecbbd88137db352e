package asl

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const s3GetObject = "arn:aws:states:::s3:getObject"

// itemReader takes the items of a distributed Map from one S3 object. See
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html.
type itemReader struct {
	parameters *template
	lines      bool
}

func (f *fields) itemReader() *itemReader {
	f.resource(s3GetObject)
	r := &itemReader{parameters: f.objectParameters("Bucket", "Key")}
	config := f.child("ReaderConfig")
	config.requiredText("InputType")
	r.lines = config.oneOf("InputType", "JSON", "JSONL") == "JSONL"
	config.done()
	f.done()
	return r
}

func (f *fields) resource(supported string) {
	if resource := f.requiredText("Resource"); resource != "" && resource != supported {
		f.refuse("Resource", "is %q, supported is %q", resource, supported)
	}
}

// objectParameters reads Parameters with exactly the two names.
func (f *fields) objectParameters(names ...string) *template {
	t := f.template("Parameters", false)
	if t == nil {
		if !f.has("Parameters") {
			f.refuse("Parameters", "is missing")
		}
		return t
	}
	for _, name := range names {
		if _, ok := t.object[name]; !ok {
			f.refuse("Parameters."+name, "is missing")
		}
	}
	if len(t.object) > len(names) {
		f.refuse("Parameters", "has other fields than %q", names)
	}
	return t
}

// location evaluates the bucket and the second parameter.
func location(v *visit, t *template, input any, second string) (bucket, key string, err error) {
	sc := v.scope(input)
	if bucket, err = t.text(sc, "Bucket"); err != nil {
		return "", "", v.located(err)
	}
	if key, err = t.text(sc, second); err != nil {
		return "", "", v.located(err)
	}
	return bucket, key, nil
}

func (r *itemReader) read(ctx context.Context, v *visit, input any) (items []any, err error) {
	bucket, key, err := location(v, r.parameters, input, "Key")
	if err != nil {
		return nil, err
	}
	object, err := v.run.env.Objects.Get(ctx, bucket, key)
	if err == nil {
		items, err = r.decode(object)
		err = errors.Join(err, object.Close())
	}
	if ctx.Err() != nil {
		return nil, aborted(ctx)
	}
	if err != nil {
		return nil, v.located(failf(ErrorItemReader, "read items from s3://%s/%s: %v", bucket, key, err))
	}
	return items, nil
}

func (r *itemReader) decode(object io.Reader) ([]any, error) {
	if r.lines {
		return decodeLines(object)
	}
	decoder := json.NewDecoder(object)
	decoder.UseNumber()
	var items []any
	if err := decoder.Decode(&items); err != nil {
		return nil, fmt.Errorf("want one JSON array: %w", noEOF(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more text after the JSON array")
	}
	if items == nil {
		return nil, errors.New("want a JSON array, not null")
	}
	return items, nil
}

func decodeLines(object io.Reader) ([]any, error) {
	items := []any{}
	reader := bufio.NewReader(object)
	for number := 1; ; number++ {
		line, readErr := reader.ReadBytes('\n')
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return nil, readErr
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			item, err := decodeValue(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
			items = append(items, item)
		}
		if readErr != nil {
			return items, nil //nolint:nilerr // io.EOF, the end of the last line
		}
	}
}
