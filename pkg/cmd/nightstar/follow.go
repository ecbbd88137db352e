package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

// follow shows an execution until it has ended.
func follow(
	ctx context.Context, api execution.API, arn string, every time.Duration, view *progress.View, verbose bool,
) (execution.Summary, error) {
	defer view.Keep()
	return execution.Follow(ctx, api, arn, every, func(s execution.Summary) {
		stages := shownStages(s, verbose)
		view.Show(runTitle(s, stages), stages)
	})
}

func runTitle(s execution.Summary, stages []progress.Stage) string {
	ended := 0
	for _, stage := range stages {
		if stage.State == progress.Done || stage.State == progress.Failed {
			ended++
		}
	}
	return fmt.Sprintf("Run %s: %d of %d stages, %s", s.RunID, ended, len(stages), progress.Duration(s.Seconds))
}

// shownStages are the stages as people see them. States that only wait and poll
// for another stage count as that stage, unless internals are wanted.
func shownStages(s execution.Summary, verbose bool) []progress.Stage {
	var shown []progress.Stage
	at := map[string]int{}
	for _, stage := range s.Stages {
		owner, known := at[stage.PartOf]
		if stage.PartOf == "" || verbose || !known {
			at[stage.Name] = len(shown)
			shown = append(shown, shownStage(s, stage))
			continue
		}
		whole := &shown[owner]
		whole.Seconds += stage.Seconds
		whole.Retries += stage.Retries
		if stage.State == execution.Running || stage.State == execution.Failed {
			whole.State = shownStates[stage.State]
		}
	}
	if s.Status == "RUNNING" && !verbose {
		goOn(s, shown)
	}
	return shown
}

// goOn shows the last stage that was entered as running between two of its parts.
func goOn(s execution.Summary, shown []progress.Stage) {
	last := -1
	for i, stage := range shown {
		if stage.State != progress.Waiting {
			last = i
		}
	}
	for _, stage := range s.Stages {
		if last >= 0 && stage.PartOf == shown[last].Name && shown[last].State == progress.Done {
			shown[last].State = progress.Running
		}
	}
}

var shownStates = map[execution.StageState]progress.State{ //nolint:gochecknoglobals // a constant
	execution.Waiting: progress.Waiting, execution.Running: progress.Running, execution.Done: progress.Done, execution.Failed: progress.Failed,
}

func shownStage(s execution.Summary, stage execution.Stage) progress.Stage {
	shown := progress.Stage{Name: stage.Name, State: shownStates[stage.State], Seconds: stage.Seconds, Retries: stage.Retries}
	if stage.Parts == 0 {
		return shown
	}
	shown.Count = progress.Count{Unit: unitOf(stage.Name), Done: stage.Ended, Total: stage.Parts}
	if shown.Count.Unit == "files" { // an export has about as many items in each
		shown.Count.Items = s.Items * stage.Ended / stage.Parts
		shown.Count.About = stage.Ended < stage.Parts
	}
	return shown
}

// unitOf is what a stage works through, as its name says: "Partition files".
func unitOf(stage string) string {
	words := strings.Fields(stage)
	if last := words[len(words)-1]; len(words) > 1 && strings.HasSuffix(last, "s") {
		return last
	}
	return "parts"
}
