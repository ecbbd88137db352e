package model

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// identifier is what a table or column may be called: a word that needs no
// escaping anywhere, short enough for every catalogue.
var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`) //nolint:gochecknoglobals // compiled once, never changed

// Validate reports every rule that the declaration breaks, all at once.
func (m Model) Validate() error {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("model %q: "+format, append([]any{m.Name}, args...)...))
	}
	if m.PartitionKey == "" || m.SortKey == "" {
		report("name the partition key and the sort key")
	}
	for _, item := range m.Items {
		if err := item.validate(m.TypeAttribute == ""); err != nil {
			report("item type %q: %w", item.Name, err)
		}
	}
	for _, item := range m.Items {
		for _, c := range item.Columns {
			if m.PartitionKey == "" || m.SortKey == "" {
				break // reported above
			}
			if c.Repeats != "" && (c.Repeats != m.PartitionKey && c.Repeats != m.SortKey || c.Type.Kind != KindString || !c.Required) {
				report("item type %q: column %q: only a required string can repeat a key, and the keys are %q and %q",
					item.Name, c.Name, m.PartitionKey, m.SortKey)
			}
		}
	}
	for _, problem := range slices.Concat(m.validateNames(), m.validateIgnored()) {
		report("%w", problem)
	}
	if m.SetAside.Items < 0 || m.SetAside.PerMille < 0 || m.SetAside.PerMille > 1000 {
		report("items set aside: a limit is a number of items and 0 to 1000 per mille")
	}
	for _, landing := range m.Landing {
		if _, ok := m.Item(landing.Item); !ok {
			report("landing table %q: item type %q is not declared", landing.Name, landing.Item)
		}
	}
	for _, d := range m.Dimensions {
		if err := errors.Join(validateColumns(d.BusinessKey, false), validateColumns(d.Columns, false)); err != nil {
			report("dimension %q: %w", d.Name, err)
		}
		if len(d.BusinessKey) == 0 {
			report("dimension %q: name its business key", d.Name)
		}
	}
	if err := errors.Join(validateColumns(m.Fact.BusinessKey, false), validateColumns(m.Fact.Measures, false)); err != nil {
		report("fact %q: %w", m.Fact.Name, err)
	}
	for _, problem := range slices.Concat(m.validateFact(), m.validateTables()) {
		report("%w", problem)
	}
	return errors.Join(problems...)
}

// validateIgnored checks that nothing is left out that is wanted.
func (m Model) validateIgnored() []error {
	var problems []error
	for i, name := range m.Ignored {
		wanted := name == m.PartitionKey || name == m.SortKey || name == m.TypeAttribute
		for _, item := range m.Items {
			wanted = wanted || slices.ContainsFunc(item.Columns, func(c Column) bool { return len(c.From) > 0 && c.From[0] == name })
		}
		switch {
		case name == "":
			problems = append(problems, errors.New("ignored attribute: give its name"))
		case wanted:
			problems = append(problems, fmt.Errorf("ignored attribute %q: a key, the type or a column reads it", name))
		case slices.Contains(m.Ignored[:i], name):
			problems = append(problems, fmt.Errorf("ignored attribute %q is named twice", name))
		}
	}
	return problems
}

// validateFact checks what the fact says of the dimensions and of its grain.
func (m Model) validateFact() []error {
	var problems []error
	report := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("fact %q: "+format, append([]any{m.Fact.Name}, args...)...))
	}
	if len(m.Fact.BusinessKey) == 0 {
		report("name its business key")
	}
	for i, name := range m.Fact.Dimensions {
		if !slices.ContainsFunc(m.Dimensions, func(d Dimension) bool { return d.Name == name }) {
			report("dimension %q is not declared", name)
		}
		if slices.Contains(m.Fact.Dimensions[:i], name) {
			report("dimension %q is named twice", name)
		}
	}
	if len(m.Fact.Key) == 0 {
		report("name the key columns that identify a row")
	}
	for _, name := range m.Fact.Key {
		i := slices.IndexFunc(m.FactColumns(), func(c Column) bool { return c.Name == name })
		switch {
		case i < 0:
			report("key column %q is none of its columns", name)
		case !m.FactColumns()[i].Required:
			report("key column %q may be null", name)
		}
	}
	return problems
}

// validateTables checks the tables that follow from the declaration: their
// generated names and columns could meet declared ones.
func (m Model) validateTables() []error {
	var problems []error
	seen := map[string]bool{}
	for _, t := range m.Tables() {
		if seen[t.String()] {
			problems = append(problems, fmt.Errorf("table %s would be made twice", t))
		}
		seen[t.String()] = true
		if len(t.Name) > maxName {
			problems = append(problems, fmt.Errorf("table %s: the name is longer than %d characters", t, maxName))
		}
		for i, c := range t.Columns {
			if t.Schema != SchemaLanding && slices.Contains(Names(t.Columns[:i]), c.Name) {
				problems = append(problems, fmt.Errorf("table %s: column %q would be made twice", t, c.Name))
			}
		}
	}
	return problems
}

// maxName is PostgreSQL's limit. Redshift and DuckDB take longer names.
const maxName = 63

// validateNames checks that names are identifiers and that none is used twice
// for one kind of thing.
func (m Model) validateNames() []error {
	var problems []error
	check := func(what string, names []string) {
		for i, name := range names {
			if !identifier.MatchString(name) {
				problems = append(problems, fmt.Errorf("%s %q: a name is lower-case letters, digits and _, at most 63", what, name))
			}
			if slices.Contains(names[:i], name) {
				problems = append(problems, fmt.Errorf("%s %q is declared twice", what, name))
			}
		}
	}
	var items, landing, dimensions []string
	for _, item := range m.Items {
		items = append(items, item.Name)
	}
	for _, l := range m.Landing {
		landing = append(landing, l.Name)
	}
	for _, d := range m.Dimensions {
		dimensions = append(dimensions, d.Name)
	}
	check("item type", items)
	check("landing table", landing)
	check("dimension", dimensions)
	check("fact", []string{m.Fact.Name})
	return append(problems, m.validatePrefixes()...)
}

// validatePrefixes checks that no two item types could claim the same keys.
func (m Model) validatePrefixes() []error {
	var problems []error
	for i, a := range m.Items {
		for _, b := range m.Items[:i] {
			if overlap(a.PartitionPrefix, b.PartitionPrefix) && overlap(a.SortPrefix, b.SortPrefix) {
				problems = append(problems, fmt.Errorf("item types %q and %q have key prefixes that overlap", b.Name, a.Name))
			}
		}
	}
	return problems
}

func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

func (i Item) validate(needsPrefixes bool) error {
	if len(i.Columns) == 0 {
		return errors.New("declare at least one column")
	}
	if needsPrefixes && i.PartitionPrefix == "" && i.SortPrefix == "" {
		return errors.New("without a type attribute, declare a key prefix")
	}
	return validateColumns(i.Columns, true)
}

func validateColumns(columns []Column, fromItem bool) error {
	var problems []error
	for i, c := range columns {
		if !identifier.MatchString(c.Name) {
			problems = append(problems, fmt.Errorf("column %q: a name is lower-case letters, digits and _, at most 63", c.Name))
		}
		if slices.Contains(Names(columns[:i]), c.Name) {
			problems = append(problems, fmt.Errorf("column %q is declared twice", c.Name))
		}
		if err := c.Type.validate(); err != nil {
			problems = append(problems, fmt.Errorf("column %q: %w", c.Name, err))
		}
		if c.Converts && (!fromItem || len(c.Type.Conversions()) == 0) {
			problems = append(problems, fmt.Errorf("column %q: nothing can be converted to it exactly", c.Name))
		}
		if fromItem == (len(c.From) == 0) {
			problems = append(problems, fmt.Errorf("column %q: a path to an attribute belongs to item types, and only there", c.Name))
		}
	}
	return errors.Join(problems...)
}
