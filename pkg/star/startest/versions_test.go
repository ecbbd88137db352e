package startest_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// versions is a model whose facts refer to versions in many ways: by a timestamp
// and by a date, of their own and of what they look up, and twice to one dimension.
const versions = `nightstar: 1
model: versions
table: { partitionKey: PK, sortKey: SK }
limits: { setAside: { items: 1000, perMille: 1000 } }
items:
  customer:
    keys: { PK: "C#{customerid}", SK: PROFILE }
    limits: { setAside: { items: 1000 }, wrongValues: { items: 1000 } }
    columns:
      customerid: string(3)
      name: string(20)
      city: string(20)
      credit: decimal(9,2)
      active: boolean
  product:
    keys: { PK: "P#{productid}", SK: "P#{productid}" }
    limits: { setAside: { items: 1000 }, wrongValues: { items: 1000 } }
    columns:
      productid: integer
      title: string(20)
      weight: double
  order:
    keys: { PK: "C#{customerid}", SK: "O#{orderid}" }
    limits: { setAside: { items: 1000 }, wrongValues: { items: 1000 } }
    columns:
      customerid: string(3)
      orderid: integer
      productid: integer
      orderedat: timestamp
      shippedon: date
    rows:
      line: { list: lines, columns: { productid: integer, soldby: string(3), pieces: integer } }
dimensions:
  date: { calendar: day }
  customer:
    of: customer
    key: { id: customerid }
    where: active or active is null
    history: versions
    columns: { name: name, city: city, rich: { sql: "credit > 10", type: boolean } }
  product: { of: product, key: productid, history: versions, columns: [title, weight] }
facts:
  order:
    grain: One row for each order.
    of: order
    asOf: orderedat
    dimensions: { shipped: { date: shippedon }, customer: customerid, product: productid }
    columns: [orderedat]
  line:
    grain: One row for each line.
    of: order.line
    with:
      order: { customerid: customerid, orderid: orderid }
      product: { productid: order.productid }
    asOf: order.shippedon
    document: [customerid, orderid]
    dimensions: { buyer: { customer: order.customerid }, seller: { customer: soldby }, product: productid, main: { product: product.productid } }
    columns: { on: order.shippedon }
    measures: [pieces]
`

// TestHistories_versions runs random histories of one model, in which facts refer
// to many versions.
func TestHistories_versions(t *testing.T) {
	t.Parallel()
	m, err := model.Read("versions.yaml", []byte(versions))
	if err != nil {
		t.Fatal(err)
	}
	from, n := seeds(t)
	if os.Getenv("STARTEST_SEEDS") == "" {
		n = 2
	}
	for seed := from; seed < from+n; seed++ {
		for name, open := range engines {
			t.Run(fmt.Sprintf("%d/%s", seed, name), func(t *testing.T) {
				t.Parallel()
				engine, err := open(t.Context(), t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				if err := history(t.Context(), m, engine, seed); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
				if err := engine.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
