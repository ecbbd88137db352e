package export

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// FuzzDecodeSummary: no text makes the decoder panic; what passes its checks has
// the fields that the plan needs, and what it refuses is Invalid or Corrupt.
func FuzzDecodeSummary(f *testing.F) {
	sample, err := os.ReadFile("testdata/export/manifest-summary.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample))
	f.Add(`{"version":"2020-06-30","outputFormat":"DYNAMODB_JSON","manifestFilesS3Key":"","itemCount":0}`)
	f.Add(`{"version":"2020-06-30","version":null,"itemCount":1e3}`)
	f.Add("null")
	f.Add("[]")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := decodeSummary([]byte(text))
		if err == nil {
			err = s.check()
		}
		if err != nil {
			if kind := fault.KindOf(err); kind != fault.Corrupt && kind != fault.Invalid {
				t.Fatalf("decodeSummary(%q) = %v of kind %s", text, err, kind)
			}
			return
		}
		if s.ManifestFilesS3Key == nil || s.ItemCount == nil || *s.ItemCount < 0 || *s.OutputFormat != "DYNAMODB_JSON" {
			t.Fatalf("decodeSummary(%q) accepted %+v", text, s)
		}
	})
}

// FuzzDecodeFiles: no text makes the decoder panic; every file that it accepts
// lies in the export's own folder, is there once, is numbered in order, and
// the sum is the sum.
func FuzzDecodeFiles(f *testing.F) {
	sample, err := os.ReadFile("testdata/export/manifest-files.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample))
	const line = `{"itemCount":1,"md5Checksum":"1B2M2Y8AsgTpgAmY7PhCfg==","dataFileS3Key":"AWSDynamoDB/`
	f.Add(line + `01763690400000-1a2b3c4d/data/../../x"}`)
	f.Add(line + `AWSDynamoDB/01763690400000-1a2b3c4d/x"}`)
	f.Add("\n\n{}\n")
	f.Add(strings.Replace(line, `"AWS`, `"/backups//AWS`, 1) + `01763690400000-1a2b3c4d/data/x"}`)
	at := location{root: "run=r/", id: "01763690400000-1a2b3c4d"}
	f.Fuzz(func(t *testing.T, text string) {
		files, items, err := decodeFiles(strings.NewReader(text), at, false)
		if err != nil {
			if fault.KindOf(err) != fault.Corrupt {
				t.Fatalf("decodeFiles(%q) = %v of kind %s", text, err, fault.KindOf(err))
			}
			return
		}
		var sum int64
		seen := map[string]bool{}
		for i, file := range files {
			if file.Number != i+1 || seen[file.Key] || file.Items < 0 || !within(file.Key, at) {
				t.Fatalf("decodeFiles(%q) accepted %+v", text, file)
			}
			seen[file.Key] = true
			sum += file.Items
		}
		if len(files) == 0 || sum != items {
			t.Fatalf("decodeFiles(%q) = %d files with %d items, want a sum of %d", text, len(files), items, sum)
		}
	})
}

// FuzzLocation_resolve: whatever a manifest says, the result lies in the
// export's own folder, and resolving it again changes nothing.
func FuzzLocation_resolve(f *testing.F) {
	f.Add("run=r/AWSDynamoDB/1/manifest-summary.json", "p/AWSDynamoDB/1/data/x.json.gz")
	f.Add("AWSDynamoDB/1/manifest-summary.json", "AWSDynamoDB/1/../2/data/x")
	f.Add("AWSDynamoDB/AWSDynamoDB/AWSDynamoDB/manifest-summary.json", "AWSDynamoDB/AWSDynamoDB/x")
	f.Add("/AWSDynamoDB/1/manifest-summary.json", "//AWSDynamoDB/1/x")
	f.Add("/backups//AWSDynamoDB/1/manifest-summary.json", `../.\AWSDynamoDB/AWSDynamoDB/1/data/x`)
	f.Fuzz(func(t *testing.T, summaryKey, key string) {
		at, err := locate(summaryKey)
		if err != nil {
			return
		}
		if folderOf(at)+summaryName != summaryKey {
			t.Fatalf("locate(%q) = %+v", summaryKey, at)
		}
		got, err := at.resolve(key)
		if err != nil {
			return
		}
		if !within(got, at) {
			t.Fatalf("resolve(%q) = %q, want it below %q", key, got, folderOf(at))
		}
		if again, err := at.resolve(got); err != nil || again != got {
			t.Fatalf("resolve(%q) = %q, then %q, %v", key, got, again, err)
		}
	})
}

// folderOf is the folder of an export.
func folderOf(l location) string { return l.root + "AWSDynamoDB/" + l.id + "/" }

// within is the claim of the tests above, in other words than the code's.
func within(key string, at location) bool {
	below, ok := strings.CutPrefix(key, folderOf(at))
	return ok && below != "" && !strings.Contains(below, `\`) && below[0] != '/' &&
		!slices.Contains(strings.Split(below, "/"), "..") && !strings.Contains(below, "//")
}
