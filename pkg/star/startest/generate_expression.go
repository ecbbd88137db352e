package startest

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// column spells a reference in an expression.
func spell(ref string) string { return `"` + strings.ReplaceAll(ref, ".", `"."`) + `"` }

// condition draws a SQL condition.
func (g *generator) condition(reach []reachable) string {
	switch g.random.IntN(5) {
	case 0:
		return fmt.Sprintf("(%s) %s (%s)", g.comparison(reach), pick(g, "and", "or"), g.comparison(reach))
	case 1:
		return "not (" + g.comparison(reach) + ")"
	}
	return g.comparison(reach)
}

func (g *generator) comparison(reach []reachable) string {
	r := pick(g, reach...)
	name := spell(r.ref)
	operator := pick(g, "=", "<>", "<", "<=", ">", ">=")
	switch {
	case g.oneIn(5):
		return name + pick(g, " is null", " is not null")
	case isNumber(r.c.Type):
		return name + " " + operator + " " + g.number(reach)
	case isTime(r.c.Type):
		times := filter(reach, func(other reachable) bool { return other.c.Type.Kind == r.c.Type.Kind })
		return name + " " + operator + " " + spell(pick(g, times...).ref)
	case r.c.Type.Kind == model.KindBoolean:
		return name
	case g.oneIn(4):
		return name + " in ('ann', 'Bob', 'O''Neill', 'x')"
	case g.oneIn(3):
		return name + " between 'B' and 'x'"
	}
	texts := filter(reach, func(other reachable) bool { return other.c.Type.Kind == model.KindString })
	if len(texts) == 0 || g.oneIn(2) {
		return name + " " + operator + " 'ab'"
	}
	return name + " " + operator + " " + spell(pick(g, texts...).ref)
}

// number draws an expression that gives a number.
func (g *generator) number(reach []reachable) string {
	numbers := filter(reach, func(r reachable) bool { return isNumber(r.c.Type) })
	if len(numbers) == 0 || g.oneIn(3) {
		return pick(g, "0", "7", "-3", "100.25", "1000")
	}
	return spell(pick(g, numbers...).ref)
}

// computed draws a computed column and its type; nothing if there are no
// columns for it.
func (g *generator) computed(reach []reachable) (sql, typ string) {
	numbers := filter(reach, func(r reachable) bool { return isNumber(r.c.Type) })
	times := filter(reach, func(r reachable) bool { return isTime(r.c.Type) })
	texts := filter(reach, func(r reachable) bool { return r.c.Type.Kind == model.KindString })
	switch kind := g.random.IntN(6); {
	case kind == 0 && len(times) > 0:
		from, to := spell(pick(g, times...).ref), spell(pick(g, times...).ref)
		return fmt.Sprintf("datediff(%s, %s, %s)", pick(g, "day", "hour", "minute"), from, to), pick(g, "bigint", "integer")
	case kind == 1 && len(times) > 0:
		return fmt.Sprintf("extract(%s from %s)", pick(g, "year", "month", "day"), spell(pick(g, times...).ref)), "integer"
	case kind == 2 && len(texts) > 0:
		return fmt.Sprintf("%s || '-' || coalesce(%s, '?')", spell(pick(g, texts...).ref), spell(pick(g, texts...).ref)), "text"
	case kind == 3 && len(texts) > 0:
		return "length(" + spell(pick(g, texts...).ref) + ")", "integer"
	case kind == 4:
		return fmt.Sprintf("case when %s then 1 when %s then 2 else 0 end", g.condition(reach), g.condition(reach)), "integer"
	case len(numbers) > 0:
		return g.arithmetic(numbers)
	}
	return "coalesce(" + g.number(nil) + ", 1)", "decimal(12,2)"
}

func (g *generator) arithmetic(numbers []reachable) (sql, typ string) {
	a, b := pick(g, numbers...), pick(g, numbers...)
	typ = "decimal(38,8)"
	if a.c.Type.Kind == model.KindDouble || b.c.Type.Kind == model.KindDouble {
		typ = "double"
	}
	switch g.random.IntN(4) {
	case 0:
		return spell(a.ref) + " / " + spell(b.ref), "double"
	case 1:
		return fmt.Sprintf("%s * %s - 1", spell(a.ref), spell(b.ref)), typ
	case 2:
		return fmt.Sprintf("abs(%s) + coalesce(%s, 0)", spell(a.ref), spell(b.ref)), typ
	}
	return fmt.Sprintf("case when %s is null then 0 else -%s end", spell(a.ref), spell(b.ref)), typ
}
