package lake

import (
	"fmt"
	"math"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/parquet"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// table writes the rows of one set of rows of one data file.
type table struct {
	*file

	of   *relation
	sums []scalar.Sum // of the measures, all rows so far
	over []bool       // the sum of a measure has more than 38 digits

	lead    int   // columns before those of the rows: of changes
	deletes int64 // rows that say what to delete
}

// table returns the open table of a set of rows. It is opened with its first
// row.
func (p *pass) table(of *relation) (*table, error) {
	if t := p.tables[of.number]; t != nil {
		return t, nil
	}
	var columns []parquet.Column
	key := lakedoc.ItemsKey(of.Name, p.in.RunID, p.in.File.Number)
	if p.in.File.Changes {
		for _, c := range of.ChangeColumns()[:2] {
			columns = append(columns, c.Parquet())
		}
		key = lakedoc.ChangesKey(of.Name, p.in.RunID, p.in.File.Number)
	}
	lead := len(columns)
	for _, c := range of.columns {
		column := c.Parquet()
		column.Optional = column.Optional || lead > 0 // a delete has the columns that identify a row
		columns = append(columns, column)
	}
	f, err := newFile("rows of "+of.Name, key, columns, &p.buffers, p.begin)
	if err != nil {
		return nil, err
	}
	p.tables[of.number] = &table{file: f, of: of, lead: lead, sums: make([]scalar.Sum, len(of.measures)), over: make([]bool, len(of.measures))}
	return p.tables[of.number], nil
}

// change writes a row of changes.
func (t *table) change(op string, written int64, row []value) error {
	err := t.AppendString(0, []byte(op))
	if err == nil {
		err = t.AppendTimestamp(1, written)
	}
	if err != nil {
		return fmt.Errorf("write a change of %s: %w", t.of.Name, err)
	}
	if op == model.Delete {
		t.deletes++
	}
	return t.add(row)
}

// add writes a row. What is deleted has no measures, so nothing is added up.
func (t *table) add(row []value) error {
	for i := range t.of.columns {
		c, v := &t.of.columns[i], &row[i]
		if err := t.append(t.lead+i, c, v); err != nil {
			return fmt.Errorf("write column %s of %s: %w", c.Name, t.of.Name, err)
		}
		if c.measure < 0 || !v.present {
			continue
		}
		sum, ok := t.sums[c.measure].Add(scalar.SumOf128(v.number))
		if ok {
			t.sums[c.measure] = sum
		} else {
			t.over[c.measure] = true
		}
	}
	if err := t.EndRow(); err != nil {
		return fmt.Errorf("write row %d of %s: %w", t.Rows(), t.of.Name, err)
	}
	return nil
}

//nolint:gosec,wrapcheck // numbers were checked when they were converted; add wraps errors
func (t *table) append(i int, c *column, v *value) error {
	if !v.present {
		return t.AppendNull(i)
	}
	switch c.Type.Kind {
	case model.KindString, model.KindJSON:
		return t.AppendString(i, v.text)
	case model.KindInteger:
		return t.AppendInt32(i, int32(v.number.Low))
	case model.KindBigInt:
		return t.AppendInt64(i, int64(v.number.Low))
	case model.KindDecimal:
		return t.AppendDecimal(i, v.number.High, v.number.Low)
	case model.KindTimestamp:
		return t.AppendTimestamp(i, int64(v.number.Low))
	case model.KindDate:
		return t.AppendDate(i, int32(v.number.Low))
	case model.KindBoolean:
		return t.AppendBool(i, v.number.Low != 0)
	case model.KindDouble:
		return t.AppendDouble(i, math.Float64frombits(v.number.Low))
	}
	return fmt.Errorf("its type %d has no encoder", c.Type.Kind)
}

// total names the sums.
func (t *table) total() map[string]scalar.Sum {
	if len(t.sums) == 0 {
		return nil
	}
	total := make(map[string]scalar.Sum, len(t.sums))
	for i, measure := range t.of.measures {
		total[measure.Name] = t.sums[i]
	}
	return total
}

// refusal says which sum cannot be proven, if there is one. It is about the
// model: no single item is to blame.
func (t *table) refusal() string {
	for i, over := range t.over {
		if over {
			return sumTooLarge(t.of.Name, t.of.measures[i].Name)
		}
	}
	return ""
}

func sumTooLarge(rows, column string) string {
	return fmt.Sprintf("the sum of column %s of %s has more than %d digits, which no warehouse adds up: give the column fewer digits, or take it from the measures",
		column, rows, scalar.MaxPrecision)
}
