package lake_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

// store is the model of most tests.
func store(tb testing.TB) model.Model {
	tb.Helper()
	m, err := models.Read("store")
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// read is a model of a test.
func read(tb testing.TB, text string) model.Model {
	tb.Helper()
	m, err := model.Read("test.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// column returns a column of an item type, to be changed.
func column(tb testing.TB, m *model.Model, item, name string) *model.Column {
	tb.Helper()
	for i := range m.Items {
		for j := range m.Items[i].Columns {
			if m.Items[i].Name == item && m.Items[i].Columns[j].Name == name {
				return &m.Items[i].Columns[j]
			}
		}
	}
	tb.Fatalf("item type %s has no column %s", item, name)
	return nil
}
