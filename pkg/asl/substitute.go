package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Substitute replaces every ${Token} in a definition by its value, as
// CloudFormation does with DefinitionSubstitutions when the machine is
// deployed. Values are escaped for the JSON string they stand in.
//
// A token without a value and a value without a token are errors: both are
// spelling mistakes that would only show when the state is entered.
func Substitute(definition []byte, values map[string]string) ([]byte, error) {
	var (
		result  bytes.Buffer
		errs    []error
		used    = map[string]bool{}
		isToken = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	)
	rest := string(definition)
	for {
		before, after, found := strings.Cut(rest, "${")
		result.WriteString(before)
		if !found {
			break
		}
		token, tail, closed := strings.Cut(after, "}")
		if !closed || !isToken.MatchString(token) {
			return nil, fmt.Errorf("substitute tokens: ${ before %.20q is not followed by a name and }", after)
		}
		value, known := values[token]
		if !known && !used[token] {
			errs = append(errs, fmt.Errorf("token ${%s} has no value", token))
		}
		used[token] = true
		result.WriteString(escapeJSON(value))
		rest = tail
	}
	for _, token := range sortedKeys(values) {
		if !used[token] {
			errs = append(errs, fmt.Errorf("value %q has no token in the definition", token))
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("substitute tokens: %w", errors.Join(errs...))
	}
	return result.Bytes(), nil
}

func escapeJSON(text string) string {
	// Encoding a string can not fail.
	quoted, _ := json.Marshal(text)
	return string(quoted[1 : len(quoted)-1])
}
