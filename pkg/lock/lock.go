package lock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/nightstar-elt/nightstar/pkg/document"
	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// key is where the lock is in the lake bucket.
const key = "runs/lock.json"

// maxLock bounds what is read of the lock, which has a few hundred bytes.
const maxLock = 64 << 10

// holder is the content of the lock.
type holder struct {
	RunID     string `json:"runId"`
	Execution string `json:"execution"` // ARN
	Previous  string `json:"previous"`  // run id of the holder before; empty for the first

	Notes []string `json:"notes,omitempty"` // what was odd about the holder before
}

// CheckName refuses a run id that is not one element of a key, and one that
// would stand beside the lock and other documents below runs/: where a lake is
// kept in folders, a run of that name would be in the way of them. Step
// Functions takes such names:
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
func CheckName(run string) error {
	if run == "" || strings.Contains(run, "/") {
		return fmt.Errorf("run id %q is not the name of an execution", run)
	}
	if strings.HasPrefix(run, ".") || strings.HasSuffix(strings.ToLower(run), ".json") {
		return fmt.Errorf("run id %q begins with a point or ends in .json, like documents below runs/: start an execution of another name", run)
	}
	return nil
}

func (h holder) encode() (*bytes.Reader, error) {
	body, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", key, err)
	}
	return bytes.NewReader(body), nil
}

func decode(body []byte) (holder, error) {
	var h holder
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&h); err != nil {
		return holder{}, err //nolint:wrapcheck // read names the object
	}
	if h.RunID == "" || h.Execution == "" {
		return holder{}, errors.New("it names no execution")
	}
	return h, nil
}

// damagedError says that there is a lock, but not who holds it.
type damagedError struct{ err error }

func (e *damagedError) Error() string { return e.err.Error() }
func (e *damagedError) Unwrap() error { return e.err }

// read returns the holder, and the object that names it. Nobody has ever held a
// lock that is not there: both are then empty. An object that names nobody, because
// somebody has changed it, is a [damagedError], with the object's ETag.
func read(ctx context.Context, api document.Getter, bucket string) (holder, document.Document, error) {
	stored, err := document.Read(ctx, api, bucket, key, maxLock)
	if document.Missing(err) {
		return holder{}, document.Document{}, nil
	}
	if err != nil && fault.KindOf(err) != fault.Corrupt {
		return holder{}, document.Document{}, err //nolint:wrapcheck // names the object
	}
	var h holder
	if err == nil {
		h, err = decode(stored.Body)
	}
	if err != nil {
		return holder{}, stored, fault.New(fault.Invalid, &damagedError{fmt.Errorf(
			"decode the lock s3://%s/%s: %w; delete the object if no run is going on, then start a new execution", bucket, key, err)})
	}
	return h, stored, nil
}

// changed reports whether a conditional write found another object than it
// asked for, or another write at work on it.
func changed(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && (api.ErrorCode() == "PreconditionFailed" || api.ErrorCode() == "ConditionalRequestConflict")
}
