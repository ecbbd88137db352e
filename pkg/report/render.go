package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/nightstar-elt/nightstar/pkg/report/chart"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

//go:embed page.html
var page string

//go:embed style.css
var style string

// The widths that figures are drawn for, in pixels: a phone's and a desk's.
const (
	narrow = 327
	wide   = 720
)

// Write renders the page.
func (r Report) Write(to io.Writer) error {
	draw := func(width int) func(chart.Chart) template.HTML {
		return func(c chart.Chart) template.HTML { return c.SVG(width) }
	}
	t, err := template.New("page").Funcs(template.FuncMap{
		"style":  func() template.CSS { return template.CSS(style) }, //nolint:gosec // it is embedded
		"narrow": draw(narrow),
		"wide":   draw(wide),
		"rows":   func(n int) string { return spell.Count(int64(n), "row", "rows") },
		"anchor": func(section string, block int) string { return fmt.Sprintf("%s-%d", section, block+1) },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("read the page of the report: %w", err)
	}
	if err := t.Execute(to, r); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
