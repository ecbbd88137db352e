package item

// AppendKey appends bytes for a string, number or binary value that sort as
// DynamoDB sorts values of that type: strings and binaries bytewise, numbers by
// value. No result is a prefix of another one of the same type, so that several
// can follow each other. It refuses a number that a [Parser] would refuse.
func AppendKey(out []byte, v Value) ([]byte, error) {
	if v.Type != Number {
		return append(AppendKeyPrefix(out, v.Bytes), 0, 1), nil
	}
	d, err := parseDecimal(v.Bytes)
	if err != nil {
		return nil, err
	}
	return d.appendKey(out), nil
}

// AppendKeyPrefix appends bytes with which the keys of exactly those strings or
// binaries begin that begin with prefix.
func AppendKeyPrefix(out, prefix []byte) []byte {
	for _, c := range prefix {
		if out = append(out, c); c == 0 {
			out = append(out, 0xFF)
		}
	}
	return out
}

// Successor changes key into the smallest byte string after everything that
// begins with key. Key must hold a byte below 0xFF, as every key does.
func Successor(key []byte) []byte {
	last := len(key) - 1
	for key[last] == 0xFF {
		last--
	}
	key[last]++
	return key[:last+1]
}

// Project appends an item or key that holds only some of the attributes of a
// stored item, whose text must be as a [Parser] wrote it.
func Project(out, stored []byte, keep func(name []byte) bool) ([]byte, error) {
	s := NewScanner(stored)
	out = append(out, '{')
	err := s.Object(func(name []byte) error {
		value, err := s.Skip()
		if err != nil || !keep(name) {
			return err
		}
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		out = append(AppendQuoted(out, name), ':')
		out = append(out, value...)
		return nil
	})
	return append(out, '}'), err
}
