package awsjson_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/awsjson"
)

// service has the operations Echo, which answers its input, Fail and Raw.
func service() awsjson.Service {
	return awsjson.Service{
		Name: "Echo", Target: "Echo_1.", Version: "1.1", MaxBody: 100, Internal: "InternalFailure",
		Operation: func(name string) awsjson.Operation {
			return map[string]awsjson.Operation{
				"Echo": awsjson.Handle(func(_ context.Context, in struct{ Text string }) (any, error) { return in, nil }),
				"Fail": func(context.Context, []byte) (any, error) { return nil, errors.New("disk full") },
				"Raw":  func(_ context.Context, body []byte) (any, error) { return json.RawMessage(body), nil },
			}[name]
		},
	}
}

func TestService_ServeHTTP(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("x", 101)
	for name, tt := range map[string]struct {
		method, target, body string
		unknown              bool // the length of the body is not told
		status               int
		answer               string
	}{
		"an answer":                 {body: `{"Text":"<ü>"}`, status: 200, answer: `{"Text":"<ü>"}`},
		"a raw answer":              {target: "Echo_1.Raw", body: ` {"a" : 1}`, status: 200, answer: ` {"a" : 1}`},
		"a body of unknown length":  {body: `{"Text":"x"}`, unknown: true, status: 200, answer: `{"Text":"x"}`},
		"another method":            {method: http.MethodGet, status: 400, answer: `"__type":"UnknownOperationException"`},
		"another service":           {target: "Other.Echo", status: 400, answer: "is not a call of Echo"},
		"an unknown operation":      {target: "Echo_1.Sing", status: 400, answer: `operation \"Sing\" is not supported`},
		"an unknown member":         {body: `{"Tone":"x"}`, status: 400, answer: `"ValidationException","message":"member \"Tone\"`},
		"no JSON":                   {body: `{`, status: 400, answer: `"__type":"SerializationException"`},
		"nothing":                   {status: 400, answer: `"__type":"SerializationException"`},
		"two documents":             {body: `{} {}`, status: 400, answer: "something after its JSON object"},
		"a long body":               {body: long, status: 413, answer: `"__type":"RequestEntityTooLarge"`},
		"a long body, not told":     {body: long, unknown: true, status: 413, answer: `"__type":"RequestEntityTooLarge"`},
		"a fault of the service":    {target: "Echo_1.Fail", status: 500, answer: `{"__type":"InternalFailure","message":"disk full"}`},
		"the wrong type of a value": {body: `{"Text":5}`, status: 400, answer: `"__type":"SerializationException"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if tt.method == "" {
				tt.method = http.MethodPost
			}
			if tt.target == "" {
				tt.target = "Echo_1.Echo"
			}
			var body io.Reader = strings.NewReader(tt.body)
			if tt.unknown {
				body = io.MultiReader(body)
			}
			r := httptest.NewRequestWithContext(t.Context(), tt.method, "/any/path", body)
			r.Header.Set("X-Amz-Target", tt.target)
			w := httptest.NewRecorder()
			service().ServeHTTP(w, r)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.answer) {
				t.Errorf("%d %s, want %d with %s", w.Code, w.Body, tt.status, tt.answer)
			}
			if got := w.Header().Get("Content-Type"); got != "application/x-amz-json-1.1" || w.Header().Get("X-Amzn-Requestid") == "" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestService_namespace(t *testing.T) {
	t.Parallel()

	s := service()
	s.Namespace = func(code string) string { return "com.amazon." + strings.ToLower(code) }
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
	if !strings.Contains(w.Body.String(), `"__type":"com.amazon.unknownoperationexception#UnknownOperationException"`) {
		t.Errorf("the answer is %s", w.Body)
	}
}

func TestTime(t *testing.T) {
	t.Parallel()

	at := time.Date(2026, 11, 28, 7, 0, 0, 123_999_999, time.UTC)
	text, err := json.Marshal(awsjson.Time{Time: at})
	if err != nil || string(text) != "1795849200.123" {
		t.Errorf("Marshal() = %s, %v", text, err)
	}
	for text, want := range map[string]time.Time{
		"1795849200.123": at.Truncate(time.Millisecond), "1795849200": at.Truncate(time.Second), "1.7958492e9": at.Truncate(time.Second),
		"-0.5": time.UnixMilli(-500).UTC(),
	} {
		var got awsjson.Time
		if err := json.Unmarshal([]byte(text), &got); err != nil || !got.Equal(want) {
			t.Errorf("Unmarshal(%s) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{`"2026-11-28"`, "1e300", "{}"} {
		var got awsjson.Time
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("Unmarshal(%s) = %v", text, got)
		}
	}
}
