// Package models holds the model files that Nightstar is delivered with: the
// store, which is the default, and examples.
package models

import (
	"embed"
	"fmt"
	"strings"

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
