package models_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/models"
)

func TestRead_everyModelIsValid(t *testing.T) {
	t.Parallel()

	for _, name := range models.Names() {
		if _, err := models.Read(name); err != nil {
			t.Errorf("model %s:\n%v", name, err)
		}
	}
}
