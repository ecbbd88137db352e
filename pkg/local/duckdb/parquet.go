package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// element is one element of a Parquet file's schema, in the words of DuckDB's
// parquet_schema().
type element struct {
	name       string
	physical   string // INT64
	length     int    // of a FIXED_LEN_BYTE_ARRAY
	repetition string // OPTIONAL
	children   int
	converted  string // TIMESTAMP_MICROS
	scale      int
	precision  int
	logical    string // TimestampType(…)
}

// inspect checks the schema of a file against the columns that it fills and
// returns the names of the file's columns. Redshift's rules are known from its
// error messages only, so what is not known to work is refused.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
func (t *tx) inspect(ctx context.Context, file string, targets []tableColumn) ([]string, error) {
	if strings.ContainsAny(file, `*?[\`) {
		return nil, fmt.Errorf("copy file %q: DuckDB would read the name as a pattern", file)
	}
	elements, err := t.schema(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("read Parquet schema of file %q: %w", file, err)
	}
	var rows int64
	row := t.conn.QueryRowContext(ctx, "select num_rows from parquet_file_metadata("+sqltext.QuoteString(file)+")")
	if err := row.Scan(&rows); err != nil {
		return nil, fmt.Errorf("read Parquet footer of file %q: %w", file, err)
	}
	if rows == 0 {
		return nil, fmt.Errorf("copy file %q: it has no rows; leave it out of the manifest", file)
	}
	for _, e := range elements {
		if e.children > 0 || e.repetition == "REPEATED" {
			return nil, fmt.Errorf("copy file %q: column %q is nested; the landing profile is flat", file, e.name)
		}
	}
	if len(elements) != len(targets) {
		return nil, fmt.Errorf("Spectrum Scan Error. code 15007: Unmatched number of columns between table and file. Table columns: %d, Data columns: %d, File name: %s",
			len(targets), len(elements), file)
	}
	names := make([]string, len(elements))
	for i, e := range elements {
		names[i] = e.name
		if err := e.fits(targets[i]); err != nil {
			return nil, fmt.Errorf("Spectrum Scan Error. code 15007: File %q, column %q: %w", file, targets[i].name, err)
		}
	}
	return names, nil
}

// schema returns the elements of a file's schema without its root.
func (t *tx) schema(ctx context.Context, file string) ([]element, error) {
	rows, err := t.conn.QueryContext(ctx, `select name, coalesce(type, ''), coalesce(try_cast(type_length as integer), 0),
		coalesce(repetition_type, ''), coalesce(num_children, 0), coalesce(converted_type, ''),
		coalesce(scale, 0), coalesce(precision, 0), coalesce(logical_type, '')
		from parquet_schema(`+sqltext.QuoteString(file)+`) order by column_id`)
	if err != nil {
		return nil, err
	}
	var elements []element
	for rows.Next() {
		var e element
		if err := rows.Scan(&e.name, &e.physical, &e.length, &e.repetition, &e.children,
			&e.converted, &e.scale, &e.precision, &e.logical); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		elements = append(elements, e)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if len(elements) == 0 {
		return nil, errors.New("it has no root")
	}
	return elements[1:], nil
}

// fits reports why COPY would not load a Parquet column into a table's column.
func (e element) fits(target tableColumn) error {
	ok := false
	switch target.typ {
	case "VARCHAR":
		ok = e.physical == "BYTE_ARRAY" && (e.converted == "UTF8" || strings.HasPrefix(e.logical, "StringType"))
	case "BIGINT":
		ok = e.physical == "INT64" && e.isPlain(64)
	case "INTEGER":
		ok = e.physical == "INT32" && e.isPlain(32)
	case "DOUBLE", "FLOAT", "BOOLEAN":
		ok = e.physical == target.typ && e.isPlain(0)
	case "DATE":
		ok = e.physical == "INT32" && (e.converted == "DATE" || strings.HasPrefix(e.logical, "DateType"))
	case "TIMESTAMP":
		ok = e.physical == "INT96" ||
			e.physical == "INT64" && (e.converted == "TIMESTAMP_MICROS" || strings.Contains(e.logical, "MICROS=MicroSeconds"))
	default:
		var precision, scale int
		if n, _ := fmt.Sscanf(target.typ, "DECIMAL(%d,%d)", &precision, &scale); n == 2 {
			return e.fitsDecimal(target, precision, scale)
		}
	}
	if !ok {
		return e.incompatible(target)
	}
	return nil
}

// isPlain reports whether the column is annotated as the signed integer of that
// many bits that it is, or not at all.
func (e element) isPlain(bits int) bool {
	if e.converted != "" && e.converted != fmt.Sprintf("INT_%d", bits) {
		return false
	}
	switch e.logical {
	case "",
		fmt.Sprintf("IntType(bitWidth=%d, isSigned=1)", bits),
		fmt.Sprintf("IntType(bitWidth=%c, isSigned=1)", bits): // DuckDB prints the byte as a character
		return true
	}
	return false
}

// fitsDecimal checks a decimal: Redshift reads it from bytes of fixed length
// only, and from exactly as many as its precision needs.
func (e element) fitsDecimal(target tableColumn, precision, scale int) error {
	isDecimal := e.converted == "DECIMAL" || strings.HasPrefix(e.logical, "DecimalType")
	if e.physical != "FIXED_LEN_BYTE_ARRAY" || !isDecimal || e.precision != precision || e.scale != scale {
		return e.incompatible(target)
	}
	if want := decimalBytes(precision); e.length != want {
		return fmt.Errorf("invalid type length. Expecting: %d len in file: %d", want, e.length)
	}
	return nil
}

// decimalBytes returns how many bytes the largest number of that many digits
// needs in two's complement.
func decimalBytes(precision int) int {
	largest := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(precision)), nil)
	return largest.Sub(largest, big.NewInt(1)).BitLen()/8 + 1
}

func (e element) incompatible(target tableColumn) error {
	schema := strings.ToLower(e.repetition) + " " + strings.ToLower(e.physical)
	if e.physical == "FIXED_LEN_BYTE_ARRAY" {
		schema += "(" + strconv.Itoa(e.length) + ")"
	}
	schema += " " + e.name
	for _, annotation := range []string{e.converted, e.logical} {
		if annotation != "" {
			schema += " (" + annotation + ")"
		}
	}
	return fmt.Errorf("incompatible Parquet schema. Column type: %s, Parquet schema: %s", target.typ, schema)
}
