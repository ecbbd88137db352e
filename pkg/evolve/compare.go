package evolve

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/lineage"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// Plan is how a warehouse follows a model.
type Plan struct {
	Changes []string // what is created and changed without a loss, for people
	Losses  []string // what would be lost or reinterpreted; done only by a rebuild
	Foreign []string // what Nightstar did not create and does not touch

	model   model.Model
	now     []step // in the phase schema
	stage   []step // in the transaction that stages
	publish []step // in the transaction that publishes
}

// step is statements that belong together, with what they note.
type step struct {
	statements []string
	forget     *table           // whose columns are no longer noted
	note       []lineage.Column // columns of one table
}

// way is how a table comes to its new structure.
type way int

const (
	keep   way = iota
	create     // it is not there
	empty      // it is created anew; its rows come back by themselves, or are given up
	copied     // it is created anew, and keeps its rows
)

// Compare holds a warehouse against a model. Carried out, the plan gives up what
// it lists as losses: ask [Plan.Stops] first.
func Compare(m model.Model, w Warehouse) Plan {
	p := Plan{model: m}
	wanted := map[table][]lineage.Column{}
	for _, c := range lineage.Columns(m) {
		t := table{c.Schema, c.Table}
		wanted[t] = append(wanted[t], c)
	}
	p.foreign(w, wanted)
	restarted := p.restarts(w, wanted)
	for _, t := range star.Tables(m) {
		t := table{strings.TrimPrefix(t.Schema, m.Prefix), t.Name}
		how := p.follow(w, t, wanted[t], restarted)
		p.apply(t, wanted[t], w.noted[t], how)
	}
	for _, t := range sorted(w.noted) {
		if _, stays := wanted[t]; !stays {
			p.drop(t)
		}
	}
	return p
}

// Stops reports whether a run must not go on.
func (p Plan) Stops(rebuild bool) bool { return len(p.Foreign) > 0 || len(p.Losses) > 0 && !rebuild }

// maxLines bounds the message of a plan.
const maxLines = 20

// Problem says why a run must not go on, and what to do.
func (p Plan) Problem() string {
	var problems []string
	if len(p.Foreign) > 0 {
		problems = append(problems, "the warehouse holds what Nightstar did not create, and does not touch: "+some(p.Foreign))
	}
	if len(p.Losses) > 0 {
		problems = append(problems, "the model has changed in a way that the star cannot follow without a loss: "+some(p.Losses))
	}
	return strings.Join(append(problems, p.Ways()...), ". ")
}

// Ways lists what people can do about a plan that stops, a sentence each.
func (p Plan) Ways() []string {
	var ways []string
	if len(p.Foreign) > 0 {
		ways = append(ways, "Move what is not Nightstar's to another schema, or give the model a prefix of its own: schemas: { prefix: … }")
	}
	if len(p.Losses) > 0 {
		ways = append(ways, "Restore the model",
			`Or make a new star of this export: nightstar run --rebuild, or "rebuild": true in the input of the execution`,
			"Or keep the old star, and give the model another prefix: schemas: { prefix: … }")
	}
	return ways
}

func some(lines []string) string {
	if len(lines) > maxLines {
		lines = append(slices.Clone(lines[:maxLines]), fmt.Sprintf("and %d more", len(lines)-maxLines))
	}
	return strings.Join(lines, "; ")
}

// foreign lists tables that stand where tables of the model belong, and schemas
// with tables of others alone. Other tables in our schemas do no harm.
func (p *Plan) foreign(w Warehouse, wanted map[table][]lineage.Column) {
	ours := map[string]bool{}
	for t := range w.noted {
		ours[t.schema] = true
	}
	others := map[string][]string{}
	for _, t := range sorted(w.columns) {
		_, noted := w.noted[t]
		_, meant := wanted[t]
		switch {
		case noted:
		case !ours[t.schema]:
			others[t.schema] = append(others[t.schema], t.name)
		case meant:
			p.Foreign = append(p.Foreign, "table "+p.spell(t))
		}
	}
	for _, schema := range schemas() {
		if names := others[schema]; len(names) > 0 {
			p.Foreign = append(p.Foreign, fmt.Sprintf("schema %s with %s", p.model.Schema(schema), some(names)))
		}
	}
}

// restarts lists the dimensions and facts whose surrogate keys start from 1,
// because the tables that hold them cannot go on: by key table.
func (p *Plan) restarts(w Warehouse, wanted map[table][]lineage.Column) map[string]bool {
	restarted := map[string]bool{}
	given := p.keyTables()
	for _, name := range slices.Sorted(maps.Keys(given)) {
		key := given[name]
		keys, highest := table{model.Staging, key}, table{model.Staging, name + "_maxkey"}
		if len(w.noted[keys]) == 0 && len(w.noted[highest]) == 0 {
			continue // it is new
		}
		if forgets(w.noted[keys], wanted[keys]) {
			p.lose("%s has versions of its members, and \"history: overwrite\" would keep none of them", p.spell(table{model.DWH, name}))
		}
		for _, t := range []table{keys, highest} {
			if len(w.columns[t]) == 0 {
				p.lose("table %s is gone, and with it the surrogate keys given so far", p.spell(t))
				restarted[name] = true
			}
		}
		for _, d := range differences(w.noted[keys], wanted[keys]) {
			own := func(column string) bool { return star.Before(p.model, keys.schema, keys.name, column) == "" }
			if d.kind != wider && d.kind != meaning && (d.kind != added || slices.ContainsFunc(d.names, own)) {
				restarted[name] = true
			}
		}
	}
	return restarted
}

// forgets reports whether surrogate keys stand for versions of members, and would
// stand for members.
func forgets(noted, wanted []lineage.Column) bool {
	has := func(columns []lineage.Column) bool {
		return slices.ContainsFunc(columns, lineage.Column.CountsVersions)
	}
	return has(noted) && !has(wanted)
}

// keyTables returns the tables of surrogate keys by dimension or fact.
func (p *Plan) keyTables() map[string]string {
	all := map[string]string{}
	for _, d := range p.model.Dimensions {
		all[d.Name] = d.SurrogateKey()
	}
	for _, f := range p.model.Facts {
		if len(f.Document) > 0 {
			all[f.Name] = f.SurrogateKey()
		}
	}
	return all
}

// follow says how a table comes to its new structure, and tells people.
func (p *Plan) follow(w Warehouse, t table, wanted []lineage.Column, restarted map[string]bool) way {
	noted, there := w.noted[t], w.columns[t]
	switch {
	case len(noted) == 0 || len(there) == 0:
		p.change("create %s", p.spell(t))
		return create
	case p.transient(t):
		if len(differences(noted, wanted)) > 0 || missing(noted, there) != "" {
			p.change("change %s, whose rows come again with a full export", p.spell(t))
			return empty
		}
		return keep
	case t.schema == model.Staging && restarted[p.owner(t)], t.schema == model.DWH && restarted[t.name]:
		p.lose("%s is made anew: its surrogate keys start again", p.spell(t))
		return empty
	}
	how := keep
	if column := missing(noted, there); column != "" {
		p.lose("%s.%s is gone from the table", p.spell(t), column)
		how = empty
	}
	for _, d := range differences(noted, wanted) {
		switch {
		case d.kind.loses():
			p.lose("%s", d.say(p.spell(t)))
			if t.schema == model.DWH {
				how = empty // people get a new star
			} else {
				how = max(how, copied)
			}
		default:
			p.change("%s", d.say(p.spell(t)))
			how = max(how, copied)
		}
	}
	if how == keep {
		return keep
	}
	for _, column := range there {
		if !slices.ContainsFunc(noted, func(c lineage.Column) bool { return c.Name == column }) {
			p.lose("%s.%s was added by somebody, and would be lost as the table changes", p.spell(t), column)
		}
	}
	if how == copied && t.schema == model.DWH && p.isFact(t.name) {
		return empty // the night brings all facts
	}
	if how == empty && t.schema == model.Staging {
		return copied
	}
	return how
}

// transient reports whether the rows of a table live for one night only.
func (p *Plan) transient(t table) bool {
	switch t.schema {
	case model.Changes, model.Mirror, model.Delta:
		return true // the mirror comes back with the next full export; see star.Fingerprint
	case model.ETL:
		return strings.HasPrefix(t.name, star.LoadTable(""))
	case model.Staging:
		return p.owner(t) == ""
	}
	return false
}

// owner returns the dimension or fact whose keys a table of staging holds, or "".
func (p *Plan) owner(t table) string {
	for name, key := range p.keyTables() {
		if t.name == key || t.name == name+"_maxkey" {
			return name
		}
	}
	return ""
}

func (p *Plan) isFact(name string) bool {
	return slices.ContainsFunc(p.model.Facts, func(f model.Fact) bool { return f.Name == name })
}

func (p *Plan) change(format string, args ...any) {
	p.Changes = append(p.Changes, fmt.Sprintf(format, args...))
}

func (p *Plan) lose(format string, args ...any) {
	p.Losses = append(p.Losses, fmt.Sprintf(format, args...))
}

// spell names a table for people, with the prefix.
func (p *Plan) spell(t table) string { return p.model.Schema(t.schema) + "." + t.name }

// kind is how a column differs.
type kind int

const (
	added   kind = iota
	wider        // text or a number takes more
	laxer        // it need no longer have a value, or has to have one, or is no longer part of the key
	dated        // it refers to a version of a member, and referred to the member
	removed      // the model has it no more
	retyped      // it has another type, or takes less
	meaning      // it comes from elsewhere
)

func (k kind) loses() bool { return k >= removed }

// difference is how columns of one table differ in the same way.
type difference struct {
	kind     kind
	names    []string
	was, now string
}

func (d difference) say(table string) string {
	names := table + "." + strings.Join(d.names, ", ")
	switch d.kind {
	case added:
		return fmt.Sprintf("add %s %s", names, d.now)
	case wider:
		return fmt.Sprintf("widen %s from %s to %s", names, d.was, d.now)
	case laxer:
		return fmt.Sprintf("change %s from %s to %s", names, d.was, d.now)
	case removed:
		return fmt.Sprintf("%s is no longer in the model", names)
	case retyped:
		return fmt.Sprintf("%s is %s and would be %s", names, d.was, d.now)
	case dated:
		return fmt.Sprintf("%s refers to versions from now on", names)
	case meaning:
	}
	return fmt.Sprintf("%s came from %s and would come from %s", names, d.was, d.now)
}

// differences compares the columns of a table, in the order of the model and then
// of what was noted.
func differences(noted, wanted []lineage.Column) []difference {
	var all []difference
	add := func(kind kind, name, was, now string) {
		for i := range all {
			if all[i].kind == kind && all[i].was == was && all[i].now == now {
				all[i].names = append(all[i].names, name)
				return
			}
		}
		all = append(all, difference{kind, []string{name}, was, now})
	}
	find := func(columns []lineage.Column, name string) (lineage.Column, bool) {
		i := slices.IndexFunc(columns, func(c lineage.Column) bool { return c.Name == name })
		if i < 0 {
			return lineage.Column{}, false
		}
		return columns[i], true
	}
	for _, c := range wanted {
		before, ok := find(noted, c.Name)
		switch {
		case !ok:
			add(added, c.Name, "", c.Type)
			continue
		case before.Type != c.Type && widens(before.Type, c.Type):
			add(wider, c.Name, before.Type, c.Type)
		case before.Type != c.Type:
			add(retyped, c.Name, before.Type, c.Type)
		}
		if before.Required != c.Required || before.Key != c.Key {
			add(laxer, c.Name, rules(before), rules(c))
		}
		switch member, _, versions := strings.Cut(c.From, lineage.AsOf); {
		case before.From == origin(c.From):
		case versions && before.From == origin(member):
			add(dated, c.Name, "", "")
		default:
			add(meaning, c.Name, before.From, origin(c.From))
		}
	}
	for _, c := range noted {
		if _, ok := find(wanted, c.Name); !ok {
			add(removed, c.Name, c.Type, "")
		}
	}
	return all
}

func rules(c lineage.Column) string {
	text := "optional"
	if c.Required {
		text = "required"
	}
	if c.Key {
		text += ", part of the key"
	}
	return text
}

// widens reports whether a type takes every value of another, unchanged.
func widens(from, to string) bool {
	if a, b := length(from), length(to); a > 0 || b > 0 {
		return a > 0 && b >= a
	}
	whole, scale, exact := digits(from)
	room, newScale, newExact := digits(to)
	if !strings.HasPrefix(to, "decimal") {
		room-- // not every number of so many digits fits 32 or 64 bits
	}
	return exact && newExact && room >= whole && newScale >= scale
}

// length is how many bytes text of a type has, 0 for other types.
func length(spelled string) int {
	match := regexp.MustCompile(`^varchar\((\d+)\)$`).FindStringSubmatch(spelled)
	if match == nil {
		return 0
	}
	return atoi(match[1])
}

// digits is how many digits an exact number has before and after the point.
func digits(spelled string) (whole, scale int, exact bool) {
	switch spelled {
	case "integer":
		return 10, 0, true
	case "bigint":
		return 19, 0, true
	}
	match := regexp.MustCompile(`^decimal\((\d+),(\d+)\)$`).FindStringSubmatch(spelled)
	if match == nil {
		return 0, 0, false
	}
	return atoi(match[1]) - atoi(match[2]), atoi(match[2]), true
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // matched as digits
	return n
}

// missing returns a column that was noted and is not there, or "".
func missing(noted []lineage.Column, there []string) string {
	for _, c := range noted {
		if !slices.Contains(there, c.Name) {
			return c.Name
		}
	}
	return ""
}

func sorted[V any](tables map[table]V) []table {
	all := make([]table, 0, len(tables))
	for t := range tables {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b table) int { return strings.Compare(a.String(), b.String()) })
	return all
}
