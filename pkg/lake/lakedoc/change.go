package lakedoc

import "github.com/nightstar-elt/nightstar/pkg/model"

// What a row of changes says.
const (
	Put    = "put"    // the row is as in the other columns
	Delete = "delete" // there is no such row any more; of the other columns those that identify it are filled
)

// ChangeColumns returns the names of the columns that stand before those of the rows
// in files of changes: [Put] or [Delete], and when the item was written. Of several
// rows with one identity the one that was written last holds; of one time, deletes come
// first. What is deleted of rows within an item are all rows of that item.
func ChangeColumns(rows model.Rows) (op, written string) {
	free := func(name string) string {
		for {
			if _, taken := rows.Column(name); !taken {
				return name
			}
			name += "_"
		}
	}
	return free("op"), free("written")
}
