// Package record writes down how a run ended, and reads it back.
//
// Its handler is the step record, the last of every run that took the lock, whether it succeeded
// or failed. It takes the data of the state machine as it then is, makes a [Run]
// of it, writes that to runs/<run>/run.json in the lake, and submits it to the
// warehouse. The object in the lake is the durable record: it is there also when
// the warehouse is what failed.
//
// A run that is stopped, or times out, does not come to that step. The run that
// takes the lock after it has a [Closer] write its record, of what Step Functions
// knows, and submits its row to the warehouse with its own.
//
// The package decodes what the other steps put into the data of the machine; how
// a run is spelled in SQL is the business of package warehouse.
package record
