package scalar

import (
	"bytes"
	"fmt"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Sum is an exact sum of whole numbers, of up to 38 digits as in every decimal.
// A sum of decimals counts units of their last place: cents for a scale of two.
// The zero Sum is 0, and two sums are equal if they compare equal with ==.
//
// JSON holds it as a number up to 2^53, which every reader takes exactly, and as
// a string of digits beyond.
type Sum struct{ n Int128 }

// SumOf returns the sum that is n.
func SumOf(n int64) Sum { return Sum{Int128{High: n >> 63, Low: uint64(n)}} }

// SumOf128 returns the sum that is n, which has at most 38 digits as [Decimal]
// returns it.
func SumOf128(n Int128) Sum { return Sum{n} }

// ParseSum reads a whole number.
func ParseSum(text string) (Sum, error) {
	n, err := Decimal([]byte(text), MaxPrecision, 0)
	if err != nil {
		return Sum{}, fmt.Errorf("read sum: %w", err)
	}
	return Sum{n}, nil
}

// Add returns s + other, and false if that has more than 38 digits.
func (s Sum) Add(other Sum) (Sum, bool) {
	low, carry := bits.Add64(s.n.Low, other.n.Low, 0)
	// The high words are below 2^63/1.7, so this overflows only where the sum has
	// more than 38 digits, and then its sign is wrong.
	high := s.n.High + other.n.High + int64(carry)
	sum := Sum{Int128{High: high, Low: low}}
	if s.n.High^other.n.High >= 0 && s.n.High^high < 0 {
		return Sum{}, false
	}
	return sum, sum.fits()
}

// The magnitude of a sum is below 10^38 = tooHigh·2^64 + tooLow.
const (
	tooHigh = 0x4b3b4ca85a86c47a
	tooLow  = 0x098a224000000000
)

func (s Sum) fits() bool {
	if high := s.n.High; high < tooHigh && high > -tooHigh {
		return true
	}
	m := s.magnitude()
	return m.high < tooHigh || m.high == tooHigh && m.low < tooLow
}

func (s Sum) magnitude() magnitude {
	if s.n.High >= 0 {
		return magnitude{high: uint64(s.n.High), low: s.n.Low}
	}
	low, borrow := bits.Sub64(0, s.n.Low, 0)
	high, _ := bits.Sub64(0, uint64(s.n.High), borrow)
	return magnitude{high: high, low: low, negative: true}
}

// Equal reports whether two sums are the same number, as == does; comparisons
// of documents ask for it.
func (s Sum) Equal(other Sum) bool { return s == other }

// Int64 returns the sum if it fits 64 bits.
func (s Sum) Int64() (n int64, ok bool) {
	n = int64(s.n.Low)
	return n, n>>63 == s.n.High
}

// String returns the digits, with a minus sign in front of negative sums.
func (s Sum) String() string {
	if n, ok := s.Int64(); ok {
		return strconv.FormatInt(n, 10)
	}
	m := s.magnitude()
	n := new(big.Int).SetUint64(m.high)
	n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(m.low))
	if m.negative {
		n.Neg(n)
	}
	return n.String()
}

// Decimal returns the sum of decimals with so many places, which counts units of
// the last one: 1234 with two places is 12.34.
func (s Sum) Decimal(places int) string {
	digits, negative := strings.CutPrefix(s.String(), "-")
	if places > 0 {
		digits = strings.Repeat("0", max(0, places+1-len(digits))) + digits
		digits = digits[:len(digits)-places] + "." + digits[len(digits)-places:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// exactInJSON is up to where every reader of JSON takes whole numbers exactly.
const exactInJSON = 1 << 53

// MarshalJSON writes a number, or a string where a number would not be read
// exactly everywhere.
func (s Sum) MarshalJSON() ([]byte, error) {
	if n, ok := s.Int64(); ok && n >= -exactInJSON && n <= exactInJSON {
		return strconv.AppendInt(nil, n, 10), nil
	}
	return []byte(`"` + s.String() + `"`), nil
}

// UnmarshalJSON reads what [Sum.MarshalJSON] writes.
func (s *Sum) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil // as every type of encoding/json does
	}
	digits := text
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		digits = text[1 : len(text)-1]
	}
	if len(bytes.Trim(digits, "-0123456789")) > 0 {
		return fmt.Errorf("read sum %s: %w", quote(text), ErrSyntax)
	}
	sum, err := ParseSum(string(digits))
	if err == nil {
		*s = sum
	}
	return err
}
