package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// bare generates the statements that make the star of a night, one after the
// other, in one transaction. They are what a person writes who trusts the data:
// new members get keys, dimensions and facts are deleted and inserted, all
// joins are inner ones. It knows what the models of this benchmark have.
type bare struct {
	m   model.Model
	sql []string
}

func bareStatements(m model.Model) ([]string, error) {
	b := &bare{m: m}
	for _, d := range m.Dimensions {
		if err := b.dimension(d); err != nil {
			return nil, fmt.Errorf("dimension %s: %w", d.Name, err)
		}
	}
	for _, f := range m.Facts {
		if err := b.fact(f); err != nil {
			return nil, fmt.Errorf("fact %s: %w", f.Name, err)
		}
	}
	for _, r := range m.Relations() {
		b.add("delete from %s", b.landing(r.Name))
	}
	for _, d := range m.Dimensions {
		from, to, key := b.table(model.Staging, d.Name), b.table(model.DWH, d.Name), model.QuoteName(d.SurrogateKey())
		b.add("delete from %s where %s in (select %[2]s from %[3]s)", to, key, from)
		b.add("insert into %s select *, false from %s", to, from)
	}
	for _, f := range m.Facts {
		b.add("delete from %s", b.table(model.DWH, f.Name))
		b.add("insert into %s select * from %s", b.table(model.DWH, f.Name), b.table(model.Staging, f.Name))
	}
	return b.sql, nil
}

func (b *bare) add(format string, args ...any) { b.sql = append(b.sql, fmt.Sprintf(format, args...)) }

func (b *bare) table(schema, name string) string {
	t, ok := star.Find(b.m, schema, name)
	if !ok {
		panic("the model has no table " + schema + "." + name)
	}
	return t.String()
}

func (b *bare) landing(rows string) string {
	r, _ := b.m.Relation(rows)
	return star.LandingTable(b.m, star.Full, r).String()
}

// keys gives keys to new members: the highest so far plus the row number.
func (b *bare) keys(name, key string, columns []model.KeyColumn, members string) {
	keys, maxkeys := b.table(model.Staging, key), b.table(model.Staging, name+"_maxkey")
	key, maxkey := model.QuoteName(key), model.QuoteName(name+"maxkey")
	names, on := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		names[i] = "n." + model.QuoteName(c.Name)
		on[i] = names[i] + " = k." + model.QuoteName(c.Name)
	}
	list := strings.Join(names, ", ")
	b.add("insert into %s select cast((select coalesce(max(%s), 0) from %s) + row_number() over (order by %s) as integer), %[4]s "+
		"from (%[5]s) as n left join %[1]s as k on %[6]s where k.%[7]s is null", keys, maxkey, maxkeys, list, members, strings.Join(on, " and "), key)
	b.add("delete from %s", maxkeys)
	b.add("insert into %s select coalesce(max(%s), 0) from %s", maxkeys, key, keys)
}

func (b *bare) dimension(d model.Dimension) error {
	if d.Calendar {
		return b.calendar(d)
	}
	if d.Where != nil || len(d.With) > 0 && d.Latest == nil {
		return errors.New("conditions and lookups are not known here")
	}
	from := b.landing(d.Of)
	var keys, where, on []string
	for _, k := range d.Key {
		name := model.QuoteName(k.Name)
		if k.Ref.Lookup != "" || k.Ref.Column != k.Name {
			return errors.New("keys with other names are not known here")
		}
		keys, where, on = append(keys, name), append(where, name+" is not null"), append(on, "r."+name+" = k."+name)
	}
	list, sound := strings.Join(keys, ", "), strings.Join(where, " and ")
	b.keys(d.Name, d.SurrogateKey(), d.Key, fmt.Sprintf("select distinct %s from %s where %s", list, from, sound))
	rows := fmt.Sprintf("(select * from %s where %s)", from, sound)
	columns := make([]string, len(d.Columns))
	for i, c := range d.Columns {
		columns[i] = "r." + model.QuoteName(c.Name)
		if c.SQL != nil || c.Ref.Lookup != "" || c.Ref.Column != c.Name {
			return errors.New("computed and looked up columns are not known here")
		}
	}
	if d.Latest != nil || d.First { // one of several rows describes the member, as luck will have it
		picked := slices.Clone(keys)
		for _, c := range d.Columns {
			if name := model.QuoteName(c.Name); !slices.Contains(keys, name) {
				picked = append(picked, fmt.Sprintf("max(%s) as %[1]s", name))
			}
		}
		rows = fmt.Sprintf("(select %s from %s where %s group by %s)", strings.Join(picked, ", "), from, sound, list)
	}
	to := b.table(model.Staging, d.Name)
	b.add("delete from %s", to)
	b.add("insert into %s select k.%s, %s from %s as r inner join %s as k on %s", to, model.QuoteName(d.SurrogateKey()),
		strings.Join(columns, ", "), rows, b.table(model.Staging, d.SurrogateKey()), strings.Join(on, " and "))
	return nil
}

func (b *bare) calendar(d model.Dimension) error {
	days := make([]string, len(d.Days))
	key := model.QuoteName(d.Key[0].Name)
	for i, day := range d.Days {
		days[i] = fmt.Sprintf("select cast(%s as date) as %s from %s", model.QuoteName(day.Column), key, b.landing(day.Of))
	}
	all := "select distinct " + key + " from (" + strings.Join(days, " union all ") + ") as days"
	b.keys(d.Name, d.SurrogateKey(), d.Key, all)
	to, surrogate := b.table(model.Staging, d.Name), model.QuoteName(d.SurrogateKey())
	b.add("delete from %s", to)
	b.add("insert into %s (%s, %s, year, quarter, month, week, day) select k.%[2]s, k.%[3]s, extract(year from k.%[3]s), extract(quarter from k.%[3]s), "+
		"extract(month from k.%[3]s), extract(week from k.%[3]s), extract(day from k.%[3]s) from (%[4]s) as n inner join %[5]s as k on n.%[3]s = k.%[3]s",
		to, surrogate, key, all, b.table(model.Staging, d.SurrogateKey()))
	return nil
}

func (b *bare) fact(f model.Fact) error {
	if f.Where != nil {
		return errors.New("conditions are not known here")
	}
	ref := func(r model.Ref) string {
		if r.Lookup == "" {
			return "r." + model.QuoteName(r.Column)
		}
		return "l_" + r.Lookup + "." + model.QuoteName(r.Column)
	}
	from := b.landing(f.Of) + " as r"
	for _, l := range f.With {
		on := make([]string, len(l.On))
		for i, m := range l.On {
			on[i] = ref(m.Ref) + " = l_" + l.Name + "." + model.QuoteName(m.Column)
		}
		from += fmt.Sprintf(" inner join %s as l_%s on %s", b.landing(l.Of), l.Name, strings.Join(on, " and "))
	}
	var columns []string
	if len(f.Document) > 0 {
		names, on := make([]string, len(f.Document)), make([]string, len(f.Document))
		for i, k := range f.Document {
			names[i] = ref(k.Ref) + " as " + model.QuoteName(k.Name)
			on[i] = ref(k.Ref) + " = k." + model.QuoteName(k.Name)
			if k.Ref.Lookup != "" {
				return errors.New("documents that are looked up are not known here")
			}
		}
		b.keys(f.Name, f.SurrogateKey(), f.Document, fmt.Sprintf("select distinct %s from %s as r", strings.Join(names, ", "), b.landing(f.Of)))
		from += fmt.Sprintf(" inner join %s as k on %s", b.table(model.Staging, f.SurrogateKey()), strings.Join(on, " and "))
		columns = append(columns, "k."+model.QuoteName(f.SurrogateKey()))
	}
	for _, role := range f.Roles {
		d, _ := b.m.Dimension(role.Dimension)
		on := make([]string, len(d.Key))
		for i, k := range d.Key {
			value := ref(role.On[i])
			if d.Calendar {
				value = "cast(" + value + " as date)"
			} else if !slices.ContainsFunc(d.Columns, func(c model.StarColumn) bool { return c.Name == k.Name }) {
				return errors.New("dimensions that do not show their key are not known here")
			}
			on[i] = value + " = d_" + role.Name + "." + model.QuoteName(k.Name)
		}
		from += fmt.Sprintf(" inner join %s as d_%s on %s", b.table(model.Staging, d.Name), role.Name, strings.Join(on, " and "))
		columns = append(columns, "d_"+role.Name+"."+model.QuoteName(d.SurrogateKey()))
	}
	for _, c := range f.Columns {
		if c.SQL != nil {
			return errors.New("computed columns are not known here")
		}
		columns = append(columns, ref(c.Ref))
	}
	to := b.table(model.Staging, f.Name)
	b.add("delete from %s", to)
	b.add("insert into %s select %s from %s", to, strings.Join(columns, ", "), from)
	return nil
}
