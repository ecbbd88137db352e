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

func ExampleStatements() {
	statements, err := sql.Statements(sql.PhasePublish)
	if err != nil {
		fmt.Println(err)
	}
	for _, s := range statements[:len(statements)-1] {
		fmt.Println(s)
	}
	// Output:
	// delete from landing.address
	// delete from landing.customer
	// delete from landing."order"
	// delete from landing.product
	// delete from etl.landing_address
	// delete from etl.landing_customer
	// delete from etl.landing_order
	// delete from etl.landing_product
	// call dwh.load_date()
	// call dwh.load_customer()
	// call dwh.load_address()
	// call dwh.load_product()
	// call dwh.load_order()
	// delete from etl.content
	// where schema_name = 'dwh'
	// insert into etl.content (schema_name, run_id)
	// select
	//     'dwh',
	//     run_id
	// from etl.content
	// where schema_name = 'staging'
	// call dwh.verify()
}
