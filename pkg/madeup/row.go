package madeup

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// value is a value by what its column needs: the text that stands in an S, an N
// or a key.
type value struct {
	text string
	kind byte // 'S', 'N', 'b' for BOOL
}

// In this share of cases, a reference leads nowhere or an attribute is missing.
const odd = 30

// random returns the source of chance for one thing.
func (w *world) random(parts ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, parts...)
	return rand.New(rand.NewPCG(w.seed, h.Sum64())) //nolint:gosec // made-up data is no secret
}

// row makes row i of a type up.
func (w *world) row(t *kind, i int) values {
	r := w.random(t.Name, i)
	row := values{}
	for _, ref := range t.references {
		if r.IntN(odd) == 0 && !w.identifies(t, ref) {
			continue
		}
		w.follow(r, t, ref, row)
	}
	start := firstDay.Add(time.Duration(r.Int64N(int64(lastDay.Sub(firstDay)))))
	for _, c := range t.Columns {
		if _, known := row[c.Name]; known || c.DayOf != "" {
			continue
		}
		if slices.Contains(t.Identity, c.Name) {
			row[c.Name] = w.identifier(t, c, i, start)
			continue
		}
		if !c.Required && r.IntN(odd) == 0 {
			continue
		}
		row[c.Name] = w.value(r, c, &start)
	}
	return row
}

// identifies reports whether a reference fills a column of the type's key,
// which is never missing.
func (w *world) identifies(t *kind, ref reference) bool {
	return slices.ContainsFunc(ref.columns, func(p pair) bool { return slices.Contains(t.Identity, p.own) })
}

// follow fills the columns of a reference from a row that agrees with what the
// row says already.
func (w *world) follow(r *rand.Rand, t *kind, ref reference, row values) {
	var fixed []string
	var have []string
	for _, p := range ref.columns {
		if v, known := row[p.own]; known {
			fixed, have = append(fixed, p.other), append(have, v.text)
		}
	}
	candidates := ref.to.where(fixed, have)
	if len(candidates) == 0 {
		return
	}
	to := ref.to.rows[candidates[r.IntN(len(candidates))]]
	for _, p := range ref.columns {
		if v, has := to[p.other]; has {
			row[p.own] = w.as(t, p.own, v, ref.to, p.other)
		}
	}
}

// as spells a value of another column for a column that may be written in
// another way, such as a time in a key.
func (w *world) as(t *kind, column string, v value, from *kind, other string) value {
	to, _ := t.Column(column)
	was, _ := from.Column(other)
	if to.Format == was.Format && to.Type.Kind == was.Type.Kind {
		return v
	}
	if to.Type.Kind == model.KindString && !to.Converts {
		return value{v.text, 'S'}
	}
	return v
}

// where lists the rows with these values in these columns.
func (t *kind) where(columns, have []string) []int {
	name := strings.Join(columns, ",")
	if t.index[name] == nil {
		t.index[name] = map[string][]int{}
		for i, row := range t.rows {
			var parts []string
			for _, c := range columns {
				parts = append(parts, row[c].text)
			}
			key := strings.Join(parts, "\x00")
			t.index[name][key] = append(t.index[name][key], i)
		}
	}
	return t.index[name][strings.Join(have, "\x00")]
}

// The days of made-up timestamps.
var (
	firstDay = time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)  //nolint:gochecknoglobals // never changed
	lastDay  = time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // never changed
)

// identifier returns a value of a key column that no other row of the type has.
func (w *world) identifier(t *kind, c model.Column, i int, start time.Time) value {
	if w.isBinary(t, c.Name) {
		key := binary.BigEndian.AppendUint32([]byte(t.Name[:1]), uint32(i)) //nolint:gosec // an item's index, which is far smaller
		return value{base64.StdEncoding.EncodeToString(key), 'S'}
	}
	switch c.Type.Kind {
	case model.KindInteger, model.KindBigInt:
		return value{strconv.Itoa(i + 1), 'N'}
	case model.KindDecimal, model.KindDouble:
		return value{strconv.Itoa(i%pow(10, min(9, c.Type.Precision-c.Type.Scale)) + 1), 'N'}
	case model.KindTimestamp, model.KindDate:
		return write(c, start)
	case model.KindBoolean:
		return value{"true", 'b'}
	case model.KindString, model.KindJSON:
	}
	return value{clip(fmt.Sprintf("%s%06d", strings.ReplaceAll(c.Name, "_", ""), i+1), c.Type.Length), 'S'}
}

// isBinary reports whether a column stands in a binary key.
func (w *world) isBinary(t *kind, column string) bool {
	for _, key := range w.model.Keys {
		for _, k := range t.Keys {
			if key.Kind == model.KeyBinary && k.Attribute == key.Name && k.Template.Captures(column) {
				return true
			}
		}
		c, _ := t.Column(column)
		if key.Kind == model.KeyBinary && len(c.From) == 1 && c.From[0] == key.Name {
			return true
		}
	}
	return false
}

// value makes a value up. Times follow one another in the order of the columns.
func (w *world) value(r *rand.Rand, c model.Column, at *time.Time) value {
	switch c.Type.Kind {
	case model.KindInteger, model.KindBigInt:
		if c.Measured {
			return value{strconv.Itoa(1 + r.IntN(60)), 'N'}
		}
		return value{strconv.Itoa(1 + r.IntN(4)), 'N'}
	case model.KindDecimal:
		whole := r.IntN(pow(10, min(3, c.Type.Precision-c.Type.Scale)))
		if c.Type.Scale == 0 {
			return value{strconv.Itoa(whole), 'N'}
		}
		digits := min(2, c.Type.Scale)
		return value{fmt.Sprintf("%d.%0*d", whole, digits, r.IntN(pow(10, digits))), 'N'}
	case model.KindDouble:
		return value{strconv.FormatFloat(100*r.Float64(), 'g', -1, 64), 'N'}
	case model.KindBoolean:
		return value{strconv.FormatBool(r.IntN(2) == 0), 'b'}
	case model.KindTimestamp, model.KindDate:
		v := write(c, *at)
		*at = at.Add(time.Duration(1+r.IntN(14*24)) * time.Hour)
		return v
	case model.KindJSON:
		return value{words()[r.IntN(len(words()))], 'j'}
	case model.KindString:
	}
	return value{clip(words()[r.IntN(len(words()))], c.Type.Length), 'S'}
}

// write spells an instant as a column reads it.
func write(c model.Column, at time.Time) value {
	at = at.Truncate(time.Second)
	switch c.Format {
	case model.FormatRFC1123:
		return value{at.Format("Mon, 02 Jan 2006 15:04:05 GMT"), 'S'}
	case model.FormatSeconds:
		return value{strconv.FormatInt(at.Unix(), 10), 'N'}
	case model.FormatMillis:
		return value{strconv.FormatInt(at.UnixMilli(), 10), 'N'}
	case model.FormatLayout:
		return value{at.Format(c.Layout), 'S'}
	case model.FormatISO:
	}
	if c.Type.Kind == model.KindDate {
		return value{at.Format(time.DateOnly), 'S'}
	}
	return value{at.Format(time.RFC3339), 'S'}
}

// clip cuts ASCII text to a length, from the front, where identifiers are
// alike.
func clip(text string, length int) string {
	if length > 0 && len(text) > length {
		return text[len(text)-length:]
	}
	return text
}

func pow(base, n int) int {
	x := 1
	for range n {
		x *= base
	}
	return x
}

func words() []string {
	return strings.Fields("amber birch cedar delta ember fjord grove harbor indigo juniper kestrel lagoon maple nectar onyx prairie quartz river sable tundra")
}
