package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

// format are the flags of commands that print rows.
type format struct {
	CSV  bool `name:"csv" help:"Print comma-separated values." xor:"format"`
	JSON bool `name:"json" help:"Print a JSON array of objects." xor:"format"`
	MD   bool `name:"md" help:"Print a Markdown table." xor:"format"`
}

// answer prints rows in one format. Tables wait for the last row, because its
// width counts; the other formats print each row as it comes.
type answer struct {
	format
	to      io.Writer
	csv     *csv.Writer
	columns []sqlengine.Column
	rows    [][]any
	printed int
	budget  sqlengine.Budget
}

func (f format) answer(to io.Writer) *answer {
	return &answer{format: f, to: to, csv: csv.NewWriter(to)}
}

// begun reports whether there are columns already.
func (a *answer) begun() bool { return a.columns != nil }

// head takes the columns, before the first row.
func (a *answer) head(columns []sqlengine.Column) error {
	a.columns = columns
	if a.CSV {
		return a.csv.Write(a.names()) //nolint:wrapcheck // says what it could not write to
	}
	if a.JSON {
		names := a.names()
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) < len(names) {
			return errors.New("print JSON: two columns have one name; give one of them another, by as")
		}
	}
	return nil
}

func (a *answer) names() []string {
	names := make([]string, len(a.columns))
	for i, c := range a.columns {
		names[i] = c.Name
	}
	return names
}

// row takes one row.
func (a *answer) row(values []any) error {
	switch {
	case a.CSV:
		return a.csv.Write(texts(values)) //nolint:wrapcheck // as above
	case a.JSON:
		return a.object(values)
	}
	a.rows = append(a.rows, values)
	return a.budget.Spend(values) //nolint:wrapcheck // says what to do
}

// texts are the values as people read them; a null is empty.
func texts(values []any) []string {
	cells := make([]string, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case nil:
		case []any, map[string]any:
			text, err := json.Marshal(v)
			if err != nil {
				text = fmt.Append(nil, v)
			}
			cells[i] = string(text)
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return cells
}

// object prints a row as an object whose members have the order of the columns.
func (a *answer) object(values []any) error {
	var line bytes.Buffer
	line.WriteString(map[bool]string{true: "[\n  {", false: ",\n  {"}[a.printed == 0])
	for i, value := range values {
		if i > 0 {
			line.WriteString(", ")
		}
		name, err := json.Marshal(a.columns[i].Name)
		if err != nil {
			return fmt.Errorf("print JSON: %w", err)
		}
		text, err := jsonOf(value, a.columns[i])
		if err != nil {
			return fmt.Errorf("print JSON: column %q: %w", a.columns[i].Name, err)
		}
		line.Write(append(append(name, ": "...), text...))
	}
	line.WriteString("}")
	a.printed++
	_, err := line.WriteTo(a.to)
	return err //nolint:wrapcheck // says what it could not write to
}

// jsonOf writes a value. Exact decimals, which are text here, become numbers with
// all their digits.
func jsonOf(value any, column sqlengine.Column) ([]byte, error) {
	switch v := value.(type) {
	case string:
		if isNumber(column.Type) && json.Valid([]byte(v)) {
			return []byte(v), nil
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			value = fmt.Sprint(v)
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimRight(text.Bytes(), "\n"), err //nolint:wrapcheck // the caller names the column
}

// isNumber reports whether a type, of Redshift or of DuckDB, is one of numbers.
func isNumber(typ string) bool {
	typ, _, _ = strings.Cut(strings.ToLower(typ), "(")
	switch strings.TrimPrefix(typ, "u") {
	case "int2", "int4", "int8", "float4", "float8", "numeric", "decimal", "tinyint", "smallint", "integer", "bigint", "hugeint", "float", "double":
		return true
	}
	return false
}

// end prints what was kept back.
func (a *answer) end() error {
	switch {
	case a.CSV:
		a.csv.Flush()
		return a.csv.Error() //nolint:wrapcheck // says what it could not write to
	case a.JSON && a.printed == 0:
		fmt.Fprintln(a.to, "[]")
	case a.JSON:
		fmt.Fprintln(a.to, "\n]")
	case a.MD:
		a.markdown()
	default:
		width, _, ok := progress.Size(a.to)
		if !ok {
			width = math.MaxInt
		}
		a.table(width)
	}
	return nil
}

func (a *answer) markdown() {
	escape := strings.NewReplacer("|", `\|`, "\n", "<br>", `\`, `\\`)
	line := func(cells []string) {
		for _, cell := range cells {
			fmt.Fprintf(a.to, "| %s ", escape.Replace(cell))
		}
		fmt.Fprintln(a.to, "|")
	}
	line(a.names())
	for _, c := range a.columns {
		fmt.Fprint(a.to, map[bool]string{true: "| ---: ", false: "| --- "}[isNumber(c.Type)])
	}
	fmt.Fprintln(a.to, "|")
	for _, row := range a.rows {
		line(texts(row))
	}
}

// narrowest is how far a column of text is cut to fit the terminal.
const narrowest = 8

// table prints aligned columns that fit a width: text is cut, and columns that
// have no room are named below.
func (a *answer) table(width int) {
	cells := [][]string{visible(a.names())}
	for _, row := range a.rows {
		cells = append(cells, visible(texts(row)))
	}
	widths := make([]int, len(a.columns))
	for _, row := range cells {
		for i, cell := range row {
			widths[i] = max(widths[i], progress.Width(cell))
		}
	}
	shown := fitColumns(widths, a.columns, width)
	for _, row := range cells {
		var line strings.Builder
		for i, cell := range row[:shown] {
			if i > 0 {
				line.WriteString("  ")
			}
			cell = progress.Fit(cell, widths[i])
			if isNumber(a.columns[i].Type) {
				line.WriteString(strings.Repeat(" ", widths[i]-progress.Width(cell)) + cell)
			} else {
				line.WriteString(progress.Pad(cell, widths[i]))
			}
		}
		fmt.Fprintln(a.to, strings.TrimRight(line.String(), " "))
	}
	if shown < len(a.columns) {
		fmt.Fprintln(a.to, progress.Wrap(fmt.Sprintf("No room for %d more columns: %s. --csv prints all.",
			len(a.columns)-shown, strings.Join(cells[0][shown:], ", ")), width))
	}
}

// fitColumns narrows the widest columns of text, and returns how many columns then
// fit a width, at least one.
func fitColumns(widths []int, columns []sqlengine.Column, width int) int {
	total := func(n int) int {
		sum := 2 * (n - 1)
		for _, w := range widths[:n] {
			sum += w
		}
		return sum
	}
	for total(len(widths)) > width {
		widest := -1
		for i, w := range widths {
			if !isNumber(columns[i].Type) && w > narrowest && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	shown := len(widths)
	for shown > 1 && total(shown) > width {
		shown--
	}
	if shown == 1 && widths[0] > width {
		widths[0] = width
	}
	return shown
}

// visible keeps characters that move the cursor off the terminal.
func visible(cells []string) []string {
	for i, cell := range cells {
		cells[i] = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, cell)
	}
	return cells
}

// table prints rows in aligned columns.
func table(to io.Writer, result *sqlengine.Result) error {
	a := format{}.answer(to)
	a.columns, a.rows = result.Columns, result.Rows
	return a.end()
}
