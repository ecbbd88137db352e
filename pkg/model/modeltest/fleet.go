// Package modeltest is a second pipeline, for another table of another domain:
// a fleet of vehicles and their trips. It proves that a newcomer changes the
// model and the procedures, and nothing else.
//
// Its table differs from the store's where a single-table design can: items
// carry no type attribute and are told apart by the prefixes of their keys,
// business keys are compound and stand within keys, and the fact is an item of
// its own. Tests that run the whole night take [Fleet] and [Scripts] instead of
// model.Store and the files of package sql. Nothing that is deployed imports
// this package.
package modeltest

import (
	"embed"
	"io/fs"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/sql"
)

//go:embed sql
var files embed.FS

// Scripts returns the SQL of the fleet, laid out like the folder of package
// sql.
func Scripts() (sql.Scripts, error) {
	folder, err := fs.Sub(files, "sql")
	return sql.Scripts{FS: folder}, err
}

// Fleet declares the table of the fleet:
//
//	vehicle  pk VEH#<vin>  sk VEH#<vin>    plate, maker, battery {kwh}, electric
//	trip     pk VEH#<vin>  sk TRIP#<trip>  startedat, metres, kwh
//
// The attribute names of its keys are in lower case, too.
func Fleet() model.Model { //nolint:funlen // a declaration, read from top to bottom
	return model.Model{
		Name:         "fleet",
		PartitionKey: "pk",
		SortKey:      "sk",
		SetAside:     model.Limit{Items: 10},
		Items: []model.Item{
			{
				Name: "vehicle", PartitionPrefix: "VEH#", SortPrefix: "VEH#",
				Columns: []model.Column{
					{Name: "pk", Type: model.String(21), From: []string{"pk"}, Required: true},
					{Name: "plate", Type: model.String(20), From: []string{"plate"}},
					{Name: "maker", Type: model.String(100), From: []string{"maker"}},
					{Name: "batterykwh", Type: model.Decimal(6, 1), From: []string{"battery", "kwh"}},
					{Name: "electric", Type: model.Boolean(), From: []string{"electric"}},
				},
			},
			{
				Name: "trip", PartitionPrefix: "VEH#", SortPrefix: "TRIP#",
				Columns: []model.Column{
					{Name: "pk", Type: model.String(21), From: []string{"pk"}, Required: true},
					{Name: "sk", Type: model.String(45), From: []string{"sk"}, Required: true},
					{Name: "startedat", Type: model.Timestamp(), From: []string{"startedat"}, Required: true},
					{Name: "metres", Type: model.BigInt(), From: []string{"metres"}, Required: true},
					{Name: "kwh", Type: model.Decimal(10, 3), From: []string{"kwh"}},
				},
			},
		},
		Landing: []model.Landing{{Name: "vehicle", Item: "vehicle"}, {Name: "trip", Item: "trip"}},
		Dimensions: []model.Dimension{
			{
				Name:        "day",
				BusinessKey: []model.Column{{Name: "calendarday", Type: model.Date(), Required: true}},
				Columns: []model.Column{
					{Name: "calendarday", Type: model.Date()},
					{Name: "year", Type: model.Integer()},
					{Name: "month", Type: model.Integer()},
				},
			},
			{
				Name:        "vehicle",
				BusinessKey: []model.Column{{Name: "vin", Type: model.String(17), Required: true}},
				Columns: []model.Column{
					{Name: "vin", Type: model.String(17)},
					{Name: "plate", Type: model.String(20)},
					{Name: "maker", Type: model.String(100)},
					{Name: "batterykwh", Type: model.Decimal(6, 1)},
					{Name: "electric", Type: model.Boolean()},
				},
			},
		},
		Fact: model.Fact{
			Name:  "trip",
			Grain: "One row for each trip of each vehicle.",
			BusinessKey: []model.Column{
				{Name: "vin", Type: model.String(17), Required: true},
				{Name: "tripid", Type: model.String(40), Required: true},
			},
			Dimensions: []string{"day", "vehicle"},
			Measures: []model.Column{
				{Name: "metres", Type: model.BigInt(), Required: true},
				{Name: "kwh", Type: model.Decimal(10, 3)},
			},
			Key: []string{"tripkey"},
		},
	}
}
