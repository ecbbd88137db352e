package ddbjson

import (
	"encoding/base64"
	"iter"
)

// Kind is what a [Value] is: a type tag of DynamoDB JSON, or the reason why
// there is no value.
type Kind uint8

const (
	// Missing is the zero Kind: the item has no attribute at the path.
	Missing Kind = iota
	// String is S.
	String
	// Number is N.
	Number
	// Binary is B.
	Binary
	// Bool is BOOL.
	Bool
	// Null is NULL, or anything below a map that is NULL.
	Null
	// Map is M.
	Map
	// List is L.
	List
	// StringSet is SS.
	StringSet
	// NumberSet is NS.
	NumberSet
	// BinarySet is BS.
	BinarySet
	// Unreachable says that the path leads through a value which isn't a map:
	// Address.city where Address is a string. It is a wrong type, not a
	// missing value.
	Unreachable
)

// String returns the type tag, or a word for kinds that have none.
func (k Kind) String() string {
	switch k {
	case Missing:
		return "missing"
	case String:
		return "S"
	case Number:
		return "N"
	case Binary:
		return "B"
	case Bool:
		return "BOOL"
	case Null:
		return "NULL"
	case Map:
		return "M"
	case List:
		return "L"
	case StringSet:
		return "SS"
	case NumberSet:
		return "NS"
	case BinarySet:
		return "BS"
	case Unreachable:
		return "unreachable"
	}
	return "unknown"
}

// kindOf returns the kind with that type tag, or Missing.
func kindOf(tag []byte) Kind {
	switch string(tag) {
	case "S":
		return String
	case "N":
		return Number
	case "B":
		return Binary
	case "BOOL":
		return Bool
	case "NULL":
		return Null
	case "M":
		return Map
	case "L":
		return List
	case "SS":
		return StringSet
	case "NS":
		return NumberSet
	case "BS":
		return BinarySet
	}
	return Missing
}

// Value is one attribute value, as a window into a line that has been checked.
// The zero Value is [Missing].
type Value struct {
	raw     []byte // content of the string for S, N, B; otherwise the JSON after the type tag
	kind    Kind
	escaped bool // raw holds escapes
}

// Kind says which of the other methods apply.
func (v Value) Kind() Kind { return v.kind }

// Text returns the text of an S, N or B (base64, then). It is a window into
// the line if the line holds no escape; otherwise it is decoded into *scratch,
// which grows as needed, and is valid until the scratch is used again. For
// other kinds it is nil.
func (v Value) Text(scratch *[]byte) []byte {
	switch v.kind {
	case String, Number, Binary:
	default:
		return nil
	}
	if !v.escaped {
		return v.raw
	}
	*scratch = appendUnescaped((*scratch)[:0], v.raw)
	return *scratch
}

// KeepText is Text for values of which many are held at a time: what has to be
// decoded is appended to *arena, and text returned before stays valid.
func (v Value) KeepText(arena *[]byte) []byte {
	if !v.escaped && (v.kind == String || v.kind == Number || v.kind == Binary) {
		return v.raw
	}
	return v.keepText(arena)
}

func (v Value) keepText(arena *[]byte) []byte {
	start := len(*arena)
	*arena = v.AppendText(*arena)
	return (*arena)[start:len(*arena):len(*arena)]
}

// AppendText appends the text of an S, N or B to dst, and nothing for other kinds.
func (v Value) AppendText(dst []byte) []byte {
	switch {
	case v.kind != String && v.kind != Number && v.kind != Binary:
		return dst
	case v.escaped:
		return appendUnescaped(dst, v.raw)
	}
	return append(dst, v.raw...)
}

// AppendBinary appends the bytes of a B to dst, and nothing for other kinds.
func (v Value) AppendBinary(dst []byte) []byte {
	if v.kind != Binary {
		return dst
	}
	encoded := v.raw
	if v.escaped {
		encoded = appendUnescaped(nil, encoded) // only "/" is ever escaped, and by few writers
	}
	dst, _ = base64.StdEncoding.AppendDecode(dst, encoded) // checked before
	return dst
}

// Bool returns the truth of a BOOL, and false for other kinds.
func (v Value) Bool() bool {
	return v.kind == Bool && v.raw[0] == 't'
}

// JSON returns the JSON after the type tag as it stands in the line, without
// the quotes for S, N and B; nil where there is no value.
func (v Value) JSON() []byte { return v.raw }

// Members iterates over the attributes of a map, in the order of the line. The
// name comes as an S. Other kinds have no members.
func (v Value) Members() iter.Seq2[Value, Value] {
	return func(yield func(name, value Value) bool) {
		if v.kind != Map {
			return
		}
		for i := enter(v.raw); v.raw[i] != '}'; i = follow(v.raw, i) {
			var name, value Value
			name, i = readString(v.raw, i, String)
			value, i = readValue(v.raw, behindColon(v.raw, i))
			if !yield(name, value) {
				return
			}
		}
	}
}

// Elements iterates over a list or a set. The elements of a set come as S, N
// or B. Other kinds have no elements.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		element := elementKind(v.kind)
		if element == Missing && v.kind != List {
			return
		}
		for i := enter(v.raw); v.raw[i] != ']'; i = follow(v.raw, i) {
			var value Value
			if v.kind == List {
				value, i = readValue(v.raw, i)
			} else {
				value, i = readString(v.raw, i, element)
			}
			if !yield(value) {
				return
			}
		}
	}
}

// elementKind returns what a set holds, and Missing for other kinds.
func elementKind(set Kind) Kind {
	switch set {
	case StringSet:
		return String
	case NumberSet:
		return Number
	case BinarySet:
		return Binary
	default:
		return Missing
	}
}
