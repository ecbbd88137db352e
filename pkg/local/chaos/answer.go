package chaos

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
)

// verdict is how a statement ends.
type verdict struct{ status, message string }

// verdictOf returns the end that a kind gives to a statement.
func verdictOf(kind Kind) verdict {
	switch kind {
	case Aborted:
		return verdict{"ABORTED", "Query was cancelled: chaos"}
	case Unserialised:
		// https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
		return verdict{"FAILED", "ERROR: 1023 DETAIL: Serializable isolation violation on table - 113245, " +
			"transactions forming the cycle are: 5127, 5128 (pid:8786)"}
	default:
		return verdict{"FAILED", "ERROR: Disk Full: chaos"}
	}
}

// apply writes the verdict into the description of a statement that has failed,
// and of the part of it that has.
func (v verdict) apply(description map[string]any) {
	description["Status"], description["Error"] = v.status, v.message
	parts, _ := description["SubStatements"].([]any)
	for _, p := range parts {
		if part, ok := p.(map[string]any); ok && part["Status"] == "FAILED" {
			part["Status"], part["Error"] = v.status, v.message
		}
	}
}

// impossible is a statement that every engine refuses.
const impossible = "select * from chaos.no_such_table"

// failStatements is the middleware that lets statements fail: a batch that is
// to fail gets one statement more, so that it is rolled back by the warehouse
// itself, and its description says why, in Redshift's words.
func (c *Chaos) failStatements(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "RedshiftData.") {
		case "BatchExecuteStatement":
			c.submit(w, r, next)
		case "DescribeStatement":
			fault, _ := r.Context().Value(faultKey{}).(Fault)
			rewrite(w, r, next, func(_, answer map[string]any) {
				id, _ := answer["Id"].(string)
				c.mu.Lock()
				judged, ok := c.verdicts[id]
				c.mu.Unlock()
				switch {
				case fault.Kind == SlowPoll:
					answer["Status"], answer["HasResultSet"] = "STARTED", false
					delete(answer, "Error")
					delete(answer, "SubStatements")
				case ok && answer["Status"] == "FAILED":
					judged.apply(answer)
				}
			})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// setDoom says how the next statement ends.
func (c *Chaos) setDoom(judged *verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doom = judged
}

// submit submits a batch. One that is sent again with its token is the same
// batch, so it has the same fate.
func (c *Chaos) submit(w http.ResponseWriter, r *http.Request, next http.Handler) {
	fault, due := r.Context().Value(faultKey{}).(Fault)
	var token string
	rewriteBoth(w, r, next, func(request map[string]any) {
		token, _ = request["ClientToken"].(string)
		c.mu.Lock()
		defer c.mu.Unlock()
		if _, known := c.doomed[token]; due && !known {
			c.doomed[token] = verdictOf(fault.Kind)
		} else if c.doom != nil && !known {
			c.doomed[token], c.doom = *c.doom, nil
		}
		if _, known := c.doomed[token]; !known {
			return
		}
		if sqls, ok := request["Sqls"].([]any); ok {
			request["Sqls"] = append(sqls[:min(len(sqls), 39)], impossible)
		}
	}, func(_, answer map[string]any) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if judged, known := c.doomed[token]; known {
			id, _ := answer["Id"].(string)
			c.verdicts[id] = judged
		}
	})
}

// failExports is the middleware that lets exports fail, or take their time.
func (c *Chaos) failExports(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.DescribeExport" {
			next.ServeHTTP(w, r)
			return
		}
		fault, _ := r.Context().Value(faultKey{}).(Fault)
		rewrite(w, r, next, func(_, answer map[string]any) {
			description, ok := answer["ExportDescription"].(map[string]any)
			if !ok {
				return
			}
			arn, _ := description["ExportArn"].(string)
			c.mu.Lock()
			defer c.mu.Unlock()
			if fault.Kind == ExportFailed {
				c.exports[arn] = true
			}
			switch {
			case fault.Kind == SlowPoll:
				description["ExportStatus"] = "IN_PROGRESS"
				delete(description, "ExportManifest")
			case c.exports[arn]:
				description["ExportStatus"] = "FAILED"
				description["FailureCode"], description["FailureMessage"] = "AccessDenied", "chaos"
				delete(description, "ExportManifest")
			}
		})
	})
}

// rewrite has a request answered and changes the answer, unless it is an error.
func rewrite(w http.ResponseWriter, r *http.Request, next http.Handler, change func(request, answer map[string]any)) {
	rewriteBoth(w, r, next, nil, change)
}

// rewriteBoth changes the request too.
func rewriteBoth(
	w http.ResponseWriter, r *http.Request, next http.Handler,
	before func(request map[string]any), after func(request, answer map[string]any),
) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	request := decode(body)
	if before != nil && request != nil {
		before(request)
		body, _ = json.Marshal(request)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	recorded := httptest.NewRecorder()
	next.ServeHTTP(recorded, r)
	answered := recorded.Body.Bytes()
	if answer := decode(answered); recorded.Code == http.StatusOK && answer != nil {
		after(request, answer)
		answered, _ = json.Marshal(answer)
	}
	maps.Copy(w.Header(), recorded.Header())
	w.Header().Set("Content-Length", strconv.Itoa(len(answered)))
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(answered)
}

// decode returns nil for what is not a JSON object. Numbers stay as they are.
func decode(body []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return nil
	}
	return object
}
