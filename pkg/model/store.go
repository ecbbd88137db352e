package model

// Store is the e-commerce table that the pipeline is delivered with:
// customers with an address, orders, and the products of each order.
func Store() Model {
	return Model{
		Name:          "store",
		PartitionKey:  "PK",
		SortKey:       "SK",
		TypeAttribute: "type",
		Ignored:       []string{"GSIpk", "GSIsk"}, // the keys once more, for the index
		SetAside:      Limit{Items: 100, PerMille: 1},
		Items:         []Item{storeCustomer(), storeOrder(), storeProduct()},
		Landing: []Landing{
			{Name: "address", Item: "customer"},
			{Name: "customer", Item: "customer"},
			{Name: "order", Item: "order"},
			{Name: "product", Item: "product"},
		},
		Dimensions: storeDimensions(),
		Fact: Fact{
			Name:        "order",
			Grain:       "One row for each product of each order.",
			BusinessKey: []Column{{Name: "orderid", Type: String(64), Required: true}},
			Dimensions:  []string{"date", "customer", "address", "product"},
			Measures: []Column{
				{Name: "price", Type: Decimal(18, 2), Required: true},
				{Name: "numberofitems", Type: Integer()},
			},
			Key: []string{"orderkey", "productkey"},
		},
	}
}

// storeCustomer is a registered user, with the address map flattened.
func storeCustomer() Item {
	return Item{
		Name: "customer", PartitionPrefix: "CUST#", SortPrefix: "CUST#",
		Columns: []Column{
			{Name: "username", Type: String(128), From: []string{"username"}, Required: true, Repeats: "PK"},
			{Name: "email", Type: String(320), From: []string{"email"}},
			{Name: "fullname", Type: String(400), From: []string{"fullname"}},
			{Name: "addressline1", Type: String(400), From: []string{"Address", "addressline1"}},
			{Name: "addressline2", Type: String(400), From: []string{"Address", "addressline2"}},
			{Name: "city", Type: String(200), From: []string{"Address", "city"}},
			{Name: "postcode", Type: String(40), From: []string{"Address", "postcode"}, Converts: true},
			{Name: "country", Type: String(100), From: []string{"Address", "country"}},
		},
	}
}

// storeOrder is an order of a customer, whose user name stands in the
// partition key only.
func storeOrder() Item {
	return Item{
		Name: "order", PartitionPrefix: "CUST#", SortPrefix: "ORD#",
		Columns: []Column{
			{Name: "pk", Type: String(140), From: []string{"PK"}, Required: true},
			{Name: "orderid", Type: String(64), From: []string{"orderid"}, Required: true, Repeats: "SK"},
			{Name: "numberofitems", Type: Integer(), From: []string{"numberofitems"}, Converts: true},
			{Name: "amount", Type: Decimal(18, 2), From: []string{"amount"}},
			{Name: "orderdate", Type: Timestamp(), From: []string{"orderdate"}, Required: true},
		},
	}
}

// storeProduct is one product of an order: an order line.
func storeProduct() Item {
	return Item{
		Name: "product", PartitionPrefix: "ORD#", SortPrefix: "PROD#",
		Columns: []Column{
			{Name: "orderid", Type: String(64), From: []string{"orderid"}, Required: true, Repeats: "PK"},
			{Name: "productid", Type: String(64), From: []string{"productid"}, Required: true, Repeats: "SK"},
			{Name: "productname", Type: String(200), From: []string{"productname"}},
			{Name: "category", Type: String(100), From: []string{"category"}},
			{Name: "color", Type: String(50), From: []string{"color"}},
			{Name: "price", Type: Decimal(18, 2), From: []string{"price"}, Required: true},
		},
	}
}

func storeDimensions() []Dimension {
	return []Dimension{
		{
			Name:        "date",
			BusinessKey: []Column{{Name: "orderdate", Type: Date(), Required: true}},
			Columns: []Column{
				{Name: "orderdate", Type: Date()},
				{Name: "year", Type: Integer()},
				{Name: "quarter", Type: Integer()},
				{Name: "month", Type: Integer()},
				{Name: "monthname", Type: String(9)},
				{Name: "week", Type: Integer()},
				{Name: "day", Type: Integer()},
				{Name: "dayofweek", Type: Integer()},
				{Name: "dayname", Type: String(9)},
				{Name: "isweekend", Type: Boolean()},
			},
		},
		{
			Name:        "customer",
			BusinessKey: []Column{{Name: "username", Type: String(128), Required: true}},
			Columns: []Column{
				{Name: "username", Type: String(128)},
				{Name: "email", Type: String(320)},
				{Name: "fullname", Type: String(400)},
			},
		},
		{
			Name: "address",
			BusinessKey: []Column{
				{Name: "username", Type: String(128), Required: true},
				{Name: "postcode", Type: String(40), Required: true},
			},
			Columns: []Column{
				{Name: "username", Type: String(128)},
				{Name: "addressline1", Type: String(400)},
				{Name: "addressline2", Type: String(400)},
				{Name: "postcode", Type: String(40)},
				{Name: "city", Type: String(200)},
				{Name: "country", Type: String(100)},
			},
		},
		{
			Name:        "product",
			BusinessKey: []Column{{Name: "productid", Type: String(64), Required: true}},
			Columns: []Column{
				{Name: "productid", Type: String(64)},
				{Name: "productname", Type: String(200)},
				{Name: "color", Type: String(50)},
				{Name: "category", Type: String(100)},
			},
		},
	}
}
