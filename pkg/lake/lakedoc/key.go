package lakedoc

import "fmt"

// Prefixes of keys in the lake bucket.
const (
	ItemsPrefix    = "items/"
	ChangesPrefix  = "changes/"
	UnknownPrefix  = "unknown/"
	WrongPrefix    = "wrong/"
	SetAsidePrefix = "setaside/"
	RunsPrefix     = "runs/"
)

// Keys that are the same for all runs.
const (
	LockKey    = RunsPrefix + "lock.json"
	CurrentKey = RunsPrefix + "current.json"
	// StateKey lists the runs of [Current] as JSON lines, for queries: [StateRun].
	StateKey = "current/runs.json"
)

// ItemsKey is where the rows of one data file go. The name does not end in
// .snappy: Redshift takes such a suffix for compression of the whole file.
func ItemsKey(rows, run string, file int) string {
	return fmt.Sprintf("%stype=%s/run=%s/%05d.parquet", ItemsPrefix, rows, run, file)
}

// ChangesKey is where the changes of one data file go.
func ChangesKey(rows, run string, file int) string {
	return fmt.Sprintf("%stype=%s/run=%s/%05d.parquet", ChangesPrefix, rows, run, file)
}

// UnknownKey is where attributes go that the model does not know.
func UnknownKey(itemType, run string, file int) string {
	return fmt.Sprintf("%stype=%s/run=%s/%05d.parquet", UnknownPrefix, itemType, run, file)
}

// WrongFolder is where the wrong values of a set of rows stand.
func WrongFolder(rows, run string) string {
	return fmt.Sprintf("%stype=%s/run=%s/", WrongPrefix, rows, run)
}

// WrongKey is where the wrong values of one data file go.
func WrongKey(rows, run string, file int) string {
	return fmt.Sprintf("%s%05d.jsonl", WrongFolder(rows, run), file)
}

// SetAsideFolder is where the items stand that a run did not load.
func SetAsideFolder(run string) string { return SetAsidePrefix + "run=" + run + "/" }

// SetAsideKey is where the items of one data file go that are not loaded.
func SetAsideKey(run string, file int) string {
	return fmt.Sprintf("%s%05d.jsonl", SetAsideFolder(run), file)
}

// RunFolder is where the documents of a run stand.
func RunFolder(run string) string { return RunsPrefix + run + "/" }

// PlanKey is where the list of data files stands.
func PlanKey(run string) string { return RunFolder(run) + "plan.json" }

// ResultKey is where the result of a data file stands.
func ResultKey(run string, file int) string {
	return fmt.Sprintf("%sfiles/%05d.json", RunFolder(run), file)
}

// NightKey is where the [Night] stands.
func NightKey(run string) string { return RunFolder(run) + "night.json" }

// ManifestKey is where the list of objects stands that COPY loads.
func ManifestKey(run, rows string) string {
	return fmt.Sprintf("%scopy/%s.manifest", RunFolder(run), rows)
}

// RecordKey is where the record of a run stands.
func RecordKey(run string) string { return RunFolder(run) + "run.json" }

// ModelKey is where the model file stands that a run followed.
func ModelKey(run string) string { return RunFolder(run) + "model.yaml" }

// ArchivingKey is where a run notes that it archives a bucket.
func ArchivingKey(source string) string { return RunsPrefix + "archiving-" + source + ".json" }

// UnknownSortKey is the column of [UnknownColumns] that is null where the table
// has no sort key.
const UnknownSortKey = "sk"

// UnknownColumns returns the columns of the files below unknown/, in file order:
// the keys of an item, and those of its attributes that the model does not know,
// as one JSON object in DynamoDB JSON. They are text, and the same for all item
// types. The text is as long as an item: beyond what Spectrum reads, 65,535
// bytes, ask Athena.
func UnknownColumns() []string { return []string{"pk", UnknownSortKey, "attributes"} }
