package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/models"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/sql"
)

type completionCommand struct {
	Shell string   `arg:"" enum:"bash,zsh,fish,words" help:"bash, zsh or fish. The scripts call this command with words, which prints what may follow."`
	Line  []string `arg:"" optional:"" passthrough:"" help:"The words of the command line so far."`
}

// Help tells where the lines belong.
func (completionCommand) Help() string {
	return `Put one of these into the file that the shell reads when it starts:

  bash   source <(nightstar completion bash)
  zsh    source <(nightstar completion zsh)
  fish   nightstar completion fish | source

Examples:
  nightstar completion bash
  nightstar completion zsh
  nightstar completion fish`
}

// The scripts ask the command itself what may follow, so that they stay the same
// whatever it learns. Where it has no answer, the shell completes files.
const (
	bashScript = `_nightstar() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [ -n "$line" ] && COMPREPLY+=("${line%%$'\t'*}")
  done < <(nightstar completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _nightstar nightstar
`
	zshScript = `_nightstar() {
  local -a found lines
  found=("${(@f)$(nightstar completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=(${found:#})
  if (( ${#found} )); then
    lines=("${found[@]//$'\t'/:}")
    _describe nightstar lines
  else
    _files
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _nightstar nightstar
`
	fishScript = `complete -c nightstar -e
complete -c nightstar -a '(nightstar completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`
)

// Run prints a script, or what may follow.
func (c completionCommand) Run(ctx context.Context, to output) error {
	scripts := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
	if c.Shell != "words" {
		fmt.Fprint(to.out, scripts[c.Shell])
		return nil
	}
	line := c.Line
	if len(line) > 0 && line[0] == "--" {
		line = line[1:]
	}
	if len(line) == 0 {
		line = []string{""}
	}
	parser, err := newParser(&cli{})
	if err != nil {
		return err
	}
	for _, word := range following(ctx, parser.Model, line) {
		fmt.Fprintln(to.out, word)
	}
	return nil
}

// place of the word that is completed: a command, and what stands before it.
type spot struct {
	node  *kong.Node
	flag  *kong.Flag // whose value the word is; nil if it is none
	given int        // positional arguments before the word
	dir   string     // of --dir
}

// following returns the words that may stand where the last word of a line is, each
// with a tab and what it means.
func following(ctx context.Context, app *kong.Application, line []string) []string {
	prefix := line[len(line)-1]
	at := locate(app, line[:len(line)-1])
	var words []string
	switch {
	case at.flag != nil:
		words = values(ctx, at.flag.Value, at)
	case strings.HasPrefix(prefix, "-"):
		for _, flags := range at.node.AllFlags(true) {
			for _, flag := range flags {
				words = append(words, "--"+flag.Name+"\t"+flag.Help)
			}
		}
	default:
		for _, child := range at.node.Children {
			if child.Type == kong.CommandNode && !child.Hidden {
				words = append(words, child.Name+"\t"+child.Help)
			}
		}
		if at.given < len(at.node.Positional) {
			words = append(words, values(ctx, at.node.Positional[at.given], at)...)
		}
	}
	words = slices.DeleteFunc(words, func(word string) bool { return !strings.HasPrefix(word, prefix) })
	slices.Sort(words)
	return words
}

// locate walks along a line.
func locate(app *kong.Application, line []string) spot {
	at := spot{node: app.Node, dir: defaultDir}
	for _, word := range line {
		if at.flag != nil {
			if at.flag.Name == "dir" {
				at.dir = word
			}
			at.flag = nil
			continue
		}
		if strings.HasPrefix(word, "-") {
			name, value, hasValue := strings.Cut(strings.TrimLeft(word, "-"), "=")
			if name == "dir" && hasValue {
				at.dir = value
			}
			at.flag = valueFlag(at.node, name, hasValue)
			continue
		}
		i := slices.IndexFunc(at.node.Children, func(n *kong.Node) bool { return n.Name == word })
		if i < 0 {
			at.given++
			continue
		}
		at.node = at.node.Children[i]
	}
	return at
}

// valueFlag returns the flag of a name that waits for its value.
func valueFlag(node *kong.Node, name string, hasValue bool) *kong.Flag {
	for _, flags := range node.AllFlags(true) {
		for _, flag := range flags {
			if flag.Name == name && !flag.IsBool() && !hasValue {
				return flag
			}
		}
	}
	return nil
}

// values are what a flag or an argument may be; none leaves it to the shell, which
// knows files.
func values(ctx context.Context, value *kong.Value, at spot) []string {
	if value.Enum != "" {
		return slices.DeleteFunc(value.EnumSlice(), func(v string) bool { return v == "" || v == "words" })
	}
	var words []string
	switch at.node.Name + " " + value.Name {
	case "query query":
		queries, err := sql.Queries()
		if err != nil {
			return nil
		}
		for _, q := range queries {
			words = append(words, q.Name+"\t"+q.Question)
		}
	case "tables name":
		m, known, err := local.ReadModel(at.dir)
		if err != nil || !known {
			return nil
		}
		for _, t := range tablesOf(m) {
			if t.schema == model.DWH {
				words = append(words, t.name+"\t"+t.meaning)
			}
		}
	case "runs run":
		runs, err := record.List(ctx, folders(filepath.Join(at.dir, "s3")), local.LakeBucket)
		if err != nil {
			return nil
		}
		for _, run := range runs {
			words = append(words, run.RunID+"\t"+resultOf(run))
		}
	}
	if value.Name == "model" || value.Name == "file" {
		words = append(words, models.Names()...)
	}
	return words
}
