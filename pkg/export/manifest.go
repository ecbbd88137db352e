package export

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// The versions that DynamoDB wrote into summaries when this was written.
const (
	fullVersion        = "2020-06-30"
	incrementalVersion = "2023-08-01"
)

const (
	fullExport        = "FULL_EXPORT"
	incrementalExport = "INCREMENTAL_EXPORT"
)

// maxLine bounds a line of manifest-files.json, in bytes. A real line has a
// key of at most 1,024 bytes and three short fields.
const maxLine = 1 << 16

// summary is what the plan needs of manifest-summary.json. Fields are pointers
// because AWS writes null and leaves fields out; fields that are not listed
// are ignored because AWS adds new ones.
type summary struct {
	Version            *string `json:"version"`
	ExportType         *string `json:"exportType"`
	OutputFormat       *string `json:"outputFormat"`
	ManifestFilesS3Key *string `json:"manifestFilesS3Key"`
	ItemCount          *int64  `json:"itemCount"`
	BilledSizeBytes    *int64  `json:"billedSizeBytes"`
	ExportTime         *string `json:"exportTime"`
	TableARN           *string `json:"tableArn"`
	TableID            *string `json:"tableId"`
	ExportFromTime     *string `json:"exportFromTime"` // of incremental exports only
	ExportToTime       *string `json:"exportToTime"`   // likewise
}

// isIncremental reports whether the export holds changes.
func (s summary) isIncremental() bool {
	return s.ExportType != nil && *s.ExportType == incrementalExport
}

// version returns the version that this package was written for.
func (s summary) version() string {
	if s.isIncremental() {
		return incrementalVersion
	}
	return fullVersion
}

// span returns the time that an incremental export shows, as the summary spells it.
func (s summary) span() (from, to string, err error) {
	for name, at := range map[string]*string{"exportFromTime": s.ExportFromTime, "exportToTime": s.ExportToTime} {
		if at == nil {
			return "", "", fault.New(fault.Corrupt, fmt.Errorf("%s is absent", name))
		}
		if _, err := time.Parse(time.RFC3339Nano, *at); err != nil {
			return "", "", fault.New(fault.Corrupt, fmt.Errorf("decode %s: %w", name, err))
		}
	}
	return *s.ExportFromTime, *s.ExportToTime, nil
}

// isKnown reports whether the summary is of the version that this package was
// written for. Another one is read if it says what it is: counts, checksums and the
// keys of files prove it.
func (s summary) isKnown() bool { return s.Version != nil && *s.Version == s.version() }

// at returns the moment that the export shows, as the summary spells it; empty if
// it does not say.
func (s summary) at() (string, error) {
	if s.ExportTime == nil {
		return "", nil
	}
	if _, err := time.Parse(time.RFC3339Nano, *s.ExportTime); err != nil {
		return "", fault.New(fault.Corrupt, fmt.Errorf("decode exportTime: %w", err))
	}
	return *s.ExportTime, nil
}

// decodeSummary reads a summary. One that is not a JSON object of the right types
// is Corrupt.
func decodeSummary(data []byte) (summary, error) {
	var s summary
	if err := json.Unmarshal(data, &s); err != nil {
		return summary{}, fault.New(fault.Corrupt, fmt.Errorf("decode JSON: %w", err))
	}
	return s, nil
}

// checkKind refuses an export that the night could not load, whatever else its
// summary says: it is Invalid. Older exports are full without saying so.
func (s summary) checkKind() error {
	if s.ExportType != nil && *s.ExportType != fullExport && *s.ExportType != incrementalExport {
		return refused("exportType", s.ExportType, fullExport)
	}
	if s.ExportType == nil && s.ExportFromTime != nil {
		return fault.New(fault.Invalid, fmt.Errorf("exportFromTime makes it an incremental export, and exportType is absent: want an export with %q", incrementalExport))
	}
	if s.OutputFormat != nil && *s.OutputFormat != "DYNAMODB_JSON" {
		return refused("outputFormat", s.OutputFormat, "DYNAMODB_JSON")
	}
	return nil
}

// check refuses a summary that does not say what the plan needs. A version that
// is not known is no reason, as long as the summary says that the export is full.
func (s summary) check() error {
	if err := s.checkKind(); err != nil {
		return err
	}
	if !s.isKnown() && s.ExportType == nil {
		return refused("version", s.Version, fullVersion)
	}
	if s.OutputFormat == nil {
		return refused("outputFormat", nil, "DYNAMODB_JSON")
	}
	if s.ManifestFilesS3Key == nil {
		return fault.New(fault.Corrupt, errors.New("manifestFilesS3Key is absent"))
	}
	if s.ItemCount == nil || *s.ItemCount < 0 {
		return fault.New(fault.Corrupt, errors.New("itemCount is absent or negative"))
	}
	return nil
}

func refused(field string, value *string, want string) error {
	if value == nil {
		return fault.New(fault.Invalid, fmt.Errorf("%s is absent: want an export with %q", field, want))
	}
	return fault.New(fault.Invalid, fmt.Errorf("%s is %q: want an export with %q", field, *value, want))
}

// entry is one line of manifest-files.json. The etag that AWS writes beside
// these is of the multipart kind and proves nothing.
type entry struct {
	ItemCount     *int64  `json:"itemCount"`
	MD5Checksum   *string `json:"md5Checksum"`
	DataFileS3Key *string `json:"dataFileS3Key"`
}

// decodeFiles reads manifest-files.json, which in spite of its name is one
// JSON object for each line. It returns the data files with their keys in this
// bucket, and the sum of their items. An error of r itself is returned as it
// is; everything else is Corrupt and names the line.
func decodeFiles(r io.Reader, at location, changes bool) (files []lakedoc.File, items int64, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	seen := map[string]int{}
	number := 0
	for lines.Scan() {
		number++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		file, err := decodeEntry(line, at, changes)
		if lines.Err() != nil {
			break // the scanner hands out what it had when the read broke off
		}
		if first, ok := seen[file.Key]; err == nil && ok {
			err = fmt.Errorf("key %q stands on line %d already", file.Key, first)
		}
		if err == nil && file.Items > math.MaxInt64-items {
			err = errors.New("the item counts do not fit 64 bits")
		}
		if err != nil {
			return nil, 0, fault.New(fault.Corrupt, fmt.Errorf("line %d: %w", number, err))
		}
		seen[file.Key] = number
		file.Number = len(files) + 1
		files = append(files, file)
		items += file.Items
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, 0, fault.New(fault.Corrupt, fmt.Errorf("line %d: it has more than %d bytes", number+1, maxLine))
	} else if err != nil {
		return nil, 0, err
	}
	if len(files) == 0 {
		// DynamoDB writes a file for each partition, even for an empty one.
		return nil, 0, fault.New(fault.Corrupt, errors.New("it lists no data file"))
	}
	return files, items, nil
}

func decodeEntry(line []byte, at location, changes bool) (lakedoc.File, error) {
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return lakedoc.File{}, fmt.Errorf("decode JSON: %w", err)
	}
	if e.DataFileS3Key == nil {
		return lakedoc.File{}, errors.New("dataFileS3Key is absent")
	}
	if e.ItemCount == nil || *e.ItemCount < 0 {
		return lakedoc.File{}, fmt.Errorf("itemCount of %q is absent or negative", *e.DataFileS3Key)
	}
	if e.MD5Checksum == nil || !isMD5(*e.MD5Checksum) {
		return lakedoc.File{}, fmt.Errorf("md5Checksum of %q is not base64 MD5", *e.DataFileS3Key)
	}
	key, err := at.resolveData(*e.DataFileS3Key, changes)
	if err != nil {
		return lakedoc.File{}, err
	}
	return lakedoc.File{Key: key, Items: *e.ItemCount, MD5: *e.MD5Checksum, Changes: changes}, nil
}

// isMD5 reports whether text is the base64 form of 16 bytes.
func isMD5(text string) bool {
	sum, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil && len(sum) == 16
}
