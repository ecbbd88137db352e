// Package export decides what a run exports, asks DynamoDB for it, follows the
// exports, and turns their own manifests into the work list of the night.
//
// Its handlers are the steps export-window, export-start, export-poll and export-plan.
// Package lake reads the data files that the plan lists. This package never
// lists a bucket (the manifests are the only truth about what belongs to an
// export), never opens a data file, and never waits: the state machine decides
// how long.
//
// Exports are in DynamoDB JSON, one full one or incremental ones without a hole
// between them. What an export looks like:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
package export
