package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nightstar-elt/nightstar/pkg/fault"
)

const (
	exportsFolder = "AWSDynamoDB"
	sharedFolder  = "data" // beside the folders of exports: the data files of all incremental ones
	summaryName   = "manifest-summary.json"
)

// location is the folder of one export in the raw bucket: everything that
// belongs to the export is below it.
type location struct {
	root string // what stands before AWSDynamoDB/, as it is: empty, or ends with a slash
	id   string // name of the export's folder
}

// locate finds the export that a summary belongs to. The key is input of the
// run, so a bad one is Invalid.
func locate(summaryKey string) (location, error) {
	elements := strings.Split(summaryKey, "/")
	below := len(elements) - len([]string{exportsFolder, "id", summaryName})
	if below < 0 || elements[below] != exportsFolder || elements[len(elements)-1] != summaryName {
		err := fmt.Errorf("it does not end in %s/<export>/%s", exportsFolder, summaryName)
		return location{}, fault.New(fault.Invalid, fmt.Errorf("locate manifest %q: %w", summaryKey, err))
	}
	own := strings.Join(elements[below:], "/")
	if err := checkPlain(elements[below:]); err != nil {
		return location{}, fault.New(fault.Invalid, fmt.Errorf("locate manifest %q: %w", summaryKey, err))
	}
	return location{root: strings.TrimSuffix(summaryKey, own), id: elements[below+1]}, nil
}

// resolve returns the key, in this bucket, of an object that a manifest names.
// A manifest holds the keys of the bucket and the prefix that DynamoDB wrote
// to. What stands before AWSDynamoDB/ is therefore replaced, whatever it is, so
// that an export that was copied elsewhere can be read: a prefix can be anything
// that S3 takes in a key, as /backups// is. What stands after it must lie in the
// export's own folder, so that no manifest can point at another object.
func (l location) resolve(key string) (string, error) { return l.below(key, l.id) }

// resolveData is resolve for the key of a data file. Those of incremental exports
// lie in a folder that all of them share, as
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
// has it.
func (l location) resolveData(key string, incremental bool) (string, error) {
	if incremental {
		return l.below(key, sharedFolder)
	}
	return l.resolve(key)
}

// below returns the key of an object that must lie in a folder beside the export.
func (l location) below(key, folder string) (string, error) {
	elements := strings.Split(key, "/")
	below := lastIndex(elements, exportsFolder) + 1
	if below == 0 || below+1 >= len(elements) || elements[below] != folder {
		return "", fault.New(fault.Corrupt, fmt.Errorf("resolve key %q: it is not below %s/%s/", key, exportsFolder, folder))
	}
	if err := checkPlain(elements[below:]); err != nil {
		return "", fault.New(fault.Corrupt, fmt.Errorf("resolve key %q: %w", key, err))
	}
	return l.root + exportsFolder + "/" + folder + "/" + strings.Join(elements[below+1:], "/"), nil
}

// checkPlain refuses elements of a key that a file system would read as another
// place: exports are copied to disks too. DynamoDB writes no such names.
func checkPlain(elements []string) error {
	for _, element := range elements {
		if element == "" || element == "." || element == ".." {
			return fmt.Errorf(`after %s/, a key has no empty element, no "." and no ".."`, exportsFolder)
		}
		if strings.ContainsRune(element, '\\') || strings.ContainsFunc(element, unicode.IsControl) {
			return fmt.Errorf("after %s/, a key has no backslash and no control character", exportsFolder)
		}
	}
	return nil
}

func lastIndex(elements []string, element string) int {
	for i, e := range slices.Backward(elements) {
		if e == element {
			return i
		}
	}
	return -1
}
