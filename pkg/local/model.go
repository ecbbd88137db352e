package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

// ModelFile is the name of the model's file inside the directory. The steps read
// it, as they read that of their layer on AWS.
const ModelFile = "model.yaml"

// ReadModel returns the model that a directory remembers, and false if it has
// none yet.
func ReadModel(dir string) (model.Model, bool, error) {
	file := filepath.Join(dir, ModelFile)
	source, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return model.Model{}, false, nil
	}
	if err != nil {
		return model.Model{}, false, fmt.Errorf("read the model of the directory: %w", err)
	}
	m, err := model.Read(file, source)
	return m, true, err
}

// remember gives the directory the model, or returns the one that it has. A
// model of the same name replaces it: whether the warehouse can follow is for
// the run to find out. One of another name is another table, whose items do not
// belong into the same warehouse, unless the caller wants to replace it.
func remember(dir string, wanted *model.Model, replace bool) (model.Model, error) {
	m, known, err := ReadModel(dir)
	if wanted == nil {
		switch {
		case err != nil || known:
			return m, err
		default:
			if m, err = models.Read(models.Default); err != nil {
				return model.Model{}, err
			}
			wanted = &m
		}
	}
	if known && err == nil && m.Name != wanted.Name && !replace {
		return model.Model{}, fmt.Errorf("use model %q in %s: it holds model %q; choose another --dir, or replace what it holds with run --rebuild",
			wanted.Name, dir, m.Name)
	}
	file := filepath.Join(dir, ModelFile)
	if err := os.WriteFile(file, wanted.Source, 0o644); err != nil { //nolint:gosec // as readable as what it was copied from
		return model.Model{}, fmt.Errorf("remember the model: %w", err)
	}
	return *wanted, nil
}
