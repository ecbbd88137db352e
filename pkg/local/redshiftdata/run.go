package redshiftdata

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// maxKept is how many bytes of values all results have that are kept. Beyond it
// the oldest results go: clients here read theirs at once.
const maxKept = 2 * sqlengine.MaxResult

// run waits for a slot and runs the parts of a statement in one transaction.
func (s *Server) run(ctx context.Context, st *statement) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		s.end(st, 0, ctx.Err())
		return
	}
	s.advance(st, statusPicked)
	if name := st.in.Database; s.opts.Database != "" && name != s.opts.Database {
		s.end(st, -1, fmt.Errorf("FATAL: database %q does not exist; this warehouse has %q", name, s.opts.Database))
		return
	}
	tx, err := s.engine.Begin(ctx)
	if err != nil {
		s.end(st, 0, err)
		return
	}
	s.advance(st, statusStarted)
	for i := range st.parts {
		s.startPart(st, i)
		result, err := s.execute(ctx, tx, st.parts[i].bound)
		if err != nil {
			s.end(st, i, rollback(tx, err))
			return
		}
		s.endPart(st, i, result)
	}
	if ctx.Err() != nil {
		s.end(st, len(st.parts)-1, rollback(tx, ctx.Err()))
		return
	}
	s.end(st, len(st.parts)-1, tx.Commit())
}

// rollback ends a transaction that failed and returns why it failed.
func rollback(tx sqlengine.Tx, err error) error {
	if second := tx.Rollback(); second != nil {
		return fmt.Errorf("%w; %w", err, second)
	}
	return err
}

// execute runs one SQL statement.
func (s *Server) execute(ctx context.Context, tx sqlengine.Tx, text string) (*sqlengine.Result, error) {
	tokens, err := sqltext.Scan(text)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 0 || !tokens[0].Is("copy") {
		return tx.Exec(ctx, text)
	}
	command, err := parseCopy(tokens)
	if err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	rows, err := s.copy(ctx, tx, command)
	if err != nil {
		return nil, fmt.Errorf("copy %s: %w", command.table, err)
	}
	return &sqlengine.Result{Affected: rows}, nil
}

// advance moves a statement, and all its parts with it, to the next status.
func (s *Server) advance(st *statement, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Clock()
	st.status, st.updated = status, now
	if status == statusStarted {
		st.started = now
		if st.batch {
			return // each part starts at its time
		}
	}
	for i := range st.parts {
		st.parts[i].status, st.parts[i].updated = status, now
	}
}

func (s *Server) startPart(st *statement, i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &st.parts[i]
	s.queries++
	p.status, p.queryID, p.started = statusStarted, s.queries, s.opts.Clock()
	p.updated = p.started
}

// endPart keeps the result of a part. A part of a batch is finished now; that
// of a single statement only with the commit.
func (s *Server) endPart(st *statement, i int, result *sqlengine.Result) {
	size := resultSize(result)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &st.parts[i]
	p.result, p.size = result, size
	p.ended = s.opts.Clock()
	p.updated = p.ended
	if st.batch {
		p.status = statusFinished
	}
	s.letGo(st)
}

// letGo forgets the oldest results until what is left is not too much. The
// caller holds the lock.
func (s *Server) letGo(newest *statement) {
	var kept int64
	for _, st := range slices.Backward(s.order) {
		for i := range st.parts {
			p := &st.parts[i]
			if kept += p.size; kept > maxKept && st != newest && st.done() && p.result != nil && len(p.result.Rows) > 0 {
				kept -= p.size
				p.result, p.size, p.expired = nil, 0, true
			}
		}
	}
}

// resultSize is about how many bytes the values of a result have.
func resultSize(result *sqlengine.Result) int64 {
	var size int64
	for _, row := range result.Rows {
		for _, value := range row {
			if text, ok := value.(string); ok {
				size += int64(len(text))
				continue
			}
			size += 8
		}
	}
	return size
}

// end closes a statement. Err belongs to the part at i, or to none of a batch for
// -1: the parts after it never ran. Those before it stay finished, as the service reports them, but
// nothing of them was kept.
func (s *Server) end(st *statement, i int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Clock()
	st.updated, st.ended = now, now
	if err == nil {
		st.status = statusFinished
		for p := range st.parts {
			st.parts[p].status = statusFinished
		}
		return
	}
	st.status, st.err = outcome(st, s.closed, err)
	if !st.batch {
		i = 0 // the one part is the statement
	}
	for p := range st.parts {
		next := &st.parts[p]
		next.result, next.size = nil, 0
		switch {
		case p == i:
			next.status, next.err, next.ended, next.updated = st.status, st.err, now, now
		case p > i:
			next.status, next.updated = statusAborted, now
		}
	}
	if st.batch && st.status == statusFailed && i >= 0 {
		st.err = fmt.Sprintf("Query #%d failed with %s", i+1, st.err)
	}
}

// outcome returns the status and text for an error of a statement.
func outcome(st *statement, closed bool, err error) (status, text string) {
	switch {
	case st.cancelled && errors.Is(err, context.Canceled):
		return statusAborted, "ERROR: Query cancelled on user's request"
	case closed && errors.Is(err, context.Canceled):
		return statusAborted, "ERROR: the endpoint was closed"
	case errors.Is(err, context.DeadlineExceeded):
		return statusAborted, "ERROR: the statement ran longer than 24 hours"
	}
	text = err.Error()
	if !strings.HasPrefix(text, "ERROR: ") && !strings.HasPrefix(text, "FATAL: ") {
		text = "ERROR: " + text
	}
	return statusFailed, text
}
