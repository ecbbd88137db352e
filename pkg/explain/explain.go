// Package explain says in plain words what became of a run that failed: what
// happened, what is true now, and what to do next.
//
// The state machine reports failures in words for AWS. Whoever runs it on one
// machine has folders instead of buckets and a command instead of an execution;
// this package knows both vocabularies. It reads nothing and prints nothing.
package explain

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Failure is what a person needs to know about a run that failed.
type Failure struct {
	What    string   // what happened, in one sentence
	Details []string // what was reported, one fact each
	True    string   // what is already true
	Next    []string // what to do: sentences, and commands
	Section string   // of the runbook; empty for what the runbook does not know
}

// Place is where a run ran, in the words of the person who ran it.
type Place struct {
	RunID string
	// Command starts the run again on one machine: "nightstar run --dir mine". It
	// is empty for a run on AWS.
	Command string
	Export  string // the folder that --export named; empty if there was none
	Model   string // the model file; empty if none was named
	// Look shows everything that the run recorded: "nightstar runs RUN".
	Look string
	// Machine is the ARN of the state machine, for a run on AWS.
	Machine string
	// Star is the run whose star the warehouse holds; empty if there is none, and
	// nil if it is not known.
	Star *string
	// File returns the file of an object, which the person may open; it returns
	// other text as it is. Nil leaves objects as they are.
	File func(url string) string
}

// Run explains the end of an execution: its status, and error and cause if it has
// them.
func Run(status, name, cause string, p Place) Failure {
	f := Failure{True: p.truth(name)}
	e, known := entries()[name]
	switch {
	case known:
		f.What = e.what
		f.Section = "statemachine/RUNBOOK.md#" + strings.ToLower(name)
	case status == "ABORTED":
		f.What = "Someone stopped the run before its end."
	case status == "TIMED_OUT":
		f.What = "The run took longer than the state machine allows."
	case name == NotRun:
		f.What = "The run did not begin."
	default:
		f.What = "The run failed with an error that the state machine does not know: " + name + "."
	}
	r := read(cause, p.RunID)
	f.Details = p.files(r.facts)
	f.Next = p.next(e, r)
	return f
}

// NotRun is the name of the error of a run that was never started.
const NotRun = "NotRun"

// truth says what is already true.
func (p Place) truth(name string) string {
	switch name {
	case "ArchiveIncomplete", "RunNotRecorded":
		return "The star of this run is loaded, and people can read it."
	case "AnotherRunIsRunning", "LockNotTaken", NotRun:
		return "This run changed nothing. " + p.star()
	}
	if p.Star != nil && *p.Star == p.RunID && p.RunID != "" {
		return "The star of this run is published, although the run failed."
	}
	if _, known := entries()[name]; p.Star == nil && (!known || name == "TransformFailed") {
		return "Publishing is one transaction, so the star shows one run completely: this one or the previous one. " +
			"To see which, ask the warehouse: select run_id from etl.content where schema_name = 'dwh'"
	}
	return "Nothing of this run is in the star. " + p.star()
}

// star says what the warehouse holds.
func (p Place) star() string {
	switch {
	case p.Star == nil:
		return "Warehouse and lake hold the previous run."
	case *p.Star == "":
		return "The warehouse holds no star yet."
	}
	return "The warehouse holds run " + *p.Star + ", as before."
}

// next lists what to do.
func (p Place) next(e entry, r reported) []string {
	advice := e.aws
	again := "aws stepfunctions start-execution --state-machine-arn " + p.Machine
	if p.Command != "" {
		again = p.Command
		if advice = e.local; p.Export != "" && e.export != "" {
			advice = e.export
		}
	}
	if e.auto {
		again += ` --input '{"mode":"auto"}'`
		if p.Command != "" {
			again = mode.ReplaceAllString(p.Command, "") + " --mode auto"
		}
	}
	advice = strings.NewReplacer("MODEL", orElse(p.Model, "the model file"), "EXPORT", p.Export).Replace(advice)
	var next []string
	if e.look && p.Look != "" {
		next = append(next, "See every reason: "+p.Look)
	}
	if advice != "" {
		next = append(next, advice)
	}
	if !e.done {
		next = append(next, "Start again: "+again)
	}
	switch {
	case p.Command != "" && len(r.accept) > 0:
		accepted := p.Command
		for _, name := range r.accept {
			if flag := " --accept " + name; !strings.Contains(accepted+" ", flag+" ") {
				accepted += flag
			}
		}
		next = append(next, "Or, if you expect this: "+accepted)
	case p.Command == "" && r.input != "":
		next = append(next, "Or, if you expect this: "+again+" --input '"+r.input+"'")
	}
	if e.rebuild && p.Command != "" {
		next = append(next, "Or, to rebuild the star: "+p.Command+" --rebuild")
	} else if e.rebuild {
		next = append(next, "Or, to rebuild the star: "+again+` --input '{"rebuild":true}'`)
	}
	return next
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// reported is what the cause of a Fail state holds beside its standing words.
type reported struct {
	facts  []string
	accept []string // names that the run could accept
	input  string   // of an execution that accepts them
}

var (
	wayOut = regexp.MustCompile(`(?s)\s*Nothing of this run was loaded\. If this is how it should be, accept it by name: (.*)$`)
	inputs = regexp.MustCompile(`with the input (\{.*\}), or on one machine`)
	flags  = regexp.MustCompile(`--accept (\S+)`)
	kind   = regexp.MustCompile(`^[A-Za-z]+(?:\.[A-Za-z]+)* `)
	mode   = regexp.MustCompile(` --(mode|from|to) \S+`)
	doing  = regexp.MustCompile(`^[a-z ]+ run [^ ]+: `)
)

// read takes a cause apart. A cause of another form is one fact.
func read(cause, runID string) reported {
	text := cause
	if _, after, ok := strings.Cut(cause, " Reported: "); ok {
		text = kind.ReplaceAllString(after, "")
	}
	var message struct {
		Text string `json:"errorMessage"`
	}
	if err := json.Unmarshal([]byte(text), &message); err == nil && message.Text != "" {
		text = message.Text
	}
	var r reported
	if way := wayOut.FindStringSubmatch(text); way != nil {
		if input := inputs.FindStringSubmatch(way[1]); input != nil {
			r.input = input[1]
		}
		for _, flag := range flags.FindAllStringSubmatch(way[1], -1) {
			r.accept = append(r.accept, flag[1])
		}
		text = strings.TrimSuffix(text, way[0])
	}
	if prefix := doing.FindString(text); strings.Contains(prefix, runID) {
		text = strings.TrimPrefix(text, prefix)
	}
	for fact := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if fact = strings.TrimSpace(fact); fact != "" {
			r.facts = append(r.facts, fact)
		}
	}
	return r
}

// objects are URLs of objects, and keys of the files of an export.
var objects = regexp.MustCompile(`s3://[^\s,;"]+|run=[^\s,;"/]+/AWSDynamoDB/[^\s,;"]+`)

// files puts the person's files where objects are named.
func (p Place) files(facts []string) []string {
	if p.File == nil {
		return facts
	}
	named := make([]string, len(facts))
	for i, fact := range facts {
		named[i] = objects.ReplaceAllStringFunc(fact, func(object string) string {
			name := strings.TrimRight(object, ":.")
			return p.File(name) + object[len(name):]
		})
	}
	return named
}
