package postgres

import (
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// readResult reads all rows of a statement, which come as text.
func readResult(reader *pgconn.ResultReader) (*sqlengine.Result, error) {
	fields := reader.FieldDescriptions()
	result := &sqlengine.Result{}
	for _, field := range fields {
		name, err := typeName(field.DataTypeOID)
		if err != nil {
			return nil, fmt.Errorf("read column %q: %w", field.Name, err)
		}
		result.Columns = append(result.Columns, sqlengine.Column{Name: field.Name, Type: name})
	}
	var budget sqlengine.Budget
	for reader.NextRow() {
		row := make([]any, len(fields))
		for i, text := range reader.Values() {
			value, err := decode(fields[i].DataTypeOID, text)
			if err != nil {
				return nil, fmt.Errorf("read column %q: %w", fields[i].Name, err)
			}
			row[i] = value
		}
		if err := budget.Spend(row); err != nil {
			return nil, err
		}
		result.Rows = append(result.Rows, row)
	}
	tag, err := reader.Close()
	if err != nil {
		return nil, err
	}
	if tag.Insert() || tag.Update() || tag.Delete() {
		result.Affected = tag.RowsAffected()
	}
	return result, nil
}

// typeName names a type as Redshift's Data API does.
func typeName(oid uint32) (string, error) {
	switch oid {
	case pgtype.BoolOID:
		return "bool", nil
	case pgtype.Int2OID:
		return "int2", nil
	case pgtype.Int4OID:
		return "int4", nil
	case pgtype.Int8OID:
		return "int8", nil
	case pgtype.Float4OID:
		return "float4", nil
	case pgtype.Float8OID:
		return "float8", nil
	case pgtype.NumericOID:
		return "numeric", nil
	case pgtype.DateOID:
		return "date", nil
	case pgtype.TimestampOID:
		return "timestamp", nil
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.UnknownOID, pgtype.NameOID:
		return "varchar", nil // TEXT is VARCHAR in Redshift
	case pgtype.BPCharOID:
		return "bpchar", nil
	}
	return "", fmt.Errorf("type %d has no counterpart in Redshift that the model uses", oid)
}

// decode turns the text of a value into what sqlengine.Result holds.
func decode(oid uint32, text []byte) (any, error) {
	if text == nil {
		return nil, nil //nolint:nilnil // NULL is a value
	}
	switch oid {
	case pgtype.BoolOID:
		return string(text) == "t", nil
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID:
		return strconv.ParseInt(string(text), 10, 64)
	case pgtype.Float4OID, pgtype.Float8OID:
		return strconv.ParseFloat(string(text), 64)
	}
	return string(text), nil
}
