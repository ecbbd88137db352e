package main

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var templates = flag.String("templates", "", "write the template of every kind of environment into this folder")

const (
	bankKey  = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
	tableKey = "arn:aws:kms:eu-west-1:111122223333:key/66666666-7777-8888-9999-000000000000"
	boundary = "arn:aws:iam::111122223333:policy/boundary"
)

// provisioned is the block of a cluster of its own.
func provisioned() map[string]any {
	return map[string]any{
		"kind": Provisioned, "database": "dwh", "nodeType": "ra3.4xlarge", "nodes": 2.0, "enhancedVpcRouting": true,
		"network": map[string]any{"cidr": "10.8.0.0/20", "subnetIds": []any{}, "securityGroupIds": []any{}},
	}
}

// kinds are environments that differ from each other in what they are made of:
// changes of the block dev.
func kinds() map[string]func(map[string]any) {
	all := func(changes ...func(map[string]any)) func(map[string]any) {
		return func(block map[string]any) {
			for _, change := range changes {
				change(block)
			}
		}
	}
	pinned := all(set(accountID, "account"), set(region, "region"))
	return map[string]func(map[string]any){
		"tickets": set("pkg/models/tickets.yaml", "model"),
		"bank": all(pinned,
			set(bankKey, "kmsKeyArn"), set(boundary, "permissionsBoundary"), set(map[string]any{"team": "dwh"}, "tags"),
			set(true, "keepData"), set(true, "deletionProtection"), set(true, "schedule", "enabled"),
			set(8.0, "warehouse", "dailyRpuHours"),
			set(map[string]any{
				"cidr": "", "subnetIds": []any{"subnet-0a1b2c3d", "subnet-1a1b2c3d", "subnet-2a1b2c3d"}, "securityGroupIds": []any{"sg-0a1b2c3d"},
			}, "warehouse", "network"),
			set(200.0, "alarms", "monthlyBudget"),
			set(map[string]any{"kind": Slack, "workspaceId": "T07EA123LEP", "channelId": "C07EZ1ABC23"}, "alarms", "chat"),
		),
		"provisioned": all(set(provisioned(), "warehouse"), set(bankKey, "kmsKeyArn"), set(map[string]any{
			"kind": Teams, "tenantId": "12345678-1234-1234-1234-123456789012", "teamId": "12345678-1234-1234-1234-123456789013", "channelId": "19%3aab%40thread.tacv2",
		}, "alarms", "chat")),
		"existing-workgroup": all(pinned, set("arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "existingTable"),
			set(tableKey, "existingTableKeyArn"), set(map[string]any{
				"kind": Workgroup, "database": "dwh", "workgroup": "bi", "secretArn": "",
				"workgroupArn": "arn:aws:redshift-serverless:eu-west-1:111122223333:workgroup/11111111-2222-3333-4444-555555555555",
			}, "warehouse")),
		"existing-cluster": set(map[string]any{
			"kind": Cluster, "database": "dwh", "cluster": "bi", "secretArn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:bi-1",
		}, "warehouse"),
	}
}

var ofKind once // what kinds become

// kind returns an environment of a kind.
func kind(t *testing.T, name string) synthesised {
	t.Helper()
	return ofKind.get(name, func() synthesised { return synthesise(t, "dev", kinds()[name]) })
}

// TestKinds: what holds for the environments of cdk.json holds for all kinds.
func TestKinds(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(kinds())) {
		t.Run(name, func(t *testing.T) {
			s := kind(t, name)
			checkTemplate(t, s)
			if len(s.findings) > 0 {
				t.Errorf("findings:\n%s", strings.Join(s.findings, "\n"))
			}
			writeTemplate(t, name, s)
		})
	}
	for env := range environments(t) {
		writeTemplate(t, env, environment(t, env))
	}
}

// writeTemplate hands a template to the linter of the Makefile.
func writeTemplate(t *testing.T, name string, s synthesised) {
	t.Helper()
	if *templates == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*templates, name+".template.json"), s.text, 0o600); err != nil {
		t.Fatal(err)
	}
}
