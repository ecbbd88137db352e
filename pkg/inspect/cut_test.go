package inspect_test

import (
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
