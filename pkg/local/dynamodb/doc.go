// Package dynamodb is a loopback endpoint that answers DynamoDB's protocol: AWS
// JSON 1.0, one [http.Handler].
//
// It holds the source table of the local run. The sample loader, the export
// step and anybody with the aws CLI talk to it as they talk to DynamoDB. What it
// is most careful about is point-in-time export: each table is an append-only
// change log on disk, so that [Server] can export the state at any time in the
// recovery window, in the layout in which AWS writes it, manifests, checksums
// and empty files included.
//
// # What it supports
//
// CreateTable, DescribeTable, ListTables, DeleteTable; UpdateContinuousBackups,
// DescribeContinuousBackups; PutItem, GetItem, DeleteItem, BatchWriteItem,
// BatchGetItem; Query and Scan on tables and global secondary indexes, with
// projections of whole attributes; ExportTableToPointInTime (FULL_EXPORT and
// INCREMENTAL_EXPORT, DYNAMODB_JSON), DescribeExport, ListExports. Any other operation, and any
// parameter that it does not act upon, is refused by name: nothing is ignored.
//
// # What it deliberately does not do
//
// There are no condition and filter expressions, updates in place,
// transactions, streams, local secondary indexes or capacities, and no check of
// credentials or signatures: it is for a loopback address. It tells the truth
// at once where DynamoDB is eventually consistent: tables are active as soon as
// they are created, indexes are never behind, counts are exact, and the latest
// restorable time is the present instead of some minutes ago. A change
// is acknowledged when it is on the disk. What nobody can ask for any more is
// dropped when the directory is opened: states before the recovery window once
// they are most of a change log, exports after 90 days.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html
package dynamodb
