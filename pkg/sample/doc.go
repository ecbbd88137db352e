// Package sample makes the e-commerce table that the pipeline is shown and
// tested with: customers with an address, their orders, and the products of
// each order, as items of one DynamoDB table.
//
// [New] generates items from a seed: the same seed gives the same bytes on
// every machine, without a clock and without floating point. [Cases] are the
// awkward items that real tables hold, each with its expected [Verdict].
// [CreateTable] and [Load] put items into a table, real or local. [Truth]
// computes from the same items, by plain integer arithmetic, what the star
// schema must answer.
//
// The package stands before the pipeline and beside it: no step imports it. It
// does not write exports, and [Truth] knows no SQL, on purpose: two answers
// that share no code can confirm each other.
//
// # The data
//
// For one customer there are three orders and six order lines, exactly so in
// every hundred items; over a million items an item averages about 355 bytes
// as DynamoDB counts them. Orders lie between 2021-01-01 and 2024-12-31.
// Demand has a trend and seasons for each country and category, so that
// year-on-year growth is worth a look, and prices follow a list by product and
// quarter. All customers, streets and brands are invented; e-mail addresses
// end in domains that are reserved for examples.
package sample
