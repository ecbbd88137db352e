package sample

import (
	"strconv"
	"strings"
)

// country is what the generator knows about a country: how many customers it
// has, how people and addresses are called there, and how its trade goes.
type country struct {
	name        string
	weight      int // customers in 100
	given       []name
	family      []name
	familyFirst bool // the family name is written first, without a space
	places      []place
	streets     []string
	layout      string   // of address line 1: S is the street, N the number
	second      []string // layouts of address line 2, see [stream.fill]
	domain      string   // of e-mail addresses, in a domain reserved for examples
	trend       [3]int   // per cent of growth from 2021 to 2022, to 2023, to 2024
	south       bool     // summer is in December
}

// name is a personal name as it is written and as it stands in a user name.
type name struct{ text, login string }

// place is a city and the layout of its postcodes.
type place struct{ city, postcode string }

// names reads a list of names. "Müller=mueller" gives the spelling of the user
// name where lower case alone does not; "_" stands for a space.
func names(list string) []name {
	var all []name
	for word := range strings.FieldsSeq(list) {
		text, login, found := strings.Cut(word, "=")
		if !found {
			login = strings.ToLower(text)
		}
		all = append(all, name{text: strings.ReplaceAll(text, "_", " "), login: login})
	}
	return all
}

// person makes a full name and the user name that goes with it.
func (c *country) person(random *stream) (fullname, login string) {
	given := c.given[random.below(len(c.given))]
	family := c.family[random.below(len(c.family))]
	if c.familyFirst {
		return family.text + given.text, given.login + "." + family.login
	}
	return given.text + " " + family.text, given.login + "." + family.login
}

// address makes an address that fits the country, often without a second line.
func (c *country) address(random *stream) address {
	where := c.places[random.below(len(c.places))]
	a := address{city: where.city, postcode: random.fill(where.postcode), country: c.name}
	street := c.streets[random.below(len(c.streets))]
	number := strconv.Itoa(1 + random.below(1+random.below(180)))
	var line strings.Builder
	for _, letter := range c.layout {
		switch letter {
		case 'S':
			line.WriteString(street)
		case 'N':
			line.WriteString(number)
		default:
			line.WriteRune(letter)
		}
	}
	a.line1 = line.String()
	if random.percent(35) {
		a.line2 = random.fill(c.second[random.below(len(c.second))])
	}
	return a
}

// countries returns the countries that the store delivers to.
func countries() []country {
	return []country{
		unitedStates(), germany(), unitedKingdom(), france(), japan(),
		spain(), netherlands(), sweden(), brazil(), australia(),
	}
}
