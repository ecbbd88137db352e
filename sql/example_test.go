package sql_test

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/sql"
)

func ExampleSplit() {
	statements, err := sql.Split(`
		-- The semicolons in here do not count: ;
		create or replace procedure dwh.tidy() as $$ begin delete from dwh.t; end; $$ language plpgsql;
		call dwh.tidy();`)
	if err != nil {
		fmt.Println(err)
	}
	for _, s := range statements {
		fmt.Println(s)
	}
	// Output:
	// create or replace procedure dwh.tidy() as $$ begin delete from dwh.t; end; $$ language plpgsql
	// call dwh.tidy()
}
