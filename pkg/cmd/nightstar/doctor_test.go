package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/nightstar-elt/nightstar/pkg/local"
)

// TestDoctor_machine checks this machine, and one on which things are missing.
func TestDoctor_machine(t *testing.T) {
	dir := t.TempDir()
	states := func(args ...string) map[string]finding {
		t.Helper()
		got := nightstar(t, append([]string{"doctor", "--json"}, args...)...)
		var findings []finding
		if err := json.Unmarshal([]byte(got.out), &findings); err != nil {
			t.Fatalf("doctor %v = %+v: %v", args, got, err)
		}
		all, missing := map[string]finding{}, false
		for _, f := range findings {
			all[f.Check] = f
			missing = missing || f.State == stateMissing
			if f.State != stateOK && f.Found == "" {
				t.Errorf("%+v says nothing", f)
			}
		}
		if (got.code == 1) != missing || got.err != "" {
			t.Errorf("doctor %v ends with %d, %q: %+v", args, got.code, got.err, findings)
		}
		return all
	}
	good := states("--dir", dir, "--lambdas", built)
	for _, check := range []string{"Go", "C compiler", "step executables", "directory " + dir, "disk"} {
		if good[check].State != stateOK {
			t.Errorf("%s: %+v", check, good[check])
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the doctor leaves %v, %v", left, err)
	}

	tools := t.TempDir()
	old := "#!/bin/sh\necho go version go1.19.1 linux/amd64\n"
	if err := os.WriteFile(filepath.Join(tools, "go"), []byte(old), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", tools)
	t.Setenv("CC", "")
	file := filepath.Join(tools, "go")
	bad := states("--dir", file, "--lambdas", tools)
	for check, want := range map[string]string{
		"Go": stateWarning, "C compiler": stateWarning, "Node": stateWarning, "step executables": stateMissing, "directory " + file: stateMissing,
	} {
		if bad[check].State != want {
			t.Errorf("%s: %+v, want %s", check, bad[check], want)
		}
	}
	if text := nightstar(t, "doctor", "--dir", dir, "--lambdas", tools); !strings.Contains(text.out, "MISSING  step executables: ") || text.code != 1 {
		t.Errorf("doctor = %+v", text)
	}
}

type awsAccount struct {
	fails  error
	places int32
}

func (a awsAccount) GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{Account: aws.String("1"), Arn: aws.String("arn:me")}, a.fails
}

func (a awsAccount) GetAccountSettings(context.Context, *lambda.GetAccountSettingsInput, ...func(*lambda.Options)) (*lambda.GetAccountSettingsOutput, error) {
	return &lambda.GetAccountSettingsOutput{AccountLimit: &lambdatypes.AccountLimit{ConcurrentExecutions: a.places, UnreservedConcurrentExecutions: &a.places}}, a.fails
}

func TestDoctor_account(t *testing.T) {
	t.Parallel()

	no := errors.New("no")
	if f := identity(t.Context(), awsAccount{}); f.State != stateOK || f.Found != "arn:me in account 1" {
		t.Errorf("credentials: %+v", f)
	}
	if f := identity(t.Context(), awsAccount{fails: no}); f.State != stateMissing || f.Do == "" {
		t.Errorf("no credentials: %+v", f)
	}
	for want, a := range map[string]awsAccount{stateOK: {places: 1000}, stateWarning: {places: 10}} {
		if f := quota(t.Context(), a); f.State != want {
			t.Errorf("%d places: %+v", a.places, f)
		}
	}
	if f := quota(t.Context(), awsAccount{fails: no}); f.State != stateWarning || f.Found != "no" {
		t.Errorf("a quota that may not be read: %+v", f)
	}
}

// TestDoctor_resources asks the local endpoints, as it would AWS.
func TestDoctor_resources(t *testing.T) {
	folder := t.TempDir()
	for _, variable := range startUp(t, folder, "nightstar up").environment {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tables := dynamodb.NewFromConfig(cfg)
	_, err = tables.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("plain"), BillingMode: ddbtypes.BillingModePayPerRequest,
		KeySchema:            []ddbtypes.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: ddbtypes.KeyTypeHash}},
		AttributeDefinitions: []ddbtypes.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: ddbtypes.ScalarAttributeTypeS}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{"nightstar": {stateOK, stateOK}, "plain": {stateOK, stateMissing}, "none": {stateMissing}} {
		var got []string
		for _, f := range awsTable(t.Context(), tables, name) {
			got = append(got, f.State)
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("table %s: %v, want %v", name, got, want)
		}
	}
	objects := s3.NewFromConfig(cfg)
	for name, want := range map[string]string{local.LakeBucket: stateOK, "none": stateMissing} {
		if f := bucket(t.Context(), objects, name, cfg.Region); f.State != want {
			t.Errorf("bucket %s: %+v", name, f)
		}
	}
	t.Setenv("REDSHIFT_DATABASE", "nightstar")
	t.Setenv("REDSHIFT_WORKGROUP", "nightstar")
	warehouse := redshiftdata.NewFromConfig(cfg)
	if f := reach(t.Context(), warehouse, targetOfVariables()); f.State != stateOK {
		t.Errorf("the warehouse: %+v", f)
	}
	t.Setenv("REDSHIFT_DATABASE", "other")
	if f := reach(t.Context(), warehouse, targetOfVariables()); f.State != stateMissing || f.Found == "" {
		t.Errorf("a database that is not there: %+v", f)
	}
}
