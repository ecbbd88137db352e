package star

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// ChangesStar reports whether a phase changes what people read.
func ChangesStar(phase string) bool {
	return slices.Contains([]string{PhaseFull, PhaseRepair, PhaseIncrement}, phase)
}

// compare is the procedure that counts how the mirror, which has become the
// landing tables, differs from a full export. If the export shows the moment of
// the watermark, there should be no difference: each is an error of ours.
func (g generator) compare() procedure {
	var b strings.Builder
	window, watermark := g.table(model.ETL, windowTable), g.table(model.ETL, watermarkTable)
	for _, r := range g.Relations() {
		mirror, was := g.mirrorTable(r).String(), g.nextTable(r).String()
		first := model.QuoteName(r.Identity[0])
		different := []string{"false"}
		for _, c := range r.Columns {
			if slices.Contains(r.Identity, c.Name) {
				continue
			}
			name := model.QuoteName(c.Name)
			different = append(different, fmt.Sprintf("was.%[1]s <> exported.%[1]s", name))
			if !c.Required {
				different = append(different,
					fmt.Sprintf("was.%[1]s is null and exported.%[1]s is not null", name),
					fmt.Sprintf("was.%[1]s is not null and exported.%[1]s is null", name))
			}
		}
		name := logical(model.Mirror, r.Table) + ": rows that increments have "
		expected := "case when since.same_moment = 1 then 0 end"
		b.WriteString(g.prove(model.Staging, []string{
			cte("differences", selection([]string{
				tally("was."+first+" is null") + " as lost",
				tally("exported."+first+" is null") + " as kept",
				tally("was."+first+" is not null and exported."+first+" is not null\nand ("+strings.Join(different, "\nor ")+")") + " as different",
			}, "from "+mirror+" as exported\nfull join "+was+" as was\n    on "+strings.Join(same("exported", "was", r.Identity), "\n    and "))),
			cte("since", selection([]string{"count(*) as same_moment"}, "from "+window+" as announced\ninner join "+watermark+" as held\n    on announced.exported_to = held.exported_to")),
		}, []string{"differences", "since"}, []proof{
			{name + "lost", "differences.lost", expected},
			{name + "kept too long", "differences.kept", expected},
			{name + "left different", "differences.different", expected},
		}).statement + "\n")
	}
	return procedure{schema: model.Mirror, name: "compare", body: b.String(), about: []string{
		"Counts how the mirror that increments have made differs from a full export, which has just replaced it.",
	}}
}
