// Package local is AWS on one machine: the services that the pipeline uses,
// behind one loopback port, over one directory.
//
// [Open] starts them, registers the step executables as Lambda functions and
// deploys the state machine, so that a caller needs nothing but AWS SDK
// clients from there on. The services are under pkg/local, one package each;
// this one only connects them.
//
// The directory holds all state:
//
//	dynamodb/          the table's change log, which is its point-in-time history
//	s3/<bucket>/       objects as plain files
//	stepfunctions/     executions and their histories
//	warehouse.duckdb   the warehouse, openable by any DuckDB once closed
//	key.json           the access key of this directory, random, readable by its owner
//	tmp/               what no process needs after its end; emptied at the start
//	lock               held while an Environment is open
//
// What a service has acknowledged survives the end of the process and a power
// failure: changes of tables, objects, executions and committed statements. What
// a killed process leaves half done is removed at the next start. A damaged
// table is refused with the way out; a damaged execution is set aside.
//
// Nothing in lambdas/ or the packages it uses imports this package, and
// nothing here is deployed.
package local
