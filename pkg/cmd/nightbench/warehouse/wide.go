package main

import (
	"fmt"
	"strings"
)

// wideModel spells a model that is larger than the store.
type wideModel struct {
	items, dimensions, facts strings.Builder
	plain                    int // dimensions with rows of their own
	next                     int // of them, to refer to
}

// wide spells a model with that many dimensions and facts, at least two of
// them. Some facts belong to documents, as lines belong to orders, and find
// their day and two members by the document. Each fact but the last also
// describes a dimension, as order lines describe products. The others have rows
// of their own.
func wide(dimensions, facts int) string {
	w := &wideModel{plain: dimensions - facts}
	for d := range w.plain {
		name := fmt.Sprintf("d%02d", d+1)
		fmt.Fprintf(&w.items, `
  %[1]s:
    keys: { PK: "%[1]s#{%[1]sid}", SK: "%[1]s#{%[1]sid}" }
    columns: { %[1]sid: string(40), name: string(100), category: string(50), town: string(100), score: integer, since: date }
`, name)
		fmt.Fprintf(&w.dimensions,
			"  %[1]s: { of: %[1]s, key: %[1]sid, columns: [name, category, town, score, since], unknown: { name: unknown } }\n", name)
	}
	for f := range facts {
		w.fact(f+1, f < facts/2, f < facts-1)
	}
	return "nightstar: 1\nmodel: wide\n\ntable: { partitionKey: PK, sortKey: SK, typeAttribute: type }\n\n" +
		"items:" + w.items.String() + "\ndimensions:\n  date: { calendar: day }\n" + w.dimensions.String() + "\nfacts:\n" + w.facts.String()
}

// refs takes the next dimensions with rows of their own, as part of a sort key
// and as columns. What a key holds is never missing, so that no inner join loses
// a fact.
func (w *wideModel) refs(n int) (names []string, template, columns string) {
	for range n {
		name := fmt.Sprintf("d%02d", w.next%w.plain+1)
		w.next++
		names = append(names, name)
		template += "#{" + name + "id}"
		columns += "      " + name + "id: string(40)\n"
	}
	return names, template, columns
}

// fact adds a fact, with a document or without, that describes a dimension or
// does not.
func (w *wideModel) fact(n int, document, describes bool) {
	of, head := fmt.Sprintf("f%d", n), fmt.Sprintf("h%d", n)
	at, partition, with, key := "at", of, "", of+"id"
	var found []string
	if document {
		var template, columns string
		found, template, columns = w.refs(2)
		fmt.Fprintf(&w.items, "\n  %[1]s:\n    keys: { PK: \"%[1]s#{%[1]sid}\", SK: \"%[1]s%[2]s\" }\n    columns:\n      %[1]sid: string(40)\n%[3]s"+
			"      at: { type: timestamp, required: true }\n      units: integer\n", head, template, columns)
		at, partition, key = head+".at", head, "["+head+"id, "+of+"id]"
		with = fmt.Sprintf("with: { %[1]s: { %[1]sid: %[1]sid } }", head)
	}
	own, template, columns := w.refs(6)
	// The type at the beginning of each key keeps documents and their lines apart.
	fmt.Fprintf(&w.items, "\n  %[1]s:\n    keys: { PK: \"lines-%[2]s#{%[2]sid}\", SK: \"%[1]s#{%[1]sid}%[3]s\" }\n    columns:\n      %[1]sid: string(40)\n%[4]s",
		of, partition, template, columns)
	if document {
		fmt.Fprintf(&w.items, "      %sid: string(40)\n", head)
	} else {
		w.items.WriteString("      at: { type: timestamp, required: true }\n")
	}
	w.items.WriteString("      kind: { type: string(40), required: true }\n      label: string(100)\n" +
		"      amount: { type: \"decimal(18,2)\", required: true }\n      quantity: integer\n")
	fmt.Fprintf(&w.facts, "  %[1]s:\n    grain: One row for each.\n    of: %[1]s\n    key: %[2]s\n    columns: [%[1]sid]\n    measures: [amount, quantity]\n", of, key)
	if document {
		fmt.Fprintf(&w.facts, "    document: %sid\n    %s\n", head, with)
		with += ", "
	}
	fmt.Fprintf(&w.facts, "    dimensions:\n      date: %s\n", at)
	for _, name := range found {
		fmt.Fprintf(&w.facts, "      %[1]s: %[2]s.%[1]sid\n", name, head)
	}
	for _, name := range own {
		fmt.Fprintf(&w.facts, "      %[1]s: %[1]sid\n", name)
	}
	if describes {
		fmt.Fprintf(&w.dimensions, "  kind%d: { of: %s, key: kind, %slatest: %s, columns: [label] }\n", n, of, with, at)
		fmt.Fprintf(&w.facts, "      kind%d: kind\n", n)
	}
}
