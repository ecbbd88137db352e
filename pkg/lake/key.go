package lake

import "fmt"

// itemsKey is where the rows of one item type of one data file go. The name
// does not end in .snappy: Redshift takes such a suffix for compression of the
// whole file.
func itemsKey(itemType, run string, file int) string {
	return fmt.Sprintf("items/type=%s/run=%s/%05d.parquet", itemType, run, file)
}

func unknownKey(itemType, run string, file int) string {
	return fmt.Sprintf("unknown/type=%s/run=%s/%05d.parquet", itemType, run, file)
}

func setAsideFolder(run string) string { return fmt.Sprintf("setaside/run=%s/", run) }

func setAsideKey(run string, file int) string {
	return fmt.Sprintf("%s%05d.jsonl", setAsideFolder(run), file)
}

func resultKey(run string, file int) string {
	return fmt.Sprintf("runs/%s/files/%05d.json", run, file)
}

func nightKey(run string) string { return fmt.Sprintf("runs/%s/night.json", run) }

func manifestKey(run, itemType string) string {
	return fmt.Sprintf("runs/%s/copy/%s.manifest", run, itemType)
}
