package star

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Window says what part of the history of a table a run has loaded.
type Window struct {
	Mode    Mode
	From    time.Time // of an increment
	To      time.Time // the moment that the rows show; zero if it is not known
	TableID string
}

// The tables of the pipeline that say what a run has loaded, and what the
// warehouse shows.
const (
	windowTable    = "landing_window"
	expectedTable  = "expected"
	watermarkTable = "watermark"
	heldTable      = "held"
)

func (g generator) windowTables() []Table {
	etl := g.Schema(model.ETL)
	table := model.Column{Name: "table_id", Type: model.String(256)}
	return []Table{
		{
			Schema: etl, Name: windowTable,
			Comment: "What the run has loaded that changes the warehouse, in one row.",
			Columns: []model.Column{
				runColumn(), {Name: "mode", Type: model.String(16), Required: true},
				{Name: "exported_from", Type: model.Timestamp()}, {Name: "exported_to", Type: model.Timestamp()}, table,
				{Name: "fingerprint", Type: model.String(64), Required: true}, // of the procedures that the run calls
			},
		},
		{
			Schema: etl, Name: expectedTable,
			Comment: "What the run has loaded: the rows of each landing table, and the sums of measures.",
			Columns: []model.Column{{Name: "name", Type: model.String(1024), Required: true}, {Name: "rows", Type: model.Decimal(38, 0), Required: true}},
		},
		{
			Schema: etl, Name: watermarkTable,
			Comment: "The moment that mirror and dwh show, in one row; no row if it is not known. Only an increment that begins there changes them.",
			Columns: []model.Column{
				runColumn(), table, {Name: "exported_to", Type: model.Timestamp(), Required: true},
				{Name: "fingerprint", Type: model.String(64), Required: true}, // of what made the mirror
				{Name: "full_run", Type: runColumn().Type, Required: true},    // the last one that replaced the mirror
				{Name: "increments", Type: model.BigInt(), Required: true},    // since then
			},
		},
		{
			Schema: etl, Name: heldTable, Key: []string{"name"},
			Comment: "What the last run left in mirror and dwh, in the names of proofs. An increment begins with these numbers.",
			Columns: []model.Column{{Name: "name", Type: model.String(1024), Required: true}, {Name: "counted", Type: model.Decimal(38, 0), Required: true}},
		},
	}
}

// maxExpected bounds a statement of numbers, below what the Data API takes.
const maxExpected = 50 << 10 // bytes

// Announce spells the statements by which a run says what it has loaded: its
// window, and the numbers that are expected, by the names of proofs. They come
// first in the transaction.
func Announce(m model.Model, run string, w Window, expected map[string]string) []string {
	g := generator{Model: m}
	moment := func(t time.Time) string {
		if t.IsZero() {
			return "cast(null as timestamp)"
		}
		return "cast('" + t.UTC().Format("2006-01-02 15:04:05.000000") + "' as timestamp)"
	}
	window, numbers := g.table(model.ETL, windowTable), g.table(model.ETL, expectedTable)
	statements := []string{
		"delete from " + window,
		insert(window, []string{"run_id", "mode", "exported_from", "exported_to", "table_id", "fingerprint"}, selection([]string{
			"cast(" + text(run) + " as varchar(320))", text(string(w.Mode)), moment(w.From), moment(w.To), "cast(" + text(w.TableID) + " as varchar(256))",
			text(Fingerprint(m)),
		}, "from (select 1 as one) as one")),
		"delete from " + numbers,
	}
	var rows []string
	size := 0
	flush := func() {
		if len(rows) > 0 {
			statements = append(statements, insert(numbers, []string{"name", "rows"}, "values\n    "+strings.Join(rows, ",\n    ")))
		}
		rows, size = nil, 0
	}
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		row := fmt.Sprintf("(%s, %s)", text(name), expected[name])
		if size += len(row); size > maxExpected {
			flush()
			size = len(row)
		}
		rows = append(rows, row)
	}
	flush()
	return statements
}

// asExpected raises an exception where what was counted is not what the run has
// loaded.
func (g generator) asExpected(schema string) string {
	return fmt.Sprintf(`
select into failed, was, should_be wanted.name, coalesce(proved.counted, -1), wanted.rows
from %s as wanted
left join (
    select name, counted
    from %s
    where %s
) as proved
    on wanted.name = proved.name
where coalesce(proved.counted, -1) <> wanted.rows
order by wanted.name
limit 1;
if failed is not null then
    raise exception '%%: counted %%, and the run has loaded %%', failed, was, should_be;
end if;
`, g.table(model.ETL, expectedTable), g.table(model.ETL, "proof"), indent(4, g.ofNight(schema)))
}

// advanceFull moves the watermark to what a full export shows, and notes what
// the warehouse holds.
func (g generator) advanceFull() procedure {
	watermark, window := g.table(model.ETL, watermarkTable), g.table(model.ETL, windowTable)
	held := g.table(model.ETL, heldTable)
	body := "delete from " + watermark + ";\n\n" +
		insert(watermark, []string{"run_id", "table_id", "exported_to", "fingerprint", "full_run", "increments"}, selection([]string{
			"run_id", "table_id", "exported_to", "fingerprint", "run_id", "0",
		}, "from "+window+"\nwhere mode = 'full'\n    and exported_to is not null\n    and run_id in (select run_id from "+
			g.table(model.ETL, "content")+" where schema_name = 'dwh')")) + ";\n\n" +
		"delete from " + held + ";\n\n" +
		insert(held, []string{"name", "counted"}, selection([]string{"name", "counted"}, "from "+g.table(model.ETL, "proof")+
			"\nwhere "+g.ofNight(model.Staging)+"\n    and name in (\n        "+indent(8, strings.TrimLeft(list(g.heldNames()), " "))+"\n    )")) + ";\n"
	return procedure{schema: model.Mirror, name: "advance", body: body, about: []string{
		"Notes the moment that a full export shows, and what mirror and dwh hold now.",
	}}
}

// heldNames lists the proofs that an increment goes on from.
func (g generator) heldNames() []string {
	var names []string
	for _, r := range g.Relations() {
		names = append(names, g.heldOf(r)...)
	}
	for _, f := range g.Facts {
		names = append(names, g.heldOfFact(f)...)
	}
	for i, name := range names {
		names[i] = text(name)
	}
	return names
}

func (g generator) heldOf(r model.Rows) []string {
	names := []string{logical(model.Landing, r.Table)}
	for _, c := range r.Measured() {
		names = append(names, names[0]+" sum of "+c.Name)
	}
	return names
}

func (g generator) heldOfFact(f model.Fact) []string {
	names := []string{logical(model.DWH, f.Name)}
	for _, c := range f.Columns {
		if c.Type.IsNumber() {
			names = append(names, names[0]+" sum of "+c.Name)
		}
	}
	return names
}
