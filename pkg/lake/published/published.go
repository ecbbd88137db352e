// Package published reads what the last published run left in the lake, so that
// a night can be compared with the one before it.
package published

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// maxDocument bounds what is read of a document, in bytes. A night is part of the
// data of the state machine, which has at most 256 KiB.
const maxDocument = 2 << 20

// Run is the last published run.
type Run struct {
	ID    string
	Night lakedoc.Night
}

// Last returns the last published run of a lake, and false if there is none. It
// is Corrupt if there is one, and its documents are damaged or gone: then nothing
// is known of it.
func Last(ctx context.Context, api document.Getter, bucket string) (Run, bool, error) {
	var current lakedoc.Current
	err := read(ctx, api, bucket, lakedoc.CurrentKey, &current)
	if document.Missing(err) {
		return Run{}, false, nil
	}
	if err == nil && current.RunID == "" {
		err = fault.New(fault.Corrupt, fmt.Errorf("read s3://%s/%s: it names no run", bucket, lakedoc.CurrentKey))
	}
	if err != nil {
		return Run{}, false, err
	}
	run := Run{ID: current.RunID}
	err = read(ctx, api, bucket, lakedoc.NightKey(run.ID), &run.Night)
	if document.Missing(err) {
		err = fault.New(fault.Corrupt, err)
	}
	return run, err == nil, err
}

// read decodes a document. Another release may have written it, with more fields.
func read(ctx context.Context, api document.Getter, bucket, key string, into any) error {
	stored, err := document.Read(ctx, api, bucket, key, maxDocument)
	if err != nil {
		return err //nolint:wrapcheck // names the object
	}
	if err := json.Unmarshal(stored.Body, into); err != nil {
		return fault.New(fault.Corrupt, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err))
	}
	return nil
}
