package model

import "github.com/nightstar-elt/nightstar/pkg/parquet"

// Parquet spells a column for the files of the lake. Timestamps are INT96, which
// COPY surely takes; TIMESTAMP_MICROS is cleaner and unconfirmed.
func (c Column) Parquet() parquet.Column {
	out := parquet.Column{Name: c.Name, Optional: !c.Required}
	switch c.Type.Kind {
	case KindString:
		out.Kind, out.Length = parquet.String, c.Type.Length
	case KindJSON:
		out.Kind, out.Length = parquet.String, maxVarchar
	case KindInteger:
		out.Kind = parquet.Int32
	case KindBigInt:
		out.Kind = parquet.Int64
	case KindDecimal:
		out.Kind, out.Precision, out.Scale = parquet.Decimal, c.Type.Precision, c.Type.Scale
	case KindDouble:
		out.Kind = parquet.Double
	case KindBoolean:
		out.Kind = parquet.Boolean
	case KindTimestamp:
		out.Kind = parquet.Timestamp
	case KindDate:
		out.Kind = parquet.Date
	}
	return out
}
