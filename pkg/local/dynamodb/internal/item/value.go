package item

import (
	"encoding/base64"
	"slices"
)

// MaxSize is the largest item, in bytes as DynamoDB counts them.
const MaxSize = 400 << 10

// maxLevels is how deep values may nest; the attribute itself is level 1.
const maxLevels = 32

// Type is the data type of an attribute value.
type Type uint8

// The data types. The zero Type is not a value at all.
const (
	String Type = iota + 1
	Number
	Binary
	Bool
	Null
	Map
	List
	StringSet
	NumberSet
	BinarySet
)

// String returns the type as the protocol spells it, such as "S".
func (t Type) String() string {
	return [...]string{"", "S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"}[t]
}

// ParseType returns the type that the protocol spells so.
func ParseType(name []byte) (Type, bool) {
	switch string(name) {
	case "S":
		return String, true
	case "N":
		return Number, true
	case "B":
		return Binary, true
	case "BOOL":
		return Bool, true
	case "NULL":
		return Null, true
	case "M":
		return Map, true
	case "L":
		return List, true
	case "SS":
		return StringSet, true
	case "NS":
		return NumberSet, true
	case "BS":
		return BinarySet, true
	default:
		return 0, false
	}
}

// Value is what keys and conditions need of an attribute value. For the types
// that can be keys, Bytes holds the decoded string or binary, or the normalised
// text of the number; for the others it is nil. An absent value has Type 0.
type Value struct {
	Type  Type
	Bytes []byte
}

// Parser appends the canonical text of items and values to a buffer. It keeps
// Out and Size between calls so that a caller can collect several items.
type Parser struct {
	// Out receives the text. Bytes of a Value may point into it, which stays
	// right when Out grows but not when it is reused.
	Out []byte
	// Size is the sum of the sizes that DynamoDB counts, in bytes: names and
	// values, without JSON's punctuation.
	Size int
	// Count is the number of attributes of the item that was read last.
	Count int

	scanner *Scanner
}

// Item reads an item: a map of attribute names to values. It stores the values
// of the attributes named in wanted at the same index in values, which must be
// as long and zero.
func (p *Parser) Item(s *Scanner, wanted []string, values []Value) error {
	p.scanner, p.Count = s, 0
	return p.attributes(1, func(name []byte, v Value) {
		p.Count++
		for i, w := range wanted {
			if string(name) == w {
				values[i] = v
			}
		}
	})
}

// Stored reads an item whose text a Parser has written, and only what is wanted
// of it: it trusts the rest, adds nothing useful to Out and doesn't count.
func (p *Parser) Stored(text []byte, wanted []string, values []Value) error {
	p.scanner, p.Out = NewScanner(text), p.Out[:0]
	return p.scanner.Object(func(name []byte) error {
		i := slices.IndexFunc(wanted, func(w string) bool { return w == string(name) })
		if i < 0 {
			_, err := p.scanner.Skip()
			return err
		}
		var err error
		values[i], err = p.value(1)
		return err
	})
}

// Value reads one attribute value.
func (p *Parser) Value(s *Scanner) (Value, error) {
	p.scanner = s
	return p.value(1)
}

// attributes reads an object of names and values, which are at the given level.
func (p *Parser) attributes(level int, found func(name []byte, v Value)) error {
	var names unique
	p.Out = append(p.Out, '{')
	err := p.scanner.Object(func(name []byte) error {
		if len(name) == 0 {
			return wrong("An attribute name must not be empty")
		}
		if !names.add(name) {
			return wrong("The attribute name %q occurs twice in one map", name)
		}
		p.separate('{')
		p.Out = append(AppendQuoted(p.Out, name), ':')
		p.Size += len(name)
		v, err := p.value(level)
		if err == nil && found != nil {
			found(name, v)
		}
		return err
	})
	p.Out = append(p.Out, '}')
	return err
}

// separate appends a comma unless an object or array has just been opened.
func (p *Parser) separate(opening byte) {
	if p.Out[len(p.Out)-1] != opening {
		p.Out = append(p.Out, ',')
	}
}

// value reads {"<type>": …}, which must hold exactly one type.
func (p *Parser) value(level int) (Value, error) {
	if level > maxLevels {
		return Value{}, invalid("Nesting Levels have exceeded supported limits: " +
			"Attributes in the item have nested levels beyond supported limit")
	}
	var v Value
	p.Out = append(p.Out, '{')
	err := p.scanner.Object(func(name []byte) error {
		typ, known := ParseType(name)
		if !known {
			return malformed("unknown data type %q of an attribute value", name)
		}
		if v.Type != 0 {
			return invalid("Supplied AttributeValue has more than one datatypes set, " +
				"must contain exactly one of the supported datatypes")
		}
		v.Type = typ
		p.Out = append(AppendQuoted(p.Out, name), ':')
		return p.payload(&v, level)
	})
	if err == nil && v.Type == 0 {
		err = invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	p.Out = append(p.Out, '}')
	return v, err
}

// payload reads what follows the type.
func (p *Parser) payload(v *Value, level int) (err error) {
	switch v.Type {
	case String:
		v.Bytes, err = p.text()
	case Number:
		v.Bytes, err = p.number()
	case Binary:
		v.Bytes, err = p.binary()
	case Bool:
		err = p.boolean()
	case Null:
		err = p.null()
	case Map:
		err = p.container(func() error {
			return p.attributes(level+1, func([]byte, Value) { p.Size++ })
		})
	case List:
		err = p.container(func() error { return p.list(level + 1) })
	case StringSet:
		err = p.set("string", p.text)
	case NumberSet:
		err = p.set("number", p.number)
	case BinarySet:
		err = p.set("binary", p.binary)
	}
	return err
}

// container counts the three bytes that a map or list costs besides one for
// each of its elements.
func (p *Parser) container(read func() error) error {
	p.Size += 3
	return read()
}

func (p *Parser) list(level int) error {
	p.Out = append(p.Out, '[')
	err := p.scanner.Array(func() error {
		p.separate('[')
		p.Size++
		_, err := p.value(level)
		return err
	})
	p.Out = append(p.Out, ']')
	return err
}

func (p *Parser) text() ([]byte, error) {
	text, err := p.scanner.String()
	if err != nil {
		return nil, err
	}
	p.Out = AppendQuoted(p.Out, text)
	p.Size += len(text)
	return text, nil
}

func (p *Parser) number() ([]byte, error) {
	text, err := p.scanner.String()
	if err != nil {
		return nil, err
	}
	d, err := parseDecimal(text)
	if err != nil {
		return nil, err
	}
	start := len(p.Out) + 1
	p.Out = append(d.appendText(append(p.Out, '"')), '"')
	p.Size += d.size()
	return p.Out[start : len(p.Out)-1 : len(p.Out)-1], nil
}

func (p *Parser) binary() ([]byte, error) {
	text, err := p.scanner.String()
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil || base64.StdEncoding.EncodedLen(len(data)) != len(text) {
		return nil, malformed("a binary value is not padded Base64: %q", shorten(text))
	}
	p.Out = AppendQuoted(p.Out, text)
	p.Size += len(data)
	return data, nil
}

func (p *Parser) boolean() error {
	value, err := p.scanner.Bool()
	if value {
		p.Out = append(p.Out, "true"...)
	} else {
		p.Out = append(p.Out, "false"...)
	}
	p.Size++
	return err
}

func (p *Parser) null() error {
	value, err := p.scanner.Bool()
	if err != nil {
		return err
	}
	if !value {
		return wrong("Null attribute value types must have the value of true")
	}
	p.Out = append(p.Out, "true"...)
	p.Size++
	return nil
}

// set reads an array of members that must be unique after normalisation.
func (p *Parser) set(kind string, member func() ([]byte, error)) error {
	var members unique
	count := 0
	p.Out = append(p.Out, '[')
	err := p.scanner.Array(func() error {
		p.separate('[')
		m, err := member()
		if err != nil {
			return err
		}
		if !members.add(m) {
			return wrong("Input collection contains duplicates: %s", shorten(m))
		}
		count++
		return nil
	})
	if err == nil && count == 0 {
		err = wrong("An %s set may not be empty", kind)
	}
	p.Out = append(p.Out, ']')
	return err
}

// unique is a set of byte strings that is cheap while it is small. It keeps the
// slices that it is given.
type unique struct {
	first [16][]byte
	count int
	more  map[string]struct{}
}

// add adds b and reports whether it was new.
func (u *unique) add(b []byte) bool {
	small := u.first[:min(u.count, len(u.first))]
	if slices.ContainsFunc(small, func(o []byte) bool { return string(o) == string(b) }) {
		return false
	}
	if u.count < len(u.first) {
		u.first[u.count] = b
		u.count++
		return true
	}
	if _, found := u.more[string(b)]; found {
		return false
	}
	if u.more == nil {
		u.more = map[string]struct{}{}
	}
	u.more[string(b)] = struct{}{}
	return true
}
