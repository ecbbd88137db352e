package stepfunctions_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/stepfunctions"
)

func TestServer_stateMachines(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	machine := create(t, client, "nightly", task("echo"))
	if again := create(t, client, "nightly", task("echo")); again != machine {
		t.Errorf("the same machine gives %s and %s", machine, again)
	}
	for i := range 4 {
		create(t, client, fmt.Sprintf("other-%d", i), task("echo"))
	}
	var names []string
	pages := sfn.NewListStateMachinesPaginator(client, &sfn.ListStateMachinesInput{MaxResults: 2})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.StateMachines {
			names = append(names, *item.Name)
		}
	}
	if diff := cmp.Diff([]string{"nightly", "other-0", "other-1", "other-2", "other-3"}, names); diff != "" {
		t.Errorf("machines mismatch (-want +got):\n%s", diff)
	}

	// An execution keeps the definition that it was started with.
	running := start(t, client, machine, "run-1", `{}`)
	finish(t, client, running)
	if _, err := client.UpdateStateMachine(t.Context(), &sfn.UpdateStateMachineInput{
		StateMachineArn: &machine, Definition: aws.String(task("fail")), RoleArn: aws.String(role + "2"),
	}); err != nil {
		t.Fatal(err)
	}
	described, err := client.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &machine})
	if err != nil {
		t.Fatal(err)
	}
	if *described.Definition != task("fail") || *described.RoleArn != role+"2" || *described.Name != "nightly" ||
		described.Status != types.StateMachineStatusActive || described.Type != types.StateMachineTypeStandard {
		t.Errorf("description = %+v", described)
	}
	if out := finish(t, client, start(t, client, machine, "run-2", `{}`)); out.Status != types.ExecutionStatusFailed {
		t.Errorf("the updated machine ended %s", out.Status)
	}

	if _, err := client.DeleteStateMachine(t.Context(), &sfn.DeleteStateMachineInput{StateMachineArn: &machine}); err != nil {
		t.Fatal(err)
	}
	_, err = client.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &machine})
	if _, ok := errors.AsType[*types.StateMachineDoesNotExist](err); !ok {
		t.Errorf("DescribeStateMachine() error = %v, want StateMachineDoesNotExist", err)
	}
	if out := finish(t, client, running); out.Status != types.ExecutionStatusSucceeded {
		t.Errorf("an execution of the deleted machine is %s", out.Status)
	}
}

func TestServer_validate(t *testing.T) {
	t.Parallel()

	_, client := open(t, "", stepfunctions.Options{})
	validate := func(definition string) *sfn.ValidateStateMachineDefinitionOutput {
		t.Helper()
		out, err := client.ValidateStateMachineDefinition(t.Context(), &sfn.ValidateStateMachineDefinitionInput{Definition: &definition})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := validate(task("echo")); out.Result != types.ValidateStateMachineDefinitionResultCodeOk || len(out.Diagnostics) != 0 {
		t.Errorf("a good definition gives %+v", out)
	}
	if out := validate(`{`); out.Result != types.ValidateStateMachineDefinitionResultCodeFail || len(out.Diagnostics) != 1 {
		t.Errorf("no JSON gives %+v", out)
	}
	out := validate(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B","X":1}}}`)
	var got []string
	for _, d := range out.Diagnostics {
		got = append(got, *d.Location)
	}
	if diff := cmp.Diff([]string{"A/X", "A/Next"}, got); diff != "" {
		t.Errorf("locations mismatch (-want +got):\n%s", diff)
	}
}
