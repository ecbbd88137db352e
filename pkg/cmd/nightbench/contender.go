package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// contender is one way to do the job, and what it cost in each round.
type contender struct {
	name    string
	about   string
	reads   bool     // it writes nothing, so there is nothing to check
	command []string // with its arguments but the folders; a task of this command if empty
	missing string   // why it doesn't run

	cpu  []float64 // seconds
	peak []float64 // MiB
}

func contenders(s settings) []*contender {
	clickHouse := &contender{name: "clickhouse", about: "ClickHouse (chdb): JSONEachRow into memory, three INSERTs into files"}
	clickHouse.command, clickHouse.missing = chdb(s.chdb)
	return []*contender{
		{name: "ours", about: "the partition step without S3"},
		{name: "floor", about: "gunzip and tokenise only, nothing written", reads: true},
		{name: "duckdb", about: "DuckDB: read_ndjson_objects into a table, json_extract_string with lists, three COPYs"},
		clickHouse,
		{name: "naive", about: "encoding/json, attributevalue.UnmarshalMap, xitongsys/parquet-go's writer"},
	}
}

// measure runs the contender once and checks what it wrote.
func (c *contender) measure(ctx context.Context, s settings, data, out string) error {
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("clear %s: %w", out, err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", out, err)
	}
	cost, err := child{task: c.name, settings: s, command: c.command, data: data, out: out, pinned: true}.run(ctx)
	if err != nil {
		return err
	}
	c.cpu, c.peak = append(c.cpu, cost.cpu), append(c.peak, cost.peak)
	if c.reads || len(c.cpu) > 1 {
		return nil // it does the same in every round
	}
	if _, err := (child{task: "check", settings: s, data: data, out: out}).run(ctx); err != nil {
		return fmt.Errorf("check %s: %w", c.name, err)
	}
	return nil
}

// child is a process that does one task. All that needs memory is done in
// children, because a process inherits the peak of the one that started it.
type child struct {
	task     string
	settings settings
	command  []string // this command if empty
	data     string
	out      string
	pinned   bool
}

// cost is what a process took.
type cost struct {
	cpu  float64 // seconds, user and system
	peak float64 // MiB
}

func (c child) run(ctx context.Context) (cost, error) {
	args := append([]string{}, c.command...)
	if len(args) > 0 {
		args = append(args, c.data, c.out)
	} else {
		self, err := os.Executable()
		if err != nil {
			return cost{}, fmt.Errorf("find this command: %w", err)
		}
		args = []string{
			self, "-task", c.task, "-data", c.data, "-out", c.out,
			"-items", strconv.Itoa(c.settings.items), "-files", strconv.Itoa(c.settings.files),
		}
	}
	if taskset, err := exec.LookPath("taskset"); c.pinned && err == nil {
		args = append([]string{taskset, "-c", strconv.Itoa(c.settings.core)}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the commands of the table above
	cmd.Env = os.Environ()
	if c.pinned {
		cmd.Env = append(cmd.Env, "GOMAXPROCS=1")
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("run %s: %w\n%s", c.task, err, bytes.TrimSpace(said.Bytes()))
	}
	return cost{
		cpu:  (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(),
		peak: peak(cmd.ProcessState),
	}, nil
}

// dataFiles returns the data files of an export.
func dataFiles(data string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(data, "*.json.gz"))
	if err == nil && len(files) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		return nil, fmt.Errorf("list data files of %s: %w", data, err)
	}
	return files, nil
}
