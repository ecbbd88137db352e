package ddbjson_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// tree builds the SDK's representation from the iterators.
func tree(v ddbjson.Value) types.AttributeValue {
	switch v.Kind() {
	case ddbjson.String:
		return &types.AttributeValueMemberS{Value: string(v.AppendText(nil))}
	case ddbjson.Number:
		return &types.AttributeValueMemberN{Value: string(v.AppendText(nil))}
	case ddbjson.Binary:
		return &types.AttributeValueMemberB{Value: v.AppendBinary(nil)}
	case ddbjson.Bool:
		return &types.AttributeValueMemberBOOL{Value: v.Bool()}
	case ddbjson.Null:
		return &types.AttributeValueMemberNULL{Value: true}
	case ddbjson.Map:
		return &types.AttributeValueMemberM{Value: treeOfMap(v)}
	case ddbjson.List:
		return &types.AttributeValueMemberL{Value: treesOf(v, tree)}
	case ddbjson.StringSet:
		return &types.AttributeValueMemberSS{Value: treesOf(v, func(v ddbjson.Value) string { return string(v.AppendText(nil)) })}
	case ddbjson.NumberSet:
		return &types.AttributeValueMemberNS{Value: treesOf(v, func(v ddbjson.Value) string { return string(v.AppendText(nil)) })}
	case ddbjson.BinarySet:
		return &types.AttributeValueMemberBS{Value: treesOf(v, func(v ddbjson.Value) []byte { return v.AppendBinary(nil) })}
	default:
		return nil
	}
}

func treeOfMap(v ddbjson.Value) map[string]types.AttributeValue {
	m := map[string]types.AttributeValue{}
	for name, member := range v.Members() {
		m[string(name.AppendText(nil))] = tree(member)
	}
	return m
}

func treesOf[T any](v ddbjson.Value, convert func(ddbjson.Value) T) []T {
	var all []T
	for element := range v.Elements() {
		all = append(all, convert(element))
	}
	return all
}

// at returns what a path leads to in the SDK's representation.
func at(item map[string]types.AttributeValue, path []string) (types.AttributeValue, ddbjson.Kind) {
	v, ok := item[path[0]]
	if !ok {
		return nil, ddbjson.Missing
	}
	if len(path) == 1 {
		return v, ddbjson.Missing
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		return at(v.Value, path[1:])
	case *types.AttributeValueMemberNULL:
		return nil, ddbjson.Null
	}
	return nil, ddbjson.Unreachable
}

var anyValue = []cmp.Option{
	cmpopts.EquateEmpty(),
	cmp.AllowUnexported(
		types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{},
		types.AttributeValueMemberNULL{}, types.AttributeValueMemberM{}, types.AttributeValueMemberL{}, types.AttributeValueMemberSS{},
		types.AttributeValueMemberNS{}, types.AttributeValueMemberBS{}),
	cmpopts.IgnoreTypes(struct{}{}),
}

var fuzzPaths = [][]string{{"PK"}, {"a"}, {"a", "b"}, {"a", "b", "c"}, {"orderid"}, {"an attribute of many bytes"}, {""}}

// compare checks one line: the decoder and judge both refuse it, or both
// accept it with equal values, as a whole and at every path. What they accept
// the SDK reads as the same.
func compare(t *testing.T, d *ddbjson.Decoder, line []byte) (accepted bool) {
	t.Helper()
	want, refused := judge(line)
	err := d.Decode(line)
	if (err != nil) != (refused != nil) {
		t.Fatalf("Decode(%q) = %v, encoding/json says %v", line, err, refused)
	}
	if err != nil {
		syntax, ok := errors.AsType[*ddbjson.SyntaxError](err)
		if !ok || syntax.Offset < 0 || syntax.Offset > len(line) || syntax.Problem == "" {
			t.Fatalf("Decode(%q) = %#v, which does not point into the line", line, err)
		}
		return false
	}
	if diff := cmp.Diff(want, treeOfMap(d.Item()), anyValue...); diff != "" {
		t.Fatalf("Decode(%q) (-encoding/json +got):\n%s", line, diff)
	}
	for slot, path := range fuzzPaths {
		value, kind := at(want, path)
		got := d.Value(slot)
		if value == nil && got.Kind() != kind {
			t.Fatalf("Decode(%q): %q is %v, want %v", line, path, got.Kind(), kind)
		}
		if diff := cmp.Diff(value, tree(got), anyValue...); value != nil && diff != "" {
			t.Fatalf("Decode(%q): %q (-encoding/json +got):\n%s", line, path, diff)
		}
	}
	sdk, err := attributevalue.UnmarshalMapJSON(d.Item().JSON())
	if err != nil {
		t.Fatalf("UnmarshalMapJSON(%q) = %v", line, err)
	}
	if diff := cmp.Diff(sdk, want, anyValue...); diff != "" {
		t.Fatalf("Decode(%q) (-attributevalue +got):\n%s", line, diff)
	}
	compareOthers(t, d, line, want)
	comparePlain(t, d, line, want)
	return true
}

// compareOthers checks what is left of an item without PK, a.b.c and the
// attribute without a name.
func compareOthers(t *testing.T, d *ddbjson.Decoder, line []byte, item map[string]types.AttributeValue) {
	t.Helper()
	count := 0
	text := d.AppendOthers(nil, 0, func(*ddbjson.Selector, []ddbjson.Value, ddbjson.Value) { count++ })
	got, err := attributevalue.UnmarshalMapJSON(text)
	if err != nil {
		t.Fatalf("AppendOthers(%q) = %s: %v", line, text, err)
	}
	want := without(item, map[string]any{"PK": nil, "": nil, "a": map[string]any{"b": map[string]any{"c": nil}}})
	if diff := cmp.Diff(want, got, anyValue...); diff != "" || (count == 0) != (len(want) == 0) || d.Covers(0) && len(want) > 0 {
		t.Fatalf("AppendOthers(%q) gives %d attributes, Covers() = %t (-want +got):\n%s", line, count, d.Covers(0), diff)
	}
	comparePicker(t, d, line, count > 0)
}

// without returns a copy of an item without attributes: a nil takes all of
// one, a map some of it.
func without(item map[string]types.AttributeValue, known map[string]any) map[string]types.AttributeValue {
	left := map[string]types.AttributeValue{}
	for name, value := range item {
		inside, isKnown := known[name]
		if !isKnown {
			left[name] = value
		}
		below, _ := inside.(map[string]any)
		m, isMap := value.(*types.AttributeValueMemberM)
		if !isMap || below == nil {
			continue
		}
		if rest := without(m.Value, below); len(rest) > 0 {
			left[name] = &types.AttributeValueMemberM{Value: rest}
		}
	}
	return left
}

func fuzzDecoder(tb testing.TB) *ddbjson.Decoder {
	tb.Helper()
	selector, err := ddbjson.NewSelector(fuzzPaths...)
	if err != nil {
		tb.Fatal(err)
	}
	selector.Group(0, 3, 6)
	return ddbjson.NewDecoder(selector)
}

// FuzzDecoder checks that any bytes are accepted exactly if encoding/json and
// the stated rules accept them, with the same values. Two lines through one
// decoder: nothing of the first may show in the second.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(`{"Item":{"PK":{"S":"CUST#\u00e9\ud83d\ude00"},"a":{"M":{"b":{"M":{"c":{"N":"-1.5E+3"}}}}}}}`), []byte(`{"Item":{"a":{"NULL":true}}}`))
	f.Add([]byte(`{"Item":{"a":{"L":[{"B":"AA=="},{"BOOL":false}]},"orderid":{"SS":["x","y"]},"":{"NS":["1"]},"z":{"BS":["AAAA"]}}}`), []byte(` { "Item" : { } } `))
	f.Add([]byte(`{"Item":{"an attribute of many bytes":{"S":"0123456789abcdef"},"an attribute of many bytez":{"N":"00000000.1"}}}`), []byte(`{"Item":{"x":{"S":""},"x":{"S":""}}}`))
	f.Add([]byte(`{"Item":{"a":{"N":"12345678901234567890123456789012345678.9"}}}`), []byte(`{"Item":{"a":{"N":"1e-131"}}}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		d := fuzzDecoder(t)
		compare(t, d, first)
		compare(t, d, second)
	})
}

// TestDecoder_mutated compares generated lines and damaged copies of them,
// more than a fuzzer's corpus can hold.
func TestDecoder_mutated(t *testing.T) {
	t.Parallel()
	d := fuzzDecoder(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	accepted, total := 0, 0
	for range 1500 {
		line := []byte(`{"Item":` + randomMap(rnd, 1) + `}`)
		if !compare(t, d, line) {
			t.Fatalf("a generated line is refused: %s", line)
		}
		for range 4 {
			total++
			if compare(t, d, mutate(rnd, line)) {
				accepted++
			}
		}
	}
	if accepted < total/20 || accepted > total*19/20 {
		t.Errorf("%d of %d damaged lines are accepted: the damage is too weak or too strong", accepted, total)
	}
}

func randomMap(rnd *rand.Rand, depth int) string {
	names := []string{"PK", "a", "b", "c", "orderid", "an attribute of many bytes", "", "é", `q\"`, "x1", "x2", "sixteen_bytes_16", "fifteen_bytes15"}
	rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var parts []string
	for _, name := range names[:rnd.IntN(7)] {
		parts = append(parts, blank(rnd)+`"`+name+`"`+blank(rnd)+":"+blank(rnd)+randomValue(rnd, depth))
	}
	return "{" + strings.Join(parts, ",") + blank(rnd) + "}"
}

func blank(rnd *rand.Rand) string {
	if rnd.IntN(20) > 0 {
		return ""
	}
	return []string{" ", "\t", "\r", "  "}[rnd.IntN(4)]
}

func randomValue(rnd *rand.Rand, depth int) string {
	kinds := 8
	if depth > 4 {
		kinds = 6
	}
	many := func(one func() string) string {
		var parts []string
		for range 1 + rnd.IntN(3) {
			parts = append(parts, one())
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	str := func() string { return `"` + randomText(rnd) + `"` }
	num := func() string { return `"` + randomNumber(rnd) + `"` }
	bin := func() string { return `"` + base64.StdEncoding.EncodeToString([]byte(randomText(rnd))) + `"` }
	switch rnd.IntN(kinds) {
	case 0:
		return `{"N":` + num() + `}`
	case 1:
		return `{"B":` + bin() + `}`
	case 2:
		return `{"BOOL":` + strconv.FormatBool(rnd.IntN(2) == 0) + `}`
	case 3:
		return `{"NULL":true}`
	case 4:
		return []string{`{"SS":` + many(str) + `}`, `{"NS":` + many(num) + `}`, `{"BS":` + many(bin) + `}`}[rnd.IntN(3)]
	case 6:
		return `{"M":` + randomMap(rnd, depth+1) + `}`
	case 7:
		return `{"L":` + many(func() string { return randomValue(rnd, depth+1) }) + `}`
	}
	return `{"S":` + str() + `}`
}

func randomText(rnd *rand.Rand) string {
	var b strings.Builder
	for range rnd.IntN(12) {
		b.WriteString([]string{"x", "word", "é", "東京", "😀", `\n`, `\"`, `\\`, `\/`, `\u00e9`, `\ud83d\ude00`, "0123456789"}[rnd.IntN(12)])
	}
	return b.String()
}

func randomNumber(rnd *rand.Rand) string {
	digits := strconv.FormatUint(rnd.Uint64()>>rnd.IntN(64), 10)
	switch rnd.IntN(6) {
	case 0:
		digits += "." + strconv.Itoa(rnd.IntN(1000))
	case 1:
		digits = "0." + strings.Repeat("0", rnd.IntN(90)) + digits
	case 2:
		digits += strings.Repeat("0", rnd.IntN(90))
	case 3:
		digits += []string{"e", "E+", "E-"}[rnd.IntN(3)] + strconv.Itoa(rnd.IntN(100))
	}
	return []string{"", "-"}[rnd.IntN(2)] + digits
}

// mutate damages a line a little.
func mutate(rnd *rand.Rand, line []byte) []byte {
	pieces := []string{`"`, `\`, `{`, `}`, `[`, `]`, `,`, `:`, ` `, "\t", "0", ".", "-", "e", "x", `""`, `"a"`, `,"a":{"S":"x"}`, "\x00", "\x80", "\xff", "é", `\u0041`, `\ud800`, `null`, `true`, `{"N":"1"}`}
	out := bytes.Clone(line)
	for range 1 + rnd.IntN(2) {
		i := rnd.IntN(len(out) + 1)
		j := i + rnd.IntN(min(3, len(out)-i+1))
		switch rnd.IntN(4) {
		case 0:
			out = slices.Delete(out, i, j)
		case 1:
			out = slices.Insert(out, i, []byte(pieces[rnd.IntN(len(pieces))])...)
		case 2:
			out = slices.Replace(out, i, j, []byte(pieces[rnd.IntN(len(pieces))])...)
		case 3:
			if i < len(out) {
				out[i] ^= 1 << rnd.IntN(8)
			}
		}
	}
	return out
}

// TestDecoder_allocates checks that the steady state needs no memory.
//
//nolint:paralleltest // AllocsPerRun does not run beside other tests
func TestDecoder_allocates(t *testing.T) {
	data := storeLines(100)
	d := newDecoder(t, storePaths...)
	source := bytes.NewReader(data)
	reader := ddbjson.NewReader(source, 0)
	scratch := make([]byte, 0, 1024)
	run := func() {
		source.Reset(data)
		reader.Reset(source)
		for {
			line, err := reader.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err := d.Decode(line); err != nil {
				t.Fatal(err)
			}
			for slot := range storePaths {
				_ = d.Value(slot).Text(&scratch)
			}
			for range d.Item().Members() {
				continue
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(20, run); n > 0 {
		t.Errorf("100 lines take %v allocations, want none", n)
	}
}
