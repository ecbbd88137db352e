package warehouse

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/evolve"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

type inspector interface {
	submitter
	reader
}

// Inspect reads what the warehouse holds and what Nightstar noted of it, as the
// phase schema does, and changes nothing. It asks for the results every interval.
func Inspect(ctx context.Context, api inspector, target Target, m model.Model, interval time.Duration) (evolve.Warehouse, error) {
	read := func(part int, query string) ([][]string, error) {
		id, err := target.read(ctx, api, "inspect", m.Name, part, query, interval)
		if err != nil {
			return nil, err
		}
		return texts(ctx, api, id)
	}
	tables, err := read(1, evolve.TablesQuery(m))
	if err != nil {
		return evolve.Warehouse{}, err
	}
	there, err := evolve.New(m, tables)
	if err != nil || !there.IsNoted() {
		return there, err //nolint:wrapcheck // says what it read
	}
	noted, err := read(2, evolve.NotedQuery(m))
	if err != nil {
		return evolve.Warehouse{}, err
	}
	if err := there.Note(noted); err != nil {
		return evolve.Warehouse{}, err //nolint:wrapcheck // says what it read
	}
	if hidden := there.Hidden(); len(hidden) > 0 {
		return evolve.Warehouse{}, fault.New(fault.Invalid, fmt.Errorf("inspect the warehouse: its user sees no table of %s: "+
			"ask as a user that may, such as the owner that the pipeline logs in as", strings.Join(hidden, ", ")))
	}
	return there, nil
}

// read runs one query, and returns the id of its batch once that is done.
func (t Target) read(ctx context.Context, api inspector, step, subject string, part int, query string, interval time.Duration) (string, error) {
	submitted, err := t.submit(ctx, api, work{
		// Nobody repeats this: the time tells one reading from another.
		step: step, runID: step, subject: subject, part: part, attempt: 1, entered: strconv.FormatInt(time.Now().UnixNano(), 10),
		statements: []string{query, endOfReading},
	}, nil)
	if err != nil {
		return "", err
	}
	for {
		out, err := NewPoller(api).Poll(ctx, submitted)
		if err != nil {
			return "", err
		}
		if out.Status == StatusDone {
			return submitted.StatementID, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("wait for statement %s: %w", submitted.StatementID, ctx.Err())
		case <-time.After(interval):
		}
	}
}

// endOfReading ends a batch whose first statement is read: the poll wants names
// and rows of the last one.
const endOfReading = "select 'read' as name, 1 as rows"
