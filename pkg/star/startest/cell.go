package startest

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Cell is the value of a column: nil for null, string, bool, *big.Rat for exact
// numbers, float64, or time.Time in UTC for timestamps and dates.
type Cell any

// Row is a row of a landing table.
type Row struct {
	Item  int // the place of its item in the night
	Cells map[string]Cell
}

// compare orders two values of like columns: text by its bytes, false before
// true. Neither is null.
func compare(a, b Cell) int {
	switch a := a.(type) {
	case string:
		return cmp.Compare(a, b.(string))
	case bool:
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	case time.Time:
		return a.Compare(b.(time.Time))
	}
	x, isExact := a.(*big.Rat)
	y, isToo := b.(*big.Rat)
	if isExact && isToo {
		return x.Cmp(y)
	}
	return cmp.Compare(double(a), double(b))
}

// double is a number as floating point.
func double(c Cell) float64 {
	if exact, ok := c.(*big.Rat); ok {
		nearest, _ := exact.Float64()
		return nearest
	}
	return c.(float64)
}

// equal reports whether both are values, and the same one.
func equal(a, b Cell) bool { return a != nil && b != nil && compare(a, b) == 0 }

// nullsLast orders any two values, null behind all others.
func nullsLast(a, b Cell) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return compare(a, b)
}

// highestFirst orders any two values from high to low, null behind all others.
func highestFirst(a, b Cell) int {
	if a == nil || b == nil {
		return nullsLast(a, b)
	}
	return compare(b, a)
}

// null is how [Text] spells it, which no other value is spelled like.
const null = "∅"

// Text spells a value as the engines do: decimals with all digits of their
// scale, timestamps to the microsecond.
func Text(t model.Type, c Cell) string {
	switch c := c.(type) {
	case nil:
		return null
	case string:
		return c
	case bool:
		return strconv.FormatBool(c)
	case float64:
		return strconv.FormatFloat(c+0, 'g', 12, 64)
	case *big.Rat:
		if t.Kind == model.KindDouble {
			return Text(t, double(c))
		}
		return c.FloatString(t.Scale)
	case time.Time:
		if t.Kind == model.KindDate {
			return c.Format(time.DateOnly)
		}
		return c.Format("2006-01-02 15:04:05.000000")
	}
	panic(fmt.Sprintf("%T is no value of a column", c))
}

// Literal spells a value in SQL.
func Literal(t model.Type, c Cell) string {
	switch c := c.(type) {
	case nil:
		return "null"
	case string:
		// A backslash in a literal means one thing in Redshift and another elsewhere.
		return "'" + strings.NewReplacer("'", "''", `\`, "' || chr(92) || '").Replace(c) + "'"
	case bool:
		return strconv.FormatBool(c)
	case float64:
		return "cast('" + strconv.FormatFloat(c, 'g', -1, 64) + "' as double precision)"
	case time.Time:
		return "cast('" + Text(t, c) + "' as " + t.Redshift() + ")"
	}
	return Text(t, c)
}

// whole is a whole number as a value.
func whole(n int) Cell { return big.NewRat(int64(n), 1) }
