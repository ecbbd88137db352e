package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// versions is the model of the tests whose dimension user keeps versions.
func versions(edits ...string) string {
	text := strings.ReplaceAll(tickets, "key: [orgid, email]\n", "key: [orgid, email]\n    history: versions\n")
	for i := 0; i < len(edits); i += 2 {
		text = strings.ReplaceAll(text, edits[i], edits[i+1])
	}
	return text
}

// TestRead_asOf: the only calendar of a fact, or its only timestamp, says when it
// happened, unless the model does.
func TestRead_asOf(t *testing.T) {
	t.Parallel()

	const dimensions = "      created: { date: createdat }\n      closed: { date: closedat }\n"
	tests := []struct {
		name, want string
		edits      []string
	}{
		{"the model says so", "closedat", []string{"of: ticket\n    with", "of: ticket\n    asOf: closedat\n    with"}},
		{"one calendar", "createdat", []string{"      closed: { date: closedat }\n", ""}},
		{"two roles of one column", "createdat", []string{"closed: { date: closedat }", "again: { date: createdat }"}},
		{"one timestamp", "createdat", []string{dimensions, "", "      closedat: { type: timestamp, layout: \"02.01.2006 15:04\" }\n", "", "closedat < createdat", "createdat is null", "[status, user.name]", "[status]"}},
		{"a column that is looked up", "ticket.createdat", []string{
			dimensions, "      created: { date: createdat }\n",
			"dimensions: { date: ticket.createdat }", "dimensions: { date: ticket.createdat, user: [orgid, ticket.assignee] }",
		}},
	}
	for _, tt := range tests {
		m, err := model.Read("tickets.yaml", []byte(versions(tt.edits...)))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		f := m.Facts[0]
		if strings.Contains(tt.want, ".") {
			f = m.Facts[1]
		}
		i := slices.IndexFunc(f.Roles, func(r model.Role) bool { return r.Name == "user" })
		if role := f.Roles[i]; role.AsOf == nil || role.AsOf.String() != tt.want || !slices.Contains(role.Refs(), *role.AsOf) {
			t.Errorf("%s: the moment is %v, want %s", tt.name, role.AsOf, tt.want)
		}
		if d, _ := m.Dimension("user"); !d.Versions {
			t.Errorf("%s: the dimension keeps no versions", tt.name)
		}
	}
}

// TestRead_historyIsRefused: what cannot have versions says what can.
func TestRead_historyIsRefused(t *testing.T) {
	t.Parallel()

	const asOf = "of: ticket\n    asOf: createdat\n    with"
	dimension := func(text string) string {
		return versions("of: ticket\n    with", asOf, "    of: user\n    key: [orgid, email]\n    history: versions\n    columns: [name]\n", text)
	}
	tests := []struct{ name, text, want string }{
		{"two calendars", versions(), `:40:3: fact "ticket" refers to versions of "user", and createdat, closedat may say when it happened: write "asOf: createdat", or another one`},
		{
			"no moment", versions("of: ticket\n    with", asOf, "dimensions: { date: ticket.createdat }", "dimensions: { user: [orgid, field] }"),
			`fact "change" refers to versions of "user", and no column of it says when it happened: write "asOf: COLUMN" with a timestamp or a date of ticket.change, or of what the fact looks up`,
		},
		{"no such column", versions("of: ticket\n    with", "of: ticket\n    asOf: createdon\n    with"), `ticket has no column "createdon"`},
		{"no moment at all", versions("of: ticket\n    with", "of: ticket\n    asOf: status\n    with"), `status is varchar(20), which is no moment: name a timestamp or a date`},
		{"a word", versions("history: versions", "history: all"), `:37:14: "all" is none of the words that can stand here: it can be overwrite, versions`},
		{
			"rows within items", dimension("    of: ticket.change\n    key: [orgid, field]\n    history: versions\n"),
			`dimension "user" keeps versions, and ticket.change are rows within items, which change with their item: write "of: ticket", or "history: overwrite"`,
		},
		{
			"lookups", dimension("    of: user\n    with: { ticket: { on: { orgid: orgid }, latest: number } }\n    key: [orgid, email]\n    history: versions\n"),
			`dimension "user" keeps versions, and what it looks up has no versions: leave out "with", and give each item type that describes members a dimension of its own, or "history: overwrite"`,
		},
		{
			"another key", dimension("    of: user\n    key: [orgid, name]\n    history: versions\n"),
			`dimension "user" keeps versions, and its key is not that of an item of type user: write "key: [orgid, email]", or "history: overwrite"`,
		},
		{
			"latest", dimension("    of: user\n    key: [orgid, email]\n    latest: joined\n    history: versions\n"),
			`each item has its own versions: leave out "latest", and write the columns that identify an item below "key", key: [orgid, email]`,
		},
		{
			"duplicates", dimension("    of: user\n    key: [orgid, email]\n    duplicates: first\n    history: versions\n"),
			`each item has its own versions: leave out "duplicates"`,
		},
		{
			"a column of that name", dimension("    of: user\n    key: [orgid, email]\n    history: versions\n    columns: { version: name }\n"),
			`"user" would have two columns "version", a declared and a generated one: rename the declared one`,
		},
		{"a calendar", versions("date: { calendar: day }", "date: { calendar: day, history: versions }"), `a calendar has its own columns: leave out "history"`},
	}
	for _, tt := range tests {
		if _, err := model.Read("tickets.yaml", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v\nwant %s", tt.name, err, tt.want)
		}
	}
}
