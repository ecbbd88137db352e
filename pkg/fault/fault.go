// Package fault classifies failures by what should be done about them.
//
// A [Kind] is the only thing about an error that crosses the Lambda boundary:
// it is the word that a Retry or Catch of the state machine matches. The mark
// is put on at the edge that knows (a decoder, a service client) and read once,
// in package step. This package neither retries nor logs.
package fault

import "errors"

// Kind names a class of failure. Its text appears in ErrorEquals clauses of
// the state machine, so renaming one is a breaking change.
type Kind string

const (
	// Transient failures pass by themselves: throttling, a resuming
	// warehouse, a broken connection. The state machine retries them.
	Transient Kind = "Transient"
	// Rejected means that a service ran our work and refused it: an export or
	// a SQL statement that failed. Repeating it unchanged fails again.
	Rejected Kind = "Rejected"
	// Invalid means wrong input or configuration. Somebody has to change it.
	Invalid Kind = "Invalid"
	// Corrupt means that data contradicts its own description: a checksum, a
	// count, a footer. Nothing of it may reach the warehouse.
	Corrupt Kind = "Corrupt"
	// ModelChanged means that the warehouse holds what the model cannot go on
	// with. Somebody has to decide what becomes of it.
	ModelChanged Kind = "ModelChanged"
	// Unknown is every failure that nobody marked: a gap in our classification.
	Unknown Kind = "Unknown"
)

// Kinds lists every kind, in the order of their declaration.
func Kinds() []Kind {
	return []Kind{Transient, Rejected, Invalid, Corrupt, ModelChanged, Unknown}
}

// New returns err marked with kind. It adds nothing to the message.
// A nil err stays nil.
func New(kind Kind, err error) error {
	if err == nil {
		return nil
	}
	return &marked{kind: kind, err: err}
}

// KindOf reports the kind of the outermost mark on err, or [Unknown].
func KindOf(err error) Kind {
	if m, ok := errors.AsType[*marked](err); ok {
		return m.kind
	}
	return Unknown
}

type marked struct {
	kind Kind
	err  error
}

func (m *marked) Error() string { return m.err.Error() }

func (m *marked) Unwrap() error { return m.err }
