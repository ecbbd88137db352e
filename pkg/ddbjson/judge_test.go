package ddbjson_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// judge decides with encoding/json what a line means, or why it is refused.
// encoding/json itself is more tolerant than an export can be; what judge adds
// to it is the list of differences: valid UTF-8, paired surrogates, names once
// in each map, canonical base64, exactly one member on both outer levels,
// names compared with case, and the rules of DynamoDB's types.
func judge(line []byte) (map[string]types.AttributeValue, error) {
	if !json.Valid(line) || !utf8.Valid(line) || loneSurrogate(line) {
		return nil, errors.New("not JSON in UTF-8")
	}
	wrapper, names, err := members(line)
	if err != nil || len(names) != 1 || names[0] != "Item" {
		return nil, fmt.Errorf("not an item: %q, %w", names, err)
	}
	return judgeMap(wrapper["Item"], 1)
}

func judgeMap(raw []byte, depth int) (map[string]types.AttributeValue, error) {
	if depth > 64 {
		return nil, errors.New("too deep")
	}
	all, names, err := members(raw)
	if err != nil {
		return nil, err
	}
	item := map[string]types.AttributeValue{}
	for _, name := range names {
		if item[name], err = judgeValue(all[name], depth); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return item, nil
}

func judgeValue(raw []byte, depth int) (types.AttributeValue, error) {
	all, tags, err := members(raw)
	if err != nil || len(tags) != 1 {
		return nil, fmt.Errorf("tags %q: %w", tags, err)
	}
	raw = all[tags[0]]
	switch tags[0] {
	case "S":
		s, err := text(raw)
		return &types.AttributeValueMemberS{Value: s}, err
	case "N":
		s, err := number(raw)
		return &types.AttributeValueMemberN{Value: s}, err
	case "B":
		b, err := binary(raw)
		return &types.AttributeValueMemberB{Value: b}, err
	case "BOOL":
		if s := string(raw); s != "true" && s != "false" {
			return nil, errors.New("not a truth")
		}
		return &types.AttributeValueMemberBOOL{Value: raw[0] == 't'}, nil
	case "NULL":
		if string(raw) != "true" {
			return nil, errors.New("not null")
		}
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case "M":
		m, err := judgeMap(raw, depth+1)
		return &types.AttributeValueMemberM{Value: m}, err
	case "L":
		if depth >= 64 {
			return nil, errors.New("too deep")
		}
		l, err := elements(raw, func(raw []byte) (types.AttributeValue, error) { return judgeValue(raw, depth+1) })
		return &types.AttributeValueMemberL{Value: l}, err
	case "SS":
		l, err := set(raw, text)
		return &types.AttributeValueMemberSS{Value: l}, err
	case "NS":
		l, err := set(raw, number)
		return &types.AttributeValueMemberNS{Value: l}, err
	case "BS":
		l, err := set(raw, binary)
		return &types.AttributeValueMemberBS{Value: l}, err
	}
	return nil, fmt.Errorf("tag %q", tags[0])
}

// members returns the members of an object, and their names in order.
func members(raw []byte) (map[string]json.RawMessage, []string, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, errors.New("not an object")
	}
	var names []string
	all := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, err
		}
		if slices.Contains(names, name.(string)) {
			return nil, nil, fmt.Errorf("%q twice", name)
		}
		names = append(names, name.(string))
		all[name.(string)] = value
	}
	return all, names, nil
}

func elements[T any](raw []byte, read func([]byte) (T, error)) ([]T, error) {
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil || raw[0] != '[' {
		return nil, errors.New("not an array")
	}
	var list []T
	for _, raw := range all {
		element, err := read(raw)
		if err != nil {
			return nil, err
		}
		list = append(list, element)
	}
	return list, nil
}

func set[T any](raw []byte, read func([]byte) (T, error)) ([]T, error) {
	all, err := elements(raw, read)
	if err == nil && len(all) == 0 {
		err = errors.New("an empty set")
	}
	return all, err
}

func text(raw []byte) (s string, err error) {
	if raw[0] != '"' {
		return "", errors.New("not a string")
	}
	return s, json.Unmarshal(raw, &s)
}

func binary(raw []byte) ([]byte, error) {
	s, err := text(raw)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("not base64")
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]*)\.?([0-9]*)([eE][+-]?[0-9]+)?$`)

// number judges by exact arithmetic, where the decoder counts digits.
func number(raw []byte) (string, error) {
	s, err := text(raw)
	if err != nil {
		return "", err
	}
	parts := decimal.FindStringSubmatch(s)
	if parts == nil || parts[1]+parts[2] == "" {
		return "", errors.New("not a number")
	}
	digits, _ := new(big.Int).SetString(parts[1]+parts[2], 10)
	if digits.Sign() == 0 {
		return s, nil
	}
	if significant := strings.Trim(digits.String(), "0"); len(strings.TrimRight(digits.String(), "0")) > 38 {
		return "", fmt.Errorf("digits %s", significant)
	}
	exponent := new(big.Int)
	if parts[3] != "" {
		exponent.SetString(strings.TrimPrefix(parts[3][1:], "+"), 10)
	}
	// digits × 10^exponent lies in [10^m, 10^(m+1)) with m = exponent + digits - 1.
	exponent.Add(exponent, big.NewInt(int64(len(digits.String())-1-len(parts[2]))))
	if exponent.Cmp(big.NewInt(-130)) < 0 || exponent.Cmp(big.NewInt(125)) > 0 {
		return "", errors.New("out of range")
	}
	return s, nil
}

var unicodeEscape = regexp.MustCompile(`\\(?:u([0-9a-fA-F]{4})|.)`)

// loneSurrogate looks for one in text that is valid JSON.
func loneSurrogate(line []byte) bool {
	high, at := rune(0), 0 // an unpaired high surrogate and where it ends
	for _, m := range unicodeEscape.FindAllSubmatchIndex(line, -1) {
		if m[2] < 0 {
			continue
		}
		code, _ := strconv.ParseUint(string(line[m[2]:m[3]]), 16, 16)
		switch r := rune(code); {
		case high != 0 && (m[0] != at || utf16.DecodeRune(high, r) == utf8.RuneError):
			return true
		case high != 0:
			high = 0
		case utf16.IsSurrogate(r):
			high, at = r, m[1]
		}
	}
	return high != 0
}
