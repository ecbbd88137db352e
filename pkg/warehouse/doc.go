// Package warehouse submits the night's SQL to Redshift through its Data API
// and reports what became of it.
//
// Its handlers are the steps landing-load (the COPY of one landing table),
// transform (one phase of the statements of package star) and statement-poll; a
// [Recorder] submits the row of a run for the step record.
// Submitting and polling are apart, so that not a minute of a Lambda is spent
// waiting: the Data API is asynchronous, and the state machine waits.
//
// Each submission is one batch, which the Data API runs as one transaction: all
// of it becomes visible, or nothing. The package spells the COPY and the rows
// of runs from the tables of package star, which writes all other SQL.
//
// Only the IAM role that submitted a statement may describe it and read its
// result (https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html), so
// the four functions have to share one role.
package warehouse
