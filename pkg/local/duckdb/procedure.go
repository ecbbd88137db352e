package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/local/duckdb/dialect"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// procedureTable keeps the source of every procedure, in the file, so that a
// procedure lives as long as its warehouse.
const procedureTable = dialect.Schema + ".procedures"

// maxDepth is how deep calls may nest:
// https://docs.aws.amazon.com/redshift/latest/dg/stored-procedure-constraints.html
const maxDepth = 16

func (t *tx) saveProcedure(ctx context.Context, s *dialect.Statement) error {
	var one int
	err := t.conn.QueryRowContext(ctx, "select 1 from duckdb_schemas() where schema_name = ? and not internal", s.Target.Schema).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("schema %q does not exist", s.Target.Schema)
	}
	if err != nil {
		return fmt.Errorf("look up schema %s: %w", s.Target.Schema, err)
	}
	old, err := t.deleteProcedure(ctx, s.Target)
	if err != nil {
		return err
	}
	if old && !s.Replace {
		return fmt.Errorf("procedure %s() already exists", s.Target)
	}
	_, err = t.conn.ExecContext(ctx, "insert into "+procedureTable+" values (?, ?, ?)",
		s.Target.Schema, s.Target.Object, s.Procedure.Source)
	return err
}

func (t *tx) dropProcedure(ctx context.Context, s *dialect.Statement) error {
	old, err := t.deleteProcedure(ctx, s.Target)
	if err == nil && !old && !s.IfExists {
		err = fmt.Errorf("procedure %s() does not exist", s.Target)
	}
	return err
}

// deleteProcedure forgets a procedure and reports whether it was there.
func (t *tx) deleteProcedure(ctx context.Context, name sqltext.Name) (bool, error) {
	result, err := t.conn.ExecContext(ctx,
		"delete from "+procedureTable+" where schema_name = ? and procedure_name = ?", name.Schema, name.Object)
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// call runs a procedure in the transaction.
func (t *tx) call(ctx context.Context, name sqltext.Name, depth int) error {
	if depth == maxDepth {
		return fmt.Errorf("call %s(): calls nest deeper than %d", name, maxDepth)
	}
	var source string
	err := t.conn.QueryRowContext(ctx,
		"select source from "+procedureTable+" where schema_name = ? and procedure_name = ?", name.Schema, name.Object).Scan(&source)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("procedure %s() does not exist", name)
	}
	if err != nil {
		return fmt.Errorf("read procedure %s: %w", name, err)
	}
	procedure, err := dialect.ParseBody(source)
	if err != nil {
		return fmt.Errorf("read procedure %s: %w", name, err)
	}
	values := make(map[string]string, len(procedure.Variables))
	variables := make(map[string]dialect.Variable, len(procedure.Variables))
	for _, v := range procedure.Variables {
		variables[v.Name] = v
		values[v.Name] = v.Hold(v.Initial)
	}
	for _, step := range procedure.Steps {
		if err := t.step(ctx, step, values, variables, depth); err != nil {
			if raised, ok := errors.AsType[*exception](err); ok && depth == 0 {
				return raised
			}
			return fmt.Errorf("procedure %s, line %d: %w", name, step.Line, err)
		}
	}
	return nil
}

// exception is what RAISE EXCEPTION said. Its message stands alone, as in
// Redshift.
type exception struct{ message string }

func (e *exception) Error() string { return e.message }

// step runs one statement of a procedure. Values holds the variables' values
// as expressions.
func (t *tx) step(ctx context.Context, step dialect.Step, values map[string]string, variables map[string]dialect.Variable, depth int) error {
	if step.Guard != nil {
		return t.guard(ctx, step.Guard, values)
	}
	if step.Into != nil {
		return t.selectInto(ctx, step, values, variables)
	}
	if _, err := t.run(ctx, step.Statement, depth+1); err != nil {
		if _, ok := errors.AsType[*exception](err); ok {
			return err
		}
		return fmt.Errorf("%s: %w", step.Statement.Title, err)
	}
	return nil
}

// selectInto gives the first row of a query to variables, nulls if it has none.
func (t *tx) selectInto(ctx context.Context, step dialect.Step, values map[string]string, variables map[string]dialect.Variable) error {
	result, err := query(ctx, t.conn, step.Statement.SQL)
	if err != nil {
		return fmt.Errorf("%s: %w", step.Statement.Title, err)
	}
	if len(result.Columns) != len(step.Into) {
		return fmt.Errorf("%s: %d values for %d variables", step.Statement.Title, len(result.Columns), len(step.Into))
	}
	for i, name := range step.Into {
		literal := "null"
		if len(result.Rows) > 0 && result.Rows[0][i] != nil {
			literal = sqltext.QuoteString(fmt.Sprint(result.Rows[0][i]))
		}
		values[name] = variables[name].Hold(literal)
		// A value that its variable can not hold fails here, not at its use.
		if _, err := query(ctx, t.conn, "select "+values[name]); err != nil {
			return fmt.Errorf("%s: into %s: %w", step.Statement.Title, name, err)
		}
	}
	return nil
}

// guard raises an exception if its condition is true. Null is not.
func (t *tx) guard(ctx context.Context, g *dialect.Guard, values map[string]string) error {
	list := "select cast((" + g.Condition.SQL(values) + ") as boolean)"
	for _, argument := range g.Arguments {
		list += ", cast((" + argument.SQL(values) + ") as varchar)"
	}
	result, err := query(ctx, t.conn, list)
	if err != nil {
		return fmt.Errorf("if: %w", err)
	}
	row := result.Rows[0]
	if row[0] != true {
		return nil
	}
	texts := make([]string, 0, len(g.Arguments))
	for _, value := range row[1:] {
		text, ok := value.(string)
		if !ok {
			text = "<NULL>"
		}
		texts = append(texts, text)
	}
	return &exception{message: g.Message(texts)}
}
