package laketest

import (
	"slices"
	"strconv"
	"strings"
)

// Lines returns the corpus. No two rows of it have the same keys.
func Lines() []Line {
	return slices.Concat(spellings(), texts(), keys(), numbers(), unknown(), converted(), broken())
}

// spellings are lines that mean something ordinary.
func spellings() []Line {
	return []Line{
		loads("an ordinary customer", "plain", `,"fullname":{"S":"Ann Lee"}`, map[string]string{"username": "plain", "fullname": "Ann Lee"}),
		{
			Name: "white space wherever JSON allows it", Type: "customer", Values: map[string]string{"username": "spaced", "city": "Oslo"},
			Text: "\t{ \"Item\" :\r{ \"SK\": {\t\"S\" : \"CUST#spaced\" } , \"PK\":{\"S\":\"CUST#spaced\"},\"username\" :{ \"S\":\"spaced\"}," +
				"\"Address\":{ \"M\" : { \"city\" : {\"S\":\"Oslo\" } } } } } ",
		},
		{
			Name: "names, tags and values spelled with escapes", Type: "customer", Values: map[string]string{"username": "escaped", "city": "Oslo"},
			Text: `{"It\u0065m":{"\u0050K":{"\u0053":"CUST\u0023escaped"},"SK":{"S":"CUST#escap\u0065d"},"user\u006eame":{"S":"\u0065scaped"},` +
				`"Addr\u0065ss":{"\u004d":{"c\u0069ty":{"S":"\u004fslo"}}}}}`,
		},
		{
			Name: "a map without members", Text: customer("nomembers", `,"Address":{"M":{}}`), Type: "customer",
			Values: map[string]string{"username": "nomembers"}, Nulls: []string{"city", "postcode", "email"},
		},
		{
			Name: "NULL instead of a map, and of text", Text: customer("nulls", `,"Address":{"NULL":true},"email":{"NULL":true}`),
			Type: "customer", Values: map[string]string{"username": "nulls"}, Nulls: []string{"city", "postcode", "email"},
		},
	}
}

// texts are values of text columns.
func texts() []Line {
	fullname := func(name, username, text, want string) Line {
		return loads(name, username, `,"fullname":{"S":"`+text+`"}`, map[string]string{"username": username, "fullname": want})
	}
	lost := func(name, username, attribute, column, reason string) Line {
		return loses(name, customer(username, ","+attribute), "customer", map[string]string{"username": username}, column, reason)
	}
	return []Line{
		fullname("empty text", "emptytext", ``, ""),
		fullname("a blank at the end of text that identifies nothing", "blanktext", `Ann `, "Ann "),
		fullname("every short escape", "escapes", `\b\f\n\r\t\/\\\"`, "\b\f\n\r\t/\\\""),
		fullname("a surrogate pair", "surrogates", `\ud83d\ude00`, "😀"),
		fullname("four bytes of UTF-8", "astral", "😀𝒳", "😀𝒳"),
		fullname("the last code point", "lastpoint", `\udbff\udfff`, "\U0010ffff"),
		fullname("a byte order mark in the middle", "mark", "a\ufeffb", "a\ufeffb"),
		fullname("letters that run from right to left", "bidi", "\u202eabc\u202c אבג", "\u202eabc\u202c אבג"),
		fullname("SQL", "sql", `'); drop table dwh.customer; --`, `'); drop table dwh.customer; --`),
		fullname("what COPY and CSV would stumble over", "csv", `a|b,c\t\\N\n\"d`, "a|b,c\t\\N\n\"d"),
		fullname("the most bytes that the column takes", "longest", strings.Repeat("å", 200), strings.Repeat("å", 200)),
		lost("one byte more", "toolong", `"fullname":{"S":"`+strings.Repeat("å", 200)+`a"}`, "fullname", "value_too_long"),
		lost("a NUL character", "nul", `"fullname":{"S":"Ann\u0000Lee"}`, "fullname", "nul_character"),
		lost("binary for text", "binary", `"fullname":{"B":"AAECAw=="}`, "fullname", "wrong_type"),
		lost("a set for text", "set", `"email":{"SS":["a@b.c"]}`, "email", "wrong_type"),
		lost("a map with text in it for text", "textmap", `"email":{"M":{"S":{"S":"a@b.c"}}}`, "email", "wrong_type"),
	}
}

// keys are members that a warehouse could take for one another.
func keys() []Line {
	named := func(name, username, want string) Line {
		return loads(name, username, "", map[string]string{"username": want})
	}
	return []Line{
		named("a user name in lower case", "who", "who"),
		named("the same user name in capitals", "WHO", "WHO"),
		named("the same user name with one capital", "Who", "Who"),
		named("a user name with a composed letter", `jos\u00e9`, "josé"),
		named("the same user name with a combining accent", `jose\u0301`, "jose\u0301"),
		named("a user name with a no-break space at its end", `who\u00a0`, "who\u00a0"),
		named("a user name with a tab at its end", `who\t`, "who\t"),
		named("a user name with a blank at its start", ` who`, " who"),
		refused("a user name that is empty", customer(``, ""), "type_contradicts_key", "type"),
		refused("a user name with a blank at its end", customer(`who `, ""), "trailing_blank", "PK"),
		refused("a user name with an escaped blank at its end", customer(`who\u0020`, ""), "trailing_blank", "PK"),
		refused("a user name that is a blank", customer(` `, ""), "trailing_blank", "PK"),
		loads("a postcode with a blank at its end", "blankpostcode", `,"Address":{"M":{"postcode":{"S":"0150 "}}}`,
			map[string]string{"username": "blankpostcode", "postcode": "0150 "}),
		refused("a user name with a NUL character", customer(`who\u0000`, ""), "nul_character", "PK"),
		refused("a product with a blank at its end", product("p ", `{"N":"1"}`), "trailing_blank", "SK"),
	}
}

// numbers are prices, which are decimals with 18 digits, two of them after
// the point.
func numbers() []Line {
	const digits38 = "12345678901234567890123456789012345678"
	return []Line{
		priced("the largest price", "largest", `{"N":"9999999999999999.99"}`, "9999999999999999.99"),
		priced("the smallest price", "smallest", `{"N":"-9999999999999999.99"}`, "-9999999999999999.99"),
		priced("a price that no float64 is equal to", "inexact", `{"N":"4503599627370497.03"}`, "4503599627370497.03"),
		priced("a price with an exponent", "exponent", `{"N":"1.25E+3"}`, "1250.00"),
		priced("a price with a negative exponent", "negativeexponent", `{"N":"125e-2"}`, "1.25"),
		priced("zeros without end", "zeros", `{"N":"0000000000000000000000000000000000000000000001.5000000000000000000000000000000000000"}`, "1.50"),
		priced("less than nothing at all", "minuszero", `{"N":"-0"}`, "0.00"),
		priced("nothing with a large exponent", "zeroexponent", `{"N":"0E+120"}`, "0.00"),
		refused("38 digits", product("digits38", `{"N":"`+digits38+`"}`), "number_out_of_range", "price"),
		refused("one cent too much", product("toomuch", `{"N":"10000000000000000"}`), "number_out_of_range", "price"),
		refused("the largest number", product("max", `{"N":"9.9999999999999999999999999999999999999E+125"}`), "number_out_of_range", "price"),
		refused("the smallest number above zero", product("min", `{"N":"1E-130"}`), "number_not_exact", "price"),
		refused("half a cent", product("half", `{"N":"0.005"}`), "number_not_exact", "price"),
		refused("a number that is text, in a column that does not convert", product("text", `{"S":"1"}`), "wrong_type", "price"),
		refused("39 digits", product("digits39", `{"N":"`+digits38+`9"}`), "not_an_item", "price"),
		refused("a number beyond DynamoDB's", product("beyond", `{"N":"1E+126"}`), "not_an_item", "price"),
		refused("no number", product("nan", `{"N":"NaN"}`), "not_an_item", "price"),
		refused("a number without quotes", product("bare", `{"N":1}`), "not_an_item", "price"),
	}
}

// unknown are attributes that the model does not declare. They are kept as
// they stand in the line.
func unknown() []Line {
	deep := strings.Repeat(`{"M":{"a":{"L":[`, 15) + `{"S":"the bottom"}` + strings.Repeat(`]}}}`, 15)
	lines := []Line{
		keeps("the numbers at the edges", "edges", `"n":{"L":[{"N":"12345678901234567890123456789012345678"},{"N":"1E-130"},{"N":"-9.9E+125"},{"N":"0"}]}`),
		keeps("binary values", "binaries", `"b":{"B":"AAECAwT/"},"bs":{"BS":["","AA=="]}`),
		keeps("sets", "sets", `"ss":{"SS":["","a"]},"ns":{"NS":["1","1.0"]}`),
		keeps("no elements, and no members", "hollow", `"l":{"L":[]},"m":{"M":{}}`),
		keeps("a NUL character where no column reads", "nulunknown", `"note":{"S":"a\u0000b"}`),
		keeps("31 levels", "deep", `"deep":`+deep),
		keeps("names that are odd", "names", `"":{"N":"1"},"a.b":{"S":"dot"},"\"":{"S":"quote"},"😀":{"BOOL":false},"\u0000":{"NULL":true}`),
		keeps("an attribute of another item type", "price", `"price":{"N":"1.005"}`),
		keeps("400 KB", "large", `"notes":{"S":"`+strings.Repeat("Was here. ", 40_000)+`"}`),
		keeps("400 KB that are 2.4 MB in JSON", "swollen", `"notes":{"S":"`+strings.Repeat(`\u0001`, 400_000)+`"}`),
		keeps("10,000 attributes", "many", manyAttributes(10_000)),
		keeps("20,000 maps alike in a list", "alike", `"lines":{"L":[`+
			strings.TrimSuffix(strings.Repeat(`{"M":{"sku":{"S":"a"},"count":{"N":"1"}}},`, 20_000), ",")+`]}`),
	}
	nested := loads("an attribute inside a known map", "nested",
		`,"Address":{"M":{"city":{"S":"Oslo"},"geo":{"M":{"lat":{"N":"59.9"}}},"country":{"S":"Norway"}}},"tags":{"SS":["a"]}`,
		map[string]string{"username": "nested", "city": "Oslo", "country": "Norway"})
	nested.Unknown = `{"Address":{"M":{"geo":{"M":{"lat":{"N":"59.9"}}}}},"tags":{"SS":["a"]}}`
	index := loads("the keys of the index, which the model ignores", "index", `,"GSIpk":{"S":"x"},"GSIsk":{"S":"y"}`, map[string]string{"username": "index"})
	return append(lines, nested, index)
}

func manyAttributes(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = `"x` + strconv.Itoa(i) + `":{"N":"1"}`
	}
	return strings.Join(names, ",")
}

// converted are values of another type than the column's.
func converted() []Line {
	order := func(id, count string) string {
		return `{"Item":{"PK":{"S":"CUST#plain"},"SK":{"S":"ORD#` + id + `"},"orderid":{"S":"` + id + `"},"orderdate":{"S":"2024-02-29"},"numberofitems":` + count + `}}`
	}
	uncounted := func(name, id, count, reason string) Line {
		return loses(name, order(id, count), "order", map[string]string{"orderid": id}, "numberofitems", reason)
	}
	return []Line{
		loads("a number in a text column that converts", "numberpostcode", `,"Address":{"M":{"postcode":{"N":"150"}}}`,
			map[string]string{"username": "numberpostcode", "postcode": "150"}),
		loads("a truth value in a text column that converts", "truthpostcode", `,"Address":{"M":{"postcode":{"BOOL":true}}}`,
			map[string]string{"username": "truthpostcode", "postcode": "true"}),
		{
			Name: "text in a number column that converts", Text: order("textcount", `{"S":"3"}`), Type: "order",
			Values: map[string]string{"orderid": "textcount", "numberofitems": "3"},
		},
		uncounted("text that is not a number", "wordcount", `{"S":"three"}`, "wrong_type"),
		uncounted("text with a blank before the number", "blankcount", `{"S":" 3"}`, "wrong_type"),
		uncounted("text that is not a whole number", "halfcount", `{"S":"2.5"}`, "number_not_exact"),
		uncounted("text that is too large a number", "largecount", `{"S":"2147483648"}`, "number_out_of_range"),
		uncounted("a list in a column that converts", "listcount", `{"L":[{"N":"3"}]}`, "wrong_type"),
		refused("a leap second", strings.Replace(order("leap", `{"N":"1"}`), "2024-02-29", "2016-12-31T23:59:60Z", 1), "not_a_timestamp", "orderdate"),
	}
}

// broken are lines that are no item at all.
func broken() []Line {
	tooDeep := strings.Repeat(`{"L":[`, 64) + strings.Repeat(`]}`, 64)
	return []Line{
		refused("no JSON", `oops`, "not_an_item", ""),
		refused("JSON that is cut", `{"Item":{"PK":{"S":"CUST#cut"`, "not_an_item", "PK"),
		refused("nothing that JSON knows as white space", "\f\v", "not_an_item", ""),
		refused("a byte order mark", "\ufeff"+customer("bom", ""), "not_an_item", ""),
		refused("two items", customer("first", "")+customer("second", ""), "not_an_item", ""),
		refused("an array", `[`+customer("array", "")+`]`, "not_an_item", ""),
		refused("an item of another spelling", `{"item":{}}`, "not_an_item", ""),
		refused("half a surrogate pair", customer("half", `,"fullname":{"S":"\ud83d"}`), "not_an_item", "fullname"),
		refused("the halves of a pair the wrong way round", customer("swapped", `,"fullname":{"S":"\ude00\ud83d"}`), "not_an_item", "fullname"),
		refused("bytes that are no UTF-8", customer("latin1", ",\"fullname\":{\"S\":\"Andr\xe9\"}"), "not_an_item", "fullname"),
		refused("a surrogate in UTF-8", customer("cesu", ",\"fullname\":{\"S\":\"\xed\xa0\xbd\"}"), "not_an_item", "fullname"),
		refused("a NUL that is not escaped", customer("rawnul", ",\"fullname\":{\"S\":\"a\x00b\"}"), "not_an_item", "fullname"),
		refused("an attribute twice", customer("twice", `,"fullname":{"S":"a"},"full\u006eame":{"S":"b"}`), "not_an_item", ""),
		refused("an empty set", customer("emptyset", `,"tags":{"SS":[]}`), "not_an_item", "tags"),
		refused("a type that DynamoDB does not have", customer("type", `,"tags":{"X":"a"}`), "not_an_item", "tags"),
		refused("a value with two types", customer("types", `,"tags":{"S":"a","N":"1"}`), "not_an_item", "tags"),
		refused("text that is not base64", customer("base64", `,"tags":{"B":"A"}`), "not_an_item", "tags"),
		refused("NULL that is false", customer("null", `,"tags":{"NULL":false}`), "not_an_item", "tags"),
		refused("65 levels", customer("toodeep", `,"tags":`+tooDeep), "not_an_item", "*"),
		refused("an item without attributes", `{"Item":{}}`, "missing_key", "PK"),
		refused("an item without a type", `{"Item":{"PK":{"S":"X#1"},"SK":{"S":"X#1"}}}`, "unknown_type", ""),
	}
}
