package main

import (
	"io"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// FuzzParse gives any words to the command line: it is a command with what the
// command needs, or an error of one line that says which word is wrong.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"demo\x00--items\x001500", "run\x00--json\x00--export\x00.", "query\x00select 1", "runs\x00--bucket=x\x00run-1", "up\x00--port\x0070000", "--help", ""} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		exited := false
		parser, err := newParser(&cli{}, kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) { exited = true }))
		if err != nil {
			t.Fatal(err)
		}
		command, err := parser.Parse(strings.Split(line, "\x00"))
		switch {
		case err != nil:
			if err.Error() == "" {
				t.Errorf("%q is refused without a word", line)
			}
		case !exited && command.Selected() == nil:
			t.Errorf("%q is accepted, but is no command", line)
		}
	})
}
