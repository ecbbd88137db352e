package redshiftdata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// manifest lists the files of a COPY.
//
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
type manifest struct {
	Entries []manifestEntry `json:"entries"`
}

type manifestEntry struct {
	URL       string `json:"url"`
	Mandatory bool   `json:"mandatory"` // a file that is not there fails the COPY
	Meta      *struct {
		ContentLength int64 `json:"content_length"` // bytes of the object
	} `json:"meta"`

	location location
}

// parseManifest reads a manifest and checks that each entry has what COPY of
// Parquet asks for. A field that it does not know is an error: a misspelt
// "mandatory" would turn a missing file into missing rows.
func parseManifest(text []byte) (*manifest, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var m manifest
	if err := decoder.Decode(&m); err != nil {
		return nil, fmt.Errorf("invalid manifest: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("invalid manifest: something stands after its JSON object")
	}
	if len(m.Entries) == 0 {
		return nil, fmt.Errorf("invalid manifest: it has no entries")
	}
	for i := range m.Entries {
		e := &m.Entries[i]
		var err error
		if e.location, err = parseLocation(e.URL); err != nil {
			return nil, fmt.Errorf("invalid manifest: entry %d: url: %w", i+1, err)
		}
		if e.Meta == nil || e.Meta.ContentLength < 1 {
			return nil, fmt.Errorf("invalid manifest: entry %d, %s: meta.content_length is missing, which Parquet needs", i+1, e.URL)
		}
	}
	return &m, nil
}
