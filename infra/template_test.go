package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// synthesised is one environment as CloudFormation gets it.
type synthesised struct {
	Resources map[string]resource
	Outputs   map[string]any

	text      []byte // the template
	protected bool   // from deletion
	// where it goes, and what had to be looked up there
	environment string
	missing     any
	findings    []string            // what cdk-nag and the CDK say against it
	accepted    map[string][]string // what cdk-nag does not say because it was accepted, by construct
}

type resource struct {
	Type           string
	Properties     map[string]any
	DeletionPolicy string
	DependsOn      any
}

// environments reads the environments of cdk.json, anew for every caller.
func environments(t *testing.T) map[string]any {
	t.Helper()
	return contextOf(t)["environments"].(map[string]any)
}

// contextOf reads what cdk.json hands to the app: environments, and the CDK's
// feature flags.
func contextOf(t *testing.T) map[string]any {
	t.Helper()
	var file struct{ Context map[string]any }
	readJSON(t, "../cdk.json", &file)
	return file.Context
}

// synthesise builds the environment from cdk.json, with change applied to its
// block, and with executables that are there and nothing more. Node runs the
// CDK for all tests of this process, one call at a time.
func synthesise(t *testing.T, env string, change func(map[string]any)) synthesised {
	t.Helper()
	all := environments(t)
	if change != nil {
		change(all[env].(map[string]any))
	}
	outdir := t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(outdir), Context: flags(t)})
	cfg, err := decodeConfig(all, env)
	if err != nil {
		t.Fatal(err)
	}
	m, err := loadModel(all, env, cfg, "..")
	if err != nil {
		t.Fatal(err)
	}
	if err := build(app, cfg, m, executables(t)); err != nil {
		t.Fatal(err)
	}
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{
		Reports: jsii.Bool(false), LogIgnores: jsii.Bool(true),
	}), nil)
	app.Synth(nil)
	stack := filepath.Join(outdir, "nightstar-"+env)
	s := synthesised{accepted: map[string][]string{}}
	readJSON(t, stack+".template.json", &s)
	s.text = indented(t, stack+".template.json")
	var metadata map[string][]struct {
		Type string
		Data any
	}
	readJSON(t, stack+".metadata.json", &metadata)
	for path, entries := range metadata {
		for _, entry := range entries {
			switch entry.Type {
			case "aws:cdk:error", "aws:cdk:warning":
				s.findings = append(s.findings, fmt.Sprint(path, ": ", entry.Data))
			case "aws:cdk:info":
				s.accepted[path] = append(s.accepted[path], fmt.Sprint(entry.Data))
			}
		}
	}
	slices.Sort(s.findings)
	var manifest map[string]any
	readJSON(t, filepath.Join(outdir, "manifest.json"), &manifest)
	artifact := at(t, manifest, "artifacts", "nightstar-"+env)
	s.protected, _ = at(t, artifact, "properties", "terminationProtection").(bool)
	s.environment, s.missing = at(t, artifact, "environment").(string), manifest["missing"]
	return s
}

// flags are the feature flags of cdk.json.
func flags(t *testing.T) *map[string]any {
	t.Helper()
	all := contextOf(t)
	delete(all, "environments")
	return &all
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// indented is a JSON file with its keys in order.
func indented(t *testing.T, path string) []byte {
	t.Helper()
	var value any
	readJSON(t, path, &value)
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// executables makes a folder that looks as make build leaves it.
func executables(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, step := range pipeline.Steps() {
		if err := os.MkdirAll(filepath.Join(root, step.Name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, step.Name, "bootstrap"), []byte(step.Name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// once keeps what a function returned first, by key.
type once struct {
	mu   sync.Mutex
	made map[string]synthesised
}

var delivered once // the environments of cdk.json, which several tests look at

// get returns what is kept under a key, and makes it if there is nothing.
func (o *once) get(key string, build func() synthesised) synthesised {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.made == nil {
		o.made = map[string]synthesised{}
	}
	if _, ok := o.made[key]; !ok {
		o.made[key] = build()
	}
	return o.made[key]
}

// environment returns an environment of cdk.json.
func environment(t *testing.T, env string) synthesised {
	t.Helper()
	return delivered.get(env, func() synthesised { return synthesise(t, env, nil) })
}

// ofType returns the resources of a type, by logical id.
func (s synthesised) ofType(name string) map[string]resource {
	found := map[string]resource{}
	for id, r := range s.Resources {
		if r.Type == name {
			found[id] = r
		}
	}
	return found
}

// one returns the only resource of a type whose logical id begins with prefix.
func (s synthesised) one(t *testing.T, name, prefix string) (string, resource) {
	t.Helper()
	var ids []string
	for id := range s.ofType(name) {
		if strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	if len(ids) != 1 {
		t.Fatalf("%s %s… is there %d times: %s", name, prefix, len(ids), ids)
	}
	return ids[0], s.Resources[ids[0]]
}

// at walks into decoded JSON: names of objects, and numbers of lists.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(map[string]any)[step]
		case int:
			value = value.([]any)[step]
		}
	}
	return value
}

// statement is one statement of a policy.
type statement struct {
	Effect    string
	Actions   []string
	Resources []string // compact JSON
	Condition any
	Principal any
}

// statements decodes the statements of a policy document.
func statements(t *testing.T, document any) []statement {
	t.Helper()
	var decoded []statement
	for _, s := range list(at(t, document, "Statement")) {
		fields := s.(map[string]any)
		one := statement{Effect: fields["Effect"].(string), Condition: fields["Condition"], Principal: fields["Principal"]}
		for _, action := range list(fields["Action"]) {
			one.Actions = append(one.Actions, action.(string))
		}
		for _, on := range list(fields["Resource"]) {
			text, err := json.Marshal(on)
			if err != nil {
				t.Fatal(err)
			}
			one.Resources = append(one.Resources, string(text))
		}
		slices.Sort(one.Actions)
		decoded = append(decoded, one)
	}
	return decoded
}

// list is a list, or the one thing that stands for it.
func list(value any) []any {
	if many, ok := value.([]any); ok {
		return many
	}
	return []any{value}
}

// policiesOf returns the statements of a role, by its logical id.
func (s synthesised) policiesOf(t *testing.T, role string) []statement {
	t.Helper()
	var all []statement
	for _, policy := range s.ofType("AWS::IAM::Policy") {
		for _, attached := range policy.Properties["Roles"].([]any) {
			if at(t, attached, "Ref") == role {
				all = append(all, statements(t, policy.Properties["PolicyDocument"])...)
			}
		}
	}
	return all
}
