package statemachine_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"

	"github.com/nightstar-elt/nightstar/statemachine"
)

var update = flag.Bool("update", false, "write pipeline.asl.json")

func TestDefinition_isGenerated(t *testing.T) {
	t.Parallel()

	source, err := os.ReadFile("pipeline.asl.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := generate(string(source))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("pipeline.asl.json", want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if statemachine.Definition() != string(want) {
		t.Error("pipeline.asl.json is not what pipeline.asl.yaml says: run make generate")
	}
}

// TestDefinition_saysNothingTwice: a merged member that is said again beside the
// merge would stand in the JSON twice, and each reader would take the one it likes.
func TestDefinition_saysNothingTwice(t *testing.T) {
	t.Parallel()

	for _, source := range []string{
		"a: &a {b: 1}\nc: {<<: *a, b: 2}", // merged
		"c: {b: 1, b: 2}",
	} {
		if made, err := generate(source); err == nil {
			t.Errorf("%q is taken as %s", source, made)
		}
	}
}

// generate executes source as a template, and returns the YAML that comes of it as
// JSON, without the top members whose names begin with "x-".
func generate(source string) ([]byte, error) {
	t := template.New("pipeline.asl.yaml").Option("missingkey=error")
	t.Funcs(template.FuncMap{
		"lower": strings.ToLower,
		"trim":  strings.TrimSpace,
		"pick":  pick,
		"indent": func(by int, text string) string {
			return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", by))
		},
		"include": func(name string, pairs ...any) (string, error) {
			data := map[string]any{}
			for i := 0; i+1 < len(pairs); i += 2 {
				data[fmt.Sprint(pairs[i])] = pairs[i+1]
			}
			var text strings.Builder
			err := t.ExecuteTemplate(&text, name, data)
			return text.String(), err
		},
	})
	var text bytes.Buffer
	if _, err := t.Parse(source); err != nil {
		return nil, err
	}
	if err := t.Execute(&text, nil); err != nil {
		return nil, err
	}
	var document yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(text.Bytes(), &document, yaml.UseOrderedMap()); err != nil {
		return nil, err
	}
	document = slices.DeleteFunc(document, func(member yaml.MapItem) bool {
		return strings.HasPrefix(fmt.Sprint(member.Key), "x-")
	})
	var compact, made bytes.Buffer
	if err := encode(&compact, document); err != nil {
		return nil, err
	}
	err := json.Indent(&made, compact.Bytes(), "", "  ")
	made.WriteByte('\n')
	return made.Bytes(), err
}

// encode writes a value of YAML as JSON, and members in their order.
func encode(to *bytes.Buffer, value any) error {
	switch value := value.(type) {
	case yaml.MapSlice:
		names := map[string]bool{}
		for i, member := range value {
			name := fmt.Sprint(member.Key)
			if names[name] {
				return fmt.Errorf("the member %q stands twice", name)
			}
			names[name] = true
			fmt.Fprintf(to, "%c%q:", "{,"[min(i, 1)], name)
			if err := encode(to, member.Value); err != nil {
				return err
			}
		}
		if len(value) == 0 {
			to.WriteByte('{')
		}
		to.WriteByte('}')
		return nil
	case []any:
		to.WriteByte('[')
		for i, element := range value {
			if i > 0 {
				to.WriteByte(',')
			}
			if err := encode(to, element); err != nil {
				return err
			}
		}
		to.WriteByte(']')
		return nil
	default:
		return json.NewEncoder(to).Encode(value)
	}
}

// pick writes a mapping that takes each of the named fields from path.
func pick(path string, fields ...string) string {
	var members []string
	for _, field := range strings.Fields(strings.Join(fields, " ")) {
		members = append(members, fmt.Sprintf("%s.$: %s.%s", field, path, field))
	}
	return "{" + strings.Join(members, ", ") + "}"
}
