package main

import (
	"context"
	"fmt"
)

type upCommand struct {
	services
	modelled
}

// Help has examples.
func (upCommand) Help() string {
	return `Examples:
  nightstar up
  nightstar up --port 4600 --dir mine
  nightstar up --port 0 --dir mine      a free port, which the export lines name`
}

// Run keeps the endpoints up until the command is interrupted.
func (c upCommand) Run(ctx context.Context, to output) error {
	if c.Port == nil {
		port := defaultPort
		c.Port = &port
	}
	m, err := c.read()
	if err != nil {
		return err
	}
	environment, err := c.open(ctx, to.err, m, false)
	if err != nil {
		return err
	}
	fmt.Fprintf(to.err, "Endpoints are up on %s. Interrupt (Ctrl-C) to stop. In another shell:\n\n", environment.Endpoint())
	for _, line := range environment.ExportLines() {
		fmt.Fprintln(to.out, line)
	}
	fmt.Fprintf(to.err, "\n  aws dynamodb scan --table-name %s --max-items 3\n  aws stepfunctions start-execution --state-machine-arn %s\n",
		environment.Table(), environment.StateMachineARN())
	<-ctx.Done()
	return environment.Close()
}

// defaultPort is the port that `nightstar up` takes unless told otherwise, so
// that the export lines of one day work on the next.
const defaultPort = 4588
