package asl_test

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

func TestSubstitute(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		definition string
		values     map[string]string
		want       string
		wantErr    string
	}{
		"no tokens": {`{"a":"$.b"}`, nil, `{"a":"$.b"}`, ""},
		"tokens, one of them two": {`{"a":"${A}",` +
			`"b":"x${B}y${A}"}`, map[string]string{"A": "1", "B": "2"}, `{"a":"1","b":"x2y1"}`, ""},
		"a value to be escaped": {`{"a":"${A}"}`, map[string]string{"A": "\"\\\n"}, `{"a":"\"\\\n"}`, ""},
		"a value with a token":  {`{"a":"${A}"}`, map[string]string{"A": "${B}"}, `{"a":"${B}"}`, ""},
		"unknown tokens":        {`{"a":"${A}${B}${A}"}`, nil, "", "token ${A} has no value\ntoken ${B} has no value"},
		"an unused value":       {`{}`, map[string]string{"A": "1"}, "", `value "A" has no token`},
		"an open token":         {`{"a":"${A"}`, nil, "", "followed by a name"},
		"an empty token":        {`{"a":"${}"}`, nil, "", "followed by a name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := asl.Substitute([]byte(tt.definition), tt.values)
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("Substitute() error = %v, want …%s…", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("Substitute() = %s, want %s", got, tt.want)
			}
		})
	}
}
