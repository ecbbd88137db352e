package lake_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// split partitions lines by a model.
func split(t *testing.T, yaml string, lines ...string) (export, lakedoc.Result) {
	t.Helper()
	e := setup(t)
	p, err := lake.NewPartitioner(e.s3.Client(), read(t, yaml), "raw", "lake")
	if err != nil {
		t.Fatal(err)
	}
	e.partition = p
	got, err := p.Partition(t.Context(), e.put(zip(t, strings.Join(lines, "\n")), int64(len(lines))))
	if err != nil || got.Problem != "" {
		t.Fatalf("Partition() = %+v, %v", got, err)
	}
	return e, got
}

// item writes a line of attributes.
func item(attributes string) string { return `{"Item":{` + attributes + `}}` }

// keyed writes a line with keys of text and other attributes.
func keyed(pk, sk, others string) string {
	if others != "" {
		others = "," + others
	}
	return item(`"PK":{"S":"` + pk + `"},"SK":{"S":"` + sk + `"}` + others)
}

const typed = `
nightstar: 1
model: typed
table: { partitionKey: PK, sortKey: SK, typeAttribute: [kind, entity], ignore: [ttl] }
items:
  user:
    type: [User, Member]
    keys: { PK: "u#{userid}", SK: "PROFILE" }
    columns: { userid: string(20) }
  membership:
    keys: { PK: "u#{userid}", SK: "g#{groupid}#{role}" }
    columns: { userid: string(20), groupid: string(20), role: string(20) }
  pair:
    keys: { PK: "x#{id}", SK: "x#{id}" }
    columns: { id: string(20) }
  note: # the type attribute alone decides
    columns: { pk: { from: PK, type: string(40) }, sk: { from: SK, type: string(40) } }
  copy: # keys as those of pair
    keys: { PK: "x#{id}", SK: "x#{again}" }
    columns: { id: string(20), again: string(20) }
  log: { keys: { PK: "log#{day}", SK: "{id}" }, skip: true }
`

// TestRecognise gives the item type of an item, or why it has none.
func TestRecognise(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		line   string
		rows   string // item type
		reason lakedoc.Reason
		aside  string // item type that it is set aside as
		detail string
	}{
		"a value of the type attribute":         {keyed("u#1", "PROFILE", `"kind":{"S":"Member"}`), "user", "", "", ""},
		"the second type attribute":             {keyed("u#1", "PROFILE", `"entity":{"S":"User"}`), "user", "", "", ""},
		"the first attribute that is there":     {keyed("a", "b", `"entity":{"S":"User"},"kind":{"S":"note"}`), "note", "", "", ""},
		"a type attribute that is NULL":         {keyed("a", "b", `"kind":{"NULL":true},"entity":{"S":"note"}`), "note", "", "", ""},
		"keys alone":                            {keyed("u#1", "g#2#admin", ``), "membership", "", "", ""},
		"separators within the last capture":    {keyed("u#1", "g#2#a#b", ``), "membership", "", "", ""},
		"a type without templates, any keys":    {keyed("u#1", "PROFILE", `"kind":{"S":"note"}`), "note", "", "", ""},
		"one name in two keys":                  {keyed("x#1", "x#1", `"kind":{"S":"pair"}`), "pair", "", "", ""},
		"one name, two values":                  {keyed("x#1", "x#2", `"kind":{"S":"pair"}`), "", lakedoc.TypeContradictsKey, "pair", "an item of type pair has one id in PK and SK"},
		"two values decide against the type":    {keyed("x#1", "x#2", ``), "copy", "", "", ""},
		"keys of two types":                     {keyed("x#1", "x#1", ``), "", lakedoc.AmbiguousType, "?", "the keys are those of item types pair and copy"},
		"a type value in another case":          {keyed("u#1", "PROFILE", `"kind":{"S":"user"}`), "", lakedoc.UnknownType, "?", "it has User, Member, membership, pair, note, copy, log"},
		"keys of another type than named":       {keyed("u#1", "g#2#x", `"kind":{"S":"User"}`), "", lakedoc.TypeContradictsKey, "user", "an item of type user has keys like PK u#{userid}, SK PROFILE, this one has PK u#…, SK g#…"},
		"a type attribute that is not text":     {keyed("u#1", "PROFILE", `"kind":{"N":"1"}`), "", lakedoc.WrongType, "?", "the type attribute is N, not S"},
		"keys of no type":                       {keyed("invoice#17", "2024", ``), "", lakedoc.UnknownType, "?", "no item type has keys like PK invoice#…, SK …; the model has PK u#{userid}, SK PROFILE (user)"},
		"a capture of nothing":                  {keyed("u#", "PROFILE", ``), "", lakedoc.UnknownType, "?", ""},
		"a key that is missing":                 {item(`"PK":{"S":"u#1"}`), "", lakedoc.MissingKey, "?", "the key SK is missing, the table has keys PK (S) and SK (S)"},
		"a key of another type":                 {item(`"PK":{"S":"u#1"},"SK":{"N":"1"}`), "", lakedoc.MissingKey, "?", "the key SK is N"},
		"a type to skip":                        {keyed("log#2024-01-01", "1", `"anything":{"N":"1"}`), "log", "", "", ""},
		"a type to skip, keys of another":       {keyed("u#1", "PROFILE", `"kind":{"S":"log"}`), "", lakedoc.TypeContradictsKey, "log", ""},
		"keys that are written with escapes":    {item(`"PK":{"S":"u\u00231"},"SK":{"S":"PR\u004fFILE"}`), "user", "", "", ""},
		"an ignored attribute of any kind":      {keyed("u#1", "PROFILE", `"ttl":{"L":[]}`), "user", "", "", ""},
		"a value of a key that looks like text": {keyed("u#ann@example.com", "x", ``), "", lakedoc.UnknownType, "?", "PK u#…, SK …"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, got := split(t, typed, tt.line)
			if tt.reason == "" {
				counts := got.Rows
				if tt.rows == "log" {
					counts = got.Skipped
				}
				if diff := cmp.Diff(map[string]int64{tt.rows: 1}, counts); diff != "" || got.SetAside.Total() > 0 {
					t.Errorf("set aside %v; rows (-want +got):\n%s", got.SetAside, diff)
				}
				return
			}
			if diff := cmp.Diff(lakedoc.SetAside{tt.aside: {tt.reason: 1}}, got.SetAside); diff != "" {
				t.Fatalf("set aside (-want +got):\n%s", diff)
			}
			object, _ := e.s3.Object("lake", got.Aside.Key)
			var kept struct{ Type, Detail string }
			if err := json.Unmarshal(object.Body, &kept); err != nil || !strings.Contains(kept.Detail, tt.detail) || kept.Type != tt.aside {
				t.Errorf("kept %+v, %v; want type %s and a detail with %q", kept, err, tt.aside, tt.detail)
			}
		})
	}
}

// TestRecognise_keysOfOtherTypes has tables without a sort key, and keys that
// are numbers or binary.
func TestRecognise_keysOfOtherTypes(t *testing.T) {
	t.Parallel()

	const number = `
nightstar: 1
model: m
table: { partitionKey: { name: id, type: N }, sortKey: { name: at, type: B } }
items:
  reading:
    keys: { id: "{id}", at: "{at}" }
    columns: { id: bigint, at: string(40), text: { from: id, type: string(20) } }
`
	e, got := split(t, number, item(`"id":{"N":"12"},"at":{"B":"AAE="}`), item(`"id":{"S":"12"},"at":{"B":"AAE="}`), item(`"id":{"N":"13"},"at":{"B":"\/\/8="},"x":{"N":"1"}`))
	if got.Rows["reading"] != 2 || got.SetAside["?"][lakedoc.MissingKey] != 1 {
		t.Fatalf("Partition() = %+v", got)
	}
	want := []map[string]any{{"id": int64(12), "at": "AAE=", "text": "12"}, {"id": int64(13), "at": "//8=", "text": "13"}}
	if diff := cmp.Diff(want, e.rows(t, "items/type=reading/run=r1/00001.parquet")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	unknown := []map[string]any{{"pk": "13", "sk": "//8=", "attributes": `{"x":{"N":"1"}}`}}
	if diff := cmp.Diff(unknown, e.rows(t, "unknown/type=reading/run=r1/00001.parquet")); diff != "" {
		t.Errorf("unknown attributes (-want +got):\n%s", diff)
	}

	const single = `
nightstar: 1
model: m
table: { partitionKey: name }
items:
  event:
    keys: { name: "{name}" }
    columns: { name: string(20) }
`
	e, got = split(t, single, item(`"name":{"S":"a"},"more":{"S":"x"}`), item(`"name":{"S":"b"}`))
	if got.Rows["event"] != 2 {
		t.Fatalf("Partition() = %+v", got)
	}
	unknown = []map[string]any{{"pk": "a", "sk": nil, "attributes": `{"more":{"S":"x"}}`}}
	if diff := cmp.Diff(unknown, e.rows(t, "unknown/type=event/run=r1/00001.parquet")); diff != "" {
		t.Errorf("unknown attributes (-want +got):\n%s", diff)
	}
}

// TestRecognise_forgetsTheItemBefore has an item whose index key is wrong, and
// one of a type without an index behind it.
func TestRecognise_forgetsTheItemBefore(t *testing.T) {
	t.Parallel()

	const indexed = `
nightstar: 1
model: indexed
table: { partitionKey: PK, sortKey: SK, typeAttribute: kind }
items:
  line: { keys: { PK: "o#{orderid}", GSI: "c#{customer}" }, columns: { orderid: string(20), customer: string(20) } }
  order: { keys: { PK: "o#{orderid}", SK: "v{version}" }, columns: { orderid: string(20), version: string(20) } }
`
	wrong := keyed("o#1", "l#1", `"kind":{"S":"line"},"GSI":{"S":"no customer"}`)
	_, got := split(t, indexed, wrong, keyed("o#1", "v1", `"kind":{"S":"order"}`))
	want := map[string]int64{"line": 1, "order": 1}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Errorf("set aside %v; rows (-want +got):\n%s", got.SetAside, diff)
	}
}
