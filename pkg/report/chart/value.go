package chart

import (
	"math"
	"strconv"

	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// Value is one value of a figure: the text is exact, the number says where to
// draw it.
type Value struct {
	Text    string // as people read it; empty for a missing value
	Number  float64
	Missing bool // there is no value, or none that can be drawn
}

// Parse reads what a query answers: a number as it is, or as text; nil is a
// missing value. What is no finite number is shown and not drawn.
func Parse(value any) Value {
	var text string
	switch v := value.(type) {
	case nil:
		return Value{Missing: true}
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		text = v
	default:
		return Value{Missing: true}
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return Value{Text: text, Missing: true}
	}
	return Value{Text: spell.Digits(text), Number: number}
}

// Int is a whole number.
func Int(n int64) Value { return Value{Text: spell.Int(n), Number: float64(n)} }

// scale maps numbers to pixels.
type scale struct {
	low, high float64 // numbers at both ends, ticks both
	step      float64
	from, to  float64 // pixels
}

// newScale returns a scale of round ticks that holds zero and all values.
func newScale(values []Value, ticks int, from, to float64) scale {
	low, high := 0.0, 0.0
	for _, v := range values {
		if !v.Missing {
			low, high = min(low, v.Number), max(high, v.Number)
		}
	}
	if low == high {
		high = 1
	}
	// Halves, because the difference of two numbers may be no number any more.
	rough := (high/2 - low/2) / float64(ticks) * 2
	step := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 2.5, 5, 10} {
		if step*factor >= rough*0.999 {
			step *= factor
			break
		}
	}
	return scale{low: math.Floor(low/step) * step, high: math.Ceil(high/step-1e-9) * step, step: step, from: from, to: to}
}

func (s scale) at(number float64) float64 {
	return s.from + (number/2-s.low/2)/(s.high/2-s.low/2)*(s.to-s.from)
}

// ticks returns the numbers at which the axis is labelled.
func (s scale) ticks() []float64 {
	var all []float64
	for i := 0; i <= 20; i++ {
		tick := s.low + float64(i)*s.step
		if tick > s.high+s.step/2 {
			break
		}
		if math.Abs(tick) < s.step/1e6 {
			tick = 0
		}
		all = append(all, tick)
	}
	return all
}

// label spells a tick: "1.5 M". All ticks of an axis have the same prefix, and as
// many decimal places as the step between two of them needs.
func (s scale) label(tick float64) string {
	size, name := 1.0, ""
	largest := max(s.high, -s.low)
	for _, p := range []struct {
		size float64
		name string
	}{{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}} {
		if largest >= 10*p.size || largest >= p.size && p.size > 1e3 {
			size, name = p.size, p.name
			break
		}
	}
	if largest >= 1e16 || s.step < 1e-6 {
		return strconv.FormatFloat(tick, 'g', 3, 64)
	}
	places := 0
	for unit := s.step / size; places < 6 && math.Abs(unit-math.Round(unit)) > 1e-6; places++ {
		unit *= 10
	}
	text := spell.Digits(strconv.FormatFloat(tick/size, 'f', places, 64))
	if tick == 0 {
		return "0"
	}
	return text + name
}
