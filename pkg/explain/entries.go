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
			what:  "Another run is active, so this one did not begin.",
			aws:   "Wait until the other run has ended; start a new execution only if one more is needed.",
			local: "Wait until the other run has ended.",
		},
		"LockNotTaken": {
			what:  "Nightstar cannot tell whether another run is active, so this one did not begin.",
			aws:   "Fix what was reported.",
			local: "Fix what was reported.",
		},
		"IncrementNotPossible": {
			what:  "The run cannot load changes: no previous run fits, or the mode or the times cannot be read.",
			aws:   "The mode auto loads changes if possible, and the whole table if not.",
			local: "The mode auto loads changes if possible, and the whole table if not.",
			auto:  true,
		},
		"ExportFailed": {
			what:  "The table could not be exported.",
			aws:   "Fix what was reported. Usually point-in-time recovery is off, or DynamoDB may not write to the raw bucket.",
			local: "Fix what was reported.",
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
			what:  "The export could not be read completely, so none of it was loaded.",
			aws:   "Fix what was reported.",
			local: "Fix what was reported.",
		},
		"PartitionFailed": {
			what:  "An intact data file could not be written as Parquet.",
			aws:   "Look at the failed child of the map run; it names the file.",
			local: "Free memory and disk space; nightstar doctor shows how much is free.",
		},
		"TooManySetAside": {
			what:  "More of the export is wrong than the model allows.",
			aws:   "Correct the items, or correct the model file and deploy it.",
			local: "Correct the items, or edit MODEL.",
			look:  true,
		},
		"TypeShrank": {
			what:  "The export holds far less of something than the last run loaded.",
			aws:   "Correct the table, or correct the model file and deploy it.",
			local: "Correct the table, or edit MODEL.",
		},
		"ModelChanged": {
			what:    "The warehouse was made for another model, and following this one would lose data.",
			aws:     "Restore the model file, or choose one of the options above.",
			local:   "Restore MODEL, or choose one of the options above.",
			rebuild: true,
		},
		"WarehouseNotPrepared": {
			what:  "The tables of the warehouse could not be created.",
			aws:   "Check the rights of the warehouse user.",
			local: "Fix what was reported.",
		},
		"LandingFailed": {
			what:  "A table could not be loaded into the warehouse.",
			aws:   "Read the message of COPY above.",
			local: "Fix what was reported.",
		},
		"TransformFailed": {
			what:  "The star could not be built, or did not pass its own checks.",
			aws:   "Read the message above; it names the table and the numbers.",
			local: "Read the message above; it names the table and the numbers.",
		},
		"ArchiveIncomplete": {
			what:  "The run is loaded, but not all objects of earlier runs are archived.",
			aws:   "You need not repeat anything: the next run archives the rest.",
			local: "You need not repeat anything: the next run archives the rest.",
			done:  true,
		},
		"RunNotRecorded": {
			what:  "The run is loaded, but its record could not be written.",
			aws:   "You need not repeat anything: the next run adds what is missing.",
			local: "You need not repeat anything: the next run adds what is missing.",
			done:  true,
		},
	}
}
