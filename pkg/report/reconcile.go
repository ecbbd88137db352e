package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/report/chart"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

func group(n scalar.Sum) string { return spell.Digits(n.String()) }

// reconciliation is the section from the manifest to the fact.
func (f *facts) reconciliation() []Block {
	if f.run.Rows == nil {
		return []Block{{Text: []string{"The run failed before its reconciliation, so nothing was compared and nothing was loaded."}}}
	}
	blocks := []Block{f.manifest(), f.loads(), f.mirrored()}
	if f.model != nil && len(f.run.Counts) > 0 {
		blocks = append(blocks, f.tables(), f.sums())
	}
	if len(f.proofs) > 0 {
		blocks = append(blocks, Block{
			Title: "Proofs", Text: []string{"The run stops, and the star stays as it was, if one of these does not hold. “Reported” numbers expect nothing."},
			Table: f.proofTable(),
		})
	}
	return slices.DeleteFunc(blocks, func(b Block) bool { return b.Title == "" })
}

// manifest explains what became of the items of the export.
func (f *facts) manifest() Block {
	run := f.run
	nested := map[string]bool{}
	if f.model != nil {
		for _, item := range f.model.Items {
			for _, rows := range item.Nested {
				nested[rows.Name] = true
			}
		}
	}
	t := Table{Caption: "Items of the export by type", Columns: []Column{text("Item type"), number("In the export"), number("Loaded"), number("Set aside"), number("Skipped")}}
	names := map[string]bool{}
	for _, m := range []map[string]int64{run.Rows, run.Skipped} {
		for name := range m {
			names[name] = true
		}
	}
	for name := range run.SetAside {
		names[name] = true
	}
	var loaded, aside, skipped int64
	points := []chart.Point{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if nested[name] {
			continue
		}
		a, b, c := run.Rows[name], run.SetAside.Of(name), run.Skipped[name]
		loaded, aside, skipped = loaded+a, aside+b, skipped+c
		t.Rows = append(t.Rows, cells(typeName(name), spell.Int(a+b+c), spell.Int(a), spell.Int(b), spell.Int(c)))
		points = append(points, chart.Point{Label: typeName(name), Value: chart.Int(a + b + c)})
	}
	total := loaded + aside + skipped
	sum := fmt.Sprintf("%s loaded + %s set aside + %s skipped by the model", spell.Int(loaded), spell.Int(aside), spell.Int(skipped))
	if f.increment() {
		total += run.Deletes
		t.Caption, t.Columns[2].Name = "Changes of the export by type", "Put"
		sum = fmt.Sprintf("%s put + %s deleted + %s set aside + %s skipped by the model", spell.Int(loaded), spell.Int(run.Deletes), spell.Int(aside), spell.Int(skipped))
		t.Rows = append(t.Rows, cells("deleted items", spell.Int(run.Deletes), "", "", ""))
		points = append(points, chart.Point{Label: "deleted items", Value: chart.Int(run.Deletes)})
	}
	t.Rows = append(t.Rows, cells("all", spell.Int(total), spell.Int(loaded), spell.Int(aside), spell.Int(skipped)))
	sentence := fmt.Sprintf("%s = %s.", sum, spell.Int(total))
	if run.Items != nil {
		if *run.Items == total {
			sentence += " The manifest counts the same."
		} else {
			sentence += fmt.Sprintf(" The manifest counts %s: nothing explains the difference.", spell.Int(*run.Items))
		}
	}
	return Block{Title: "From the manifest to the lake", Text: []string{sentence}, Table: &t,
		Chart: chart.Bars{Name: t.Caption, Unit: "items", Points: points}}
}

// increment reports whether the run has loaded changes.
func (f *facts) increment() bool { return f.run.Mode == lakedoc.Incremental }

// landed is the name of the count of a table that the run was loaded into.
func (f *facts) landed(table string) string {
	if f.increment() {
		return model.Changes + "." + table
	}
	return model.Landing + "." + table
}

// loads compares the rows of the lake with those of the landing tables.
func (f *facts) loads() Block {
	if len(f.run.Tables) == 0 {
		return Block{}
	}
	t := Table{Caption: "Rows of each landing table", Columns: []Column{text("Table"), number("Files"), number("MB"), number("Rows in the lake"), number("Rows in landing"), text("Difference")}}
	if f.increment() {
		t.Columns = slices.Insert(t.Columns, 4, number("Puts"), number("Deletes"))
	}
	for _, table := range f.run.Tables {
		landed, ok := f.counted(f.landed(table.Table))
		cell, landing := Cell{Text: "not loaded", Class: string(Warning)}, ""
		if ok {
			landing, cell = group(landed), Cell{Text: "✓ none", Class: string(Good)}
			if landed != scalar.SumOf(table.Rows) {
				cell = Cell{Text: "✗ not explained", Class: string(Bad)}
			}
		}
		row := append(cells(table.Table, spell.Int(int64(table.Files)), megabytes(table.Bytes), spell.Int(table.Rows), landing), cell)
		if f.increment() {
			row = slices.Insert(row, 4, cells(spell.Int(table.Rows-table.Deletes), spell.Int(table.Deletes))...)
		}
		t.Rows = append(t.Rows, row)
	}
	if f.increment() {
		return Block{Title: "From the lake to landing", Table: &t, Text: []string{
			"COPY loads exactly the files that were reconciled. A change deletes the item's rows of every type whose keys match, so there may be more deletes than items that are gone.",
		}}
	}
	return Block{Title: "From the lake to landing", Text: []string{"COPY loads exactly the files that were reconciled."}, Table: &t}
}

// mirrored shows what an increment did to the mirror.
func (f *facts) mirrored() Block {
	if !f.increment() {
		return Block{}
	}
	t := Table{Caption: "Rows of each table of the mirror", Columns: []Column{text("Table"), number("Before"), number("Came"), number("Went"), number("After")}}
	for _, table := range f.run.Tables {
		name := model.Mirror + "." + table.Table
		after, ok := f.small(name)
		came, known := f.small(name + " rows that came")
		went, too := f.small(name + " rows that went")
		if ok && known && too {
			t.Rows = append(t.Rows, cells(table.Table, spell.Int(after-came+went), spell.Int(came), spell.Int(went), spell.Int(after)))
		}
	}
	if len(t.Rows) == 0 {
		return Block{}
	}
	return Block{Title: "What the increment changed", Table: &t, Text: []string{"The mirror has one row for each current item. An item that changed counts under “Came” and under “Went”."}}
}

// small returns a count of rows, and false if the run has none, or not in 64 bits.
func (f *facts) small(name string) (int64, bool) {
	n, ok := f.counted(name)
	rows, fits := n.Int64()
	return rows, ok && fits
}

// tables compares the rows of each dimension and fact with those that they are made of.
func (f *facts) tables() Block {
	t := Table{Caption: "Rows of each table of the star", Columns: []Column{
		text("Table"), number("Rows it is made of"), number("In staging"), number("In the star"), text("Why they differ"),
	}}
	title := "From landing to the star"
	if f.increment() {
		title, t.Columns[2].Name = "From the mirror to the star", "Made anew"
	}
	row := func(name, of, why string) {
		made := ""
		if n, ok := f.counted(f.source(of)); ok {
			made = group(n)
		}
		staged, inStaging := f.counted(model.Staging + "." + name)
		star, inStar := f.counted(model.DWH + "." + name)
		texts := []string{name, made, "", "", why}
		if inStaging {
			texts[2] = group(staged)
		}
		if inStar {
			texts[3] = group(star)
		}
		if inStaging || inStar {
			t.Rows = append(t.Rows, cells(texts...))
		}
	}
	for _, d := range f.model.Dimensions {
		row(d.Name, f.landingTable(d.Of), f.whyMembers(d))
	}
	for _, fact := range f.model.Facts {
		row(fact.Name, f.landingTable(fact.Of), f.whyFacts(fact))
	}
	if len(t.Rows) == 0 {
		return Block{}
	}
	return Block{Title: title, Table: &t}
}

// source is the name of the count of a table that the star is made of.
func (f *facts) source(table string) string {
	if f.increment() {
		return model.Mirror + "." + table
	}
	return model.Landing + "." + table
}

func (f *facts) landingTable(rows string) string {
	if r, ok := f.model.Relation(rows); ok {
		return r.Table
	}
	return rows
}

// whyMembers explains why a dimension has other rows than what it is made of.
func (f *facts) whyMembers(d model.Dimension) string {
	var why []string
	switch {
	case d.Calendar:
		why = append(why, "one row for each day that a fact refers to")
	case d.Versions:
		why = append(why, "one row for each version of each member")
	default:
		landed, _ := f.counted(f.source(f.landingTable(d.Of)))
		members, ok := f.counted("staging." + d.SurrogateKey() + " members")
		switch {
		case ok && landed == members:
			why = append(why, "each row is a member")
		case d.Where != nil || len(d.When) > 0:
			why = append(why, "one row for each member (the model leaves some rows out)")
		default:
			why = append(why, "one row for each member (several rows may describe one)")
		}
	}
	why = append(why, "the unknown member")
	if deleted, ok := f.counted(model.DWH + "." + d.Name + " deleted"); ok && deleted != (scalar.Sum{}) {
		why = append(why, "the star keeps "+group(deleted)+" deleted members")
	}
	return strings.Join(why, "; ")
}

// whyFacts explains why a fact has other rows than what it is made of.
func (f *facts) whyFacts(fact model.Fact) string {
	why := []string{"one fact for each row"}
	if fact.Where != nil {
		why = []string{"one fact for each row that the model's condition keeps"}
	}
	for _, role := range fact.Roles {
		if n, ok := f.counted(model.DWH + "." + fact.Name + " on unknown " + role.Name); ok && n != (scalar.Sum{}) {
			why = append(why, group(n)+" on the unknown "+role.Name)
		}
	}
	return strings.Join(why, ", ")
}

// sums follows each measure from the lake to the fact.
func (f *facts) sums() Block {
	t := Table{Caption: "Sums of measures", Columns: []Column{
		text("Measure"), number("Lake"), number("Landing"), number("Staging"), number("Star"), text("Difference"),
	}}
	if f.increment() {
		t.Columns[1].Name, t.Columns[2].Name, t.Columns[3].Name = "Puts in the lake", "Puts in landing", "Mirror"
	}
	for _, fact := range f.model.Facts {
		rows, _ := f.model.Relation(fact.Of)
		for _, c := range fact.Columns {
			if !c.Measure || !c.Type.IsNumber() {
				continue
			}
			var all []scalar.Sum
			shown := []string{fact.Name + "." + c.Name, "", "", "", ""}
			note := func(i int, n scalar.Sum, ok bool) {
				if ok {
					shown[i] = spell.Digits(n.Decimal(c.Type.Scale))
					all = append(all, n)
				}
			}
			if c.SQL == nil && c.Ref.Lookup == "" {
				if i := slices.IndexFunc(f.run.Tables, func(t lakedoc.TableLoad) bool { return t.Table == rows.Table }); i >= 0 {
					n, ok := f.run.Tables[i].Sums[c.Ref.Column]
					note(1, n, ok)
				}
				n, ok := f.counted(f.landed(rows.Table) + " sum of " + c.Ref.Column)
				note(2, n, ok)
			}
			var changes []scalar.Sum // of an increment, which are not what the star holds
			made := model.Staging + "." + fact.Name + " sum of " + c.Name
			if f.increment() {
				changes, all = all, nil
				made = ""
				if c.SQL == nil && c.Ref.Lookup == "" {
					made = f.source(rows.Table) + " sum of " + c.Ref.Column
				}
			}
			n, ok := f.counted(made)
			note(3, n, ok)
			n, ok = f.counted(model.DWH + "." + fact.Name + " sum of " + c.Name)
			note(4, n, ok)
			cell := f.sameSums(fact, c, all)
			if len(slices.Compact(changes)) > 1 {
				cell = Cell{Text: "✗ not explained", Class: string(Bad)}
			}
			t.Rows = append(t.Rows, append(cells(shown...), cell))
		}
	}
	if len(t.Rows) == 0 {
		return Block{}
	}
	return Block{Title: "Sums of measures", Text: []string{"Each measure is added up at every stage. Values that the model computes, or takes from another row, begin in staging or the star."}, Table: &t}
}

func (f *facts) sameSums(fact model.Fact, c model.StarColumn, all []scalar.Sum) Cell {
	switch {
	case len(all) == 0:
		return Cell{Text: "not counted"}
	case len(slices.Compact(slices.Clone(all))) <= 1:
		return Cell{Text: "✓ none", Class: string(Good)}
	case fact.Where != nil:
		return Cell{Text: "the model's condition leaves rows out"}
	case c.Ref.Lookup != "":
		return Cell{Text: "a value counts on each fact that looks it up"}
	}
	return Cell{Text: "✗ not explained", Class: string(Bad)}
}
