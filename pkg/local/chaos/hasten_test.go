package chaos_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/chaos"
)

func TestHasten(t *testing.T) {
	t.Parallel()

	const (
		definition = `{"StartAt":"M","TimeoutSeconds":36000,"States":{` +
			`"M":{"Type":"Map","ItemProcessor":{"States":{"A b":{"TimeoutSeconds":90}}},"Next":"P"},` +
			`"P":{"Type":"Parallel","Branches":[{"States":{"C":{"TimeoutSeconds":90}}}]},"D":{"TimeoutSeconds":90}}}`
		inner = `"ItemProcessor":{"States":{"A b":{"TimeoutSeconds":2}}},"Next":"P","Type":"Map"}`
		outer = `"P":{"Branches":[{"States":{"C":{"TimeoutSeconds":2}}}],"Type":"Parallel"}},"TimeoutSeconds":4}`
	)
	state := func(name string) chaos.Fault {
		return chaos.Fault{Kind: chaos.StateTimeout, Point: chaos.Point("invoke " + name), Nth: 1}
	}
	whole := chaos.Fault{Kind: chaos.ExecutionTimeout, Point: "invoke D", Nth: 1}
	tests := map[string]struct {
		definition string
		faults     []chaos.Fault
		want       string
		err        string
	}{
		"other faults change no byte": {
			definition: " " + definition, faults: []chaos.Fault{{Kind: chaos.Refused, Point: "invoke D"}}, want: " " + definition,
		},
		"states at any depth, and the machine": {
			definition: definition, faults: []chaos.Fault{state("A b"), state("C"), whole},
			want: `{"StartAt":"M","States":{"D":{"TimeoutSeconds":90},"M":{` + inner + `,` + outer,
		},
		"a state that is not there": {definition: definition, faults: []chaos.Fault{state("D"), state("E")}, err: `no states ["E"]`},
		"no object":                 {definition: "[]", faults: []chaos.Fault{whole}, err: "not a JSON object"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := chaos.Hasten(tt.definition, tt.faults)
			if (err != nil) != (tt.err != "") || (err != nil && !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("Hasten() error = %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Hasten() (-want +got):\n%s", diff)
			}
		})
	}
}
