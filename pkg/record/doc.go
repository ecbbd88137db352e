// Package record writes down how a run ended, and reads it back.
//
// Its handler is the step record, which takes the data of the state machine as it
// then is and makes a [Run] of it. The machine asks twice. Right after the star is
// published, or could not be, the run is submitted to the warehouse as a row, while
// that is awake. When the run ends, however it ended, its record is written to
// runs/<run>/run.json in the lake, which wakes no warehouse. The object in the lake is
// the durable record: it is there also when the warehouse is what failed.
//
// A run that is stopped, or times out, does not reach that step. The run that
// takes the lock after it has a [Closer] write its record, of what Step Functions
// knows. Rows that are missing in the warehouse, of such runs and of those that
// failed before it was awake, go with that of the next run which comes as far.
//
// The package decodes what the other steps put into the data of the machine; how
// a run is spelled in SQL is the business of package warehouse.
package record
