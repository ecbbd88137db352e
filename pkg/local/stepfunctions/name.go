package stepfunctions

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the number of characters in the name of a machine or execution.
const maxName = 80

// checkName applies the rules for names of machines and executions:
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html.
// A time with colons is not a name.
func checkName(name string) error {
	if count := utf8.RuneCountInString(name); count == 0 || count > maxName {
		return refuse(codeInvalidName, "name %q has %d characters, want 1 to %d", name, count, maxName)
	}
	for _, r := range name {
		if r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) ||
			strings.ContainsRune(`<>{}[]?*"#%\^|~$&,;:/`+"`", r) {
			return refuse(codeInvalidName, "name %q holds the character %q, which names may not", name, r)
		}
	}
	return nil
}

func (s *Server) machineARN(name string) string {
	return "arn:aws:states:" + s.opts.Region + ":" + s.opts.Account + ":stateMachine:" + name
}

func (s *Server) executionARN(machine, name string) string {
	return "arn:aws:states:" + s.opts.Region + ":" + s.opts.Account + ":execution:" + machine + ":" + name
}

// checkARN refuses what is not the ARN of a kind of resource with a name of as
// many parts.
func checkARN(arn, kind string, parts int) error {
	fields := strings.Split(arn, ":")
	if len(fields) != 6+parts || fields[0] != "arn" || fields[2] != "states" || fields[5] != kind {
		return refuse(codeInvalidARN, "%q is not an ARN of the form arn:aws:states:region:account:%s:…", arn, kind)
	}
	return nil
}
