package sample

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Text that has surprised loaders before. Characters that join or turn others
// are spelled out, so that the source shows them.
const (
	manyScripts = "𠮷野家 寿司 · Zoe\u0308 Å\u030a · مها العتيبي · שירה כהן · नमस्ते · " +
		"👩\u200d👩\u200d👧 🇳🇿 · \u202eback\u202c"
	punctuation = "\"double\" 'single' `back` \\ \\\\ \\n \\u0041 / | , ; {\"S\":\"x\"}\n" +
		"line\r\nline\ttab\v\f\b\x01\x1f\x7f \u2028\u2029\ufeff NULL \\N $$ -- ;"
)

func awkwardCustomers() []Case {
	return []Case{
		loads("a customer with every attribute", awkwardCustomer(regular, nil)),
		loads("a customer with nothing but a user name", awkwardCustomer("awkward.bare", edit{
			"email": nil, "fullname": nil, "Address": nil,
		})),
		loads("a customer whose attributes are NULL", awkwardCustomer("awkward.null", edit{
			"email": null(), "fullname": null(), "Address": null(),
		})),
		loads("a customer in many scripts", awkwardCustomer("awkward.scripts", edit{
			"fullname": text(manyScripts),
			"Address":  awkwardAddress(edit{"city": text("Tāmaki Makaurau"), "addressline1": text(manyScripts)}),
		})),
		loads("a customer with quotes, line ends, tabs and backslashes", awkwardCustomer("awkward.quotes", edit{
			"fullname": text(punctuation),
			"Address":  awkwardAddress(edit{"addressline1": text(punctuation), "addressline2": text(punctuation)}),
		})),
		loads("a customer with empty text", awkwardCustomer("awkward.empty", edit{
			"email": text(""), "fullname": text(""),
			"Address": awkwardAddress(edit{"addressline1": text(""), "addressline2": text(""), "city": text("")}),
		})),
		loads("a customer with nested attributes that no column reads", awkwardCustomer("awkward.nested", nested())),
		loads("a customer with an unread attribute of 300,000 bytes", awkwardCustomer("awkward.long", edit{
			"notes": text(strings.Repeat("Was here. ", 30_000)),
		})),
		loads("a customer whose user name stands in the keys alone", awkwardCustomer("awkward.unnamed", edit{"username": nil})),
		loads("a customer whose user name is NULL", awkwardCustomer("awkward.nullname", edit{"username": null()})),
		refused("a customer whose user name is another than in the keys", awkwardCustomer("awkward.misnamed", edit{
			"username": text("awkward.bare"),
		}), ValueContradictsKey, "username"),
		nulls("a customer whose full name is a number", awkwardCustomer("awkward.number", edit{
			"fullname": digits("7"),
		}), WrongType, "fullname"),
		nulls("a customer with a NUL character in the name", awkwardCustomer("awkward.nul", edit{
			"fullname": text("Kiri\x00Walker"),
		}), NulCharacter, "fullname"),
	}
}

// nested has every type of attribute that no column takes, and more levels
// than any column asks for.
func nested() edit {
	deep := text("the bottom")
	for range 15 {
		deep = mapping(Item{"below": list(deep)}) // 30 of the 32 levels that DynamoDB allows
	}
	return edit{
		"preferences": mapping(Item{
			"newsletter": &types.AttributeValueMemberBOOL{Value: true},
			"sizes":      list(digits("42"), text("M"), null(), list(), mapping(Item{})),
			"username":   text("not.this.one"),
			"Address":    mapping(Item{"city": text("not this one")}),
		}),
		"deep":   deep,
		"labels": &types.AttributeValueMemberSS{Value: []string{"café", "loyal", "\"quoted\""}},
		"scores": &types.AttributeValueMemberNS{Value: []string{"-1.5", "0", "1E+100"}},
		"avatar": &types.AttributeValueMemberB{Value: []byte{0, 1, 0xfe, 0xff}},
		"hashes": &types.AttributeValueMemberBS{Value: [][]byte{{0}, {0xde, 0xad, 0xbe, 0xef}}},
		"nobody": &types.AttributeValueMemberBOOL{Value: false},
	}
}

// awkwardAddresses end in orders where it matters what the star makes of them.
func awkwardAddresses() []Case {
	const date = "2023-08-15T10:00:00.000Z"
	return []Case{
		loads("an address whose fields are NULL", awkwardCustomer("awkward.nullfields", edit{
			"Address": awkwardAddress(edit{
				"addressline1": null(), "addressline2": null(), "city": null(), "postcode": null(), "country": null(),
			}),
		})),
		loads("an empty address", awkwardCustomer("awkward.homeless", edit{"Address": mapping(Item{})})),
		loads("an address without a postcode", awkwardCustomer("awkward.nopostcode", edit{
			"Address": awkwardAddress(edit{"postcode": nil}),
		})),
		loads("the order of a customer without a postcode",
			awkwardOrder("awkward-nopostcode", "awkward.nopostcode", date, 1, nil)),
		loads("the line of a customer without a postcode", awkwardLine("awkward-nopostcode", "awkward-kite", nil)),
		loads("an address without a country", awkwardCustomer("awkward.nocountry", edit{
			"Address": awkwardAddress(edit{"country": nil}),
		})),
		loads("the order of a customer without a country",
			awkwardOrder("awkward-nocountry", "awkward.nocountry", date, 1, nil)),
		loads("the line of a customer without a country", awkwardLine("awkward-nocountry", "awkward-kite", nil)),
		loads("a postcode that is a number", awkwardCustomer("awkward.numberpostcode", edit{
			"Address": awkwardAddress(edit{"postcode": digits("6011"), "geo": mapping(Item{"lat": digits("-41.28")})}),
		})),
		loads("a postcode with a blank at its end", awkwardCustomer("awkward.blankpostcode", edit{
			"Address": awkwardAddress(edit{"postcode": text("6011 ")}),
		})),
		loads("a user name in lower case", awkwardCustomer("awkward.case", nil)),
		loads("the same user name in capitals", awkwardCustomer("AWKWARD.CASE", nil)),
		loads("the order of the user name in lower case", awkwardOrder("awkward-case", "awkward.case", "2021-02-10", 2, nil)),
		loads("the order of the user name in capitals, with its id in capitals", awkwardOrder("AWKWARD-CASE", "AWKWARD.CASE", "2021-02-10", 1, nil)),
		loads("the line of a product id in lower case", awkwardLine("awkward-case", "awkward-case", nil)),
		loads("the line of the same product id in capitals", awkwardLine("awkward-case", "AWKWARD-CASE", edit{"price": digits("3")})),
		loads("the line of the order in capitals", awkwardLine("AWKWARD-CASE", "awkward-case", edit{"price": digits("5")})),
		refused("the same user name with a blank at its end", awkwardCustomer("awkward.case ", nil), TrailingBlank, "username"),
		nulls("an address that is text", awkwardCustomer("awkward.textaddress", edit{
			"Address": text("7 Tinakori Road, Wellington"),
		}), WrongType, "addressline1", "addressline2", "city", "postcode", "country"),
		nulls("a city that is a list", awkwardCustomer("awkward.twocities", edit{
			"Address": awkwardAddress(edit{"city": list(text("Wellington"), text("Porirua"))}),
		}), WrongType, "city"),
	}
}
