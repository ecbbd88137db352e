package inspect_test

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/inspect"
)

func TestCut(t *testing.T) {
	t.Parallel()

	tests := map[string]string{
		"CUST#42":                              "CUST#{}",
		"CUST#42#ORD#2021-05-03T10:11:12.5Z":   "CUST#{}#ORD#{}",
		"2021-05-03T10:11:12+02:00#a1b2":       "{}#{}",
		"2021-05-03":                           "{}",
		"PROFILE":                              "PROFILE",
		"#METADATA#ann56":                      "#METADATA#ann{}",
		"USER::9:::x1y":                        "USER::{}:::{}",
		"order-17":                             "order-{}",
		"order17":                              "order{}",
		"v2_ann":                               "v2_{}",
		"v2":                                   "v2",
		"access-token":                         "access-token",
		"USER_PROFILE-17":                      "USER_PROFILE-{}",
		"7f3c2a10-1111-4222-8333-123456789abc": "{}",
		"a@b.org":                              "{}",
		"User:7f3c2a10-1111-4222-8333-123456789abc": "User:{}",
		"user-7f3c2a10-1111-4222-8333-123456789abc": "user-{}",
		"user-abcdefab-1111-4222-8333-123456789abc": "user-{}",
		"d9bl3":                      "{}",
		"01ARZ3NDEKTSV4RRFFQ69G5FAV": "{}",
		"$shop#mallid_17":            "$shop#mallid_{}",
		"å#1":                        "{}#{}",
		"a{b#1":                      "{}#{}",
		"x#":                         "x#",
		"#":                          "#",
		"_schema:1":                  "_schema:{}",
	}
	for text, want := range tests {
		if got := inspect.Cut(text).String(); got != want {
			t.Errorf("Cut(%q) = %q, want %q", text, got, want)
		}
	}
}

// FuzzCut cuts any text into parts that are the text again.
func FuzzCut(f *testing.F) {
	for _, seed := range []string{"", "CUST#42", "2021-05-03T10:11:12Z#x", "::a::", "v1_", "-", "_", "2021-05-03T10:11:12.", "##", strings.Repeat("a#", 20)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pattern := inspect.Cut(text)
		if len(pattern) == 0 || len(pattern) > 9 {
			t.Fatalf("%q has %d segments", text, len(pattern))
		}
		// Every literal stands in the text, in order.
		rest := text
		for i, s := range pattern {
			if !s.ID {
				if !strings.HasPrefix(rest, s.Word+s.Delim) {
					t.Fatalf("Cut(%q) = %+v: %q does not stand at %q", text, pattern, s.Word+s.Delim, rest)
				}
				rest = rest[len(s.Word+s.Delim):]
				continue
			}
			if !strings.HasPrefix(rest, s.Word) {
				t.Fatalf("Cut(%q) = %+v: %q does not stand at %q", text, pattern, s.Word, rest)
			}
			rest = rest[len(s.Word):]
			n := len(rest)
			if s.Delim != "" {
				n = strings.Index(rest, s.Delim)
				// A time may contain the delimiter, so look for the rest of the pattern.
				for n >= 0 && i < len(pattern)-1 && inspect.Cut(rest[n+len(s.Delim):]).String() != pattern[i+1:].String() {
					next := strings.Index(rest[n+1:], s.Delim)
					if next < 0 {
						break
					}
					n += 1 + next
				}
			}
			if n < 1 {
				t.Fatalf("Cut(%q) = %+v: an id is empty", text, pattern)
			}
			rest = rest[min(n+len(s.Delim), len(rest)):]
		}
	})
}
