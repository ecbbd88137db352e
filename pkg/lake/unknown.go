package lake

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

const (
	// maxUnknown bounds the lists of unknown attributes, for tables that have
	// data in names. Results pass through Step Functions, which takes 256 KiB.
	maxUnknown = 100
	// maxPath bounds a path in such a list, in bytes.
	maxPath = 64
)

// unknowns counts the attributes of one data file that the model does not know.
type unknowns struct {
	list    []lakedoc.Unknown
	places  map[string]int // in list, by what an entry is about
	further int64
	scratch []byte
}

// note counts an attribute of a row.
func (u *unknowns) note(rows string, path []ddbjson.Value, kind ddbjson.Kind) {
	text := u.scratch[:0]
	for i, name := range path {
		if i > 0 {
			text = append(text, '.')
		}
		text = name.AppendText(text)
	}
	if len(text) > maxPath {
		end := maxPath - len(lakedoc.Further)
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = append(text[:end], lakedoc.Further...)
	}
	attribute := len(text)
	text = append(append(append(append(text, 0), rows...), 0), kind.String()...)
	u.scratch = text
	place, known := u.places[string(text)]
	switch {
	case known:
		u.list[place].Items++
	case len(u.list) >= maxUnknown:
		u.further++
	default:
		if u.places == nil {
			u.places = map[string]int{}
		}
		u.places[string(text)] = len(u.list)
		u.list = append(u.list, lakedoc.Unknown{Type: rows, Attribute: string(text[:attribute]), Kind: kind.String(), Items: 1})
	}
}

// result returns the list of one file.
func (u *unknowns) result() []lakedoc.Unknown { return bounded(u.list, u.further) }

// bounded returns a list by type, attribute and kind, with at most maxUnknown
// entries, those that most items have, and one for all others.
func bounded(list []lakedoc.Unknown, further int64) []lakedoc.Unknown {
	byName := func(a, b lakedoc.Unknown) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Attribute, b.Attribute), cmp.Compare(a.Kind, b.Kind))
	}
	list = slices.SortedFunc(slices.Values(list), func(a, b lakedoc.Unknown) int { return cmp.Or(cmp.Compare(b.Items, a.Items), byName(a, b)) })
	for len(list) > maxUnknown {
		further += list[len(list)-1].Items
		list = list[:len(list)-1]
	}
	slices.SortFunc(list, byName)
	if further > 0 {
		list = append(list, lakedoc.Unknown{Attribute: lakedoc.Further, Items: further})
	}
	return list
}

// merge makes one list of those of all files.
func merge(results []lakedoc.Result) []lakedoc.Unknown {
	counts := map[lakedoc.Unknown]int64{}
	var further int64
	for _, result := range results {
		for _, u := range result.Unknown {
			if u.Kind == "" {
				further += u.Items
				continue
			}
			counts[lakedoc.Unknown{Type: u.Type, Attribute: u.Attribute, Kind: u.Kind}] += u.Items
		}
	}
	list := make([]lakedoc.Unknown, 0, len(counts))
	for u, n := range counts {
		u.Items = n
		list = append(list, u)
	}
	return bounded(list, further)
}
