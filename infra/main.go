// Package main is the CDK app: everything that a night needs on AWS, for one
// environment of cdk.json.
//
// It says where things are and who may do what, and takes the rest from where
// it is said already: the steps from package pipeline, the definition of the
// run from package statemachine, columns from the environment's model. It deploys the
// executables that `make build` made and compiles nothing. `make synth ENV=dev`
// runs it; README.md beside it is for those who deploy.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

func main() {
	code := guarded(os.Stderr, func() error {
		cfg, m, err := loadConfig(os.Getenv("CDK_CONTEXT_JSON"), ".")
		if err != nil {
			return err
		}
		largest, err := checkExecutables("build")
		if err != nil {
			return err
		}
		app := awscdk.NewApp(nil)
		defer endNode()
		if err := build(app, cfg, m, "build"); err != nil {
			return err
		}
		return report(os.Stderr, cfg, *app.Synth(nil).Directory(), largest)
	})
	os.Exit(code)
}

// endNode ends the process that the CDK runs in, and removes its folder. The
// library waits for that process twice, and says of the second time, which is in
// vain, that it "exited abnormally". Nothing is to be said any more by then: what
// guarded reports goes to the file that it was given.
func endNode() {
	if nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = nowhere
	}
	jsii.Close()
}

// guarded runs work and returns the exit code. Whatever goes wrong ends as one
// line on log: constructs have no error results but panic, with the stack of
// the Node process as text.
func guarded(log io.Writer, work func() error) (code int) {
	defer func() {
		if problem := recover(); problem != nil {
			line, _, _ := strings.Cut(strings.TrimSpace(fmt.Sprint(problem)), "\n")
			fmt.Fprintf(log, "nightstar: build template: %s\n", line)
			code = 1
		}
	}()
	if err := work(); err != nil {
		fmt.Fprintf(log, "nightstar: %v\n", err)
		return 1
	}
	return 0
}

// report says in one line what was made in the folder.
func report(log io.Writer, cfg Config, folder string, largest int64) error {
	path := filepath.Join(folder, cfg.Name+".template.json")
	text, err := os.ReadFile(path) //nolint:gosec // what Synth wrote
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	var template struct {
		Resources map[string]struct{ Type string }
	}
	if err := json.Unmarshal(text, &template); err != nil {
		return fmt.Errorf("read template %s: %w", path, err)
	}
	place := "wherever the credentials lead"
	if cfg.Account != "" {
		place = "account " + cfg.Account + ", " + cfg.Region
	}
	fmt.Fprintf(log, "nightstar: %s for %s: %d resources, functions of up to %.1f MiB, in %s\n",
		cfg.Name, place, len(template.Resources), mebibytes(largest), filepath.Base(folder))
	return nil
}

// build adds the environment to the app. The executables are in a folder each; what
// else is deployed as a file is put beside them.
func build(app awscdk.App, cfg Config, m model.Model, executables string) error {
	if cfg.Account != "" {
		// Zones are chosen when the stack is deployed (see network.go). Unasked, the
		// CDK would look them up, and synth needs no account.
		app.Node().SetContext(jsii.String("availability-zones:account="+cfg.Account+":region="+cfg.Region), jsii.Strings())
	}
	if _, err := newNightstar(app, cfg, m, executables); err != nil {
		return err
	}
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
	return nil
}
