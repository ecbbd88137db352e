package main

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // the checksum that DynamoDB writes into manifests
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/pipeline"
	"github.com/nightstar-elt/nightstar/pkg/step/steptest"
)

// host runs the executables of the steps as Lambda does, against an S3 that
// remembers what each of them asked for.
type host struct {
	s3    *awstest.S3
	model string // file of the model; empty for the one that is built in

	mu   sync.Mutex
	step string              // that runs now
	uses map[string][]access // by step
	said []byte              // what the last step logged
	logs []byte              // what every step logged
}

// access is a right that a request needs: an action on a bucket or an object.
type access struct{ action, on string }

// built is the folder of the executables, which all tests share.
var built struct {
	sync.Once
	folder string
	err    error
}

// newHost builds the steps for this machine and returns a host with the four
// buckets that they use, named as in the template.
func newHost(t *testing.T) *host {
	t.Helper()
	built.Do(func() { built.folder, built.err = steptest.Build() })
	if built.err != nil {
		t.Fatal(built.err)
	}
	h := &host{s3: awstest.NewS3(t, "Raw", "Lake", "RawArchive", "LakeArchive"), uses: map[string][]access{}}
	h.s3.Fail(func(call awstest.Call) *awstest.Failure {
		h.saw(call)
		return nil
	})
	return h
}

// saw remembers the rights behind a request, as far as its path tells.
func (h *host) saw(call awstest.Call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, action := range actionsOf("s3." + call.Operation) {
		switch {
		case action == "s3:ListBucket":
			h.uses[h.step] = append(h.uses[h.step], access{action, call.Bucket})
		case call.Key == "", strings.Contains(call.Operation, "Copy") && strings.HasPrefix(action, "s3:Get"): // see copied
		default:
			h.uses[h.step] = append(h.uses[h.step], access{action, call.Bucket + "/" + call.Key})
		}
	}
}

// copied remembers the rights on the source of a copy, and on the objects of a
// deletion.
func (h *host) copied(r *http.Request, body []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if source, err := url.PathUnescape(r.Header.Get("X-Amz-Copy-Source")); err == nil && source != "" {
		source = strings.TrimPrefix(source, "/")
		h.uses[h.step] = append(h.uses[h.step], access{"s3:GetObject", source}, access{"s3:GetObjectTagging", source})
	}
	if r.URL.Query().Has("delete") {
		var request struct {
			Object []struct{ Key string }
		}
		_ = xml.Unmarshal(body, &request)
		for _, object := range request.Object {
			h.uses[h.step] = append(h.uses[h.step], access{"s3:DeleteObject", strings.Trim(r.URL.Path, "/") + "/" + object.Key})
		}
	}
}

// invoke gives a step one message and decodes its answer.
func (h *host) invoke(t *testing.T, step string, message, answer any) {
	t.Helper()
	body := h.call(t, step, message)
	if err := json.Unmarshal(body, answer); err != nil || bytes.Contains(body, []byte(`"errorType"`)) {
		t.Errorf("%s answers %s (%v)", step, body, err)
	}
}

// call starts the executable of a step, gives it one message, and returns its
// answer, which may be an error.
func (h *host) call(t *testing.T, step string, message any) (body []byte) {
	t.Helper()
	event, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	h.step = step
	h.mu.Unlock()
	answers := make(chan []byte, 1)
	asked := false
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		if asked {
			<-r.Context().Done()
			return
		}
		asked = true
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(15*time.Minute).UnixMilli()))
		_, _ = w.Write(event)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/", func(w http.ResponseWriter, r *http.Request) {
		body := new(bytes.Buffer)
		_, _ = body.ReadFrom(r.Body)
		w.WriteHeader(http.StatusAccepted)
		answers <- body.Bytes()
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "RedshiftData.") {
			fmt.Fprint(w, `{"Id":"statement-1"}`)
			return
		}
		if r.Header.Get("X-Amz-Target") == "AWSStepFunctions.DescribeExecution" {
			fmt.Fprint(w, `{"status":"ABORTED","startDate":1763690400,"stopDate":1763690500.5,"input":"{}"}`)
			return
		}
		body := new(bytes.Buffer)
		_, _ = body.ReadFrom(r.Body)
		h.copied(r, body.Bytes())
		r.Body = readCloser{bytes.NewReader(body.Bytes())}
		h.s3.ServeHTTP(w, r)
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	command := exec.CommandContext(ctx, filepath.Join(built.folder, step))
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	command.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(server.URL, "http://"), "AWS_ENDPOINT_URL=" + server.URL,
		"AWS_REGION=" + region, "AWS_ACCESS_KEY_ID=AKIAOPS", "AWS_SECRET_ACCESS_KEY=secret",
		pipeline.RawBucket + "=Raw", pipeline.LakeBucket + "=Lake", pipeline.RawArchiveBucket + "=RawArchive",
		pipeline.LakeArchiveBucket + "=LakeArchive", pipeline.RedshiftDatabase + "=dwh", pipeline.RedshiftWorkgroup + "=bi",
		pipeline.Model + "=" + h.model,
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case body = <-answers:
	case <-ctx.Done():
		t.Errorf("%s does not answer", step)
	}
	cancel()
	_ = command.Wait() // it was ended
	h.said = said.Bytes()
	h.logs = append(h.logs, h.said...)
	return body
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// export puts an export with these lines into the raw bucket and returns the
// key of its summary.
func (h *host) export(t *testing.T, run string, lines ...string) string {
	t.Helper()
	folder := "run=" + run + "/AWSDynamoDB/1/"
	data := awstest.Gzip(t, []byte(strings.Join(lines, "\n")+"\n"))
	sum := func(body []byte) string {
		digest := md5.Sum(body) //nolint:gosec // see above
		return base64.StdEncoding.EncodeToString(digest[:])
	}
	put := func(name, body string) {
		h.s3.Put("Raw", folder+name+".json", []byte(body))
		h.s3.Put("Raw", folder+name+".md5", []byte(sum([]byte(body))))
	}
	h.s3.Put("Raw", folder+"data/1.json.gz", data)
	put("manifest-files", fmt.Sprintf(`{"itemCount":%d,"md5Checksum":"%s","dataFileS3Key":"%sdata/1.json.gz"}`+"\n", len(lines), sum(data), folder))
	put("manifest-summary", fmt.Sprintf(
		`{"version":"2020-06-30","outputFormat":"DYNAMODB_JSON","manifestFilesS3Key":"%smanifest-files.json","itemCount":%d}`, folder, len(lines)))
	return folder + "manifest-summary.json"
}

// object is a JSON object.
type object = map[string]any

// lake runs the steps between an export and the warehouse, and returns what
// reconcile answers.
func (h *host) lake(t *testing.T, run string, lines ...string) (night struct {
	Unknown []object
	Refusal string
},
) {
	t.Helper()
	h.hold(run)
	var plan struct{ Key string }
	h.invoke(t, "export-plan", object{"runId": run, "exports": []object{{"manifestKey": h.export(t, run, lines...)}}}, &plan)
	work, _ := h.s3.Object("Lake", plan.Key)
	var files []object
	if err := json.Unmarshal(work.Body, &files); err != nil || len(files) != 1 {
		t.Fatalf("the plan is %s", work.Body)
	}
	var result any
	h.invoke(t, "partition", object{"runId": run, "file": files[0]}, &result)
	h.invoke(t, "reconcile", object{"runId": run, "plan": object{"key": plan.Key, "items": len(lines)}}, &night)
	return night
}

// hold makes a run the holder of the lock.
func (h *host) hold(run string) {
	h.s3.Put("Lake", "runs/lock.json", fmt.Appendf(nil, `{"runId":%q,"execution":"arn:%s","previous":""}`, run, run))
}

const (
	org      = `{"Item":{"pk":{"S":"ORG#1"},"sk":{"S":"PROFILE"},"type":{"S":"Org"},"name":{"S":"one"},"nickname":{"S":"o"},"rating":{"S":"good"}}}`
	ticket   = `{"Item":{"pk":{"S":"ORG#1"},"sk":{"S":"TICKET#1"},"type":{"S":"Ticket"},"status":{"S":"open"},"createdat":{"N":"1763690400000"},"changes":{"L":[{"M":{"field":{"S":"status"}}}]}}}`
	wrong    = `{"Item":{"PK":{"S":"CUST#al"},"SK":{"S":"CUST#al"},"type":{"S":"customer"},"email":{"L":[]}}}`
	known    = `{"Item":{"PK":{"S":"CUST#jo"},"SK":{"S":"CUST#jo"},"type":{"S":"customer"},"username":{"S":"jo"},"nickname":{"S":"j"}}}`
	setAside = `{"Item":{"PK":{"S":"X"},"SK":{"S":"X"},"type":{"S":"unheard of"}}}`
)

// TestExecutables_stayWithinTheirRights runs every step that uses S3, as it is
// deployed with a model of its own, through a night in which everything occurs,
// and looks up each of its requests in the policy of its role.
func TestExecutables_stayWithinTheirRights(t *testing.T) {
	h, s := newHost(t), kind(t, "tickets")
	h.model = filepath.Join(t.TempDir(), "model.yaml")
	if err := os.WriteFile(h.model, read(t, "tickets").Source, 0o600); err != nil {
		t.Fatal(err)
	}
	const run, entered = "night-2", "2026-11-22T02:00:00.000Z"
	old := []string{
		"items/type=ticket.change/run=night-1/1.parquet", "setaside/run=night-1/1.jsonl", "unknown/type=org/run=night-1/1.parquet",
		"wrong/type=org/run=night-1/1.jsonl",
	}
	for _, key := range old {
		h.s3.Put("Lake", key, []byte("old"))
	}
	h.s3.Put("Raw", "run=night-1/AWSDynamoDB/1/data/1.json.gz", []byte("old"))

	h.hold("night-1") // and it was stopped

	var answer any
	var taken struct {
		Previous string `json:"previous"`
	}
	h.invoke(t, "lock", object{"runId": run, "execution": "arn:aws:states:eu-west-1:111122223333:execution:nightstar-prod:" + run}, &taken)
	if _, closed := h.s3.Object("Lake", "runs/night-1/run.json"); taken.Previous != "night-1" || !closed {
		t.Errorf("the lock was taken of %q, whose record is there: %v", taken.Previous, closed)
	}
	if night := h.lake(t, run, org, ticket, setAside); len(night.Unknown) != 0 || night.Refusal != "" {
		t.Errorf("the night is %+v, want no refusal, and no names of attributes in the data of the machine", night)
	}
	for _, folder := range []string{"items/type=ticket.change/", "unknown/type=org/", "wrong/type=org/", "setaside/"} {
		if !slices.ContainsFunc(h.s3.Keys("Lake"), func(key string) bool { return strings.HasPrefix(key, folder+"run="+run+"/") }) {
			t.Errorf("the night left nothing in %s", folder)
		}
	}
	h.invoke(t, "landing-load", object{
		"runId": run, "table": "ticket_change", "manifest": "s3://Lake/runs/night-2/copy/ticket.change.manifest", "files": 1, "rows": 1, "attempt": 1, "entered": entered,
	}, &answer)
	h.invoke(t, "transform", object{"runId": run, "phase": "schema", "part": 1, "attempt": 1, "entered": entered}, &answer)
	for _, source := range []string{"raw", "lake"} {
		h.invoke(t, "archive", object{"runId": run, "source": source, "mode": "full"}, &answer)
	}
	h.invoke(t, "archive", object{"runId": run, "source": "lake", "mode": "incremental"}, &answer) // reads what it builds on
	if got := h.s3.Keys("LakeArchive"); len(got) != len(old) {
		t.Errorf("the archive of the lake has %s", got)
	}
	for _, place := range []string{"warehouse", "lake"} {
		h.invoke(t, "record", object{
			"runId": run, "startedAt": entered, "entered": entered, "attempt": 1, "place": place,
			"state": object{"failed": object{"ArchiveFailed": object{"Error": "Transient", "Cause": "slow down"}}, "lock": taken, "night": object{"items": 3}},
		}, &answer)
	}
	if record, _ := h.s3.Object("Lake", "runs/night-2/run.json"); !bytes.Contains(record.Body, []byte(`"attribute": "`)) {
		t.Errorf("the record has no unknown attribute: %s", record.Body)
	}

	if !slices.Contains(h.uses["record"], access{"s3:GetObject", "Lake/runs/night-1/run.json"}) {
		t.Error("the record of the run before was not read")
	}

	for step, uses := range h.uses {
		declared, _ := pipeline.Find(step)
		role, _ := s.one(t, "AWS::IAM::Role", roleName(declared))
		granted := s.policiesOf(t, role)
		slices.SortFunc(uses, func(a, b access) int { return strings.Compare(a.action+a.on, b.action+b.on) })
		for _, use := range slices.Compact(uses) {
			if !slices.ContainsFunc(granted, func(one statement) bool { return one.allows(t, use) }) {
				t.Errorf("%s may not %s on %s", step, use.action, use.on)
			}
		}
	}
	if len(h.uses) != 8 {
		t.Errorf("%d steps used S3, want 8", len(h.uses))
	}
}

// TestMetrics_areMadeOfWhatReconcileLogs, of a night that is refused for what
// was set aside, too.
func TestMetrics_areMadeOfWhatReconcileLogs(t *testing.T) {
	h, s := newHost(t), environment(t, "prod")
	tests := map[string]struct {
		aside   int
		refused bool
	}{
		"nothing set aside":      {0, false},
		"something set aside":    {2, false},
		"more than is tolerated": {101, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			lines := append(slices.Repeat([]string{setAside}, tt.aside), known, wrong)
			if night := h.lake(t, fmt.Sprint("night-", tt.aside), lines...); (night.Refusal != "") != tt.refused {
				t.Errorf("the refusal is %q", night.Refusal)
			}
			for id, want := range map[string]int{"ItemsFilter": len(lines), "ItemsSetAsideFilter": tt.aside, "WrongValuesFilter": 1} {
				_, filter := s.one(t, "AWS::Logs::MetricFilter", id)
				if got := metricOf(t, filter, h.said); !slices.Equal(got, []float64{float64(want)}) {
					t.Errorf("%s makes %v of\n%s\nwant %d once", id, got, h.said, want)
				}
			}
			_, filter := s.one(t, "AWS::Logs::MetricFilter", "ItemsSetAsideFilter")
			_, alarm := s.one(t, "AWS::CloudWatch::Alarm", "SetAside")
			made := at(t, filter.Properties, "MetricTransformations", 0)
			if at(t, made, "MetricName") != alarm.Properties["MetricName"] || at(t, made, "MetricNamespace") != alarm.Properties["Namespace"] {
				t.Errorf("the alarm looks at %s, the filter makes %s", flat(t, alarm.Properties), flat(t, made))
			}
		})
	}
}

// allows reports whether a statement of a role's policy allows a use. The
// bucket of the template whose logical id begins with its name stands for it.
func (s statement) allows(t *testing.T, use access) bool {
	t.Helper()
	if s.Effect != "Allow" || !slices.Contains(s.Actions, use.action) {
		return false
	}
	return slices.ContainsFunc(s.Resources, func(resource string) bool {
		var value any
		if err := json.Unmarshal([]byte(resource), &value); err != nil {
			t.Fatal(err)
		}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(spelled(value)), `\*`, ".*")
		return regexp.MustCompile("^" + pattern + "$").MatchString(use.on)
	})
}

// spelled is an ARN of the template, where "Lake" stands for that of the lake
// bucket.
func spelled(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case map[string]any:
		if attribute, ok := value["Fn::GetAtt"]; ok {
			return regexp.MustCompile(`[0-9A-F]{8}$`).ReplaceAllString(attribute.([]any)[0].(string), "")
		}
		if join, ok := value["Fn::Join"]; ok {
			var text strings.Builder
			for _, part := range join.([]any)[1].([]any) {
				text.WriteString(spelled(part))
			}
			return text.String()
		}
	}
	return ""
}

// metricOf is what CloudWatch makes of the lines of a log by a filter whose
// pattern compares one field of JSON records with a text.
func metricOf(t *testing.T, filter resource, log []byte) []float64 {
	t.Helper()
	pattern := filter.Properties["FilterPattern"].(string)
	parts := regexp.MustCompile(`^\{ \$\.(\w+) = "([^"]*)" \}$`).FindStringSubmatch(pattern)
	if parts == nil {
		t.Fatalf("the pattern is %s", pattern)
	}
	field := strings.TrimPrefix(at(t, filter.Properties, "MetricTransformations", 0, "MetricValue").(string), "$.")
	var values []float64
	for line := range bytes.Lines(log) {
		var record map[string]any
		if json.Unmarshal(line, &record) == nil && record[parts[1]] == parts[2] {
			value, ok := record[field].(float64)
			if !ok {
				t.Fatalf("%s is not a number in %s", field, line)
			}
			values = append(values, value)
		}
	}
	return values
}
