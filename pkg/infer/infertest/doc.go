// Package infertest makes tables whose design is known, to measure how much of it
// package infer finds out.
//
// A [Domain] is a business: types of things and events, what they say and what
// they refer to. A [Convention] is how a table spells them: keys, ids, delimiters,
// type attributes. Each pair is a [Design] with its items and the truth about
// them. Nothing here is taken from package infer: it knows neither the conventions
// nor the names.
package infertest
