package main

import (
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

// TestPlan_ofAnEnvironment asks a warehouse behind the Data API, which make diff
// names by the variables of the step transform.
func TestPlan_ofAnEnvironment(t *testing.T) {
	engine := localtest.DuckDB(t)
	endpoint := *localtest.DataAPI(t, engine, awstest.NewS3(t)).Options().BaseEndpoint
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		pipeline.RedshiftDatabase: "nightstar", pipeline.RedshiftWorkgroup: "nightstar",
	} {
		t.Setenv(name, value)
	}
	plan := []string{"plan", "--aws", "--model", "library"}
	if got := nightstar(t, plan...); got.code != 0 || !strings.Contains(got.out, "  - create library_dwh.book\n") {
		t.Errorf("the plan of an empty warehouse = %+v", got)
	}
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"create schema library_dwh", "create table library_dwh.notes (n integer)"} {
		if _, err := tx.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := nightstar(t, plan...); got.code != 1 || !strings.Contains(got.out, "schema library_dwh with notes") || !strings.Contains(got.out, "schemas: { prefix: … }") {
		t.Errorf("the plan of somebody else's warehouse = %+v", got)
	}
}
