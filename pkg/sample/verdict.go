package sample

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Verdict says what becomes of an item. The zero Verdict is that it loads as it
// is.
type Verdict struct {
	Reason Reason // why it is set aside; empty when it loads
	Field  string // path of the attribute that is to blame, "Address.city"; empty when it is the whole item
	// Wrong are the columns that are null because their values do not fit, with
	// the reason for each; nil for none.
	Wrong map[string]Reason
}

// Loads reports whether the item reaches the landing tables.
func (v Verdict) Loads() bool { return v.Reason == "" }

// Reason is why an item is set aside, in the word that the partition step uses.
type Reason string

// The reasons for setting an item aside.
const (
	UnknownType         Reason = "unknown_type"          // the model declares no such item type
	TypeContradictsKey  Reason = "type_contradicts_key"  // the type attribute says one thing, the keys another
	ValueContradictsKey Reason = "value_contradicts_key" // an attribute that repeats a key says something else
	MissingAttribute    Reason = "missing_attribute"     // a required attribute is absent or NULL
	WrongType           Reason = "wrong_type"            // a DynamoDB type that the column does not take
	NumberOutOfRange    Reason = "number_out_of_range"   // more digits than the column has
	NumberNotExact      Reason = "number_not_exact"      // more decimals than the column has
	ValueTooLong        Reason = "value_too_long"        // more bytes than the column has
	NotATimestamp       Reason = "not_a_timestamp"       // not an ISO-8601 date or time to the microsecond
	NulCharacter        Reason = "nul_character"         // text that no warehouse column holds
	TrailingBlank       Reason = "trailing_blank"        // text that identifies and ends in a blank
)

// row is an item as the readings of its type's columns.
type row struct {
	columns  []model.Column
	readings []reading
}

// reading is the value of a column: a text, a time, or a whole number of the
// column's last decimal. All three are zero where there is no value.
type reading struct {
	text   string
	number int64
	time   time.Time
	known  bool
}

// of returns the reading of a column by its name.
func (r *row) of(column string) reading {
	for i, c := range r.columns {
		if c.Name == column {
			return r.readings[i]
		}
	}
	return reading{}
}

// judge decides about an item by the model, and reads it if it loads. It is
// written for [Truth] and shares nothing with the partition step but the model.
func (r *row) judge(m model.Model, p patterns, item Item) (kind string, v Verdict) {
	declared, captures, v := p.recognise(m, item)
	if !v.Loads() {
		return "", v
	}
	r.columns, r.readings = declared.Columns, r.readings[:0]
	for _, c := range declared.Columns {
		value, reason := readColumn(c, item, captures)
		if reason != "" && c.Wrong != model.WrongValue {
			return declared.Name, Verdict{Reason: reason, Field: strings.Join(c.From, ".")}
		}
		if reason != "" {
			if v.Wrong == nil {
				v.Wrong = map[string]Reason{}
			}
			v.Wrong[c.Name], value = reason, reading{}
		}
		r.readings = append(r.readings, value)
	}
	return declared.Name, v
}

// readColumn reads the value of a column: from the keys if it is captured there,
// and from its attribute otherwise. An attribute that repeats a key must agree
// with it.
func readColumn(c model.Column, item Item, captures map[string]string) (reading, Reason) {
	found, reason := find(item, c.From)
	if reason != "" {
		return reading{}, reason
	}
	var value reading
	if found != nil {
		value, reason = read(c, found)
	}
	if captured, ok := captures[c.Name]; ok && reason == "" {
		if found != nil && value.text != captured {
			return reading{}, ValueContradictsKey
		}
		value, reason = readText(captured, c.Type.Length)
	}
	switch {
	case reason != "":
	case c.Key && c.Required && strings.HasSuffix(value.text, " "):
		reason = TrailingBlank
	case c.Required && !value.known:
		reason = MissingAttribute
	}
	return value, reason
}

// recognise finds the item's type by its type attribute, or by its keys where
// it has none. If it has one, its keys must agree. It returns what the templates
// of the keys capture.
func (p patterns) recognise(m model.Model, item Item) (model.Item, map[string]string, Verdict) {
	name, named, field := "", false, ""
	for _, attribute := range m.TypeFrom {
		switch value := item[attribute].(type) {
		case nil, *types.AttributeValueMemberNULL:
			continue
		case *types.AttributeValueMemberS:
			name, named, field = value.Value, true, attribute
		default:
			return model.Item{}, nil, Verdict{Reason: WrongType, Field: attribute}
		}
		break
	}
	for _, declared := range m.Items {
		captures, keys := p.match(declared, item)
		says := slices.Contains(declared.Values, name)
		switch {
		case keys && (says || !named):
			return declared, captures, Verdict{}
		case named && says:
			return declared, nil, Verdict{Reason: TypeContradictsKey, Field: field}
		}
	}
	return model.Item{}, nil, Verdict{Reason: UnknownType, Field: field}
}

// patterns are the templates of keys as regular expressions, which are slower
// than what the partition step does, and independent of it.
type patterns map[string]*regexp.Regexp

func newPatterns(m model.Model) patterns {
	capture := regexp.MustCompile(`\\\{(\w+)\\\}`) // as QuoteMeta spells braces
	p := patterns{}
	for _, declared := range m.Items {
		for _, key := range declared.Keys {
			template := key.Template.String()
			p[template] = regexp.MustCompile("(?s)^" + capture.ReplaceAllString(regexp.QuoteMeta(template), "(?P<$1>.+?)") + "$")
		}
	}
	return p
}

// match reports whether the keys of an item follow the templates of a type, and
// what they capture.
func (p patterns) match(declared model.Item, item Item) (map[string]string, bool) {
	captures := map[string]string{}
	for _, key := range declared.Keys {
		value, isText := item[key.Attribute].(*types.AttributeValueMemberS)
		if !key.TableKey {
			continue
		}
		if !isText {
			return nil, false
		}
		pattern := p[key.Template.String()]
		texts := pattern.FindStringSubmatch(value.Value)
		if texts == nil {
			return nil, false
		}
		for i, name := range pattern.SubexpNames() {
			if other, twice := captures[name]; name != "" && twice && other != texts[i] {
				return nil, false
			}
			captures[name] = texts[i]
		}
	}
	return captures, true
}

// find follows a path through maps. An attribute that is absent or NULL, or is
// in a map that is, has no value.
func find(item Item, path []string) (types.AttributeValue, Reason) {
	for i, attribute := range path {
		switch value := item[attribute].(type) {
		case nil, *types.AttributeValueMemberNULL:
			return nil, ""
		case *types.AttributeValueMemberM:
			if i < len(path)-1 {
				item = value.Value
				continue
			}
			return value, ""
		default:
			if i < len(path)-1 {
				return nil, WrongType
			}
			return value, ""
		}
	}
	return nil, ""
}

// read reads a value for its column, or says why it does not fit. Of the
// conversions that a column may allow it knows those of the store.
func read(c model.Column, value types.AttributeValue) (reading, Reason) {
	switch value := value.(type) {
	case *types.AttributeValueMemberN:
		switch c.Type.Kind {
		case model.KindInteger:
			return readInteger(value.Value)
		case model.KindDecimal:
			n, reason := unscaled(value.Value, c.Type.Precision, c.Type.Scale)
			return reading{number: n, known: true}, reason
		case model.KindString:
			if c.Converts {
				return readText(value.Value, c.Type.Length)
			}
		}
	case *types.AttributeValueMemberS:
		switch c.Type.Kind {
		case model.KindString:
			return readText(value.Value, c.Type.Length)
		case model.KindTimestamp:
			return readTime(value.Value)
		case model.KindInteger:
			if c.Converts {
				return readInteger(value.Value)
			}
		}
	}
	return reading{}, WrongType
}

func readInteger(s string) (reading, Reason) {
	n, reason := unscaled(s, maxDigits, 0)
	if reason == "" && (n < math.MinInt32 || n > math.MaxInt32) {
		reason = NumberOutOfRange
	}
	return reading{number: n, known: true}, reason
}

func readText(s string, length int) (reading, Reason) {
	if len(s) > length {
		return reading{}, ValueTooLong
	}
	if strings.ContainsRune(s, 0) {
		return reading{}, NulCharacter
	}
	return reading{text: s, known: true}, ""
}

// readTime reads a day, or a day and a time, which is UTC if it does not say
// otherwise.
func readTime(s string) (reading, Reason) {
	layouts := []string{
		time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", time.DateTime, time.DateOnly,
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil && t.Nanosecond()%1000 == 0 {
			return reading{time: t.UTC(), known: true}, ""
		}
	}
	return reading{}, NotATimestamp
}
