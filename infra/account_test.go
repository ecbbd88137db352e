package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// account is as much of an AWS account as `cdk bootstrap` leaves behind and
// `cdk diff`, `deploy` and `destroy` talk to, behind one loopback endpoint: the
// bootstrap's version and roles, the bucket of assets, and CloudFormation,
// which keeps stacks and creates nothing. It answers in the AWS protocols, so
// the command under test is the real one.
type account struct {
	mu      sync.Mutex
	calls   []string          // "cloudformation CreateChangeSet", in order
	unknown []string          // calls that it cannot answer
	assets  map[string][]byte // by key, in the bucket of assets
	stacks  map[string]*stack
	refuses string // logical id whose creation fails
}

// stack is a stack as CloudFormation keeps it.
type stack struct {
	status    string
	template  string
	changeSet *changeSet
	events    []event // newest last
	protected bool
}

type changeSet struct {
	name, template, reason string // reason is why it is of no use
}

type event struct {
	id, resource, physical, kind, status, reason, at string
}

const accountID, region = "111122223333", "eu-west-1"

// serve returns the endpoint of an account.
func (a *account) serve(t *testing.T) string {
	t.Helper()
	a.assets, a.stacks = map[string][]byte{}, map[string]*stack{}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return server.URL
}

// ServeHTTP answers one call. The signature names the service that it is for.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	scope := regexp.MustCompile(`Credential=[^/]+/\d+/[^/]+/([^/]+)/`).FindStringSubmatch(r.Header.Get("Authorization"))
	if scope == nil {
		a.unknown = append(a.unknown, "unsigned "+r.Method+" "+r.URL.Path)
		http.Error(w, "unsigned", http.StatusForbidden)
		return
	}
	switch service := scope[1]; service {
	case "s3":
		a.s3(w, r, body)
	case "ssm":
		a.calls = append(a.calls, "ssm "+r.Header.Get("X-Amz-Target"))
		_ = json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]any{
			"Name": "/cdk-bootstrap/hnb659fds/version", "Type": "String", "Value": "30", "Version": 1,
		}})
	default:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		action := form.Get("Action")
		a.calls = append(a.calls, service+" "+action)
		result, failed := a.query(action, form)
		if failed != nil {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type>%s%s</Error></ErrorResponse>`,
				element("Code", failed.code), element("Message", failed.message))
			return
		}
		fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>`, action, result)
	}
}

// s3 is the bucket of assets.
func (a *account) s3(w http.ResponseWriter, r *http.Request, body []byte) {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	operation := r.Method
	switch {
	case query.Has("encryption"):
		operation = "GetBucketEncryption"
		fmt.Fprint(w, `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`)
	case query.Has("location"):
		operation = "GetBucketLocation"
		fmt.Fprintf(w, `<LocationConstraint>%s</LocationConstraint>`, region)
	case query.Has("list-type"):
		operation = "ListObjectsV2"
		var contents strings.Builder
		for found, object := range a.assets {
			if strings.HasPrefix(found, query.Get("prefix")) {
				fmt.Fprintf(&contents, `<Contents><Key>%s</Key><Size>%d</Size></Contents>`, found, len(object))
			}
		}
		fmt.Fprintf(w, `<ListBucketResult>%s</ListBucketResult>`, contents.String())
	case r.Method == http.MethodPut && key != "":
		operation = "PutObject"
		a.assets[key] = body
		w.Header().Set("ETag", `"1"`)
	default:
		a.unknown = append(a.unknown, "s3 "+r.Method+" "+r.URL.String())
		http.Error(w, "unknown", http.StatusNotImplemented)
	}
	a.calls = append(a.calls, "s3 "+operation)
}

// refusal is an error answer.
type refusal struct{ code, message string }

// query answers STS and CloudFormation with the inside of a result.
func (a *account) query(action string, form url.Values) (string, *refusal) {
	switch action {
	case "GetCallerIdentity":
		return element("Account", accountID) + element("Arn", "arn:aws:iam::"+accountID+":user/ops") + element("UserId", "AIDA"), nil
	case "AssumeRole":
		return `<Credentials>` + element("AccessKeyId", "ASIAROLE") + element("SecretAccessKey", "secret") + element("SessionToken", "token") +
			element("Expiration", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)) + `</Credentials>`, nil
	case "CreateChangeSet":
		return a.createChangeSet(form)
	}
	name := regexp.MustCompile(`^arn:.*:stack/([^/]+)/.*$`).ReplaceAllString(form.Get("StackName"), "$1")
	s := a.stacks[name]
	if s == nil || s.status == "DELETE_COMPLETE" && name == form.Get("StackName") { // a removed stack is known by its id only
		return "", &refusal{"ValidationError", "Stack with id " + name + " does not exist"}
	}
	switch action {
	case "DescribeStacks":
		return `<Stacks><member>` + s.describe(name) + `</member></Stacks>`, nil
	case "GetTemplate":
		return element("TemplateBody", s.template), nil
	case "DescribeChangeSet":
		if s.changeSet == nil {
			return "", &refusal{"ChangeSetNotFound", "ChangeSet [" + form.Get("ChangeSetName") + "] does not exist"}
		}
		return s.changeSet.describe(name), nil
	case "DeleteChangeSet":
		s.changeSet = nil
		return "", nil
	case "ExecuteChangeSet":
		a.execute(name, s)
		return "", nil
	case "UpdateTerminationProtection":
		s.protected = form.Get("EnableTerminationProtection") == "true"
		return element("StackId", stackID(name)), nil
	case "DescribeStackResources": // of a stack that was rolled back: none
		return `<StackResources/>`, nil
	case "DescribeStackEvents":
		return s.describeEvents(name), nil
	case "DeleteStack":
		if s.protected {
			return "", &refusal{"ValidationError", "Stack [" + name + "] cannot be deleted while TerminationProtection is enabled"}
		}
		s.status, s.template = "DELETE_COMPLETE", ""
		s.say(name, "AWS::CloudFormation::Stack", s.status, "")
		return "", nil
	}
	a.unknown = append(a.unknown, action+" "+form.Encode())
	return "", &refusal{"InvalidAction", action}
}

func (a *account) createChangeSet(form url.Values) (string, *refusal) {
	name, template := form.Get("StackName"), form.Get("TemplateBody")
	if address := form.Get("TemplateURL"); address != "" {
		uploaded, ok := a.assets[address[strings.LastIndex(address, "/")+1:]]
		if !ok {
			return "", &refusal{"ValidationError", "S3 error: " + address + " does not exist"}
		}
		template = string(uploaded)
	}
	s := a.stacks[name]
	if s == nil || s.status == "DELETE_COMPLETE" {
		s = &stack{status: "REVIEW_IN_PROGRESS"}
		a.stacks[name] = s
	}
	s.changeSet = &changeSet{name: form.Get("ChangeSetName"), template: template}
	if template == s.template {
		s.changeSet.reason = "The submitted information didn't contain changes. Submit different information to create a change set."
	}
	return element("Id", s.changeSet.id()) + element("StackId", stackID(name)), nil
}

// execute makes the change set's template the stack's, with one event for each
// of its resources, or rolls back at the one that it refuses.
func (a *account) execute(name string, s *stack) {
	operation := "UPDATE"
	if s.template == "" {
		operation = "CREATE"
	}
	s.say(name, "AWS::CloudFormation::Stack", operation+"_IN_PROGRESS", "User Initiated")
	var decoded struct {
		Resources map[string]struct{ Type string }
	}
	_ = json.Unmarshal([]byte(s.changeSet.template), &decoded)
	for id, r := range decoded.Resources {
		if id == a.refuses {
			s.say(id, r.Type, "CREATE_FAILED", "Resource handler returned message: the account has no more of it")
			s.status, s.changeSet = strings.TrimPrefix(operation+"_ROLLBACK_COMPLETE", "CREATE_"), nil
			s.say(name, "AWS::CloudFormation::Stack", s.status, "")
			return
		}
		s.say(id, r.Type, "CREATE_COMPLETE", "")
	}
	s.template, s.status, s.changeSet = s.changeSet.template, operation+"_COMPLETE", nil
	s.say(name, "AWS::CloudFormation::Stack", s.status, "")
}

func (s *stack) say(resource, kind, status, reason string) {
	e := event{
		id: fmt.Sprint(len(s.events) + 1), resource: resource, physical: resource, kind: kind, status: status, reason: reason,
		at: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	if kind == "AWS::CloudFormation::Stack" {
		e.physical = stackID(resource) // any other would be a stack within this one
	}
	s.events = append(s.events, e)
}

func (s *stack) describe(name string) string {
	return element("StackId", stackID(name)) + element("StackName", name) + element("StackStatus", s.status) +
		element("CreationTime", time.Now().UTC().Format(time.RFC3339)) +
		element("EnableTerminationProtection", fmt.Sprint(s.protected))
}

func (s *stack) describeEvents(name string) string {
	var members strings.Builder
	for _, e := range slices.Backward(s.events) {
		members.WriteString(`<member>` + element("StackId", stackID(name)) + element("EventId", e.id) + element("StackName", name) +
			element("LogicalResourceId", e.resource) + element("PhysicalResourceId", e.physical) + element("ResourceType", e.kind) +
			element("Timestamp", e.at) + element("ResourceStatus", e.status) +
			element("ResourceStatusReason", e.reason) + `</member>`)
	}
	return `<StackEvents>` + members.String() + `</StackEvents>`
}

func (c *changeSet) describe(name string) string {
	status, execution := "CREATE_COMPLETE", "AVAILABLE"
	if c.reason != "" {
		status, execution = "FAILED", "UNAVAILABLE"
	}
	return element("ChangeSetName", c.name) + element("ChangeSetId", c.id()) +
		element("StackId", stackID(name)) + element("StackName", name) + element("Status", status) +
		element("StatusReason", c.reason) + element("ExecutionStatus", execution) + `<Changes/>`
}

func (c *changeSet) id() string {
	return "arn:aws:cloudformation:" + region + ":" + accountID + ":changeSet/" + c.name + "/1"
}

func stackID(name string) string {
	return "arn:aws:cloudformation:" + region + ":" + accountID + ":stack/" + name + "/1"
}

func element(name, text string) string { return "<" + name + ">" + escaped(text) + "</" + name + ">" }

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
