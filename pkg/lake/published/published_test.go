package published_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/published"
)

func TestLast(t *testing.T) {
	t.Parallel()

	const current, night = "runs/current.json", "runs/r1/night.json"
	tests := map[string]struct {
		objects map[string]string
		damaged string
		kind    fault.Kind // of the error, if there is one
		want    string
	}{
		"no run":                        {nil, "", "", ""},
		"a run":                         {map[string]string{current: `{"runId":"r1"}`, night: `{"items":7,"later":1}`}, "", "", "r1"},
		"a run whose night is gone":     {map[string]string{current: `{"runId":"r1"}`}, "", fault.Corrupt, night},
		"a run whose night is not JSON": {map[string]string{current: `{"runId":"r1"}`, night: `{"items"`}, "", fault.Corrupt, night},
		"a run whose night is damaged":  {map[string]string{current: `{"runId":"r1"}`, night: `{}`}, night, fault.Corrupt, night},
		"a name that is not JSON":       {map[string]string{current: ``}, "", fault.Corrupt, current},
		"no name":                       {map[string]string{current: `{}`}, "", fault.Corrupt, "it names no run"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := awstest.NewS3(t, "lake")
			for key, body := range tt.objects {
				s.Put("lake", key, []byte(body))
			}
			if tt.damaged != "" {
				s.Update("lake", tt.damaged, func(o *awstest.Object) { o.Damaged = true })
			}
			got, found, err := published.Last(t.Context(), s.Client(), "lake")
			if tt.kind != "" {
				if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) || found {
					t.Errorf("Last() = %v, %v, %v; want %s with %q", got, found, err, tt.kind, tt.want)
				}
				return
			}
			if err != nil || got.ID != tt.want || found != (tt.want != "") || found && got.Night.Items != 7 {
				t.Errorf("Last() = %+v, %v, %v; want run %q", got, found, err, tt.want)
			}
		})
	}
}

func TestLast_whenS3Fails(t *testing.T) {
	t.Parallel()

	s := awstest.NewS3(t, "lake")
	s.Put("lake", "runs/current.json", []byte(`{"runId":"r1"}`))
	s.Fail(func(awstest.Call) *awstest.Failure {
		return &awstest.Failure{Status: http.StatusForbidden, Code: "AccessDenied"}
	})
	if got, found, err := published.Last(t.Context(), s.Client(), "lake"); fault.KindOf(err) != fault.Invalid || found {
		t.Errorf("Last() = %v, %v, %v; want Invalid: nothing is known", got, found, err)
	}
}
