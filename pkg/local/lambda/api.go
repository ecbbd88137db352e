package lambda

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// apiPath is the root of the Lambda API's paths.
const apiPath = "/2015-03-31/functions"

// ServeHTTP serves the part of the Lambda API that invokes and describes
// functions: https://docs.aws.amazon.com/lambda/latest/api/welcome.html
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-RequestId", uuid.NewString())
	// An ARN in the path is escaped; its escaped form must be split, because a
	// name could otherwise smuggle in a slash.
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), apiPath)
	name, action, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	name, err := url.PathUnescape(name)
	switch {
	case !ok || err != nil:
		writeError(w, &APIError{"UnknownOperationException", "unknown path " + r.URL.Path, http.StatusNotFound})
	case r.URL.Query().Has("Qualifier") && r.URL.Query().Get("Qualifier") != "$LATEST":
		writeError(w, notFound(name+":"+r.URL.Query().Get("Qualifier")))
	case r.Method == http.MethodGet && name == "":
		s.serveList(w)
	case r.Method == http.MethodGet && (action == "" || action == "configuration"):
		s.serveGet(w, name, action)
	case r.Method == http.MethodPost && action == "invocations":
		s.serveInvoke(w, r, name)
	default:
		writeError(w, &APIError{
			"UnknownOperationException", "the local Lambda has no " + r.Method + " " + r.URL.Path, http.StatusNotFound,
		})
	}
}

func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request, name string) {
	for _, unsupported := range []string{"X-Amz-Client-Context", "X-Amz-Tenant-Id"} {
		if r.Header.Get(unsupported) != "" {
			writeError(w, invalid("the local Lambda does not support the header %s", unsupported))
			return
		}
	}
	if tail := r.Header.Get("X-Amz-Log-Type"); tail != "" && tail != "None" {
		writeError(w, invalid("the local Lambda does not support log type %q", tail))
		return
	}
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
	case "DryRun":
		if _, err := s.find(name); err != nil {
			writeError(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
		return
	default:
		writeError(w, invalid("the local Lambda does not support invocation type %q", kind))
		return
	}
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		writeError(w, invalid("read the payload: %v", err))
		return
	}
	answer, err := s.Invoke(r.Context(), name, payload)
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	if failure, ok := errors.AsType[*FunctionError](err); ok {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		answer, err = failure.Payload, nil
	}
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer)
}

// configuration is the part of a FunctionConfiguration that exists locally.
type configuration struct {
	FunctionName string
	FunctionArn  string
	Runtime      string
	Handler      string
	PackageType  string
	Version      string
	State        string
	MemorySize   int
	Timeout      int
	Environment  struct{ Variables map[string]string }
}

func (s *Service) describe(f Function) configuration {
	c := configuration{
		FunctionName: f.Name, FunctionArn: s.arn(f.Name), Runtime: "provided.al2023", Handler: "bootstrap",
		PackageType: "Zip", Version: "$LATEST", State: "Active",
		MemorySize: f.MemoryMB, Timeout: int(f.Timeout.Seconds()),
	}
	c.Environment.Variables = f.Env
	return c
}

func (s *Service) serveList(w http.ResponseWriter) {
	list := make([]configuration, 0, len(s.pools))
	for _, name := range slices.Sorted(maps.Keys(s.pools)) {
		list = append(list, s.describe(s.pools[name].function))
	}
	writeJSON(w, http.StatusOK, map[string]any{"Functions": list})
}

func (s *Service) serveGet(w http.ResponseWriter, name, action string) {
	p, err := s.find(name)
	if err != nil {
		writeError(w, err)
		return
	}
	if action == "configuration" {
		writeJSON(w, http.StatusOK, s.describe(p.function))
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"Configuration": s.describe(p.function),
		"Concurrency":   map[string]int{"ReservedConcurrentExecutions": p.function.MaxConcurrency},
	})
}

// writeError answers in the form that SDKs turn into typed errors.
func writeError(w http.ResponseWriter, err error) {
	apiErr, ok := errors.AsType[*APIError](err)
	if !ok {
		apiErr = unavailable(err)
	}
	w.Header().Set("X-Amzn-ErrorType", apiErr.Code)
	kind := "User"
	if apiErr.Status >= http.StatusInternalServerError {
		kind = "Service"
	}
	writeJSON(w, apiErr.Status, map[string]string{"Type": kind, "Message": apiErr.Message, "message": apiErr.Message})
}

func writeJSON(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document)
}
