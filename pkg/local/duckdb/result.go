package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	duck "github.com/duckdb/duckdb-go/v2"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// query runs SQL of DuckDB's and returns its rows as Redshift would.
func query(ctx context.Context, conn *sql.Conn, text string) (_ *sqlengine.Result, err error) {
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	result := &sqlengine.Result{}
	for _, t := range types {
		name, err := redshiftType(t.DatabaseTypeName())
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", t.Name(), err)
		}
		result.Columns = append(result.Columns, sqlengine.Column{Name: strings.ToLower(t.Name()), Type: name})
	}
	var budget sqlengine.Budget
	for rows.Next() {
		row, pointers := make([]any, len(types)), make([]any, len(types))
		for i := range row {
			pointers[i] = &row[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return nil, err
		}
		for i := range row {
			if row[i], err = redshiftValue(row[i], result.Columns[i].Type); err != nil {
				return nil, fmt.Errorf("column %q: %w", result.Columns[i].Name, err)
			}
		}
		if err := budget.Spend(row); err != nil {
			return nil, err
		}
		result.Rows = append(result.Rows, row)
	}
	return result, rows.Err()
}

// redshiftType returns the name by which Redshift knows a type of DuckDB.
func redshiftType(duckDB string) (string, error) {
	switch duckDB {
	case "BOOLEAN":
		return "bool", nil
	case "TINYINT", "SMALLINT":
		return "int2", nil
	case "INTEGER":
		return "int4", nil
	case "BIGINT", "HUGEINT": // HUGEINT is the sum of integers
		return "int8", nil
	case "FLOAT":
		return "float4", nil
	case "DOUBLE":
		return "float8", nil
	case "VARCHAR", "SQLNULL", `"NULL"`:
		return "varchar", nil
	case "DATE":
		return "date", nil
	case "TIMESTAMP":
		return "timestamp", nil
	}
	if strings.HasPrefix(duckDB, "DECIMAL(") {
		return "numeric", nil
	}
	return "", fmt.Errorf("a result of DuckDB's type %s has no type in Redshift; cast it", duckDB)
}

// redshiftValue returns a value of DuckDB's driver as a result holds it.
func redshiftValue(value any, typ string) (any, error) {
	switch v := value.(type) {
	case nil, bool, int64, float64, string:
		return v, nil
	case int8:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int32:
		return int64(v), nil
	case float32:
		return float64(v), nil
	case *big.Int:
		if !v.IsInt64() {
			return nil, fmt.Errorf("the sum %s is beyond 64 bits; cast its argument to decimal(38,0)", v)
		}
		return v.Int64(), nil
	case duck.Decimal:
		return decimalText(v), nil
	case time.Time:
		if v.Year() < 1 || v.Year() > 9999 {
			return nil, fmt.Errorf("the time %s is beyond the years 1 to 9999", v)
		}
		if typ == "date" {
			return v.Format(time.DateOnly), nil
		}
		return v.Format("2006-01-02 15:04:05.999999"), nil
	}
	return nil, fmt.Errorf("a value of type %T has no form in a result", value)
}

// decimalText writes a decimal with all digits of its scale, as Redshift does.
func decimalText(d duck.Decimal) string {
	digits := new(big.Int).Abs(d.Value).String()
	if missing := int(d.Scale) + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if d.Scale > 0 {
		point := len(digits) - int(d.Scale)
		digits = digits[:point] + "." + digits[point:]
	}
	if d.Value.Sign() < 0 {
		return "-" + digits
	}
	return digits
}
