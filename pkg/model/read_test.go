package model_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

var update = flag.Bool("update", false, "write generated files") //nolint:gochecknoglobals // as flags are

// tickets is a model that uses most of the format.
const tickets = `nightstar: 1
model: tickets
table:
  partitionKey: pk
  sortKey: sk
  typeAttribute: [type, kind]
calendar: { timeZone: Europe/Berlin, fiscalYearStart: April }
schemas: { prefix: tickets_ }
items:
  user:
    type: [User, Member]
    keys: { pk: "ORG#{orgid}", sk: "USER#{email}" }
    unknown: refuse
    limits: { setAside: { items: 5 }, shrink: 80% }
    columns:
      orgid: string(40)
      email: string(320)
      name: { from: '"profile.v2".name', type: string(100), whenWrong: value }
  ticket:
    keys: { pk: "ORG#{orgid}", sk: "TICKET#{number}", gsi: "USER#{assignee}" }
    columns:
      orgid: string(40)
      number: bigint
      assignee: string(320)
      status: string(20)
      createdat: { type: timestamp, format: epochMillis, required: true }
      closedat: { type: timestamp, layout: "02.01.2006 15:04" }
      effort: { type: "decimal(9,2)", convert: true }
    rows:
      change: { list: changes, columns: { field: string(40), minutes: integer } }
  session: { skip: true, keys: { pk: "SESSION#{id}", sk: "v{version}#" } }
dimensions:
  date: { calendar: day }
  user:
    of: user
    key: [orgid, email]
    columns: [name]
facts:
  ticket:
    grain: One row for each ticket.
    of: ticket
    with: { user: { on: { orgid: orgid, email: assignee } } }
    dimensions:
      created: { date: createdat }
      closed: { date: closedat }
      user: [orgid, assignee]
    columns: [status, user.name]
    measures: [effort]
  change:
    grain: One row for each change of a ticket.
    of: ticket.change
    document: [orgid, number]
    with: { ticket: { orgid: orgid, number: number } }
    dimensions: { date: ticket.createdat }
    columns: [field]
    measures: [minutes]
checks:
  closed after created: { of: ticket, sql: "closedat < createdat", severity: warn }
`

func TestRead_resolvesEveryName(t *testing.T) {
	t.Parallel()

	m, err := model.Read("tickets.yaml", []byte(tickets))
	if err != nil {
		t.Fatal(err)
	}
	ticket, _ := m.Relation("ticket")
	change, _ := m.Relation("ticket.change")
	user, _ := m.Dimension("user")
	got := map[string]any{
		"type attributes": m.TypeFrom,
		"ticket columns":  model.Names(ticket.Columns),
		"ticket identity": ticket.Identity,
		"change columns":  model.Names(change.Columns),
		"change identity": change.Identity,
		"change table":    change.Table,
		"changes":         change.Path,
		"schema":          m.Schema(model.DWH),
		"name of a user":  m.Items[0].Columns[2].From,
		"ticket key":      m.Facts[0].Key,
		"change key":      m.Facts[1].Key,
		"closed":          m.Facts[0].Roles[1].SurrogateKey(),
		"closed on":       m.Facts[0].Roles[1].On[0].String(),
		"user label":      user.Columns[2].Label,
	}
	want := map[string]any{
		"type attributes": []string{"type", "kind"},
		// Days in Berlin stand in columns of their own.
		"ticket columns":  []string{"orgid", "number", "assignee", "status", "createdat", "closedat", "effort", "createdat_day", "closedat_day"},
		"ticket identity": []string{"orgid", "number"},
		"change columns":  []string{"orgid", "number", "position", "field", "minutes"},
		"change identity": []string{"orgid", "number", "position"},
		"change table":    "ticket_change",
		"changes":         []string{"changes"},
		"schema":          "tickets_dwh",
		"name of a user":  []string{"profile.v2", "name"},
		"ticket key":      []string{"orgid", "number"},
		"change key":      []string{"changekey", "position"},
		"closed":          "closeddatekey",
		"closed on":       "closedat_day",
		"user label":      "unknown",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	measured := []string{}
	for _, rows := range m.Relations() {
		for _, c := range rows.Measured() {
			measured = append(measured, rows.Name+"."+c.Name)
		}
	}
	if diff := cmp.Diff([]string{"ticket.effort", "ticket.change.minutes"}, measured); diff != "" {
		t.Error(diff)
	}
}

// TestRead_lookupsByOddColumns: columns may be called as the words of a lookup.
func TestRead_lookupsByOddColumns(t *testing.T) {
	t.Parallel()

	columns := strings.NewReplacer("{email}", "{on}", "email:", "on:", "[orgid, email]", "[orgid, on]", "      name:", "      of: string(40)\n      latest: bigint\n      name:")
	schema := compile(t)
	for spelled, want := range map[string]model.Lookup{
		"{ of: orgid, on: assignee }":      {Name: "user", Of: "user", On: []model.Match{{Column: "of", Ref: model.Ref{Column: "orgid"}}, {Column: "on", Ref: model.Ref{Column: "assignee"}}}},
		"{ on: assignee }":                 {Name: "user", Of: "user", On: []model.Match{{Column: "on", Ref: model.Ref{Column: "assignee"}}}},
		"{ on: { latest: number } }":       {Name: "user", Of: "user", On: []model.Match{{Column: "latest", Ref: model.Ref{Column: "number"}}}},
		"{ on: assignee, latest: number }": {Name: "user", Of: "user", On: []model.Match{{Column: "on", Ref: model.Ref{Column: "assignee"}}, {Column: "latest", Ref: model.Ref{Column: "number"}}}},
	} {
		text := []byte(strings.Replace(columns.Replace(tickets), "{ on: { orgid: orgid, on: assignee } }", spelled, 1))
		m, err := model.Read("tickets.yaml", text)
		if err != nil {
			t.Errorf("%s: %v", spelled, err)
			continue
		}
		if diff := cmp.Diff([]model.Lookup{want}, m.Facts[0].With); diff != "" {
			t.Errorf("%s (-want +got):\n%s", spelled, diff)
		}
		if err := validate(t, schema, text); err != nil {
			t.Errorf("%s: the schema says %v", spelled, err)
		}
	}
}

// broken are edits of the model that make it wrong: the text that is replaced,
// its replacement, and what is said. A schema sees what is wrong with the form.
func broken() []edit {
	return []edit{
		{"nightstar: 1", "nightstar: 2", `1:12: this is version 2 of the format, and 1 is the only one there is: write "nightstar: 1"`, false},
		{"model: tickets", "model: My Tickets", `2:8: model "My Tickets": a name has lower-case letters, digits and _, begins with a letter and has at most 63 bytes; try "my_tickets"`, false},
		{"calendar:", "calender:", `7:1: the format has no "calender" here: did you mean "calendar"?`, true},
		{"Europe/Berlin", "Europe/Berlino", `7:23: "Europe/Berlino" is not a time zone of the IANA database: write one such as Europe/Berlin`, false},
		{"fiscalYearStart: April", "fiscalYearStart: Aprl", `7:55: "Aprl" is none of the words that can stand here: did you mean "April"?`, true},
		{"80%", "80", `14:47: 80 is not a share between 0% and 100%: write 50%`, true},
		{"unknown: refuse", "unknown: [refuse]", `13:14: a list stands where text belongs`, true},
		{"skip: true", "skip: yes", `31:20: text stands where true or false belongs`, true},
		{"partitionKey: pk\n", "ignore: x\n", `4:3: "partitionKey" is missing: The partition key of the table.`, true},
		{"orgid: string(40)\n      email", "orgid: strin(40)\n      email", `16:14: "strin(40)" is not a type: did you mean "string"?`, true},
		{"orgid: string(40)\n      email", "orgid: string(400000)\n      email", `16:14: length 400000 is not between 1 and 65535 bytes`, false},
		{`"decimal(9,2)"`, "decimal(9,2)", `28:33: the format has no "2)" here: within braces a comma ends a value, so put the type in quotes: "decimal(18,2)"`, true},
		{"email: string(320)\n      name", "name", `12:36: {email} fills a column that item type "user" does not declare: add "email: string(64)" to its columns`, false},
		{"USER#{email}", "USER#{email", `12:36: the template of sk: the brace at character 6 is not closed; write {{ for the brace itself`, false},
		{"USER#{email}", "{email}{orgid}", `12:36: the template of sk: nothing separates {email} from {orgid}`, false},
		{"Member]\n    keys: { pk: \"ORG#{orgid}\", sk: \"USER#{email}\" }", "Member, ticket]\n    keys: { pk: \"ORG#{orgid}\", sk: \"{email}\" }", `19:3: item types "user" and "ticket" cannot be told apart: an item with type "ticket", pk "ORG#x", sk "TICKET#x" is both`, false},
		{`'"profile.v2".name'`, `'"profile.v2.name'`, `18:21: the path "profile.v2.name has a quote that is not closed`, false},
		{"type: string(100), whenWrong: value", "type: string(100), required: true, whenWrong: value", `18:88: column "name" identifies or is required, so a row without it is worthless: write item or night`, false},
		{"format: epochMillis", "format: epochMilis", `26:45: "epochMilis" is none of the words that can stand here: did you mean "epochMillis"?`, true},
		{"status: string(20)", "status: { type: string(20), format: rfc1123 }", `25:43: column "status" is string(20): only a timestamp or a date has a format`, false},
		{"effort: {", "found: {", `28:7: column "found": every stored procedure has a variable of that name, which SQL would take for it; choose another`, false},
		{"date: { calendar: day }", "date: { calendar: day }\n  day: { calendar: day }", `34:3: no fact refers to the calendar "day", so it would have no day: name it below the "dimensions" of a fact, day: COLUMN`, false},
		{"columns: [status, user.name]", "columns: { number: status }", `column "number" identifies a fact, and the fact has another column of that name: rename the other one`, false},
		{"columns: [name]", "columns: { email: name }", `column "email" identifies members, and the dimension has another column of that name: rename the other one`, false},
		{"TICKET#{number}\", gsi: \"USER#{assignee}\" }\n    columns:\n      orgid: string(40)\n      number: bigint", "TICKET#{position}\" }\n    columns:\n      orgid: string(40)\n      position: bigint", `rows "change" would have two columns "position", that of the keys of item type "ticket" and the place of a row: rename the one in the keys`, false},
		{"list: changes", "lists: changes", `the format has no "lists" here: did you mean "list"?`, true},
		{"change: { list: changes,", "change: { list: changes, map: changes,", `rows "change" are a list or a map`, false},
		{"field: string(40)", "number: string(40)", `rows "change" have a column "number" from the keys of their item already`, false},
		{"of: user\n", "of: usr\n", `"usr" is not an item type, or rows, that the model loads: did you mean "user"?`, false},
		{"key: [orgid, email]", "key: [orgid, emial]", `user has no column "emial": did you mean "email"?`, false},
		{"date: { calendar: day }", "date: { calendar: day, of: user }", `dimension "date" is a calendar, or made of an item type`, false},
		{"{ on: { orgid: orgid, email: assignee } }", "{ on: { orgid: orgid, email: number } }", `user.email is varchar(320) and number is bigint: they are never equal`, false},
		{"{ on: { orgid: orgid, email: assignee } }", "{ of: user, email: assignee }", `user has no column "of": beside "of" and "latest", columns stand below "on": { of: TYPE, on: { COLUMN: COLUMN } }`, false},
		{"{ on: { orgid: orgid, email: assignee } }", "{ of: user }", `"on" is missing`, true},
		{"{ on: { orgid: orgid, email: assignee } }", "{}", `"on" is missing`, true},
		{"created: { date: createdat }", "created: createdat", `the model has no dimension "created"`, false},
		{"created: { date: createdat }", "created: { date: status }", `status is varchar(20): a calendar takes a timestamp or a date`, false},
		{"user: [orgid, assignee]", "user: orgid", `dimension "user" is identified by 2 columns, and this names 1`, false},
		{"columns: [status, user.name]", "columns: [status, member.name]", `"member" is not looked up here: it can be user; look it up in "with"`, false},
		{"measures: [effort]", "measures: [status]", `measure "status" is varchar(20), which does not add up: put it below "columns"`, false},
		{"grain: One row for each ticket.\n", "\n", `"grain" is missing: What one row is, in a sentence.`, true},
		{"severity: warn", "severity: none", `"none" is none of the words that can stand here: `, true},
		{"closedat < createdat", "closedat < createdon", `58:44: character 12 of the expression: ticket has no column "createdon": did you mean "createdat"?`, false},
		{"closedat < createdat", "closedat", `a condition is true or false, and this is not: compare it with something`, false},
		{"model: tickets", "model: *tickets", `2:8: an alias stands where text belongs`, false},
		{"model: tickets", "model: tickets\nmodel: tickets", `mapping key "model" already defined`, false},
		{"name: { from", "name: { from: [", `18:`, false},
		{"user:\n    of: user", "change:\n    of: user", `dimension or fact "change" is declared in line 34 already`, false},
		{"  ticket:\n    grain", "  userkey:\n    grain", `would both make the table staging.userkey`, false},
	}
}

type edit struct {
	old, replacement string
	want             string
	bySchema         bool
}

func (e edit) apply(t *testing.T) []byte {
	t.Helper()

	if !strings.Contains(tickets, e.old) {
		t.Fatalf("the model has no %q", e.old)
	}
	return []byte(strings.Replace(tickets, e.old, e.replacement, 1))
}

func TestRead_saysWhatIsWrong(t *testing.T) {
	t.Parallel()

	for _, e := range broken() {
		_, err := model.Read("tickets.yaml", e.apply(t))
		if err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%q for %q:\n%v\nwant %s", e.replacement, e.old, err, e.want)
		}
	}
}

func TestRead_reportsEverythingInOnePass(t *testing.T) {
	t.Parallel()

	text := strings.NewReplacer("string(20)", "strng(20)", "key: [orgid, email]", "key: [orgid, emial]", "of: ticket,", "of: tickt,").Replace(tickets)
	_, err := model.Read("my.yaml", []byte(text))
	var problems model.FileError
	if !errorsAs(err, &problems) || len(problems) != 3 {
		t.Fatalf("got %v, want three problems", err)
	}
	lines := []int{problems[0].Line, problems[1].Line, problems[2].Line}
	if problems[0].File != "my.yaml" || !slices.IsSorted(lines) {
		t.Errorf("got %v", problems)
	}
}

func errorsAs(err error, to *model.FileError) bool {
	problems, ok := err.(model.FileError) //nolint:errorlint // Read returns it itself
	*to = problems
	return ok
}

func TestJSONSchema_isCommitted(t *testing.T) {
	t.Parallel()

	const name = "model.schema.json"
	if *update {
		if err := os.WriteFile(name, model.JSONSchema(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(committed, model.JSONSchema()) {
		t.Errorf("%s is out of date (%v): run make generate", name, err)
	}
}

// The schema refuses every file whose form the reader refuses, and takes every
// file whose form is right.
func TestJSONSchema_agreesWithTheReader(t *testing.T) {
	t.Parallel()

	schema := compile(t)
	if err := validate(t, schema, []byte(tickets)); err != nil {
		t.Errorf("the schema refuses a model that is right: %v", err)
	}
	for _, e := range broken() {
		text := e.apply(t)
		var document any
		if yaml.Unmarshal(text, &document) != nil {
			continue // no editor gets as far as the schema
		}
		if err := validate(t, schema, text); (err != nil) != e.bySchema && !strings.Contains(e.want, "alias") {
			t.Errorf("%q for %q: the schema says %v; want an error: %t", e.replacement, e.old, err, e.bySchema)
		}
	}
}

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()

	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(model.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("model.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("model.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()

	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// FuzzRead checks that the reader never panics, that an error is a list of
// problems with places in the file, and that a model that it takes has what
// others rely on.
func FuzzRead(f *testing.F) {
	f.Add([]byte(tickets))
	for _, e := range broken() {
		f.Add([]byte(strings.Replace(tickets, e.old, e.replacement, 1)))
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("nightstar: 1\nmodel: m\ntable: {partitionKey: p}\nitems: {a: {keys: {p: '{x}'}, columns: {x: text}}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := model.Read("f.yaml", text)
		if err != nil {
			problems, ok := err.(model.FileError) //nolint:errorlint // Read returns it itself
			if !ok || len(problems) == 0 {
				t.Fatalf("not a list of problems: %v", err)
			}
			for _, p := range problems {
				if p.Line < 1 || p.Column < 1 || p.Text == "" || p.Line > 2+bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r")) {
					t.Errorf("%q is at line %d, column %d of %q", p.Text, p.Line, p.Column, text)
				}
			}
			return
		}
		for _, fact := range m.Facts {
			if _, ok := m.Relation(fact.Of); !ok || len(fact.Key) == 0 {
				t.Errorf("fact %q is made of %q and has key %q", fact.Name, fact.Of, fact.Key)
			}
			for _, role := range fact.Roles {
				d, ok := m.Dimension(role.Dimension)
				if !ok || len(d.Key) != len(role.On) {
					t.Errorf("role %v of fact %q does not name dimension %v whole", role, fact.Name, d)
				}
			}
		}
	})
}

// TestIdentity reads item types whose keys are captured, left to a type
// attribute, or words.
func TestIdentity(t *testing.T) {
	t.Parallel()
	const head = "nightstar: 1\nmodel: m\ntable:\n  partitionKey: { name: P.K, type: B }\n  sortKey: { name: SK, type: N }\n  typeAttribute: type\nitems:\n  thing:\n"
	tests := map[string]struct {
		item     string
		identity []string
		declared bool
	}{
		"captured":      {"    keys: { P.K: \"{a}\", SK: \"{b}\" }\n    columns: { a: string(20), b: string(20) }\n", []string{"a", "b"}, true},
		"from the keys": {"    columns: { a: { from: '\"P.K\"', type: string(20) }, b: { from: SK, type: bigint } }\n", []string{"a", "b"}, true},
		"not at all":    {"    columns: { sk: string(20), position: integer }\n", []string{"p_k", "sk_"}, false},
		"half":          {"    keys: { SK: \"{p_k}\" }\n    columns: { p_k: string(20) }\n", []string{"p_k_", "p_k"}, false},
	}
	for name, test := range tests {
		m, err := model.Read("model.yaml", []byte(head+test.item))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := m.Items[0]; !slices.Equal(got.Identity, test.identity) || got.Declared() != test.declared {
			t.Errorf("%s: identity %v, declared %t", name, got.Identity, got.Declared())
		}
		for _, column := range m.Items[0].Identity {
			if c, ok := m.Items[0].Column(column); !ok || !c.Required || !c.Key || c.Implicit && !c.Converts {
				t.Errorf("%s: column %q is %+v", name, column, c)
			}
		}
	}
	m, err := model.Read("model.yaml", []byte("nightstar: 1\nmodel: m\ntable:\n  partitionKey: PK\nitems:\n  thing:\n    keys: { PK: THING }\n    columns: { a: integer }\n"))
	if err != nil || !slices.Equal(m.Items[0].Identity, []string{"pk"}) {
		t.Errorf("a word: %v, %v", m.Items, err)
	}
}
