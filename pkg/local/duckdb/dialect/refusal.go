package dialect

import (
	"errors"
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// refusal is an error at a place of the text.
type refusal struct {
	pos int
	err error
}

func (r *refusal) Error() string { return r.err.Error() }

func (r *refusal) Unwrap() error { return r.err }

// refuse makes an error at the place of a token.
func refuse(at sqltext.Token, format string, args ...any) error {
	return &refusal{pos: at.Pos, err: fmt.Errorf(format, args...)}
}

// locate gives an error the place of a token unless it has one.
func locate(at sqltext.Token, err error) error {
	if _, ok := errors.AsType[*refusal](err); ok || err == nil {
		return err
	}
	return &refusal{pos: at.Pos, err: err}
}

// inLine adds the line of an error in its text to its message.
func inLine(text string, err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		return fmt.Errorf("line %d: %w", sqltext.Line(text, r.pos), err)
	}
	return err
}
