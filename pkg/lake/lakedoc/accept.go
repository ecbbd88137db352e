package lakedoc

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Accept is what the input of a run accepts by name, although it looks like a
// mistake: item types that shrink, and the two below.
//
//	{"accept": ["customer", "exportTime"]}
type Accept []string

// Names that a run may accept, beside those of item types.
const (
	AcceptTable      = "table"      // the export is of another table than the last published run's
	AcceptExportTime = "exportTime" // the export is older than the last published run's
)

// ParseAccept reads what the input of an execution accepts. An input of another
// shape accepts nothing.
func ParseAccept(input json.RawMessage) (Accept, error) {
	var fields struct {
		Accept json.RawMessage `json:"accept"`
	}
	if err := json.Unmarshal(input, &fields); err != nil || len(fields.Accept) == 0 {
		return nil, nil //nolint:nilerr // it may be anything
	}
	var accept Accept
	if err := json.Unmarshal(fields.Accept, &accept); err != nil || slices.Contains(accept, "") {
		return nil, fmt.Errorf(`read accept of the run's input: it is a list of names, such as {"accept":["customer"]}, and not %.100s`, fields.Accept)
	}
	return accept, nil
}

// Has reports whether a name is accepted.
func (a Accept) Has(name string) bool { return slices.Contains(a, name) }

// How says how to accept these names too: the input of an execution that loads
// the same export, and the command for it on one machine. The manifest's key may
// be empty, which asks for a new export.
func (a Accept) How(manifestKey string, names ...string) string {
	all := slices.Clone(a)
	for _, name := range names {
		if !all.Has(name) {
			all = append(all, name)
		}
	}
	type export struct {
		ManifestKey string `json:"manifestKey"`
	}
	input := struct {
		Accept Accept  `json:"accept"`
		Export *export `json:"export,omitempty"`
	}{Accept: all}
	if manifestKey != "" {
		input.Export = &export{manifestKey}
	}
	text, _ := json.Marshal(input) // of strings
	command := "nightstar run"
	for _, name := range all {
		command += " --accept " + name
	}
	return fmt.Sprintf("start an execution with the input %s, or on one machine: %s (and the same --export DIR, if this run had one)", text, command)
}
