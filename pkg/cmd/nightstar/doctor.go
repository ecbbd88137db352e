package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/progress"
)

type doctorCommand struct {
	services

	AWS    bool     `name:"aws" help:"Check the AWS account of the credentials too."`
	Table  string   `help:"Name or ARN of the table that is to be exported. Default: TABLE_ARN of the environment." env:"TABLE_ARN" placeholder:"TABLE"`
	Bucket []string `help:"Bucket that has to be there. Default: RAW_BUCKET and LAKE_BUCKET of the environment." placeholder:"NAME"`
	JSON   bool     `name:"json" help:"Print JSON."`
}

// Help has examples.
func (doctorCommand) Help() string {
	return `Each line is one check: whether it holds, what was found, and what to do. The exit status is 1 if something is missing that a run needs.
With --aws the warehouse that REDSHIFT_DATABASE and REDSHIFT_WORKGROUP or REDSHIFT_CLUSTER name is asked for one row, which wakes it
and costs a minute of its time.

Examples:
  nightstar doctor
  nightstar doctor --json`
}

// finding is what one check has found.
type finding struct {
	Check string `json:"check"`
	State string `json:"state"` // ok, warning or missing
	Found string `json:"found"`
	Do    string `json:"do"` // empty if nothing has to be done
}

// The states of a finding. A warning is about something that only some commands
// need.
const (
	stateOK      = "ok"
	stateWarning = "warning"
	stateMissing = "missing"
)

// errNotReady ends the command if something is missing: the report has said what.
var errNotReady = errors.New("something is missing") //nolint:gochecknoglobals // a sentinel

// Run checks the machine, and the account if it is wanted.
func (c doctorCommand) Run(ctx context.Context, to output) error {
	findings := []finding{
		tool(ctx, "Go", "builds Nightstar", [2]int{1, 26}, "go", "version"),
		compiler(ctx),
		tool(ctx, "Node", "make test, make synth and make deploy use it", [2]int{22, 0}, "node", "--version"),
		c.executables(), c.directory(), c.disk(), port(),
	}
	if c.AWS {
		findings = append(findings, c.account(ctx)...)
	}
	var err error
	for _, f := range findings {
		if f.State == stateMissing {
			err = errNotReady
		}
	}
	if c.JSON {
		return errors.Join(printJSON(to.out, findings), err)
	}
	marks := map[string]string{stateOK: "ok     ", stateWarning: "warning", stateMissing: "MISSING"}
	indent := strings.Repeat(" ", len(marks[stateOK])+2)
	for _, f := range findings {
		text := fmt.Sprintf("%s  %s: %s", marks[f.State], f.Check, f.Found)
		if f.Do != "" {
			text += ". " + f.Do
		}
		fmt.Fprintln(to.out, strings.ReplaceAll(progress.Wrap(text, progress.Columns(to.out)-len(indent)), "\n", "\n"+indent))
	}
	return err
}

// tool checks the version of a program that some commands use.
func tool(ctx context.Context, name, use string, least [2]int, command ...string) finding {
	f := finding{Check: name, State: stateWarning, Do: fmt.Sprintf("Install %s %d.%d or newer: %s", name, least[0], least[1], use)}
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).Output() //nolint:gosec // the caller names the program
	if err != nil {
		f.Found = "it is not there"
		return f
	}
	f.Found = strings.TrimSpace(string(out))
	number := regexp.MustCompile(`(\d+)\.(\d+)`).FindStringSubmatch(f.Found)
	if number == nil {
		return f
	}
	major, _ := strconv.Atoi(number[1]) //nolint:errcheck // digits
	minor, _ := strconv.Atoi(number[2]) //nolint:errcheck // digits
	if major > least[0] || major == least[0] && minor >= least[1] {
		f.State, f.Do = stateOK, ""
	}
	return f
}

// compiler checks that cgo finds one.
func compiler(ctx context.Context) finding {
	for _, name := range []string{os.Getenv("CC"), "cc", "gcc", "clang"} {
		if name == "" {
			continue
		}
		if out, err := exec.CommandContext(ctx, name, "--version").Output(); err == nil { //nolint:gosec // names of compilers
			first, _, _ := strings.Cut(string(out), "\n")
			return finding{Check: "C compiler", State: stateOK, Found: first}
		}
	}
	return finding{Check: "C compiler", State: stateWarning, Found: "there is none", Do: "Install gcc or clang: building Nightstar links DuckDB"}
}

// executables checks the steps.
func (c doctorCommand) executables() finding {
	folder, err := c.services.executables()
	if err != nil {
		return finding{Check: "step executables", State: stateMissing, Found: err.Error()}
	}
	return finding{Check: "step executables", State: stateOK, Found: folder}
}

// directory checks that a run could write into the directory, and that no other
// process does.
func (c doctorCommand) directory() finding {
	f := finding{Check: "directory " + c.Dir, State: stateMissing}
	place := c.Dir
	for {
		if info, err := os.Stat(place); err == nil && info.IsDir() {
			break
		} else if err == nil {
			f.Found, f.Do = place+" is a file", "Give another --dir"
			return f
		}
		place = filepath.Dir(place)
	}
	probe, err := os.CreateTemp(place, ".nightstar-doctor-")
	if err != nil {
		f.Found, f.Do = fmt.Sprintf("it can't be written: %v", err), "Runs need a directory of their own; questions do not"
		return f
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		f.Found = err.Error()
		return f
	}
	f.State, f.Found = stateOK, "it can be written"
	if _, err := os.Stat(filepath.Join(c.Dir, local.WarehouseFile)); err == nil {
		f.Found += " and has a warehouse"
	}
	return f
}

// leastFree is how much disk space even a small run needs: the export, the lake and
// the warehouse.
const leastFree = 1 << 30

func (c doctorCommand) disk() finding {
	place := c.Dir
	for {
		if _, err := os.Stat(place); err == nil || place == filepath.Dir(place) {
			break
		}
		place = filepath.Dir(place)
	}
	free, err := freeSpace(place)
	switch {
	case err != nil:
		return finding{Check: "disk", State: stateWarning, Found: fmt.Sprintf("the free space is not known: %v", err)}
	case free < leastFree:
		return finding{
			Check: "disk", State: stateMissing, Found: progress.Bytes(free) + " free",
			Do: "Free some: a run keeps the export, Parquet and the warehouse, about three times the compressed export",
		}
	}
	return finding{Check: "disk", State: stateOK, Found: progress.Bytes(free) + " free"}
}

// port checks that the endpoints can listen, and that the port of nightstar up is
// free.
func port() finding {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return finding{Check: "ports", State: stateMissing, Found: err.Error(), Do: "Allow processes to listen on 127.0.0.1"}
	}
	_ = listener.Close() //nolint:errcheck // it was only tried
	listener, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", defaultPort))
	if err != nil {
		return finding{
			Check: "ports", State: stateWarning, Found: fmt.Sprintf("port %d is taken", defaultPort),
			Do: "nightstar up is running already, or give it another --port",
		}
	}
	_ = listener.Close() //nolint:errcheck // as above
	return finding{Check: "ports", State: stateOK, Found: fmt.Sprintf("port %d of 127.0.0.1 is free", defaultPort)}
}
