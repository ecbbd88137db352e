package ddbjson_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

func TestDecoder_AppendOthers(t *testing.T) {
	t.Parallel()

	selector, err := ddbjson.NewSelector(
		[]string{"PK"}, []string{"name"}, []string{"Address", "city"}, []string{"Address", "geo", "lat"}, []string{"Address", "geo"}, []string{"price"},
	)
	if err != nil {
		t.Fatal(err)
	}
	person, whole, line := selector.Group(0, 1, 2, 3), selector.Group(0, 4), selector.Group(0, 5)
	tests := map[string]struct {
		item   string
		group  int
		want   string
		each   []string
		covers bool
	}{
		"nothing but what is selected": {
			`{"name":{"S":"a"},"PK":{"S":"b"},"Address":{"M":{"city":{"N":"1"},"geo":{"M":{"lat":{"N":"1"}}}}}}`, person, `{}`, nil, true,
		},
		"an empty item":             {`{}`, person, `{}`, nil, true},
		"a name that nobody knows":  {`{"PK":{"S":"b"},"x\u0041":{"L":[{"N":"1"}]}}`, person, `{"x\u0041":{"L":[{"N":"1"}]}}`, []string{"xA L"}, false},
		"an attribute of others":    {`{"PK":{"S":"b"},"price":{"N":"1.5"}}`, person, `{"price":{"N":"1.5"}}`, []string{"price N"}, false},
		"a map of others":           {`{"Address":{"M":{"city":{"S":"a"}}}}`, line, `{"Address":{"M":{"city":{"S":"a"}}}}`, []string{"Address M"}, false},
		"a stranger in a known map": {`{"Address":{"M":{"city":{"S":"a"},"zip":{"NULL":true}}}}`, person, `{"Address":{"M":{"zip":{"NULL":true}}}}`, []string{"Address.zip NULL"}, false},
		"strangers on three levels": {
			`{"x":{"B":"AA=="},"Address":{"M":{"geo":{"M":{"lon":{"N":"1"},"lat":{"N":"2"}}},"y":{"SS":["a"]}}},"z":{"BOOL":true}}`, person,
			`{"x":{"B":"AA=="},"Address":{"M":{"geo":{"M":{"lon":{"N":"1"}}},"y":{"SS":["a"]}}},"z":{"BOOL":true}}`,
			[]string{"x B", "Address.geo.lon N", "Address.y SS", "z BOOL"}, false,
		},
		"all that is in a selected map": {`{"Address":{"M":{"geo":{"M":{"lat":{"N":"1"},"lon":{"N":"1"}}}}}}`, whole, `{}`, nil, false},
		"a member beside a selected map": {
			`{"Address":{"M":{"geo":{"S":""},"city":{"S":"a"}}}}`, whole, `{"Address":{"M":{"city":{"S":"a"}}}}`, []string{"Address.city S"}, false,
		},
		"a known map of another type": {`{"Address":{"S":"x"},"name":{"NULL":true}}`, person, `{}`, nil, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := ddbjson.NewDecoder(selector)
			if err := d.Decode([]byte(`{"Item":` + tt.item + `}`)); err != nil {
				t.Fatal(err)
			}
			var each []string
			got := d.AppendOthers([]byte("before "), tt.group, func(_ *ddbjson.Selector, path []ddbjson.Value, v ddbjson.Value) {
				var names []string
				for _, name := range path {
					names = append(names, string(name.AppendText(nil)))
				}
				each = append(each, fmt.Sprintf("%s %v", strings.Join(names, "."), v.Kind()))
			})
			if string(got) != "before "+tt.want {
				t.Errorf("AppendOthers() = %s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.each, each); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if got := d.Covers(tt.group); got != tt.covers {
				t.Errorf("Covers() = %t, want %t", got, tt.covers)
			}
		})
	}
}

// TestDecoder_Covers_manyGroups checks that a group that has no bit of its own
// is never said to cover anything, and is walked right.
func TestDecoder_Covers_manyGroups(t *testing.T) {
	t.Parallel()

	selector, err := ddbjson.NewSelector([]string{"a"}, []string{"b"})
	if err != nil {
		t.Fatal(err)
	}
	for range 70 {
		selector.Group(1)
	}
	last := selector.Group(0)
	d := ddbjson.NewDecoder(selector)
	if err := d.Decode([]byte(`{"Item":{"a":{"N":"1"},"b":{"N":"2"}}}`)); err != nil {
		t.Fatal(err)
	}
	got := d.AppendOthers(nil, last, func(*ddbjson.Selector, []ddbjson.Value, ddbjson.Value) {})
	if d.Covers(last) || string(got) != `{"b":{"N":"2"}}` {
		t.Errorf("group %d covers the item: %t; others %s", last, d.Covers(last), got)
	}
}

func TestValue_AppendTyped(t *testing.T) {
	t.Parallel()

	d := newDecoder(t, "a", "b", "b.c", "d", "e", "e.f")
	if err := d.Decode([]byte(`{"Item":{"a":{"S":"\n"},"b":{"NULL":true},"d":{"M":{ }},"e":{"S":""}}}`)); err != nil {
		t.Fatal(err)
	}
	for slot, want := range []string{`{"S":"\n"}`, `{"NULL":true}`, `{"NULL":true}`, `{"M":{ }}`, `{"S":""}`, ``} {
		if got := string(d.Value(slot).AppendTyped(nil)); got != want {
			t.Errorf("slot %d is %s, want %s", slot, got, want)
		}
	}
}
