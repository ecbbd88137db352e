package sample

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// product is one entry of the catalogue, in the form in which order lines
// carry it. The attribute values are made once and shared by all its lines.
type product struct {
	key      types.AttributeValue // PROD#<productid>
	id       types.AttributeValue
	name     types.AttributeValue
	category types.AttributeValue
	color    types.AttributeValue // nil for things without a colour
	cents    [quarters]int        // the price list
	price    [quarters]types.AttributeValue
}

// shelf is a category with its products; totals give the popular ones weight.
type shelf struct {
	products []product
	totals   []int
}

// catalogue makes the products of every category, with ids and prices that
// depend on the seed.
func catalogue(seed uint64) []shelf {
	var random stream
	random.reset(seed, forCatalogue, 0)
	var shelves []shelf
	for _, c := range categories() {
		name := text(c.name)
		var s shelf
		var weights []int
		for _, g := range c.goods {
			for _, option := range c.options {
				p := newProduct(&random, g, option, c)
				p.category = name
				s.products = append(s.products, p)
				weights = append(weights, 20+random.below(100))
			}
		}
		s.totals = running(weights)
		shelves = append(shelves, s)
	}
	return shelves
}

func newProduct(random *stream, g good, option string, c category) product {
	id := random.uuid()
	p := product{key: text(productPrefix + id), id: text(id)}
	p.name = text(g.name + ", " + option + random.fill(" (Art. No. #####-##)"))
	if c.colours {
		p.color = text(option)
	}
	p.cents = priceList(random, g.cents, c.drift)
	for quarter, cents := range p.cents {
		p.price[quarter] = number(cents)
	}
	return p
}

// priceList lets a price drift from quarter to quarter, with an offer in some
// fourth quarters. Prices end in 9, as shop prices do.
func priceList(random *stream, cents, drift int) [quarters]int {
	const base = 1_000_000
	var list [quarters]int
	level := base
	for quarter := range list {
		price := cents * (level / 1000) / (base / 1000)
		if quarter%4 == 3 && random.percent(30) {
			price = price * (100 - 5*(1+random.below(4))) / 100
		}
		list[quarter] = price - price%10 + 9
		level += level / 1000 * (drift + random.below(21) - 10)
	}
	return list
}
