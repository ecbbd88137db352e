package model

import "slices"

// Operations of a change.
const (
	Put    = "put"    // the row is as in the other columns: it is new, or has replaced another
	Delete = "delete" // the row is gone; of nested rows, all those of the item
)

// ChangeColumns lists the columns of a change, in files and in landing tables: what
// happened, [Put] or [Delete], when the item was written, and the columns of the
// rows. A delete has only those that identify; that of nested rows only those that
// identify their item. Of several changes with one identity the one that was written
// last holds; of one time, deletes come first.
func (r Rows) ChangeColumns() []Column {
	columns := []Column{
		{Name: r.free("op"), Type: String(len(Delete)), Required: true, Doc: "put or delete."},
		{Name: r.free("written"), Type: Timestamp(), Required: true, Doc: "When the item was written or deleted."},
	}
	for _, c := range r.Columns {
		c.Required = slices.Contains(r.Identity, c.Name) && !c.Position
		columns = append(columns, c)
	}
	return columns
}

// free returns a name that no column of the rows has.
func (r Rows) free(name string) string {
	for {
		if _, taken := r.Column(name); !taken {
			return name
		}
		name += "_"
	}
}
