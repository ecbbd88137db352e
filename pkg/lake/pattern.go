package lake

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

const (
	// maxPatterns bounds how many patterns of keys the result of a file has.
	maxPatterns = 20
	// maxLiteral bounds what a pattern shows of a key, in bytes.
	maxLiteral = 24
	// maxNames bounds how many names of attributes a pattern shows.
	maxNames = 8
)

// notePattern counts what the keys of an item that no type has look like.
func (p *pass) notePattern() {
	if p.patterns == nil {
		p.patterns = map[string]int64{}
	}
	pattern := p.pattern()
	if _, known := p.patterns[pattern]; !known && len(p.patterns) >= maxPatterns {
		pattern = lakedoc.Further
	}
	p.patterns[pattern]++
}

// pattern tells what the keys of the item in hand look like, without their
// values: what stands before the first separator. Where a key is missing it
// tells which attributes there are instead.
func (r *reading) pattern() string {
	var all []string
	missing := false
	for _, key := range r.layout.keys {
		v := r.decoder.Value(key.slot)
		switch {
		case v.Kind() == ddbjson.Missing:
			missing = true
			all = append(all, "no "+key.field)
		case v.Kind() == ddbjson.String && key.kind == ddbjson.String:
			all = append(all, key.field+" "+literal(v.AppendText(nil)))
		default:
			all = append(all, key.field+" of type "+v.Kind().String())
		}
	}
	if missing {
		all = append(all, "the attributes "+r.attributes())
	}
	return strings.Join(all, ", ")
}

// literal returns what stands in front of the first separator of a key, with it.
// A key without a separator is a value, of which nothing is shown.
func literal(text []byte) string {
	for i, c := range text[:min(len(text), maxLiteral)] {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', i > 0 && c >= '0' && c <= '9', i > 0 && c == '-':
		case i > 0 && strings.IndexByte("#|:/_~$", c) >= 0:
			return string(text[:i+1]) + lakedoc.Further
		default:
			return lakedoc.Further
		}
	}
	return lakedoc.Further
}

// attributes lists the first names of the item's attributes by the alphabet.
func (r *reading) attributes() string {
	var names []string
	for name := range r.decoder.Item().Members() {
		text := string(name.AppendText(nil))
		if len(text) > maxLiteral {
			text = strings.ToValidUTF8(text[:maxLiteral], "") + lakedoc.Further
		}
		names = append(names, text)
	}
	slices.Sort(names)
	return enough(names, ", ", maxNames)
}
