package sample

// awkwardTypes are items that say the wrong thing about what they are.
func awkwardTypes() []Case {
	coupon := Item{
		"PK": text(customerPrefix + regular), "SK": text("COUPON#spring"),
		"type": text("coupon"), "percent": digits("10"),
	}
	setting := Item{"PK": text("CONFIG#tax"), "SK": text("CONFIG#tax"), "rate": digits("0.15")}
	line := func(product string, e edit) Item { return awkwardLine("awkward-types", product, e) }
	return []Case{
		loads("an order for lines with an awkward type",
			awkwardOrder("awkward-types", regular, "2023-11-24T08:15:00.000Z", 2, nil)),
		loads("no type, but the keys of an order line", line("awkward-untyped", edit{"type": nil})),
		loads("a type that is NULL, and the keys of an order line", line("awkward-nulltype", edit{"type": null()})),
		refused("an unknown type", coupon, UnknownType, "type"),
		refused("an unknown type with the keys of an order line",
			line("awkward-voucher", edit{"type": text("voucher")}), UnknownType, "type"),
		refused("a type in capitals", line("awkward-capitals", edit{"type": text("PRODUCT")}), UnknownType, "type"),
		refused("no type and unknown keys", setting, UnknownType, ""),
		refused("a type that is a number", line("awkward-numbertype", edit{"type": digits("3")}), WrongType, "type"),
		refused("the type of an order and the keys of an order line",
			line("awkward-contradiction", edit{"type": text("order")}), TypeContradictsKey, "type"),
		refused("a product id that is not the one in the key",
			line("awkward-othername", edit{"productid": text("awkward-untyped")}), ValueContradictsKey, "productid"),
	}
}

// awkwardOrders are orders and lines that miss each other.
func awkwardOrders() []Case {
	const date = "2023-05-10T09:30:00.000Z"
	return []Case{
		loads("an order without lines", awkwardOrder("awkward-nolines", regular, date, 0, nil)),
		loads("an order of an unknown customer", awkwardOrder("awkward-stranger", "awkward.nobody", date, 1, nil)),
		loads("the line of an unknown customer", awkwardLine("awkward-stranger", "awkward-kite", nil)),
		loads("a line without its order", awkwardLine("awkward-lost", "awkward-kite", nil)),
		loads("another line without its order", awkwardLine("awkward-lost", "awkward-yoyo", nil)),
		loads("an order with nothing but what is required", awkwardOrder("awkward-terse", regular, date, 1, edit{
			"numberofitems": nil, "amount": nil,
		})),
		loads("the line of the order with nothing but what is required",
			awkwardLine("awkward-terse", "awkward-kite", nil)),
	}
}

func awkwardNumbersOfItems() []Case {
	count := func(id string, e edit) Item {
		return awkwardOrder(id, regular, "2023-05-11T09:30:00.000Z", 0, e)
	}
	return []Case{
		loads("a number of items that is text", count("awkward-text", edit{"numberofitems": text("2")})),
		nulls("a number of items in words", count("awkward-words", edit{"numberofitems": text("two")}),
			WrongType, "numberofitems"),
		nulls("a number of items beyond 32 bits", count("awkward-many", edit{"numberofitems": digits("3000000000")}),
			NumberOutOfRange, "numberofitems"),
		nulls("a number of items with a fraction", count("awkward-half", edit{"numberofitems": digits("2.5")}),
			NumberNotExact, "numberofitems"),
		nulls("an amount with three decimals", count("awkward-mill", edit{"amount": digits("10.005")}),
			NumberNotExact, "amount"),
	}
}

// awkwardDates are times of orders. The first ones are at the edge of a
// quarter, on the side that only their details tell.
func awkwardDates() []Case {
	at := func(id, date string) Item { return awkwardOrder(id, regular, date, 1, nil) }
	line := func(id string) Item { return awkwardLine(id, "awkward-kite", nil) }
	return []Case{
		loads("a time whose offset moves it to the next quarter", at("awkward-offset", "2022-03-31T22:15:00-05:00")),
		loads("the line of the time with an offset", line("awkward-offset")),
		loads("a date without a time", at("awkward-dateonly", "2022-06-30")),
		loads("the line of the date without a time", line("awkward-dateonly")),
		loads("a time without an offset", at("awkward-nozone", "2022-06-30T23:59:59")),
		loads("the line of the time without an offset", line("awkward-nozone")),
		loads("the last microsecond of a leap day", at("awkward-leap", "2024-02-29T23:59:59.999999Z")),
		loads("the line of the leap day", line("awkward-leap")),
		refused("a day that no calendar has", at("awkward-february", "2023-02-30T10:00:00Z"),
			NotATimestamp, "orderdate"),
		loads("the line of the day that no calendar has", line("awkward-february")),
		refused("a date in words", at("awkward-tuesday", "last Tuesday"), NotATimestamp, "orderdate"),
		refused("a date that is empty", at("awkward-emptydate", ""), NotATimestamp, "orderdate"),
		refused("a time in nanoseconds", at("awkward-nanoseconds", "2023-05-10T09:30:00.123456789Z"),
			NotATimestamp, "orderdate"),
		refused("a date that is a number", awkwardOrder("awkward-epoch", regular, "", 1, edit{
			"orderdate": digits("1683711000"),
		}), WrongType, "orderdate"),
		refused("an order without a date", awkwardOrder("awkward-dateless", regular, "", 1, edit{"orderdate": nil}),
			MissingAttribute, "orderdate"),
	}
}
