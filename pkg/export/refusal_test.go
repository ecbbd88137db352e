package export_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/export"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// replace is a change to a manifest whose checksum is made to fit.
func replace(name, old, replacement string) func(*testing.T, *awstest.S3) {
	return func(t *testing.T, s *awstest.S3) {
		t.Helper()
		edit(t, s, name, old, replacement)
	}
}

func TestPlanner_Plan_refusals(t *testing.T) {
	t.Parallel()

	const (
		files, head = "manifest-files", "manifest-summary"
		data        = "AWSDynamoDB/01763690400000-1a2b3c4d/data/"
		second      = "nightly/store/" + data + "bbbb"
	)
	tests := map[string]struct {
		change  func(*testing.T, *awstest.S3)
		kind    fault.Kind
		message string
	}{
		"a full export that says it is incremental": {
			replace(head, "FULL_EXPORT", "INCREMENTAL_EXPORT"), fault.Corrupt, "is not below AWSDynamoDB/data/",
		},
		"Ion": {replace(head, "DYNAMODB_JSON", "ION"), fault.Invalid, `"ION"`},
		"a summary without a format": {
			replace(head, `"DYNAMODB_JSON"`, "null"), fault.Invalid, "outputFormat is absent",
		},
		"a version that is not known, without a type": {
			both(replace(head, "2020-06-30", "2023-08-01"), replace(head, `"exportType"`, `"x"`)), fault.Invalid, "2023-08-01",
		},
		"an export of another kind whose checksum is wrong": {
			func(_ *testing.T, s *awstest.S3) {
				s.Update("raw", summary, func(o *awstest.Object) {
					o.Body = []byte(strings.Replace(string(o.Body), "FULL_EXPORT", "PARTIAL_EXPORT", 1))
				})
			}, fault.Invalid, `exportType is "PARTIAL_EXPORT"`,
		},
		"Ion whose checksum file is gone, and its file list too": {
			func(t *testing.T, s *awstest.S3) {
				edit(t, s, head, "DYNAMODB_JSON", "ION")
				s.Delete("raw", folder+head+".md5")
				s.Delete("raw", folder+files+".json")
			}, fault.Invalid, `"ION"`,
		},
		"an incremental export that does not say its type": {
			replace(head, `"exportType":"FULL_EXPORT"`, `"exportFromTime":"2026-01-14T10:20:00.000Z"`), fault.Invalid, "exportFromTime makes it an incremental export",
		},
		"a summary that is not JSON": {replace(head, `{"version"`, `"version"`), fault.Corrupt, "decode JSON"},
		"a summary that is null":     {overwrite(head, "null"), fault.Invalid, "version is absent"},
		"a summary followed by more": {overwrite(head, "{}{}"), fault.Corrupt, "decode JSON"},
		"a summary of a megabyte": {
			overwrite(head, strings.Repeat(" ", 1<<20)+"{}"), fault.Corrupt, "more than",
		},
		"a summary without a count": {
			replace(head, `"itemCount":7`, `"itemCount":null`), fault.Corrupt, "itemCount",
		},
		"a summary with a negative count": {
			replace(head, `"itemCount":7`, `"itemCount":-7`), fault.Corrupt, "itemCount",
		},
		"a summary of no time": {
			replace(head, "2026-11-21T01:54:30.000Z", "yesterday"), fault.Corrupt, "decode exportTime",
		},
		"a summary with half an item": {
			replace(head, `"itemCount":7`, `"itemCount":7.5`), fault.Corrupt, "decode JSON",
		},
		"a summary without its file list": {
			replace(head, `"manifestFilesS3Key"`, `"x"`), fault.Corrupt, "manifestFilesS3Key",
		},
		"a file list in another export": {
			replace(head, "1a2b3c4d/manifest-files", "other/manifest-files"), fault.Corrupt, "not below",
		},
		"a file list that is not there": {
			remove(folder + "manifest-files.json"), fault.Corrupt, "manifest-files.json",
		},
		"a summary that is not there": {remove(summary), fault.Invalid, summary},
		"a sum that differs": {
			replace(head, `"itemCount":7`, `"itemCount":8`), fault.Corrupt, "sum up to 7",
		},
		"a file list with no line": {overwrite(files, "\n"), fault.Corrupt, "no data file"},
		"a line that is not JSON": {
			replace(files, `{"itemCount":0`, `"itemCount":0`), fault.Corrupt, "line 2",
		},
		"a line that is cut": {replace(files, `"later":true}`, `"lat`), fault.Corrupt, "line 3"},
		"a line of a hundred kilobytes": {
			replace(files, `"later":true`, `"later":"`+strings.Repeat("x", 100_000)+`"`), fault.Corrupt, "line 3",
		},
		"a file without a key": {
			replace(files, `"dataFileS3Key":"`+second, `"x":"`), fault.Corrupt, "dataFileS3Key is absent",
		},
		"a file without a count": {replace(files, `"itemCount":0,`, ""), fault.Corrupt, "itemCount"},
		"a file with a negative count": {
			replace(files, `"itemCount":0,`, `"itemCount":-1,`), fault.Corrupt, "itemCount",
		},
		"counts beyond 64 bits": {
			replace(files, `"itemCount":0,`, `"itemCount":9223372036854775807,`), fault.Corrupt, "64 bits",
		},
		"a checksum that is none": {
			replace(files, "1B2M2Y8AsgTpgAmY7PhCfg==", "d41d8cd98f00b204e9800998ecf8427e"), fault.Corrupt, "md5Checksum",
		},
		"one file twice":              {replace(files, "bbbb", "aaaa"), fault.Corrupt, "line 1 already"},
		"one file under two prefixes": {replace(files, second, data+"aaaa"), fault.Corrupt, "line 1 already"},
		"a key with two dots":         {replace(files, "data/bbbb", "../data/bbbb"), fault.Corrupt, `".."`},
		"an empty element":            {replace(files, "data/bbbb", "data//bbbb"), fault.Corrupt, "empty element"},
		"an empty key":                {replace(files, second+".json.gz", ""), fault.Corrupt, "not below"},
		"a key that is a folder":      {replace(files, second+".json.gz", "AWSDynamoDB/01763690400000-1a2b3c4d/"), fault.Corrupt, "empty element"},
		"a key with a backslash":      {replace(files, "data/bbbb", `data\\bbbb`), fault.Corrupt, "backslash"},
		"a key with a NUL": {
			replace(files, "data/bbbb", `data/\u0000bbbb`), fault.Corrupt, "control character",
		},
		"a key outside any export": {replace(files, second, "nightly/bbbb"), fault.Corrupt, "not below"},
		"a key of another export": {
			replace(files, "1a2b3c4d/data/bbbb", "other/data/bbbb"), fault.Corrupt, "not below",
		},
		"a data file that is not there": {
			remove(folder + "data/bbbb.json.gz"), fault.Corrupt, "1 of 3 are missing: s3://raw/" + folder + "data/bbbb.json.gz",
		},
		"a summary that was altered": {put(summary, "{}"), fault.Corrupt, "verify s3://raw/" + summary},
		"a file list that was altered": {
			alterFileList, fault.Corrupt, "verify s3://raw/" + folder + "manifest-files.json",
		},
		"a checksum file with other words": {put(folder+"manifest-files.md5", "unknown"), fault.Corrupt, `"unknown"`},
	}
	for name, tt := range tests {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			s := stored(t)
			tt.change(t, s)
			got, err := plan(t.Context(), s, slog.New(slog.DiscardHandler))
			if err == nil || fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("Plan() = %v, %v, want kind %s and %q", got, err, tt.kind, tt.message)
			}
			if keys := s.Keys("lake"); len(keys) > 0 {
				t.Errorf("Plan() wrote %q, want nothing", keys)
			}
		})
	}
}

// both applies two changes.
func both(first, second func(*testing.T, *awstest.S3)) func(*testing.T, *awstest.S3) {
	return func(t *testing.T, s *awstest.S3) {
		t.Helper()
		first(t, s)
		second(t, s)
	}
}

func overwrite(name, body string) func(*testing.T, *awstest.S3) {
	return func(_ *testing.T, s *awstest.S3) { putManifest(s, folder+name, []byte(body)) }
}

func remove(key string) func(*testing.T, *awstest.S3) {
	return func(_ *testing.T, s *awstest.S3) { s.Delete("raw", key) }
}

func put(key, body string) func(*testing.T, *awstest.S3) {
	return func(_ *testing.T, s *awstest.S3) { s.Put("raw", key, []byte(body)) }
}

// alterFileList moves an item from one file to another: only the checksum
// tells.
func alterFileList(_ *testing.T, s *awstest.S3) {
	s.Update("raw", folder+"manifest-files.json", func(o *awstest.Object) {
		moved := strings.NewReplacer(`"itemCount":4`, `"itemCount":3`, `"itemCount":0`, `"itemCount":1`)
		o.Body = []byte(moved.Replace(string(o.Body)))
	})
}

func TestPlanner_Plan_refusesInput(t *testing.T) {
	t.Parallel()

	tests := map[string]export.PlanInput{
		"without a run id":                    {Exports: []export.Done{{ManifestKey: summary}}},
		"with a slash in the run id":          {RunID: "a/b", Exports: []export.Done{{ManifestKey: summary}}},
		"without a manifest":                  {RunID: runID},
		"with a manifest of another name":     {RunID: runID, Exports: []export.Done{{ManifestKey: folder + "manifest-files.json"}}},
		"with a manifest outside AWSDynamoDB": {RunID: runID, Exports: []export.Done{{ManifestKey: "run=x/1/manifest-summary.json"}}},
		"with an export that climbs":          {RunID: runID, Exports: []export.Done{{ManifestKey: "AWSDynamoDB/../manifest-summary.json"}}},
		"with an export without a name":       {RunID: runID, Exports: []export.Done{{ManifestKey: "AWSDynamoDB//manifest-summary.json"}}},
		"with a manifest and nothing else":    {RunID: runID, Exports: []export.Done{{ManifestKey: "manifest-summary.json"}}},
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stored(t)
			got, err := export.NewPlanner(s.Client(), "raw", "lake", slog.New(slog.DiscardHandler)).Plan(t.Context(), in)
			if fault.KindOf(err) != fault.Invalid || s.Calls("GetObject") > 0 {
				t.Errorf("Plan() = %v, %v, want kind Invalid and nothing read", got, err)
			}
		})
	}
}

func TestPlanner_Plan_whenS3Fails(t *testing.T) {
	t.Parallel()

	on := func(operation string, failure awstest.Failure) func(awstest.Call) *awstest.Failure {
		return func(c awstest.Call) *awstest.Failure {
			if c.Operation == operation {
				return &failure
			}
			return nil
		}
	}
	slow := awstest.Failure{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
	broken := awstest.Failure{Status: http.StatusInternalServerError, Code: "InternalError"}
	denied := awstest.Failure{Status: http.StatusForbidden, Code: "AccessDenied"}
	tests := map[string]struct {
		fail func(awstest.Call) *awstest.Failure
		want fault.Kind
	}{
		"may be retried when reads are throttled":    {on("GetObject", slow), fault.Transient},
		"may be retried when lookups are throttled":  {on("HeadObject", slow), fault.Transient},
		"may be retried when a body breaks off":      {on("GetObject", awstest.Failure{Cut: true}), fault.Transient},
		"blames the caller for a forbidden read":     {on("GetObject", denied), fault.Invalid},
		"blames the caller for a forbidden write":    {on("PutObject", denied), fault.Invalid},
		"may be retried when the plan is not stored": {on("PutObject", broken), fault.Transient},
		"may be retried when the file list breaks off in a line": {func(c awstest.Call) *awstest.Failure {
			if strings.HasSuffix(c.Key, "manifest-files.json") {
				return &awstest.Failure{Cut: true}
			}
			return nil
		}, fault.Transient},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stored(t)
			s.Fail(tt.fail)
			if got, err := plan(t.Context(), s, slog.New(slog.DiscardHandler)); err == nil || fault.KindOf(err) != tt.want {
				t.Errorf("Plan() = %v, %v, want kind %s", got, err, tt.want)
			}
		})
	}
	t.Run("passes over failures that a retry mends", func(t *testing.T) {
		t.Parallel()
		s := stored(t)
		s.Fail(func(c awstest.Call) *awstest.Failure {
			if c.N%3 == 1 {
				return &awstest.Failure{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
			}
			return nil
		})
		if got, err := plan(t.Context(), s, slog.New(slog.DiscardHandler)); err != nil || got.Files != 3 {
			t.Errorf("Plan() = %v, %v, want 3 files", got, err)
		}
	})
	t.Run("stops when it is cancelled", func(t *testing.T) {
		t.Parallel()
		s := stored(t)
		ctx, cancel := context.WithCancel(t.Context())
		s.Fail(func(c awstest.Call) *awstest.Failure {
			if c.Operation == "HeadObject" {
				cancel()
			}
			return nil
		})
		if got, err := plan(ctx, s, slog.New(slog.DiscardHandler)); err == nil || len(s.Keys("lake")) > 0 {
			t.Errorf("Plan() = %v, %v, want an error and no plan", got, err)
		}
	})
}

// TestPlanner_Plan_ofAnotherVersion: the type says what an export is, and a
// version that is not known is worth a warning.
func TestPlanner_Plan_ofAnotherVersion(t *testing.T) {
	t.Parallel()

	s := stored(t)
	replace("manifest-summary", "2020-06-30", "2027-01-01")(t, s)
	var logged strings.Builder
	got, err := plan(t.Context(), s, slog.New(slog.NewTextHandler(&logged, nil)))
	if err != nil || got.Items != 7 {
		t.Errorf("Plan() = %+v, %v, want all 7 items", got, err)
	}
	if !strings.Contains(logged.String(), "version=2027-01-01") {
		t.Errorf("it logged %q, want a warning about the version", logged.String())
	}
}

// TestPlanner_Plan_ofADamagedManifest has a file list of which S3 returns other
// bytes than were stored: reading it again does not help.
func TestPlanner_Plan_ofADamagedManifest(t *testing.T) {
	t.Parallel()

	s := stored(t)
	s.Update("raw", folder+"manifest-files.json", func(o *awstest.Object) { o.Damaged = true })
	if got, err := plan(t.Context(), s, slog.New(slog.DiscardHandler)); fault.KindOf(err) != fault.Corrupt {
		t.Errorf("Plan() = %+v, %v; want Corrupt", got, err)
	}
}
