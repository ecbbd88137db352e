package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// whole spells a document with every field it has, so that programs find the same
// fields in each: a list or map that holds nothing is [] or {}, and null stands for a
// number that is not known.
type whole struct{ document any }

// MarshalJSON spells the document.
func (w whole) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := spellWhole(&b, reflect.ValueOf(w.document)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func spellWhole(b *bytes.Buffer, v reflect.Value) error {
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Map {
		if _, spellsItself := v.Interface().(json.Marshaler); spellsItself {
			return spellValue(b, v)
		}
	}
	switch v.Kind() { //nolint:exhaustive // everything else is a value
	case reflect.Struct:
		return spellStruct(b, v)
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := spellWhole(b, v.Index(i)); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	case reflect.Map:
		return spellMap(b, v)
	}
	return spellValue(b, v)
}

func spellStruct(b *bytes.Buffer, v reflect.Value) error {
	b.WriteByte('{')
	first := true
	for field, value := range v.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		fmt.Fprintf(b, "%q:", name)
		if err := spellWhole(b, value); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func spellMap(b *bytes.Buffer, v reflect.Value) error {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
	b.WriteByte('{')
	for i, key := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := spellValue(b, key); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := spellWhole(b, v.MapIndex(key)); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func spellValue(b *bytes.Buffer, v reflect.Value) error {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return fmt.Errorf("spell %s: %w", v.Type(), err)
	}
	b.Write(text)
	return nil
}
