package asl_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/asl"
)

// written decodes what the result writer put below its prefix, without the
// identifiers of the run.
func written(t *testing.T, store *objects) map[string][]map[string]any {
	t.Helper()
	files := map[string][]map[string]any{}
	for key, data := range store.data {
		if name, ok := strings.CutPrefix(key, "lake/runs/run-1/map/"); ok {
			_, name, _ = strings.Cut(name, "/")
			if name == "manifest.json" {
				data = []byte("[" + string(data) + "]")
			}
			var list []map[string]any
			if err := json.Unmarshal(data, &list); err != nil {
				t.Fatalf("%s: %v in %s", key, err, data)
			}
			files[name] = list
		}
	}
	return files
}

func TestMap_resultWriter(t *testing.T) {
	t.Parallel()

	store := &objects{data: map[string][]byte{"lake/k": []byte(`[1,"bad",3]`)}}
	env := asl.Environment{Clock: instant{}, Invoker: functions{"f": failOn(`"bad"`)}, Objects: store}
	execution := run(t, parse(t, mapRunState("JSON", writer+`,"ToleratedFailureCount":1`)), env, `{"key":"k"}`)
	if execution.Status != asl.Succeeded {
		t.Fatalf("execution failed: %s", execution.Cause)
	}
	var output struct {
		MapRunArn           string
		ResultWriterDetails struct{ Bucket, Key string }
	}
	if err := json.Unmarshal(execution.Output, &output); err != nil {
		t.Fatal(err)
	}
	if _, ok := store.data[output.ResultWriterDetails.Bucket+"/"+output.ResultWriterDetails.Key]; !ok {
		t.Errorf("no object at %+v", output.ResultWriterDetails)
	}

	files := written(t, store)
	if got, want := slices.Sorted(maps.Keys(files)), []string{"FAILED_0.json", "SUCCEEDED_0.json", "manifest.json"}; !slices.Equal(got, want) {
		t.Fatalf("files %q, want %q", got, want)
	}
	manifest := files["manifest.json"][0]
	if manifest["DestinationBucket"] != "lake" || manifest["MapRunArn"] != output.MapRunArn {
		t.Errorf("manifest = %v", manifest)
	}
	listed := manifest["ResultFiles"].(map[string]any)
	if got := len(listed["PENDING"].([]any)); got != 0 {
		t.Errorf("%d pending files, want 0", got)
	}
	for _, group := range []string{"FAILED", "SUCCEEDED"} {
		file := listed[group].([]any)[0].(map[string]any)
		if data := store.data["lake/"+file["Key"].(string)]; float64(len(data)) != file["Size"] {
			t.Errorf("%s: size %v in the manifest, %d in the store", group, file["Size"], len(data))
		}
	}
	failed, succeeded := files["FAILED_0.json"], files["SUCCEEDED_0.json"]
	if len(failed) != 1 || failed[0]["Error"] != "Corrupt" || failed[0]["Input"] != `"bad"` || failed[0]["Status"] != "FAILED" {
		t.Errorf("failed = %v", failed)
	}
	if len(succeeded) != 2 || succeeded[1]["Output"] != "3" || succeeded[1]["StopDate"] != "2026-11-21T02:00:00.000Z" {
		t.Errorf("succeeded = %v", succeeded)
	}
}

func TestMap_resultWriterAfterFailure(t *testing.T) {
	t.Parallel()

	store := &objects{data: map[string][]byte{"lake/k": []byte(`[1,"bad",3,4]`)}}
	env := asl.Environment{Clock: instant{}, Invoker: functions{"f": failOn(`"bad"`)}, Objects: store, MapConcurrency: 1}
	execution := run(t, parse(t, mapRunState("JSON", writer)), env, `{"key":"k"}`)
	wantFailure(t, execution, asl.Failed, asl.ErrorThreshold, "1 of 4 items failed")
	files := written(t, store)
	counts := []int{len(files["SUCCEEDED_0.json"]), len(files["FAILED_0.json"]), len(files["PENDING_0.json"])}
	if diff := cmp.Diff([]int{1, 1, 2}, counts); diff != "" {
		t.Errorf("counts mismatch (-want +got):\n%s", diff)
	}
}

// TestMap_resultWriterOfAbortedItems has two items under way when a third one
// fails: they are stopped, and count as not done.
func TestMap_resultWriterOfAbortedItems(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		store := &objects{data: map[string][]byte{"lake/k": []byte(`["bad",2,3]`)}}
		fail := failOn(`"bad"`)
		slow := func(ctx context.Context, payload []byte) ([]byte, error) {
			wait := time.Minute
			if string(payload) == `"bad"` {
				wait = time.Second
			}
			if err := (wallClock{}).Sleep(ctx, wait); err != nil {
				return nil, err
			}
			return fail(ctx, payload)
		}
		var last asl.MapRun
		env := asl.Environment{
			Invoker: functions{"f": slow}, Objects: store, MapRunFunc: func(r asl.MapRun) { last = r },
		}
		execution := run(t, parse(t, mapRunState("JSON", writer)), env, `{"key":"k"}`)
		wantFailure(t, execution, asl.Failed, asl.ErrorThreshold, "1 of 3 items failed")
		if got := execution.StopTime.Sub(execution.StartTime); got != time.Second {
			t.Errorf("execution took %v, want 1s", got)
		}
		if last.Failed != 1 || last.Aborted != 2 {
			t.Errorf("the last counts are %+v", last)
		}
		pending := written(t, store)["PENDING_0.json"]
		if len(pending) != 2 || pending[0]["Status"] != "ABORTED" {
			t.Errorf("pending = %v", pending)
		}
	})
}

func TestMap_resultWriterFails(t *testing.T) {
	t.Parallel()

	env := asl.Environment{
		Clock: instant{}, Invoker: functions{"f": echo},
		Objects: &objects{data: map[string][]byte{"lake/k": []byte(`[1]`)}},
	}
	forbidden := strings.ReplaceAll(writer, `"lake"`, `"forbidden"`)
	execution := run(t, parse(t, mapRunState("JSON", forbidden)), env, `{"key":"k"}`)
	wantFailure(t, execution, asl.Failed, asl.ErrorResultWriter, "access to forbidden denied")
}
