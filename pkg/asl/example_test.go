package asl_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// A definition is executed with Go functions in the place of its Lambdas: here
// one that answers "not yet" until it is asked a third time.
func Example() {
	machine, err := asl.Parse([]byte(`{
	  "StartAt": "Poll export",
	  "States": {
	    "Poll export": {
	      "Type": "Task",
	      "Resource": "arn:aws:states:::lambda:invoke",
	      "Parameters": {"FunctionName": "export-poll", "Payload": {"runId.$": "$$.Execution.Name"}},
	      "OutputPath": "$.Payload",
	      "Next": "Export done?"
	    },
	    "Export done?": {
	      "Type": "Choice",
	      "Choices": [{"Variable": "$.done", "BooleanEquals": true, "Next": "Loaded"}],
	      "Default": "Wait for export"
	    },
	    "Wait for export": {"Type": "Wait", "Seconds": 60, "Next": "Poll export"},
	    "Loaded": {"Type": "Succeed"}
	  }
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}

	asked := 0
	poll := func(_ context.Context, payload []byte) ([]byte, error) {
		asked++
		return fmt.Appendf(nil, `{"done": %t, "asked": %s}`, asked == 3, payload), nil
	}
	execution, err := machine.Run(context.Background(),
		asl.Environment{Invoker: functions{"export-poll": poll}, Clock: instant{}},
		asl.Start{Name: "nightly-2026-11-21"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(execution.Status, string(execution.Output))
	fmt.Println(strings.Join(execution.Path(), ", "))
	// Output:
	// SUCCEEDED {"asked":{"runId":"nightly-2026-11-21"},"done":true}
	// Poll export, Export done?, Wait for export, Poll export, Export done?, Wait for export, Poll export, Export done?, Loaded
}
