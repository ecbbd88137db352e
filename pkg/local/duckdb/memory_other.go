//go:build !linux

package duckdb

func resident() (int64, bool) { return 0, false }

func machineMemory() int64 { return 0 }
