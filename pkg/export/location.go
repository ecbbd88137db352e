package export

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/nightstar-elt/nightstar/pkg/fault"
)

const (
	exportsFolder = "AWSDynamoDB"
	summaryName   = "manifest-summary.json"
)

// location is the folder of one export in the raw bucket: everything that
// belongs to the export is below it.
type location struct {
	root string // what stands before AWSDynamoDB/: empty, or ends with a slash
	id   string // name of the export's folder
}

// locate finds the export that a summary belongs to. The key is input of the
// run, so a bad one is Invalid.
func locate(summaryKey string) (location, error) {
	elements, err := split(summaryKey)
	n := len(elements)
	if err == nil && (n < 3 || elements[n-1] != summaryName || elements[n-3] != exportsFolder) {
		err = fmt.Errorf("it does not end in %s/<export>/%s", exportsFolder, summaryName)
	}
	if err != nil {
		return location{}, fault.New(fault.Invalid, fmt.Errorf("locate manifest %q: %w", summaryKey, err))
	}
	root := strings.Join(elements[:n-3], "/")
	if root != "" {
		root += "/"
	}
	return location{root: root, id: elements[n-2]}, nil
}

// folder is the prefix of every key of the export.
func (l location) folder() string { return l.root + exportsFolder + "/" + l.id + "/" }

// resolve returns the key, in this bucket, of an object that a manifest names.
// A manifest holds the keys of the bucket and the prefix that DynamoDB wrote
// to. What stands before AWSDynamoDB/ is therefore replaced, so that an export
// that was copied elsewhere can be read; what stands after it must lie in the
// export's own folder, so that no manifest can point at another object.
func (l location) resolve(key string) (string, error) {
	elements, err := split(key)
	if err != nil {
		return "", fault.New(fault.Corrupt, fmt.Errorf("resolve key %q: %w", key, err))
	}
	below := lastIndex(elements, exportsFolder) + 1
	if below == 0 || below+1 >= len(elements) || elements[below] != l.id {
		return "", fault.New(fault.Corrupt, fmt.Errorf("resolve key %q: it is not below %s/%s/", key, exportsFolder, l.id))
	}
	return l.root + strings.Join(append([]string{exportsFolder}, elements[below:]...), "/"), nil
}

// split returns the elements of a key that is plain: relative, and without
// anything that a file system would read as another place. Exports are copied
// to disks too.
func split(key string) ([]string, error) {
	if strings.ContainsRune(key, '\\') || strings.ContainsFunc(key, unicode.IsControl) {
		return nil, errors.New("a key here has no backslash and no control character")
	}
	elements := strings.Split(key, "/")
	for _, element := range elements {
		if element == "" || element == "." || element == ".." {
			return nil, errors.New(`a key here has no empty element, no "." and no ".."`)
		}
	}
	return elements, nil
}

func lastIndex(elements []string, element string) int {
	for i, e := range slices.Backward(elements) {
		if e == element {
			return i
		}
	}
	return -1
}
