// Package price is the one list of what AWS charges, with dates and sources, and
// the estimate that the documents make of it.
//
// Prices change, and differ by Region: an estimate is for choosing, not for paying.
package price

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed prices.json
var document []byte

// Price is what AWS charges for one unit.
type Price struct {
	USD       float64 `json:"usd"`
	Per       string  `json:"per"`       // the unit
	AsOf      string  `json:"asOf"`      // year and month in which it was looked up
	Source    string  `json:"source"`    // page, or what there is instead of one
	Confirmed bool    `json:"confirmed"` // the page says so; otherwise from memory or a secondary source
}

// List is all prices of a Region, by name.
type List struct {
	Region   string           `json:"region"`
	Currency string           `json:"currency"`
	Prices   map[string]Price `json:"prices"`
}

// Read returns the list. It panics where the list itself is broken, which the
// tests of this package would have shown.
func Read() List {
	var list List
	if err := json.Unmarshal(document, &list); err != nil {
		panic(fmt.Sprintf("price: read prices.json: %v", err))
	}
	return list
}

// usd is a price that this package counts with.
func (l List) usd(name string) float64 {
	price, ok := l.Prices[name]
	if !ok {
		panic(fmt.Sprintf("price: prices.json has no %q", name))
	}
	return price.USD
}

// Size is what a night has to do.
type Size struct {
	Gigabytes float64 // of the table
	Files     int     // of its export
	RPU       int     // capacity of Redshift Serverless
	Seconds   int     // for which Redshift is awake, at once
}

// Night is what a night costs, in dollars.
type Night struct {
	Export, Lambda, Requests, Redshift float64
}

// What a gigabyte and a file take, as measured and counted: see infra/README.md.
const (
	secondsPerGB       = 20     // of the partition step
	lambdaGB           = 1.7275 // its memory, 1,769 MB
	transitionsPerFile = 3
	transitionsBefore  = 200 // of all other states
	putsPerFile        = 6
	copiesPerFile      = 4
	archivedPerGB      = 0.27 // GB of compressed export and Parquet
)

// Night estimates a night. Requests are those of Step Functions and S3.
func (l List) Night(s Size) Night {
	files := float64(s.Files)
	return Night{
		Export: s.Gigabytes * l.usd("dynamodb-export"),
		Lambda: s.Gigabytes * secondsPerGB * lambdaGB * l.usd("lambda-arm64"),
		Requests: (transitionsBefore+transitionsPerFile*files)*l.usd("stepfunctions") + files*(putsPerFile*l.usd("s3-put")+
			copiesPerFile*(l.usd("s3-put-ia")+l.usd("s3-transition-glacier"))),
		Redshift: float64(s.RPU) * float64(max(60, s.Seconds)) / 3600 * l.usd("redshift-serverless"),
	}
}

// Total is the sum.
func (n Night) Total() float64 { return n.Export + n.Lambda + n.Requests + n.Redshift }

// Recovery is what point-in-time recovery costs in a month.
func (l List) Recovery(s Size) float64 { return s.Gigabytes * l.usd("dynamodb-pitr") }

// Archive is what a month's nights cost in archives that are full: each night is
// kept for some days in Standard-IA and for some more in Glacier Instant Retrieval.
func (l List) Archive(s Size, standard, glacier int) float64 {
	return archivedPerGB * s.Gigabytes * (float64(standard)*l.usd("s3-ia") + float64(glacier)*l.usd("s3-glacier-ir"))
}
