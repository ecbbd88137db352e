package exportdir_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/exportdir"
)

// files are the files of an export whose prefix and data files have odd names.
func files() map[string]string {
	return map[string]string{
		"AWSDynamoDB/01-a/_started":             "",
		"AWSDynamoDB/01-a/manifest-summary.md5": "sum",
		"AWSDynamoDB/01-a/manifest-summary.json": `{"manifestFilesS3Key":"my exports/AWSDynamoDB/ü+%20/` +
			`AWSDynamoDB/01-a/manifest-files.json"}`,
		"AWSDynamoDB/01-a/manifest-files.md5": "sum",
		"AWSDynamoDB/01-a/manifest-files.json": `{"dataFileS3Key":"my exports/ü+%20/AWSDynamoDB/01-a/data/a b+c%20d.json.gz"}
no JSON

{"dataFileS3Key":"AWSDynamoDB/01-a/data/ü#?&=;:@$,.json.gz"}
{"dataFileS3Key":"AWSDynamoDB/01-a/data/ü#?&=;:@$,.json.gz"}
{"dataFileS3Key":"AWSDynamoDB/data/shared.json.gz"}
{"dataFileS3Key":"AWSDynamoDB/01-a/data/missing.json.gz"}
{"dataFileS3Key":"AWSDynamoDB/../../secret"}
{"dataFileS3Key":"AWSDynamoDB//secret"}
{"dataFileS3Key":"secret"}
{"dataFileS3Key":5}
`,
		"AWSDynamoDB/01-a/data/a b+c%20d.json.gz":      "one",
		"AWSDynamoDB/01-a/data/ü#?&=;:@$,.json.gz":     "two",
		"AWSDynamoDB/data/shared.json.gz":              "three",
		"AWSDynamoDB/01-a/data/not in a manifest.json": "not mine",
		"AWSDynamoDB/01-a/.DS_Store":                   "not mine",
		"notes.txt":                                    "not mine",
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// readAll returns what an export consists of.
func readAll(dir string) (map[string]string, []string, error) {
	export, err := exportdir.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	defer export.Close()
	names, err := export.Names()
	if err != nil {
		return nil, nil, err
	}
	all := map[string]string{}
	for _, name := range names {
		file, size, err := export.File(name)
		if err != nil {
			return nil, nil, err
		}
		content, err := io.ReadAll(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, nil, err
		}
		if int64(len(content)) != size {
			return nil, nil, errors.New("the size is wrong")
		}
		all[name] = string(content)
	}
	return all, names, nil
}

func TestExport_isWhatItsManifestsName(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	write(t, dir, files())
	want := files()
	for name, content := range want {
		if content == "not mine" || content == "" {
			delete(want, name)
		}
	}
	for _, given := range []string{dir, filepath.Join(dir, "AWSDynamoDB", "01-a")} {
		got, names, err := readAll(given)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", given, diff)
		}
		if names[len(names)-1] != "AWSDynamoDB/01-a/manifest-summary.json" {
			t.Errorf("the summary is not the last of %q", names)
		}
	}
}

// TestExport_followsLinksInside makes links of everything that can be one.
func TestExport_followsLinksInside(t *testing.T) {
	t.Parallel()

	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, elsewhere, files())
	if err := errors.Join(
		os.Rename(filepath.Join(elsewhere, "AWSDynamoDB", "01-a", "data"), filepath.Join(elsewhere, "AWSDynamoDB", "moved")),
		os.Symlink("../moved", filepath.Join(elsewhere, "AWSDynamoDB", "01-a", "data")),
		os.Symlink(filepath.Join(elsewhere, "AWSDynamoDB"), filepath.Join(dir, "AWSDynamoDB")),
	); err != nil {
		t.Fatal(err)
	}
	if got, _, err := readAll(dir); err != nil || got["AWSDynamoDB/01-a/data/a b+c%20d.json.gz"] != "one" {
		t.Errorf("read %v, %v", got, err)
	}
}

// TestExport_refusesWhatIsNoFileOfIt puts something else in the place of each
// file that is read. None may be waited for, and nothing outside be read.
func TestExport_refusesWhatIsNoFileOfIt(t *testing.T) {
	t.Parallel()

	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(`{"password":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		put   func(name string) error
		words string
	}{
		"a named pipe":        {func(name string) error { return syscall.Mkfifo(name, 0o600) }, "a named pipe"},
		"a directory":         {func(name string) error { return os.Mkdir(name, 0o700) }, "a directory"},
		"a link to a secret":  {func(name string) error { return os.Symlink(secret, name) }, "a link that leads out"},
		"a link to a device":  {func(name string) error { return os.Symlink("/dev/zero", name) }, "a link that leads out"},
		"a relative link out": {func(name string) error { return os.Symlink("../../../../../../../../../../etc/passwd", name) }, "a link that leads out"},
		"a link to a pipe inside": {func(name string) error {
			return errors.Join(syscall.Mkfifo(name+".pipe", 0o600), os.Symlink(filepath.Base(name)+".pipe", name))
		}, "a named pipe"},
		"a link to itself": {func(name string) error { return os.Symlink(filepath.Base(name), name) }, "too many levels"},
	}
	for what, tt := range tests {
		for name, content := range files() {
			if content == "not mine" || content == "" {
				continue
			}
			t.Run(what+" for "+filepath.Base(name), func(t *testing.T) {
				t.Parallel()

				dir := t.TempDir()
				write(t, dir, files())
				file := filepath.Join(dir, filepath.FromSlash(name))
				if err := errors.Join(os.Remove(file), tt.put(file)); err != nil {
					t.Fatal(err)
				}
				_, _, err := readAll(dir)
				if strings.HasSuffix(name, "summary.json") && err != nil && strings.Contains(err.Error(), "there is no AWSDynamoDB") {
					return // a link that leads nowhere is not a summary
				}
				if err == nil || !strings.Contains(err.Error(), tt.words) || !strings.Contains(err.Error(), file) {
					t.Errorf("the error is %v, want one with %q that names the file", err, tt.words)
				}
			})
		}
	}
}

func TestOpen_saysWhatToGive(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	if _, err := exportdir.Open(dir); err == nil || !strings.Contains(err.Error(), "give the folder that holds AWSDynamoDB") {
		t.Errorf("without an export: %v", err)
	}
	write(t, dir, files())
	write(t, dir, map[string]string{"AWSDynamoDB/02-b/manifest-summary.json": "{}"})
	if _, err := exportdir.Open(dir); err == nil || !strings.Contains(err.Error(), "01-a, 02-b") ||
		!strings.Contains(err.Error(), filepath.Join(dir, "AWSDynamoDB", "01-a")) {
		t.Errorf("with two exports: %v", err)
	}
	write(t, dir, map[string]string{"AWSDynamoDB/02-b/manifest-summary.json": `{"exportType":"INCREMENTAL_EXPORT"}`})
	if _, names, err := readAll(dir); err != nil || names[len(names)-1] != "AWSDynamoDB/01-a/manifest-summary.json" {
		t.Errorf("a full export beside an incremental one: %q, %v", names, err)
	}
	below := t.TempDir()
	write(t, filepath.Join(below, "my", "prefix"), files())
	if _, names, err := readAll(below); err != nil || len(names) < 3 {
		t.Errorf("below a prefix: %q, %v", names, err)
	}
	for _, summary := range []string{"{}", "no JSON", "", "null", `{"manifestFilesS3Key":"AWSDynamoDB/02-b/absent.json"}`} {
		write(t, dir, map[string]string{"AWSDynamoDB/02-b/manifest-summary.json": summary})
		_, names, err := readAll(filepath.Join(dir, "AWSDynamoDB", "02-b"))
		if err != nil || !slices.Equal(names, []string{"AWSDynamoDB/02-b/manifest-summary.json"}) {
			t.Errorf("summary %q: %q, %v: want it alone, for the run to refuse", summary, names, err)
		}
	}
}

func TestExport_RefuseInside(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	write(t, dir, files())
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filepath.Join(dir, "AWSDynamoDB"), link); err != nil {
		t.Fatal(err)
	}
	export, err := exportdir.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer export.Close()
	for name, inside := range map[string]bool{
		dir:                                    false,
		filepath.Join(dir, ".nightstar"):       false,
		filepath.Join(dir, "AWSDynamoDB-mine"): false,
		filepath.Join(dir, "AWSDynamoDB"):      true,
		filepath.Join(dir, "AWSDynamoDB", "a"): true,
		filepath.Join(dir, "AWSDynamoDB", "01-a", "data", "x", "y"): true,
		filepath.Join(link, "not", "there"):                         true,
		filepath.Join(dir, "x", "..", "AWSDynamoDB", "z"):           true,
	} {
		err := export.RefuseInside(name)
		if (err != nil) != inside || inside && !strings.Contains(err.Error(), "give another --dir") {
			t.Errorf("RefuseInside(%s) = %v, want an error: %v", name, err, inside)
		}
	}
}

// FuzzExport_Names checks that no manifest makes it read a file outside of the
// export, or wait, or panic.
func FuzzExport_Names(f *testing.F) {
	f.Add("AWSDynamoDB/01-a/manifest-files.json", "AWSDynamoDB/01-a/data/x")
	f.Add("../AWSDynamoDB/../../secret", "/etc/passwd")
	f.Add("AWSDynamoDB/01-a/manifest-files.json", "AWSDynamoDB/out/secret")
	f.Fuzz(func(t *testing.T, filesKey, dataKey string) {
		dir := filepath.Join(t.TempDir(), "export")
		write(t, dir, map[string]string{
			"AWSDynamoDB/01-a/manifest-summary.json": `{"manifestFilesS3Key":"` + filesKey + `"}`,
			"AWSDynamoDB/01-a/manifest-files.json":   `{"dataFileS3Key":"` + dataKey + `"}`,
			"AWSDynamoDB/01-a/data/x":                "data",
			"../secret":                              "secret",
		})
		if err := os.Symlink("../..", filepath.Join(dir, "AWSDynamoDB", "out")); err != nil {
			t.Fatal(err)
		}
		got, _, err := readAll(dir)
		if err != nil {
			return
		}
		for name, content := range got {
			if content == "secret" || !filepath.IsLocal(filepath.FromSlash(name)) || !strings.HasPrefix(name, "AWSDynamoDB/") {
				t.Errorf("%q is read: %q", name, content)
			}
		}
	})
}
