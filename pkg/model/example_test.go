package model_test

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

func ExampleModel_CopyColumns() {
	columns, _ := model.Store().CopyColumns("order")
	fmt.Println(strings.Join(columns, ", "))
	// Output: pk, orderid, numberofitems, amount, orderdate
}

func ExampleModel_GlueColumns() {
	columns, _ := model.Store().GlueColumns("product")
	for _, c := range columns {
		fmt.Println(c.Name, c.Type)
	}
	// Output:
	// orderid string
	// productid string
	// productname string
	// category string
	// color string
	// price decimal(18,2)
}

func ExampleTable_DDL() {
	table, _ := model.Store().Table(model.SchemaDWH, "order")
	fmt.Println(table.DDL())
	// Output:
	// create table if not exists dwh."order" (
	//     orderkey integer not null,
	//     datekey integer not null,
	//     customerkey integer not null,
	//     addresskey integer not null,
	//     productkey integer not null,
	//     price decimal(18,2) not null,
	//     numberofitems integer,
	//     primary key (orderkey, productkey)
	// )
}

func ExampleModel_Validate() {
	m := model.Store()
	m.Fact.Dimensions[3] = "article"
	m.Landing[3].Item = "article"
	fmt.Println(m.Validate())
	// Output:
	// model "store": landing table "product": item type "article" is not declared
	// model "store": fact "order": dimension "article" is not declared
	// model "store": fact "order": key column "productkey" is none of its columns
}
