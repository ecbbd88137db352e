// Package models holds the model files that Nightstar is delivered with: the
// store, which is the default, and examples.
package models

import (
	"embed"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

//go:embed *.yaml
var files embed.FS

// Default is the name of the model that is meant where none is named.
const Default = "store"

// Names returns the names of all models, sorted.
func Names() []string {
	entries, _ := files.ReadDir(".") // an embedded folder that exists
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = strings.TrimSuffix(entry.Name(), ".yaml")
	}
	return names
}

// Read returns the model of that name.
func Read(name string) (model.Model, error) {
	file := name + ".yaml"
	source, err := files.ReadFile(file)
	if err != nil {
		return model.Model{}, fmt.Errorf("look up model %q: it is none of %s", name, strings.Join(Names(), ", "))
	}
	return model.Read(file, source)
}

// Open returns the model that people name: one of [Names], or a file.
func Open(name string) (model.Model, error) {
	if slices.Contains(Names(), name) {
		return Read(name)
	}
	m, err := Load(name)
	if err != nil && !strings.ContainsAny(name, `./\`) {
		return model.Model{}, fmt.Errorf("%w; the models that come with Nightstar are %s", err, strings.Join(Names(), ", "))
	}
	return m, err
}

// Load returns the model of a file, or the default where no file is named: that
// is what the setting MODEL of a step says. A file that cannot be read, or is no
// model, is Invalid, and the error says all that is wrong with it.
func Load(file string) (model.Model, error) {
	if file == "" {
		return Read(Default)
	}
	source, err := os.ReadFile(file) //nolint:gosec // the file that people or the deployment named
	if err != nil {
		return model.Model{}, fault.New(fault.Invalid, fmt.Errorf("read the model: %w", err))
	}
	m, err := model.Read(file, source)
	return m, fault.New(fault.Invalid, err)
}
