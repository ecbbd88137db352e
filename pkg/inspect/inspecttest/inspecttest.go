// Package inspecttest writes and reads exports for tests.
package inspecttest

import (
	"bytes"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // the checksum that DynamoDB writes
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/inspect"
	"github.com/nightstar-elt/nightstar/pkg/inspect/source"
)

// Export writes an export of these items, each as the JSON of its attributes, and
// returns its folder. The items are spread over some files.
func Export(tb testing.TB, files int, items ...string) string {
	tb.Helper()
	home := filepath.Join(tb.TempDir(), "AWSDynamoDB", "01700000000000-00000000")
	if err := os.MkdirAll(filepath.Join(home, "data"), 0o750); err != nil {
		tb.Fatal(err)
	}
	var list strings.Builder
	for f := range files {
		var text bytes.Buffer
		count := 0
		zipped := gzip.NewWriter(&text)
		for i := f; i < len(items); i += files {
			line := items[i]
			if strings.HasPrefix(line, "{") {
				line = `{"Item":` + line + `}`
			}
			fmt.Fprintln(zipped, line)
			count++
		}
		if err := zipped.Close(); err != nil {
			tb.Fatal(err)
		}
		name := fmt.Sprintf("file%02d.json.gz", f)
		write(tb, filepath.Join(home, "data", name), text.Bytes())
		sum := md5.Sum(text.Bytes()) //nolint:gosec // as above
		fmt.Fprintf(&list, `{"itemCount":%d,"md5Checksum":%q,"etag":"x-1","dataFileS3Key":"AWSDynamoDB/01700000000000-00000000/data/%s"}`+"\n",
			count, base64.StdEncoding.EncodeToString(sum[:]), name)
	}
	write(tb, filepath.Join(home, "manifest-files.json"), []byte(list.String()))
	write(tb, filepath.Join(home, "manifest-summary.json"), fmt.Appendf(nil,
		`{"version":"2020-06-30","exportType":"FULL_EXPORT","outputFormat":"DYNAMODB_JSON","tableArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/desk",`+
			`"manifestFilesS3Key":"AWSDynamoDB/01700000000000-00000000/manifest-files.json","itemCount":%d,"exportTime":"2026-01-01T00:00:00.000Z"}`, len(items)))
	return home
}

// Read inspects an export in a folder.
func Read(tb testing.TB, dir string, o inspect.Options) (*inspect.Report, error) {
	tb.Helper()
	from, err := source.Folder(dir)
	if err != nil {
		return nil, err
	}
	defer from.Close() //nolint:errcheck // read only
	return inspect.Read(tb.Context(), from, o)
}

func write(tb testing.TB, path string, text []byte) {
	tb.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		tb.Fatal(err)
	}
}
