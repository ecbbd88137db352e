package sample

// The years of the orders, and the quarters in them.
const (
	firstYear = 2021
	years     = 4
	quarters  = 4 * years
)

// demand is how likely a customer of one country orders in each quarter, and
// what. Totals are running totals for [stream.weighted].
type demand struct {
	quarters   []int
	categories [quarters][]int
}

// demandOf returns the demand of each country: the category's share, moved by
// the trends of the category, the country and the pair of them, by the season
// and by the shocks of the time.
func demandOf(lands []country, shelves []category) []demand {
	all := make([]demand, len(lands))
	for land, c := range lands {
		byQuarter := make([]int, quarters)
		var byCategory [quarters][]int
		for shelf, s := range shelves {
			for quarter, level := range levels(c, s, taste(land, shelf)) {
				level = level * season(s.season, quarter, c.south) / 100
				level = level * shock(c.name, s.name, quarter) / 100
				byQuarter[quarter] += level
				byCategory[quarter] = append(byCategory[quarter], level)
			}
		}
		all[land].quarters = running(byQuarter)
		for quarter, weights := range byCategory {
			all[land].categories[quarter] = running(weights)
		}
	}
	return all
}

// taste is the extra yearly growth, in per cent, of one category in one
// country: between -24 and 24, without a pattern that shows.
func taste(land, shelf int) int { return (land*7+shelf*11+land*shelf)%17*3 - 24 }

// levels compounds the trends by year and draws straight lines in between.
func levels(c country, s category, extra int) [quarters]int {
	var byYear [years + 1]int
	byYear[0] = s.demand * 1000
	for year := range years {
		growth := c.trend[min(year, 2)] + s.trend[min(year, 2)] + extra
		byYear[year+1] = byYear[year] * (100 + growth) / 100
	}
	var level [quarters]int
	for quarter := range level {
		year, part := quarter/4, quarter%4
		level[quarter] = (byYear[year]*(4-part) + byYear[year+1]*part) / 4
	}
	return level
}

// season returns per cent of the average; south of the equator the warm and
// the cold quarters change places, but presents are bought at the same time.
func season(northern [4]int, quarter int, south bool) int {
	if !south {
		return northern[quarter%4]
	}
	return (northern[quarter%4] + northern[(quarter+2)%4]) / 2
}

// shock returns per cent of the demand that events of the time left over.
func shock(land, shelf string, quarter int) int {
	switch {
	case shelf == "Electronics" && (quarter == 5 || quarter == 6): // parts were scarce
		return 68
	case shelf == "Sports & Outdoors" && quarter < 3: // gyms were closed
		return 140
	case land == "United Kingdom" && shelf == "Garden" && quarter == 9: // a wet spring
		return 55
	case land == "France" && shelf == "Home & Kitchen" && quarter >= 12: // a rival opened
		return 72
	case land == "Japan" && shelf == "Toys & Games" && quarter >= 10: // a craze
		return 165
	case shelf == "Grocery" && quarter >= 14: // deliveries became free
		return 130
	}
	return 100
}
