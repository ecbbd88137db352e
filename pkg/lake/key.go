package lake

import "fmt"

// itemsKey is where the rows of one item type of one data file go. The name
// does not end in .snappy: Redshift takes such a suffix for compression of the
// whole file.
func itemsKey(itemType, run string, file int) string {
	return fmt.Sprintf("items/type=%s/run=%s/%05d.parquet", itemType, run, file)
}

func setAsideKey(run string, file int) string {
	return fmt.Sprintf("setaside/run=%s/%05d.jsonl", run, file)
}

func resultKey(run string, file int) string {
	return fmt.Sprintf("runs/%s/files/%05d.json", run, file)
}

func manifestKey(run, itemType string) string {
	return fmt.Sprintf("runs/%s/copy/%s.manifest", run, itemType)
}
