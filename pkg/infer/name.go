package infer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxName leaves room for what is put before and after names.
const maxName = 40

// asName makes a name of a column or table of text.
func asName(text string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '_'
	}, text)
	name = strings.Trim(name, "_")
	if name == "" || name[0] < 'a' {
		name = "x" + name
	}
	name = strings.TrimRight(name[:min(len(name), maxName)], "_")
	if name == "true" || name == "false" || name == "null" { // no text, in YAML
		name += "_"
	}
	return name
}

// plain makes names comparable: Order-ID is orderid.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, name)
}

// names hands out names that are free.
type names map[string]bool

func (n names) take(wanted ...string) string {
	for _, name := range wanted {
		if name != "" && !n[name] {
			n[name] = true
			return name
		}
	}
	last := wanted[len(wanted)-1]
	for i := 2; ; i++ {
		if name := last + "_" + strconv.Itoa(i); !n[name] {
			n[name] = true
			return name
		}
	}
}

func endsIn(name string, endings ...string) bool {
	return slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(name, e) })
}

func contains(name string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
}

// sayTime reports whether a number of that name may count seconds.
func saysTime(name string) bool {
	lower := plain(name)
	return endsIn(lower, "at", "on", "ts", "date", "time", "timestamp", "ttl", "expiry", "expires", "created", "updated", "modified", "since", "until", "start", "end", "epoch", "ct", "md") ||
		contains(lower, "date", "time", "expir")
}

// saysCode reports whether a number of that name is a name, and nothing to add up.
func saysCode(name string) bool {
	lower := plain(name)
	return saysID(name) || contains(lower, "zip", "postal", "postcode", "phone", "code", "isbn", "ssn", "iban", "version", "serial", "tracking", "fax", "mobile") ||
		slices.Contains([]string{"number", "no", "nr", "year", "month", "day", "street", "house", "pin", "port", "sku"}, lower) || endsIn(lower, "year", "number", "sku")
}

// saysQuantity reports whether text of that name is a quantity if it is a number.
func saysQuantity(name string) bool {
	return contains(plain(name), "price", "amount", "quantity", "qty", "count", "total", "balance", "cost", "sum", "score", "weight", "value", "points", "health", "experience", "fee", "tax", "discount", "size", "duration", "length", "height", "width")
}

// saysID reports whether a name is that of an identifier.
func saysID(name string) bool {
	lower := plain(name)
	if endsIn(lower, "paid", "valid", "grid", "said", "bid", "aid", "avoid", "void", "solid", "fluid", "rapid", "covid") && !endsIn(name, "Id", "ID", "_id", "-id") {
		return false
	}
	return endsIn(lower, "id", "uuid", "guid", "arn", "ref") || endsIn(name, "Key", "_key", "PK", "SK", "pk", "sk")
}

// isIndexKey recognises the usual names of the keys of indexes.
func isIndexKey(name string) bool { return indexKey().MatchString(plain(name)) }

func indexKey() *regexp.Regexp {
	return regexp.MustCompile(`^((gsi|lsi)\d*((pk|sk|hash|range|partition|sort)(key)?)?\d*|(pk|sk)\d+|gsi.*)$`)
}

// singular cuts the usual ending of a plural.
func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "sses"), strings.HasSuffix(name, "ches"), strings.HasSuffix(name, "xes"):
		return name[:len(name)-2]
	case strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && !strings.HasSuffix(name, "us") && !strings.HasSuffix(name, "is") && len(name) > 3:
		return name[:len(name)-1]
	}
	return name
}
