package pipeline_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/pipeline"
)

const module = "github.com/nightstar-elt/nightstar/"

func TestSteps_areWithinLambdasLimits(t *testing.T) {
	t.Parallel()

	var names []string
	for _, step := range pipeline.Steps() {
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(step.Name) || slices.Contains(names, step.Name) {
			t.Errorf("step %q has no name of its own in kebab case", step.Name)
		}
		names = append(names, step.Name)
		if step.MemoryMB < 128 || step.MemoryMB > 10240 || step.Timeout <= 0 || step.Timeout > 15*time.Minute || step.Does == "" {
			t.Errorf("step %+v is outside of Lambda's limits, or says nothing", step)
		}
		if found, ok := pipeline.Find(step.Name); !ok || found.Name != step.Name {
			t.Errorf("Find(%q) = %v, %v", step.Name, found, ok)
		}
	}
	if _, ok := pipeline.Find("none"); ok {
		t.Error("Find() finds a step that is not there")
	}
}

func TestStep_Token(t *testing.T) {
	t.Parallel()

	step := pipeline.Step{Name: "export-start", Settings: []string{"A"}, Optional: []string{"B"}}
	if got := step.Token(); got != "ExportStartFunctionArn" {
		t.Errorf("Token() = %q", got)
	}
	if !step.Reads("A") || !step.Reads("B") || step.Reads("C") {
		t.Error("Reads() does not tell declared variables from others")
	}
}

// TestMains_readWhatTheyDeclare compares the variables that a main takes from
// its settings with those that its step declares.
func TestMains_readWhatTheyDeclare(t *testing.T) {
	t.Parallel()

	values := map[string]string{
		"RawBucket": pipeline.RawBucket, "LakeBucket": pipeline.LakeBucket, "RawArchiveBucket": pipeline.RawArchiveBucket,
		"LakeArchiveBucket": pipeline.LakeArchiveBucket, "TableARN": pipeline.TableARN, "RedshiftDatabase": pipeline.RedshiftDatabase,
		"RedshiftWorkgroup": pipeline.RedshiftWorkgroup, "RedshiftCluster": pipeline.RedshiftCluster, "RedshiftSecretARN": pipeline.RedshiftSecretARN,
		"Model":        pipeline.Model,
		"ExportKeyARN": pipeline.ExportKeyARN, "CopyRoleARN": pipeline.CopyRoleARN,
		"FullEveryDays": pipeline.FullEveryDays,
	}
	for _, step := range pipeline.Steps() {
		text, err := os.ReadFile("../../lambdas/" + step.Name + "/main.go")
		if err != nil {
			t.Fatal(err)
		}
		var reads []string
		for _, match := range regexp.MustCompile(`s\[pipeline\.(\w+)\]`).FindAllStringSubmatch(string(text), -1) {
			reads = append(reads, values[match[1]])
		}
		declares := slices.Concat(step.Settings, step.Optional)
		slices.Sort(reads)
		slices.Sort(declares)
		if diff := cmp.Diff(declares, slices.Compact(reads)); diff != "" && len(declares)+len(reads) > 0 {
			t.Errorf("lambdas/%s/main.go (-declared +read):\n%s", step.Name, diff)
		}
		if lines := bytes.Count(text, []byte("\n")); lines > 40 {
			t.Errorf("lambdas/%s/main.go has %d lines, more than a composition needs", step.Name, lines)
		}
	}
}

// TestLayers keeps what is deployed apart from what runs locally, and every
// heavy library behind its one door.
func TestLayers(t *testing.T) {
	t.Parallel()

	imports := func(flags ...string) map[string][]string {
		out, err := exec.Command("go", append(append([]string{"list"}, flags...), "../../...")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		found := map[string][]string{}
		for line := range strings.Lines(string(out)) {
			fields := strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(line))
			found[strings.TrimPrefix(fields[0], module)] = fields[1:]
		}
		return found
	}
	direct, deep := imports("-f", "{{.ImportPath}} {{.Imports}}"), imports("-f", "{{.ImportPath}} {{.Deps}}")
	if len(direct) < 20 {
		t.Fatalf("go list shows %d packages", len(direct))
	}
	for name, deps := range deep {
		for _, dep := range deps {
			deployed := strings.HasPrefix(name, "lambdas/")
			if deployed && (strings.HasPrefix(dep, module+"pkg/local") || strings.Contains(dep, "duckdb") || strings.Contains(dep, "versitygw")) {
				t.Errorf("%s is deployed and links %s", name, dep)
			}
		}
	}
	doors := map[string]string{
		"github.com/aws/aws-lambda-go/lambda":         "pkg/step",
		"github.com/goccy/go-yaml":                    "pkg/model",
		"github.com/xitongsys/parquet-go/parquet":     "pkg/parquet",
		"github.com/duckdb/duckdb-go/v2":              "pkg/local/duckdb",
		"github.com/versity/versitygw/embedgw":        "pkg/local/s3",
		"github.com/aws/aws-cdk-go/awscdk/v2":         "infra",
		"github.com/jackc/pgx/v5":                     "pkg/local/postgres",
		"github.com/aws/constructs-go/constructs/v10": "infra",
	}
	leaves := []string{"pkg/expr", "pkg/fault", "pkg/pipeline", "pkg/ddbjson", "pkg/scalar", "pkg/nearest", "pkg/spell", "pkg/asl", "statemachine", "sql"}
	for name, deps := range direct {
		for _, dep := range deps {
			if door := doors[dep]; door != "" && name != door {
				t.Errorf("%s imports %s, which only %s may", name, dep, door)
			}
			foreign := strings.Contains(strings.Split(dep, "/")[0], ".") && !slices.Contains(leaves, strings.TrimPrefix(dep, module))
			if slices.Contains(leaves, name) && foreign {
				t.Errorf("%s imports %s: a leaf imports the standard library and leaves only", name, dep)
			}
		}
	}
}
