// Package export asks DynamoDB for an export of the table, follows it, and
// turns the export's own manifests into the work list of the night.
//
// Its three handlers are the steps export-start, export-poll and export-plan.
// Package lake reads the data files that the plan lists. This package never
// lists a bucket (the manifests are the only truth about what belongs to an
// export), never opens a data file, and never waits: the state machine decides
// how long.
//
// Only full exports in DynamoDB JSON are accepted. What an export looks like:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
package export
