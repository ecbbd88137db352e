package explain

// entry is what is known about a Fail state.
type entry struct {
	what    string // happened, in one sentence
	aws     string // what to do before a new execution
	local   string // the same on one machine
	export  string // the same there, with --export; empty if it is no different
	look    bool   // the record of the run says more
	done    bool   // nothing has to be started again
	rebuild bool   // a rebuild is a way out
	auto    bool   // the mode auto is the way out
}

// entries has one for each Fail state of the machine, by the name of its error.
func entries() map[string]entry { //nolint:funlen // a table
	return map[string]entry{
		"AnotherRunIsRunning": {
			what:  "Another run is going on, so this one did not begin.",
			aws:   "Wait until the other run has ended; start a new execution only if one more is needed.",
			local: "Wait until the other run has ended.",
		},
		"LockNotTaken": {
			what:  "It is not certain whether another run is going on, so this one did not begin.",
			aws:   "Mend what was reported.",
			local: "Mend what was reported.",
		},
		"IncrementNotPossible": {
			what:  "There is nothing that changes could be applied to, or the mode or the times cannot be read.",
			aws:   "The mode auto takes an increment where one is possible, and everything where not.",
			local: "The mode auto takes an increment where one is possible, and everything where not.",
			auto:  true,
		},
		"ExportFailed": {
			what:  "The table could not be exported.",
			aws:   "Mend what was reported: usually point-in-time recovery is off, or the raw bucket may not be written.",
			local: "Mend what was reported.",
		},
		"ExportDoesNotAddUp": {
			what:   "The export contradicts its own manifest, so none of it was loaded.",
			aws:    "Do not load this export again; a new execution makes a new one.",
			local:  "A new run makes a new export.",
			export: "Copy the export again from S3 into EXPORT: aws s3 sync s3://BUCKET/PREFIX EXPORT",
		},
		"ExportNotUsable": {
			what:   "This export cannot be loaded.",
			aws:    "Name the manifest-summary.json of a full export in DynamoDB JSON, or none.",
			local:  "A run without --export makes an export of its own.",
			export: "Give a full export in DynamoDB JSON.",
		},
		"ExportNotProven": {
			what:  "The export could not be read to its end, so nothing of it was loaded.",
			aws:   "Mend what was reported.",
			local: "Mend what was reported.",
		},
		"PartitionFailed": {
			what:  "A data file could not be turned into Parquet, although it is whole.",
			aws:   "Look at the failed child of the map run; it names the file.",
			local: "Free memory and disk space; nightstar doctor says what is there.",
		},
		"TooManySetAside": {
			what:  "More of the export is wrong than the model allows.",
			aws:   "Mend the items, or the model file and deploy it.",
			local: "Mend the items, or edit MODEL.",
			look:  true,
		},
		"TypeShrank": {
			what:  "The export holds far less of something than the last run loaded.",
			aws:   "Mend the table, or the model file and deploy it.",
			local: "Mend the table, or edit MODEL.",
		},
		"ModelChanged": {
			what:    "The warehouse was made for another model, and following this one would lose data.",
			aws:     "Restore the model file, or take one of the ways above.",
			local:   "Restore MODEL, or take one of the ways above.",
			rebuild: true,
		},
		"WarehouseNotPrepared": {
			what:  "The tables of the warehouse could not be created.",
			aws:   "Check the rights of the warehouse user.",
			local: "Mend what was reported.",
		},
		"LandingFailed": {
			what:  "A table could not be loaded into the warehouse.",
			aws:   "Read the message of COPY above.",
			local: "Mend what was reported.",
		},
		"TransformFailed": {
			what:  "The star could not be made, or did not pass its own checks.",
			aws:   "Read the message above; it names the table and the numbers.",
			local: "Read the message above; it names the table and the numbers.",
		},
		"ArchiveIncomplete": {
			what:  "The run is loaded, but objects of earlier runs are not all archived.",
			aws:   "Nothing has to be repeated: the next run archives the rest.",
			local: "Nothing has to be repeated: the next run archives the rest.",
			done:  true,
		},
		"RunNotRecorded": {
			what:  "The run is loaded, but its record could not be written.",
			aws:   "Nothing has to be repeated: the next run adds what is missing.",
			local: "Nothing has to be repeated: the next run adds what is missing.",
			done:  true,
		},
	}
}
