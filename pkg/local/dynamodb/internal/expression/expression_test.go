package expression_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/expression"
	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/item"
)

func text(s string) item.Value {
	return item.Value{Type: item.String, Bytes: []byte(s)}
}

func placeholders() *expression.Placeholders {
	return &expression.Placeholders{
		Names:  map[string]string{"#p": "PK", "#s": "sort key"},
		Values: map[string]item.Value{":a": text("a"), ":b": text("b"), ":n": {Type: item.Number, Bytes: []byte("1")}},
	}
}

func TestKeyConditions(t *testing.T) {
	t.Parallel()

	equal := expression.Condition{Attribute: "PK", Operator: "=", Values: []item.Value{text("a")}}
	with := func(operator expression.Operator, values ...string) []expression.Condition {
		c := expression.Condition{Attribute: "SK", Operator: operator}
		for _, v := range values {
			c.Values = append(c.Values, text(v))
		}
		return []expression.Condition{equal, c}
	}
	tests := map[string][]expression.Condition{
		"PK=:a":                               {equal},
		" #p\n = \t:a ":                       {equal},
		"((PK = :a))":                         {equal},
		"PK = :a AND SK < :b":                 with("<", "b"),
		"PK = :a and SK<=:b":                  with("<=", "b"),
		"PK = :a AND SK>:b":                   with(">", "b"),
		"(PK = :a) AND (SK >= :b)":            with(">=", "b"),
		"(PK = :a AND SK = :b)":               with("=", "b"),
		"PK = :a AND SK BETWEEN :a AND :b":    with("BETWEEN", "a", "b"),
		"PK = :a AND (SK between :a and :b)":  with("BETWEEN", "a", "b"),
		"PK = :a AND begins_with(SK, :b)":     with("begins_with", "b"),
		"PK = :a AND begins_with ( SK , :b )": with("begins_with", "b"),
		"#s = :n": {{Attribute: "sort key", Operator: "=",
			Values: []item.Value{{Type: item.Number, Bytes: []byte("1")}}}},
		"begins_with(SK, :b) AND PK = :a AND x = :a": {with("begins_with", "b")[1], equal, {Attribute: "x",
			Operator: "=", Values: []item.Value{text("a")}}},
	}
	for in, want := range tests {
		t.Run(in, func(t *testing.T) {
			t.Parallel()

			got, err := expression.KeyConditions(in, placeholders())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKeyConditions_Refuses(t *testing.T) {
	t.Parallel()

	tests := map[string]string{
		"":                          "can not be empty",
		"  ":                        "can not be empty",
		"PK":                        "<EOF>",
		"PK = ":                     "<EOF>",
		"PK = a":                    `token: "a"`,
		"PK = :a AND":               "<EOF>",
		"PK = :a SK = :b":           `token: "SK"`,
		"(PK = :a":                  "<EOF>",
		"PK = :a)":                  `token: ")"`,
		"PK = :a OR SK = :b":        "operator used in KeyConditionExpression: OR",
		"NOT PK = :a":               "operator used in KeyConditionExpression: NOT",
		"PK <> :a":                  "operator used in KeyConditionExpression: <>",
		"PK IN (:a)":                "operator used in KeyConditionExpression: IN",
		"contains(PK, :a)":          "function: contains",
		"BEGINS_WITH(PK, :a)":       "function: BEGINS_WITH",
		"begins_with(SK :a)":        `token: ":a"`,
		"begins_with(SK, :n)":       "operand type: N",
		"PK BETWEEN :a":             "<EOF>",
		"PK = :missing":             "attribute value: :missing",
		"#missing = :a":             "attribute name: #missing",
		"a.b = :a":                  "not supported",
		"a[0] = :a":                 "not supported",
		"PK = :a; DROP":             `token: ";"`,
		"# = :a":                    `token: "#"`,
		"PK == :a":                  `token: "="`,
		"1a = :a":                   `token: "1a"`,
		":a = PK":                   `token: ":a"`,
		strings.Repeat("(", 10_000): "exceeded the maximum allowed size",
		strings.Repeat("(", 4096):   "<EOF>",
	}
	for in, want := range tests {
		t.Run(in[:min(len(in), 30)], func(t *testing.T) {
			t.Parallel()

			got, err := expression.KeyConditions(in, placeholders())
			refusal, ok := errors.AsType[*awsjson.Error](err)
			if !ok || refusal.Code != "ValidationException" || !strings.Contains(refusal.Message, want) {
				t.Errorf("KeyConditions(%q) = %v, %v, want a refusal with %q", in, got, err, want)
			}
		})
	}
}

func TestProjection(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		in      string
		want    []string
		refusal string
	}{
		"one":            {in: "a", want: []string{"a"}},
		"several":        {in: " a,#s , b_1", want: []string{"a", "sort key", "b_1"}},
		"nothing":        {in: "", refusal: "can not be empty"},
		"a comma after":  {in: "a,", refusal: "<EOF>"},
		"no comma":       {in: "a b", refusal: `token: "b"`},
		"a path":         {in: "a.b", refusal: "not supported"},
		"an element":     {in: "a[1]", refusal: "not supported"},
		"the same twice": {in: "PK, #p", refusal: "overlap"},
		"a value":        {in: ":a", refusal: `token: ":a"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := expression.Projection(tt.in, placeholders())
			if tt.refusal == "" && (err != nil || !cmp.Equal(tt.want, got)) {
				t.Errorf("Projection() = %q, %v, want %q", got, err, tt.want)
			}
			if tt.refusal != "" && (err == nil || !strings.Contains(err.Error(), tt.refusal)) {
				t.Errorf("Projection() = %q, %v, want a refusal with %q", got, err, tt.refusal)
			}
		})
	}
}

func TestPlaceholders_CheckUsed(t *testing.T) {
	t.Parallel()

	p := placeholders()
	if _, err := expression.KeyConditions("#p = :a AND #s BETWEEN :a AND :b", p); err != nil {
		t.Fatal(err)
	}
	if err := p.CheckUsed(); err == nil || !strings.Contains(err.Error(), "ExpressionAttributeValues unused in "+
		"expressions: keys: {:n}") {
		t.Errorf("CheckUsed() = %v", err)
	}
	if _, err := expression.KeyConditions("x = :n", p); err != nil {
		t.Fatal(err)
	}
	if err := p.CheckUsed(); err != nil {
		t.Errorf("CheckUsed() = %v after all were used", err)
	}
	p.Names["#unused"] = "x"
	if err := p.CheckUsed(); err == nil || !strings.Contains(err.Error(), "{#unused}") {
		t.Errorf("CheckUsed() = %v", err)
	}
}

// FuzzKeyConditions checks that no text panics and that every refusal is one
// that the client can be shown.
func FuzzKeyConditions(f *testing.F) {
	for _, seed := range []string{"PK = :a AND SK BETWEEN :a AND :b", "begins_with(#s,:a)", "((#p=:n))", "a.b[1] <> " +
		":a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		conditions, err := expression.KeyConditions(in, placeholders())
		if err == nil && len(conditions) == 0 {
			t.Error("neither a condition nor a refusal")
		}
		if _, ok := errors.AsType[*awsjson.Error](err); err != nil && !ok {
			t.Errorf("refused with %T: %v", err, err)
		}
	})
}
