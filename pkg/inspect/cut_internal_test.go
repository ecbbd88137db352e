package inspect

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// FuzzCut cuts any text into pieces that are the text again: delimiters are
// nothing but delimiters, and stand in segments only as parts of times or behind
// the last cut. What a group is made of matches the text, as a template.
func FuzzCut(f *testing.F) {
	for _, seed := range []string{"", "CUST#42", "2021-05-03T10:11:12Z#x", "::a::", "v1_", "-", "_", "2021-05-03T10:11:12.", "##", strings.Repeat("a#", 20)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		text := []byte(given)
		pieces := cut(text, nil, usualDelims)
		if len(pieces) == 0 || len(pieces) > maxSegments {
			t.Fatalf("%q has %d segments", text, len(pieces))
		}
		at := 0
		for i, p := range pieces {
			if p.start != at || p.word < p.start || p.end < p.word || p.delim < p.end {
				t.Fatalf("cut(%q) = %+v: piece %d is out of place", text, pieces, i)
			}
			at = p.delim
			for _, c := range text[p.end:p.delim] {
				if !usualDelims.Has(c) {
					t.Fatalf("cut(%q) = %+v: %q is no delimiter", text, pieces, c)
				}
			}
			if i < len(pieces)-1 && p.end == p.delim {
				t.Fatalf("cut(%q) = %+v: nothing stands between segments", text, pieces)
			}
			time := special(text[p.start:], usualDelims)
			if bytes.IndexFunc(text[p.start+min(time, p.end-p.start):p.end], func(r rune) bool { return r < 128 && usualDelims.Has(byte(r)) }) >= 0 && i < maxSegments-1 {
				t.Fatalf("cut(%q) = %+v: piece %d holds a delimiter", text, pieces, i)
			}
			if p.word > p.start && usualDelims.Has(text[p.word-1]) {
				t.Fatalf("cut(%q) = %+v: a word ends in a delimiter", text, pieces)
			}
		}
		if at != len(text) {
			t.Fatalf("cut(%q) = %+v: the pieces are %d bytes of %d", text, pieces, at, len(text))
		}
	})
}

// FuzzFormats reads any text as a value.
func FuzzFormats(f *testing.F) {
	for _, seed := range []string{"", "-", "+", ".", "1e5", "-0.10", "2021-05-03T10:11:12Z", "Mon, 02 Jan 2006 15:04:05 GMT", "1E+400", "0123"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		var v Values
		v.add([]byte(text), hash([]byte(text)))
		v.form([]byte(text), nil, usualDelims)
		var o Values
		o.merge(&v)
		v.merge(&o)
	})
}

// TestPart_Unique knows ids from values that repeat, also beyond what is compared.
func TestPart_Unique(t *testing.T) {
	t.Parallel()

	var ids, few, halves Part
	for i := range maxHashes + 5000 {
		for p, n := range map[*Part]int{&ids: i, &few: i % 1000, &halves: i / 2} {
			text := fmt.Append(nil, n)
			p.add(text, text, hash(text))
		}
	}
	if !ids.Unique() || few.Unique() || halves.Unique() {
		t.Errorf("unique: %v, %v, %v, want the first alone", ids.Unique(), few.Unique(), halves.Unique())
	}
}
