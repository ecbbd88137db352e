package main

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
)

// chdbScript is what Node.js runs.
//
//go:embed chdb.cjs
var chdbScript string //nolint:gochecknoglobals // embedded

// chdb returns the command that does the job with ClickHouse, or why it can't.
func chdb(folder string) (command []string, missing string) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, "Node.js is not installed"
	}
	module, err := filepath.Abs(filepath.Join(folder, "node_modules", "chdb"))
	if err != nil {
		return nil, err.Error()
	}
	if _, err := os.Stat(module); err != nil {
		return nil, "not installed; npm install --prefix build/chdb chdb@3.4.0 brings it (550 MB)"
	}
	return []string{node, "-e", chdbScript, "--", module}, ""
}
