package item_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

func stringKey(t *testing.T, text string) []byte {
	t.Helper()

	key, err := item.AppendKey(nil, item.Value{Type: item.String, Bytes: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAppendKey_SortsStringsBytewise(t *testing.T) {
	t.Parallel()

	rnd := rand.New(rand.NewPCG(5, 6))
	random := func() string {
		text := make([]byte, rnd.IntN(5))
		for i := range text {
			text[i] = "\x00\x01a\xff"[rnd.IntN(4)]
		}
		return string(text)
	}
	for range 20_000 {
		a, b := random(), random()
		x, y := stringKey(t, a), stringKey(t, b)
		if got, want := bytes.Compare(x, y), strings.Compare(a, b); got != want {
			t.Fatalf("keys of %q and %q compare as %d, want %d", a, b, got, want)
		}
		if a != b && bytes.HasPrefix(x, y) {
			t.Fatalf("the key of %q begins with that of %q", a, b)
		}
		if got, want := bytes.HasPrefix(x, item.AppendKeyPrefix(nil, []byte(b))), strings.HasPrefix(a, b); got != want {
			t.Fatalf("prefix %q of %q: %t, want %t", b, a, got, want)
		}
	}
}

func TestSuccessor(t *testing.T) {
	t.Parallel()

	for _, key := range [][]byte{
		[]byte("a"), []byte("a\xff\xff"), stringKey(t, "x"), numberKey(t, "-1"), numberKey(t, "1"), numberKey(t, "0"),
	} {
		after := item.Successor(bytes.Clone(key))
		if bytes.Compare(append(bytes.Clone(key), 0xFF, 0xFF, 0xFF), after) >= 0 {
			t.Errorf("Successor(%x) = %x is not after everything that begins with it", key, after)
		}
	}
	if a, b := item.Successor(numberKey(t, "-1")), numberKey(t, "-0.9999"); bytes.Compare(a, b) > 0 {
		t.Errorf("Successor of -1 = %x is after the next number %x", a, b)
	}
	if a, b := item.Successor(stringKey(t, "x")), stringKey(t, "x\x00"); bytes.Compare(a, b) > 0 {
		t.Errorf("Successor of x = %x is after the next string %x", a, b)
	}
}

func TestProject(t *testing.T) {
	t.Parallel()

	stored := `{"a":{"S":"1"},"b\n":{"M":{"a":{"L":[{"N":"1"}]}}},"c":{"S":"3"}}`
	tests := map[string]struct{ keep, want string }{
		"nothing":       {"", `{}`},
		"the first":     {"a", `{"a":{"S":"1"}}`},
		"the last":      {"c", `{"c":{"S":"3"}}`},
		"two of them":   {"b\n c", `{"b\n":{"M":{"a":{"L":[{"N":"1"}]}}},"c":{"S":"3"}}`},
		"what's absent": {"x", `{}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := item.Project(nil, []byte(stored), func(name []byte) bool {
				for _, k := range strings.Split(tt.keep, " ") {
					if k == string(name) {
						return true
					}
				}
				return false
			})
			if err != nil || string(got) != tt.want {
				t.Errorf("Project() = %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

// FuzzScanner_Skip checks that the scanner never panics, that what it accepts
// is what encoding/json accepts, apart from depth and characters that
// encoding/json replaces, and that it returns the text without the space around.
func FuzzScanner_Skip(f *testing.F) {
	for _, seed := range []string{
		` {"a":[1,-0.5e+3,true,false,null,"x\u0041"]} `, `01`, `1.`, `-`, `[1,]`, `"\ud800"`, `nul`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := item.NewScanner([]byte(text))
		got, err := s.Skip()
		if err == nil {
			err = s.End()
		}
		if valid := json.Valid([]byte(text)); err == nil && !valid {
			t.Fatalf("accepted %q", text)
		} else if refusal,
			ok := errors.AsType[*awsjson.Error](err); err != nil && (!ok || valid && !excused(refusal.Message)) {
			t.Fatalf("refused %q: %v", text, err)
		}
		if err == nil && string(got) != strings.Trim(text, " \t\r\n") {
			t.Fatalf("Skip() = %q of %q", got, text)
		}
	})
}

func excused(message string) bool {
	for _, reason := range []string{"UTF-8", "surrogate", "levels of nesting"} {
		if strings.Contains(message, reason) {
			return true
		}
	}
	return false
}
