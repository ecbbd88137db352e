package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeConfig_environmentsOfCdkJSON(t *testing.T) {
	t.Parallel()

	for env := range environments(t) {
		cfg, err := decodeConfig(environments(t), env)
		if err != nil {
			t.Errorf("environment %s: %v", env, err)
		}
		if cfg.Name != "nightstar-"+env {
			t.Errorf("environment %s is called %q", env, cfg.Name)
		}
	}
}

// set returns a change of a block: the value at a path of keys, or its removal
// if the value is nil.
func set(value any, path ...string) func(map[string]any) {
	return func(block map[string]any) {
		for _, key := range path[:len(path)-1] {
			block = block[key].(map[string]any)
		}
		last := path[len(path)-1]
		if value == nil {
			delete(block, last)
			return
		}
		block[last] = value
	}
}

func TestDecodeConfig_refusesAndNames(t *testing.T) {
	t.Parallel()

	warehouse := func(pairs ...any) func(map[string]any) {
		block := map[string]any{"kind": Workgroup, "database": "dwh", "workgroup": "bi", "workgroupArn": "arn:aws:redshift-serverless:eu-west-1:1:workgroup/x", "secretArn": ""}
		for i := 0; i < len(pairs); i += 2 {
			block[pairs[i].(string)] = pairs[i+1]
		}
		return set(block, "warehouse")
	}
	tests := map[string]struct {
		change func(map[string]any)
		want   string
	}{
		"a missing value":      {set(nil, "storage", "rawDays"), "environments.dev.storage.rawDays is missing; it is a number"},
		"a missing block":      {set(nil, "schedule"), "environments.dev.schedule is missing; it is an object"},
		"a wrong type":         {set("30", "logDays"), "environments.dev.logDays is 30, not a number"},
		"an unknown key":       {set(true, "storage", "rawDay"), "environments.dev.storage.rawDay is unknown; known here: archiveDays, archiveGlacierDays, athenaDays, rawDays, recordDays"},
		"an unknown block":     {set(map[string]any{}, "network"), "environments.dev.network is unknown"},
		"a broken number":      {set(1.5, "schedule", "hour"), "environments.dev.schedule.hour is 1.5, not a whole number between 0 and 23"},
		"an hour out of range": {set(24.0, "schedule", "hour"), "environments.dev.schedule.hour is 24, not a whole number between 0 and 23"},
		"no time zone":         {set("Mars/Olympus", "schedule", "timeZone"), `environments.dev.schedule.timeZone is "Mars/Olympus", which is not an IANA time zone`},
		"a skipped local time": {func(b map[string]any) {
			set("Europe/Berlin", "schedule", "timeZone")(b)
			set(2.0, "schedule", "hour")(b)
		}, "02:30 does not exist on 2026-03-29 in Europe/Berlin"},
		"an empty name":           {set("", "name"), "environments.dev.name is empty"},
		"a name with underscores": {set("night_star", "name"), `makes "night_star-dev", not lower-case letters`},
		"a name too long":         {set(strings.Repeat("n", 37), "name"), "which has 41 characters; 40 is the most"},
		"a reserved name":         {set("aws-nightstar", "name"), "which begins like names that AWS reserves"},
		"a retention not offered": {set(31.0, "logDays"), "environments.dev.logDays is 31, which CloudWatch Logs does not offer"},
		"a reserved database":     {set("table", "warehouse", "database"), `environments.dev.warehouse.database is "table", a reserved word`},
		"a database with dashes":  {set("night-star", "warehouse", "database"), `environments.dev.warehouse.database is "night-star", not 1 to 64`},
		"an unknown warehouse":    {set("redshift", "warehouse", "kind"), `environments.dev.warehouse.kind is "redshift", not one of serverless, provisioned, existing-workgroup, existing-cluster`},
		"a capacity turned round": {func(b map[string]any) {
			set(16.0, "warehouse", "baseRPU")(b)
			set(8.0, "warehouse", "maxRPU")(b)
		}, "environments.dev.warehouse.maxRPU is 8, less than baseRPU"},
		"a capacity in between":   {set(12.0, "warehouse", "baseRPU"), "environments.dev.warehouse.baseRPU is 12, neither 4 nor a multiple of 8"},
		"a key of another kind":   {warehouse("baseRPU", 8.0), "environments.dev.warehouse.baseRPU is unknown"},
		"an ARN of another thing": {warehouse("secretArn", "arn:aws:s3:::bucket"), `environments.dev.warehouse.secretArn is "arn:aws:s3:::bucket", not the ARN of a resource of secretsmanager`},
		"a table that is none":    {set("my table", "existingTable"), `environments.dev.existingTable is "my table", neither a table's name nor its ARN`},
		"a model elsewhere":       {set("../tickets.yaml", "model"), `environments.dev.model is "../tickets.yaml", not the path of a file of this project, from its root`},
		"a model of one machine":  {set("/home/jo/tickets.yaml", "model"), `environments.dev.model is "/home/jo/tickets.yaml", not the path`},
		"an early expiry":         {set(60.0, "storage", "archiveDays"), "environments.dev.storage.archiveDays is 60, less than archiveGlacierDays plus the 90 days"},
		"an address that is none": {set("ops", "alarms", "email"), `environments.dev.alarms.email is "ops", not an address`},
		"a table elsewhere":       {set("arn:aws:dynamodb:eu-west-1:111122223333:table/t", "existingTable"), "environments.dev.existingTable is in account 111122223333 and Region eu-west-1; pin account and region"},
		"half a pin":              {set("111122223333", "account"), `environments.dev.account is "111122223333" and region "": pin both, or neither`},
		"an account too short":    {set("42", "account"), `environments.dev.account is "42", not twelve digits`},
		"a Region that is none":   {set("Ireland", "region"), `environments.dev.region is "Ireland", not a Region`},
		"a reserved tag":          {set(map[string]any{"aws:x": "y"}, "tags"), `environments.dev.tags has "aws:x"`},
		"a tag that is not text":  {set(map[string]any{"x": 1.0}, "tags"), `environments.dev.tags has 1 for "x", not a text`},
		"an alias for a key":      {set("arn:aws:kms:eu-west-1:111122223333:alias/x", "kmsKeyArn"), "not the ARN of a key: it ends in key/ and an id"},
		"a key elsewhere": {func(b map[string]any) {
			set("111122223333", "account")(b)
			set("eu-west-1", "region")(b)
			set("arn:aws:kms:us-east-1:111122223333:key/x", "kmsKeyArn")(b)
		}, "environments.dev.kmsKeyArn is in us-east-1, the environment in eu-west-1"},
		"a key of no table":         {set(tableKey, "existingTableKeyArn"), "environments.dev.existingTableKeyArn is the key of an existing table, and existingTable names none"},
		"protection of nothing":     {set(true, "deletionProtection"), "environments.dev.deletionProtection is true, but keepData is false"},
		"a network too small":       {set("10.0.0.0/28", "warehouse", "network", "cidr"), `environments.dev.warehouse.network.cidr is "10.0.0.0/28", not an IPv4 range of /16 to /24`},
		"a network and a half":      {set([]any{"subnet-1"}, "warehouse", "network", "subnetIds"), "environments.dev.warehouse.network.cidr stands beside subnetIds"},
		"one subnet":                {set(map[string]any{"cidr": "", "subnetIds": []any{"s"}, "securityGroupIds": []any{"g"}}, "warehouse", "network"), "environments.dev.warehouse.network.subnetIds are not two at least"},
		"a subnet that is not text": {set([]any{7.0}, "warehouse", "network", "subnetIds"), "environments.dev.warehouse.network.subnetIds has 7 at place 1, not a text"},
		"an unknown chat":           {set("irc", "alarms", "chat", "kind"), `environments.dev.alarms.chat.kind is "irc", not one of none, slack, teams`},
		"an old kind of node": {
			func(b map[string]any) {
				set(provisioned(), "warehouse")(b)
				set("dc2.large", "warehouse", "nodeType")(b)
			},
			`environments.dev.warehouse.nodeType is "dc2.large", not an RA3 node`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			all := environments(t)
			tt.change(all["dev"].(map[string]any))
			_, err := decodeConfig(all, "dev")
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error = %v\nwant one line with %s", err, tt.want)
			}
		})
	}
}

func TestDecodeConfig_namesEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()

	all := environments(t)
	block := all["dev"].(map[string]any)
	set(nil, "keepData")(block)
	set("many", "storage", "rawDays")(block)
	set(1.0, "alarms", "limit")(block)
	_, err := decodeConfig(all, "dev")
	want := "read cdk.json: environments.dev.keepData is missing; it is true or false; " +
		"environments.dev.storage.rawDays is many, not a number; " +
		"environments.dev.alarms.limit is unknown; known here: chat, email, monthlyBudget, setAsideLimit"
	if err == nil {
		t.Fatal("three mistakes are no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
