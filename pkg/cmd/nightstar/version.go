package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

type versionCommand struct{}

// Run prints which source the command was built from.
func (versionCommand) Run(to output) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this binary does not say what it was built from: build it with make local")
	}
	fmt.Fprintln(to.out, versionText(info))
	return nil
}

// versionText is the version in one line: of the module, and the commit that Go
// has noted.
func versionText(info *debug.BuildInfo) string {
	version := info.Main.Version
	if version == "" || version == "(devel)" {
		version = "of unknown version"
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	text := "nightstar " + version
	if commit := settings["vcs.revision"]; commit != "" {
		text += ", commit " + commit[:min(12, len(commit))] + " of " + settings["vcs.time"]
		if settings["vcs.modified"] == "true" {
			text += ", with changes that are not committed"
		}
	}
	return text + ", " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
}

type helpCommand struct {
	Command []string `arg:"" optional:"" help:"Show the help of this command."`
}

// Run prints the help of a command, or of all.
func (c helpCommand) Run(to output) error {
	helped := false
	parser, err := newParser(&cli{}, kong.Writers(to.out, to.err), kong.Exit(func(int) { helped = true }))
	if err != nil {
		return err
	}
	if _, err = parser.Parse(append(c.Command, "--help")); err != nil && !helped {
		return fmt.Errorf("show help of %q: %w", strings.Join(c.Command, " "), err)
	}
	return nil
}
