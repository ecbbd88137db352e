package madeup_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/madeup"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
)

func read(t *testing.T, name string) model.Model {
	t.Helper()

	m, err := models.Read(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestItems_keysFollowTheTemplates(t *testing.T) {
	t.Parallel()

	for _, name := range models.Names() {
		m := read(t, name)
		keys, byType := map[string]bool{}, map[string]int{}
		n := 0
		for item := range madeup.Items(m, 1, 2000) {
			n++
			key := ""
			for _, k := range m.Keys {
				key += fmt.Sprintf("%T%v|", item[k.Name], text(item[k.Name]))
			}
			if keys[key] {
				t.Fatalf("model %s: two items have the key %s", name, key)
			}
			keys[key] = true
			for _, i := range m.Items {
				if !i.Skip && follows(m, i, item) {
					byType[i.Name]++
				}
			}
		}
		if n < 1000 || n > 3000 {
			t.Errorf("model %s: %d items for 2000", name, n)
		}
		for _, i := range m.Items {
			if !i.Skip && byType[i.Name] == 0 {
				t.Errorf("model %s: no item of type %s", name, i.Name)
			}
		}
	}
}

// follows reports whether an item has the type attribute and the keys of a type.
func follows(m model.Model, i model.Item, item madeup.Item) bool {
	if len(m.TypeFrom) > 0 && !slices.Contains(i.Values, text(item[m.TypeFrom[0]])) {
		return false
	}
	for _, k := range i.Keys {
		if _, ok := k.Template.Match([]byte(text(item[k.Attribute])), nil); k.TableKey && !ok {
			return false
		}
	}
	return true
}

func text(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberB:
		return string(v.Value)
	}
	return ""
}

func TestItems_areTheSameForOneSeed(t *testing.T) {
	t.Parallel()

	m := read(t, "tickets")
	first := slices.Collect(madeup.Items(m, 7, 500))
	again := slices.Collect(madeup.Items(m, 7, 500))
	other := slices.Collect(madeup.Items(m, 8, 500))
	if fmt.Sprint(describe(first)) != fmt.Sprint(describe(again)) {
		t.Error("one seed has made two sets of items")
	}
	if fmt.Sprint(describe(first)) == fmt.Sprint(describe(other)) {
		t.Error("two seeds have made the same items")
	}
}

// describe spells the texts of items.
func describe(items []madeup.Item) []map[string]string {
	var all []map[string]string
	for _, item := range items {
		texts := map[string]string{}
		for name, v := range item {
			texts[name] = text(v)
		}
		all = append(all, texts)
	}
	return all
}

// Most references lead to an item, and some do not: orphans are ordinary.
func TestItems_referencesLeadToItems(t *testing.T) {
	t.Parallel()

	m := read(t, "library")
	books := map[string]bool{}
	var found, missing int
	for item := range madeup.Items(m, 3, 2000) {
		books[text(item["id"])] = true
		loans, _ := item["loans"].(*types.AttributeValueMemberL)
		if loans == nil {
			continue
		}
		for _, loan := range loans.Value {
			if books["Book"+text(loan.(*types.AttributeValueMemberM).Value["bookid"])] {
				found++
			} else {
				missing++
			}
		}
	}
	if found < 100 || missing > found {
		t.Errorf("%d loans of a book that exists, %d of one that does not", found, missing)
	}
}
