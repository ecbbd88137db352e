package lake_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// TestPartition_convertsWhatIsExact gives a column of each type a value of each
// DynamoDB type: what it becomes where the column converts, and that it is set
// aside where the column does not.
func TestPartition_convertsWhatIsExact(t *testing.T) {
	t.Parallel()

	const no = "" // set aside in any case
	tests := map[string]struct {
		typ    model.Type
		own    string            // the DynamoDB type that the column is for
		values map[string]string // DynamoDB JSON → what it becomes; the reason if it is set aside
	}{
		"text": {model.String(5), "S", map[string]string{
			`{"N":"1.5"}`: "1.5", `{"N":"1E+2"}`: "1E+2", `{"N":"-123456"}`: "value_too_long", `{"BOOL":true}`: "true", `{"BOOL":false}`: "false",
		}},
		"an integer": {model.Integer(), "N", map[string]string{
			`{"S":"12"}`: "12", `{"S":"-1E1"}`: "-10", `{"S":"1.5"}`: "number_not_exact", `{"S":"3000000000"}`: "number_out_of_range",
			`{"S":"x"}`: "wrong_type", `{"S":""}`: "wrong_type", `{"S":" 1"}`: "wrong_type", `{"S":"0x1"}`: "wrong_type", `{"BOOL":true}`: no,
		}},
		"a large integer": {model.BigInt(), "N", map[string]string{
			`{"S":"9223372036854775807"}`: "9223372036854775807", `{"S":"9223372036854775808"}`: "number_out_of_range", `{"BOOL":true}`: no,
		}},
		"a decimal": {model.Decimal(5, 2), "N", map[string]string{
			`{"S":"123.45"}`: "123.45", `{"S":"1,5"}`: "wrong_type", `{"S":"1.005"}`: "number_not_exact", `{"S":"NaN"}`: "wrong_type", `{"BOOL":false}`: no,
		}},
		"a truth value": {model.Boolean(), "BOOL", map[string]string{
			`{"S":"true"}`: "true", `{"S":"false"}`: "false", `{"S":"True"}`: "not_a_truth_value", `{"S":""}`: "not_a_truth_value",
			`{"N":"1"}`: "true", `{"N":"0"}`: "false", `{"N":"2"}`: "not_a_truth_value", `{"N":"0.5"}`: "not_a_truth_value",
		}},
		"a timestamp": {model.Timestamp(), "S", map[string]string{`{"N":"1683711000"}`: no, `{"BOOL":true}`: no}},
		"a date":      {model.Date(), "S", map[string]string{`{"N":"20240229"}`: no, `{"BOOL":true}`: no}},
	}
	for name, tt := range tests {
		for value, want := range tt.values {
			for _, converts := range []bool{true, false} {
				if converts && len(tt.typ.Conversions()) == 0 {
					continue // no model may say so
				}
				t.Run(fmt.Sprintf("%s from %s, converts: %t", name, value, converts), func(t *testing.T) {
					t.Parallel()
					reason := lakedoc.WrongType
					if tt.own == "BOOL" {
						reason = lakedoc.NotATruthValue
					}
					if !converts || want == no {
						compareOne(t, tt.typ, converts, value, string(reason))
						return
					}
					compareOne(t, tt.typ, converts, value, want)
				})
			}
		}
		for _, value := range []string{`{"B":"AA=="}`, `{"SS":["1"]}`, `{"NS":["1"]}`, `{"L":[{"N":"1"}]}`, `{"M":{}}`} {
			t.Run(fmt.Sprintf("%s never from %s", name, value), func(t *testing.T) {
				t.Parallel()
				want := "wrong_type"
				if tt.own == "BOOL" {
					want = "not_a_truth_value"
				}
				compareOne(t, tt.typ, len(tt.typ.Conversions()) > 0, value, want)
			})
		}
	}
}

// compareOne splits one customer whose attribute has that value, and compares
// the value of the column, or the reason why the item was set aside.
func compareOne(t *testing.T, typ model.Type, converts bool, value, want string) {
	t.Helper()
	e := setup(t)
	m := store(t)
	declared := column(t, &m, "customer", "email")
	*declared = model.Column{Name: "email", Type: typ, From: []string{"email"}, Converts: converts}
	p, err := lake.NewPartitioner(e.s3.Client(), m, "raw", "lake")
	if err != nil {
		t.Fatal(err)
	}
	line := `{"Item":{"PK":{"S":"CUST#a"},"SK":{"S":"CUST#a"},"username":{"S":"a"},"email":` + value + `}}`
	result, err := p.Partition(t.Context(), e.put(zip(t, line), 1))
	if err != nil {
		t.Fatal(err)
	}
	if result.Rows["customer"] == 0 {
		if diff := cmp.Diff(map[lakedoc.Reason]int64{lakedoc.Reason(want): 1}, result.SetAside.ByReason()); diff != "" {
			t.Errorf("set aside (-want +got):\n%s", diff)
		}
		return
	}
	row := e.rows(t, "items/type=customer/run=r1/00001.parquet")[0]
	if got := valueText(*declared, row["email"]); got != want {
		t.Errorf("%s became %q, want %q", value, got, want)
	}
}
