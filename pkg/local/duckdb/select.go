package duckdb

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"
	"github.com/google/uuid"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// ErrNotSelect means that a statement is no SELECT.
var ErrNotSelect = errors.New("only one statement that reads, such as a SELECT, is answered")

// Select runs one SELECT in DuckDB's own SQL, with the settings of the warehouse:
// integers divide as in Redshift, and nulls sort as there. It calls head with the
// columns, whose types have DuckDB's names, and row with each row. Values are nil,
// bool, int64, uint64, float64 or string; lists are []any and structs
// map[string]any of these, and of [json.Number] for exact numbers.
func (e *Engine) Select(
	ctx context.Context, text string, head func([]sqlengine.Column) error, row func([]any) error,
) (err error) {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the warehouse: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `set search_path = 'public'; drop macro temp.main."||"`); err != nil {
		return err
	}
	if err := onlySelect(conn, text); err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return each(rows, head, row)
}

// onlySelect refuses what is not one statement that reads.
func onlySelect(conn *sql.Conn, text string) error {
	return conn.Raw(func(raw any) error {
		c, ok := raw.(*duck.Conn)
		if !ok {
			return fmt.Errorf("the driver's connection is a %T", raw)
		}
		prepared, err := c.Prepare(text)                                    // with a context it would run all statements but the last
		if err != nil && strings.Contains(err.Error(), "multi-statement") { // the driver has no error value for it
			return fmt.Errorf("%w, and the text holds several", ErrNotSelect)
		}
		if err != nil {
			return err
		}
		statement, ok := prepared.(*duck.Stmt)
		if !ok {
			return errors.Join(fmt.Errorf("the driver's statement is a %T", prepared), prepared.Close())
		}
		kind, err := statement.StatementType()
		if err == nil && kind != duck.STATEMENT_TYPE_SELECT && kind != duck.STATEMENT_TYPE_EXPLAIN {
			err = ErrNotSelect
		}
		return errors.Join(err, statement.Close())
	})
}

func each(rows *sql.Rows, head func([]sqlengine.Column) error, row func([]any) error) error {
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	columns := make([]sqlengine.Column, len(types))
	for i, t := range types {
		columns[i] = sqlengine.Column{Name: t.Name(), Type: t.DatabaseTypeName()}
	}
	if err := head(columns); err != nil {
		return err
	}
	for rows.Next() {
		values, pointers := make([]any, len(types)), make([]any, len(types))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return err
		}
		for i := range values {
			values[i] = plainValue(values[i], columns[i].Type)
			if exact, ok := values[i].(json.Number); ok {
				values[i] = exact.String()
			}
		}
		if err := row(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// plainValue returns a value of the driver's in types that every format can print.
func plainValue(value any, typ string) any {
	switch v := value.(type) {
	case nil, bool, int64, uint64, float64, string:
		return v
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return uint64(v)
	case uint16:
		return uint64(v)
	case uint32:
		return uint64(v)
	case float32:
		return json.Number(fmt.Sprint(v)) // as 64 bits it would have digits that mean nothing
	case *big.Int:
		return json.Number(v.String())
	case duck.Decimal:
		return json.Number(decimalText(v))
	case time.Time:
		return timeText(v, typ)
	case []byte:
		if text, err := uuid.FromBytes(v); typ == "UUID" && err == nil {
			return text.String()
		}
		return `\x` + hex.EncodeToString(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plainValue(v[i], "")
		}
		return list
	case map[string]any:
		members := make(map[string]any, len(v))
		for name := range v {
			members[name] = plainValue(v[name], "")
		}
		return members
	case duck.OrderedMap:
		members := make(map[string]any, v.Len())
		for i, key := range v.Keys() {
			members[fmt.Sprint(plainValue(key, ""))] = plainValue(v.Values()[i], "")
		}
		return members
	case duck.Union:
		return plainValue(v.Value, "")
	case duck.Interval:
		return intervalText(v)
	}
	return fmt.Sprint(value)
}

func timeText(t time.Time, typ string) string {
	switch {
	case typ == "DATE":
		return t.Format(time.DateOnly)
	case typ == "TIME":
		return t.Format("15:04:05.999999")
	case strings.HasPrefix(typ, "TIMESTAMP WITH") || typ == "TIMESTAMPTZ":
		return t.Format("2006-01-02 15:04:05.999999Z07:00")
	}
	return t.Format("2006-01-02 15:04:05.999999999")
}

// intervalText writes an interval in ISO 8601.
func intervalText(i duck.Interval) string {
	return fmt.Sprintf("P%dM%dDT%sS", i.Months, i.Days, strings.TrimSuffix(
		strings.TrimRight(fmt.Sprintf("%.6f", time.Duration(i.Micros*1000).Seconds()), "0"), "."))
}
