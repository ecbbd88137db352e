package lake

import (
	"fmt"
	"maps"
	"slices"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// addsUp checks the counts of one result against each other, against the
// manifest and against the model: each item is a row, set aside or skipped; each
// row stands in an object, with the sums of its measures; each item set aside and
// each wrong value is kept.
func (r *Reconciler) addsUp(result lakedoc.Result, file lakedoc.File) error {
	if err := r.declared(result.Objects); err != nil {
		return err
	}
	rows, err := r.rows(result, file)
	if err != nil {
		return err
	}
	aside, err := r.aside(result, file)
	if err != nil {
		return err
	}
	var skipped, written, kept int64
	for name, n := range result.Skipped {
		if item, declared := r.model.Item(name); !declared || !item.Skip || n < 1 || n > file.Items {
			return fmt.Errorf("%d items of type %q are skipped", n, name)
		}
		skipped += n
	}
	for _, object := range result.Objects {
		if _, item := r.model.Item(object.Type); item {
			written += object.Rows - object.Deletes
		}
	}
	if result.Aside != nil {
		kept = result.Aside.Rows
	}
	if result.Items != file.Items || result.Items != rows+aside+skipped+result.Deletes || rows != written || aside != kept {
		return fmt.Errorf("%d items in the manifest, %d lines decoded, %d rows, %d rows in objects, %d set aside, %d kept aside, %d skipped, %d deleted",
			file.Items, result.Items, rows, written, aside, kept, skipped, result.Deletes)
	}
	if err := r.changes(result, file); err != nil {
		return err
	}
	if err := writes(result); err != nil {
		return err
	}
	if err := r.keepsWrong(result); err != nil {
		return err
	}
	return keepsUnknown(result)
}

// changes checks the counts that only changes have.
func (r *Reconciler) changes(result lakedoc.Result, file lakedoc.File) error {
	if !file.Changes && (result.Deletes != 0 || len(result.Deleted) > 0 || len(result.Lost) > 0) {
		return fmt.Errorf("%d items are deleted, rows %v, and the file holds no changes", result.Deletes, result.Deleted)
	}
	deleted := map[string]int64{}
	for _, object := range result.Objects {
		if object.Deletes < 0 || object.Deletes > object.Rows {
			return fmt.Errorf("%d of the %d rows of s3://%s/%s say what to delete", object.Deletes, object.Rows, r.lakeBucket, object.Key)
		}
		if object.Deletes > 0 {
			deleted[object.Type] += object.Deletes
		}
	}
	if !maps.Equal(deleted, result.Deleted) {
		return fmt.Errorf("rows say what to delete, by set of rows: %v; their objects have %v", result.Deleted, deleted)
	}
	for name, n := range result.Lost {
		if _, declared := r.model.Item(name); !declared || n < 1 || n > file.Items {
			return fmt.Errorf("item type %q has lost %d of %d items", name, n, file.Items)
		}
	}
	if result.Deletes < 0 || result.Deletes > file.Items {
		return fmt.Errorf("%d of %d items are deleted", result.Deletes, file.Items)
	}
	return nil
}

// rows checks the names and numbers of rows, and returns how many items they are:
// rows within items are none.
func (r *Reconciler) rows(result lakedoc.Result, file lakedoc.File) (int64, error) {
	var items int64
	for name, n := range result.Rows {
		if _, declared := r.model.Relation(name); !declared || n < 0 {
			return 0, fmt.Errorf("the model has no rows %q; there are %d", name, n)
		}
		if _, item := r.model.Item(name); !item {
			continue
		}
		if n > file.Items {
			return 0, fmt.Errorf("%d rows are %q, of %d items", n, name, file.Items)
		}
		items += n
	}
	return items, nil
}

// aside checks the counts of items set aside, and returns how many there are.
func (r *Reconciler) aside(result lakedoc.Result, file lakedoc.File) (int64, error) {
	for name, reasons := range result.SetAside {
		if _, declared := r.model.Item(name); !declared && name != lakedoc.NoType {
			return 0, fmt.Errorf("the model declares no item type %q, of which items are set aside", name)
		}
		for reason, n := range reasons {
			if n < 1 || n > file.Items {
				return 0, fmt.Errorf("%d items set aside for %q", n, reason)
			}
		}
	}
	return result.SetAside.Total(), nil
}

// declared checks that the objects hold rows of the model, each with a sum for
// each measure.
func (r *Reconciler) declared(objects []lakedoc.Object) error {
	for _, object := range objects {
		rows, declared := r.model.Relation(object.Type)
		if !declared {
			return fmt.Errorf("the model has no rows %q", object.Type)
		}
		if object.Rows < 1 {
			return fmt.Errorf("the object s3://%s/%s has %d rows", r.lakeBucket, object.Key, object.Rows)
		}
		got, want := slices.Sorted(maps.Keys(object.Sums)), slices.Sorted(slices.Values(model.Names(rows.Measured())))
		if !slices.Equal(got, want) {
			return fmt.Errorf("the object s3://%s/%s has the sums of %q, its measures are %q", r.lakeBucket, object.Key, got, want)
		}
	}
	return nil
}

// writes checks that the objects hold the rows, and no others.
func writes(result lakedoc.Result) error {
	counts := map[string]int64{}
	for _, object := range result.Objects {
		counts[object.Type] += object.Rows - object.Deletes
	}
	for _, names := range []map[string]int64{result.Rows, counts} {
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if result.Rows[name] != counts[name] {
				return fmt.Errorf("there are %d rows %q, their objects have %d", result.Rows[name], name, counts[name])
			}
		}
	}
	return nil
}

// keepsWrong checks that every wrong value is one of a row, or a row within an item
// that was left out, and that it stands in an object of them.
func (r *Reconciler) keepsWrong(result lakedoc.Result) error {
	kept := map[string]int64{}
	for _, object := range result.WrongObjects {
		kept[object.Type] += object.Rows
	}
	for name, columns := range result.Wrong {
		rows, _ := r.model.Relation(name)
		for column, reasons := range columns {
			whole := column == lakedoc.WholeRow && rows.Path != nil
			if _, declared := rows.Column(column); !declared && !whole {
				return fmt.Errorf("the model has no column %q of rows %q, of which values are wrong", column, name)
			}
			for reason, n := range reasons {
				if n < 1 || n > result.Rows[name] && !whole {
					return fmt.Errorf("%d values of column %q of %d rows %q are wrong for %q", n, column, result.Rows[name], name, reason)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if _, counted := result.Wrong[name]; !counted {
			return fmt.Errorf("%d wrong values of rows %q are kept, none was counted", kept[name], name)
		}
	}
	for name := range result.Wrong {
		if n := result.Wrong.In(name); n != kept[name] {
			return fmt.Errorf("%d values of rows %q are wrong, %d are kept", n, name, kept[name])
		}
	}
	return nil
}

// keepsUnknown checks that every item with unknown attributes has a row in an
// object of them.
func keepsUnknown(result lakedoc.Result) error {
	kept := map[string]int64{}
	for _, object := range result.UnknownObjects {
		kept[object.Type] += object.Rows
	}
	if !maps.Equal(kept, result.WithUnknown) {
		return fmt.Errorf("items have unknown attributes, by type: %v; they are kept of: %v", result.WithUnknown, kept)
	}
	for name, n := range kept {
		if n < 1 || n > result.Rows[name] {
			return fmt.Errorf("%d of the %d items of type %q have unknown attributes", n, result.Rows[name], name)
		}
	}
	return nil
}

// objects lists every object that was made of a file.
func objects(result lakedoc.Result) []lakedoc.Object {
	all := slices.Concat(result.Objects, result.WrongObjects, result.UnknownObjects)
	if result.Aside != nil {
		all = append(all, *result.Aside)
	}
	return all
}
