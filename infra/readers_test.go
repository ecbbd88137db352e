package main

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReaders_areGrantedOnceTheWarehouseIsThere: the role is created with the
// stack, and only then; the grants may follow as often as they change.
func TestReaders_areGrantedOnceTheWarehouseIsThere(t *testing.T) {
	for name, tt := range map[string]struct {
		s        synthesised
		model    string
		database string
		target   string
		after    string
	}{
		"serverless":    {environment(t, "dev"), "store", "nightstar", "WorkgroupName", "Workgroup"},
		"another model": {kind(t, "tickets"), "tickets", "nightstar", "WorkgroupName", "Workgroup"},
		"provisioned":   {kind(t, "provisioned"), "store", "dwh", "ClusterIdentifier", "Cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			_, readers := tt.s.one(t, "Custom::AWS", "OwnerAndReaders")
			type call struct {
				Service, Action string
				Parameters      map[string]any
			}
			sent := map[string][]string{}
			for _, event := range []string{"Create", "Update"} {
				var c call
				if err := json.Unmarshal([]byte(spelled(readers.Properties[event])), &c); err != nil {
					t.Fatal(err)
				}
				if c.Service != "redshift-data" || c.Action != "batchExecuteStatement" || c.Parameters["Database"] != tt.database || c.Parameters[tt.target] == nil {
					t.Errorf("%s calls %+v", event, c)
				}
				for _, sql := range c.Parameters["Sqls"].([]any) {
					sent[event] = append(sent[event], sql.(string))
				}
			}
			owner := "IAMR:nightstar-dev--owner"
			grants := databaseGrants(read(t, tt.model), tt.database, owner)
			if diff := cmp.Diff(grants, sent["Update"]); diff != "" {
				t.Errorf("an update (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(append(databaseUsers(owner), grants...), sent["Create"]); diff != "" {
				t.Errorf("the creation (-want +got):\n%s", diff)
			}
			if after := flat(t, readers.DependsOn); !strings.Contains(after, `"`+tt.after) {
				t.Errorf("it waits for %s only", after)
			}
		})
	}
}

// TestReaders_grantsAreRedshiftSQL parses the statements with a grammar that is
// not ours.
func TestReaders_grantsAreRedshiftSQL(t *testing.T) {
	t.Parallel()

	statements := append(databaseUsers("IAMR:owner"), databaseGrants(read(t, "tickets"), "dwh", "IAMR:owner")...)
	for i, statement := range statements { // the grammar knows grants on single tables only
		statements[i] = regexp.MustCompile(`all tables in schema \w+`).ReplaceAllString(statement, "t")
	}
	message, err := json.Marshal(statements)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "../.ci/parse-redshift.mjs")
	command.Stdin = strings.NewReader(string(message))
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []any
	if err := json.Unmarshal(out, &verdicts); err != nil || len(verdicts) != len(statements) {
		t.Fatalf("%s: %v", out, err)
	}
	for i, verdict := range verdicts {
		if verdict != nil {
			t.Errorf("%s: %v", statements[i], verdict)
		}
	}
}
