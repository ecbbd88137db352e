package postgres

import (
	"os"
	"path/filepath"
	"testing"
)

// The binaries of npm serve where the system has none, run as the same user
// and with the links that npm may not have made.
func TestStart_withTheBinariesOfNPM(t *testing.T) {
	t.Parallel()

	server, err := start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	engine, err := server.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	result, err := tx.Exec(t.Context(), "select cast(current_setting('server_version_num') as integer) / 10000 = 15")
	if err != nil || result.Rows[0][0] != true {
		t.Errorf("the version is not 15: %v, %v", result, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(server.dir); !os.IsNotExist(err) {
		t.Errorf("the folder of the cluster is still there: %v", err)
	}
}

func TestSystemBinaries(t *testing.T) {
	t.Parallel()

	root := t.TempDir()
	add := func(path ...string) {
		t.Helper()
		file := filepath.Join(append([]string{root}, path...)...)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got := systemBinaries(root); got != "" {
		t.Errorf("nothing there: %q", got)
	}
	add("16", "bin", "initdb") // clients only
	if got := systemBinaries(root); got != "" {
		t.Errorf("no server there: %q", got)
	}
	add("14", "bin", "initdb")
	add("14", "bin", "postgres")
	if got, want := systemBinaries(root), filepath.Join(root, "14", "bin"); got != want {
		t.Errorf("another version: %q, want %q", got, want)
	}
	add("16", "bin", "postgres")
	if got, want := systemBinaries(root), filepath.Join(root, "16", "bin"); got != want {
		t.Errorf("the latest of other versions: %q, want %q", got, want)
	}
	add("15", "bin", "initdb")
	add("15", "bin", "postgres")
	if got, want := systemBinaries(root), filepath.Join(root, "15", "bin"); got != want {
		t.Errorf("the preferred version: %q, want %q", got, want)
	}
}

func TestInstall_makesTheLinks(t *testing.T) {
	t.Parallel()

	native := t.TempDir()
	for name, text := range map[string]string{
		"lib/liba.so.5.15": "library",
		"pg-symlinks.json": `[{"source":"native/lib/liba.so.5.15","target":"native/lib/liba.so.5"}]`,
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(native, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(native, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	to := filepath.Join(t.TempDir(), "native")
	if err := install(native, to); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(to, "lib", "liba.so.5"))
	if err != nil || string(text) != "library" {
		t.Errorf("through the link: %q, %v", text, err)
	}
	info, err := os.Stat(filepath.Join(to, "lib", "liba.so.5.15"))
	if err != nil || info.Mode().Perm()&0o444 != 0o444 {
		t.Errorf("others cannot read the copy: %v, %v", info.Mode(), err)
	}
}
