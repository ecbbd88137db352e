package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// TestModel_isCarriedByTheFunctionsThatReadIt, and by no other. The model that is
// built in takes neither layer nor setting.
func TestModel_isCarriedByTheFunctionsThatReadIt(t *testing.T) {
	for name, s := range map[string]synthesised{"store": environment(t, "dev"), "tickets": kind(t, "tickets")} {
		t.Run(name, func(t *testing.T) {
			layers := `null`
			if name == "tickets" {
				id, _ := s.one(t, "AWS::Lambda::LayerVersion", "")
				layers = `[{"Ref":"` + id + `"}]`
			} else if n := len(s.ofType("AWS::Lambda::LayerVersion")); n > 0 {
				t.Errorf("there are %d layers", n)
			}
			for _, step := range pipeline.Steps() {
				id, f := s.one(t, "AWS::Lambda::Function", identifier(step))
				wantLayers, wantPath := `null`, any(nil)
				if name == "tickets" && step.Reads(pipeline.Model) {
					wantLayers, wantPath = layers, "/opt/model.yaml"
				}
				var path any
				if set, ok := f.Properties["Environment"]; ok {
					path = at(t, set, "Variables").(map[string]any)[pipeline.Model]
				}
				if got := flat(t, f.Properties["Layers"]); got != wantLayers || path != wantPath {
					t.Errorf("%s has the layers %s and the model %v, want %s and %v", id, got, path, wantLayers, wantPath)
				}
			}
		})
	}
}

// TestModelLayer_isTheFile: the asset is the file, under the name that the
// functions are told, and depends on its bytes alone.
func TestModelLayer_isTheFile(t *testing.T) {
	asset := func(name string, source []byte) (key string) {
		outdir := t.TempDir()
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(outdir), Context: flags(t)})
		stack := awscdk.NewStack(app, jsii.String(name), nil)
		if _, err := newModelLayer(stack, Config{Name: name, Model: name + ".yaml"}, model.Model{Source: source}, t.TempDir()); err != nil {
			t.Fatal(err)
		}
		app.Synth(nil)
		var s synthesised
		readJSON(t, filepath.Join(outdir, name+".template.json"), &s)
		_, layer := s.one(t, "AWS::Lambda::LayerVersion", "")
		key = at(t, layer.Properties, "Content", "S3Key").(string)
		folder := filepath.Join(outdir, "asset."+strings.TrimSuffix(key, ".zip"))
		files, err := os.ReadDir(folder)
		if err != nil || len(files) != 1 {
			t.Fatalf("the layer has %v (%v), want one file", files, err)
		}
		if got, err := os.ReadFile(filepath.Join(folder, "model.yaml")); err != nil || !bytes.Equal(got, source) {
			t.Errorf("the layer has\n%s(%v)\nwant\n%s", got, err, source)
		}
		return key
	}
	first := asset("one", []byte("model: a\n"))
	if second := asset("two", []byte("model: a\n")); second != first {
		t.Errorf("the same bytes are the assets %s and %s", first, second)
	}
	if other := asset("three", []byte("model: b\n")); other == first {
		t.Errorf("other bytes are the same asset %s", first)
	}
}

func TestLoadModel(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fleet := string(read(t, "fleet").Source)
	write("good.yaml", fleet)
	write("broken.yaml", strings.Replace(fleet, "nightstar: 1", "nightstar: 2", 1))
	existing := map[string]any{"kind": Cluster, "database": "dwh", "cluster": "bi", "secretArn": ""}
	tests := map[string]struct {
		dev, prod []func(map[string]any)
		want      string // in the error; none if empty
	}{
		"the one that is built in":   {nil, nil, ""},
		"a file":                     {[]func(map[string]any){set("good.yaml", "model")}, nil, ""},
		"a file that is not there":   {[]func(map[string]any){set("none.yaml", "model")}, nil, "read the model: open " + filepath.Join(root, "none.yaml")},
		"a file that is not a model": {[]func(map[string]any){set("broken.yaml", "model")}, nil, filepath.Join(root, "broken.yaml") + ":"},
		"another one's broken model": {nil, []func(map[string]any){set("broken.yaml", "model"), set(existing, "warehouse")}, ""},
		"one warehouse, one model": {
			[]func(map[string]any){set(existing, "warehouse")}, []func(map[string]any){set(existing, "warehouse")},
			"environment prod makes the schemas dwh and etl in the same database, dwh of bi",
		},
		"one warehouse, two prefixes": {
			[]func(map[string]any){set(existing, "warehouse")},
			[]func(map[string]any){set(existing, "warehouse"), set("tickets.yaml", "model")}, "",
		},
		"one warehouse, two places": {
			[]func(map[string]any){set(existing, "warehouse"), set(accountID, "account"), set(region, "region")},
			[]func(map[string]any){set(existing, "warehouse")}, "",
		},
	}
	write("tickets.yaml", string(read(t, "tickets").Source))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			all := environments(t)
			for env, changes := range map[string][]func(map[string]any){"dev": tt.dev, "prod": tt.prod} {
				for _, change := range changes {
					change(all[env].(map[string]any))
				}
			}
			cfg, err := decodeConfig(all, "dev")
			if err != nil {
				t.Fatal(err)
			}
			m, err := loadModel(all, "dev", cfg, root)
			switch {
			case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error = %v, want one with %q", err, tt.want)
			case err == nil && m.Name == models.Default != (cfg.Model == ""):
				t.Errorf("the model is %s", m.Name)
			}
		})
	}
}

// TestEnvironments_doNotCollide: what two environments with two models create in
// one account has two names.
func TestEnvironments_doNotCollide(t *testing.T) {
	names := map[string]string{}
	for env, s := range map[string]synthesised{"dev": kind(t, "tickets"), "prod": environment(t, "prod")} {
		for id, r := range s.Resources {
			for property, value := range r.Properties {
				if property == "DatabaseInput" {
					value = at(t, value, "Name")
				}
				named := strings.HasSuffix(property, "Name") || property == "DatabaseInput"
				// Names of what is within something else, and of services.
				others := []string{"DatabaseName", "DbName", "MetricName", "PolicyName", "ServiceName"}
				name := spelled(value)
				if !named || name == "" || slices.Contains(others, property) {
					continue
				}
				key := r.Type + " " + name
				if other, taken := names[key]; taken && !strings.HasPrefix(other, env) {
					t.Errorf("%s of %s is called %s, like %s", id, env, name, other)
				}
				names[key] = env + " " + id
			}
		}
	}
	if len(names) < 30 {
		t.Errorf("only %d names were compared", len(names))
	}
}
