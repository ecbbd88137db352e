package report

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lineage"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/report/chart"
)

// star is the section about the tables that people ask.
func (f *facts) star() []Block {
	if f.model == nil {
		return nil
	}
	t := Table{Caption: "Columns of the star", Columns: []Column{text("Column"), text("Type"), text("Comes from")}}
	for _, c := range lineage.Columns(*f.model) {
		if c.Schema == model.DWH {
			t.Rows = append(t.Rows, cells(f.model.Schema(c.Schema)+"."+c.Table+"."+c.Name, c.Type, c.From))
		}
	}
	block := Block{
		Text:  []string{"Facts have a thick border. Each arrow is a reference to the dimension that the line leads to; key 0 is the unknown member."},
		Chart: Diagram(*f.model), Table: &t,
	}
	for _, fact := range f.model.Facts {
		if fact.Grain != "" {
			block.Text = append(block.Text, fact.Name+": "+strings.TrimSuffix(fact.Grain, ".")+".")
		}
	}
	return []Block{block}
}

// Diagram draws the star of a model.
func Diagram(m model.Model) chart.Chart {
	s := chart.Star{Name: "The star schema: facts, dimensions and the references between them"}
	for _, fact := range m.Facts {
		box := chart.TableBox{Name: fact.Name, Fact: true}
		for _, role := range fact.Roles {
			box.Links = append(box.Links, chart.Link{Column: role.SurrogateKey(), To: role.Dimension})
		}
		for _, c := range slices.Backward(fact.Columns) { // measures first
			name := c.Name
			if c.Measure {
				name = "Σ " + name
			}
			box.Notes = append(box.Notes, name)
		}
		s.Tables = append(s.Tables, box)
	}
	for _, d := range m.Dimensions {
		box := chart.TableBox{Name: d.Name, Notes: []string{d.SurrogateKey()}}
		for _, c := range d.Columns {
			box.Notes = append(box.Notes, c.Name)
		}
		s.Tables = append(s.Tables, box)
	}
	return s
}
