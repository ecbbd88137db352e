package infer_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/infer"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// TestInfer_hotel infers a star of rooms, guests and bookings: a booking keeps its
// price although its extras are finer, and refers to its hotel by the key's text.
func TestInfer_hotel(t *testing.T) {
	t.Parallel()

	var items []string
	add := func(format string, args ...any) { items = append(items, fmt.Sprintf(format, args...)) }
	for h := range 8 {
		add(`{"pk":{"S":"HOTEL_%02d"},"sk":{"S":"#INFO"},"hotelName":{"S":"H %[1]d"},"stars":{"N":"%d"}}`, h, 1+h%5)
		for room := range 12 {
			add(`{"pk":{"S":"HOTEL_%02d"},"sk":{"S":"ROOM_%d"},"beds":{"N":"%d"},"smoking":{"BOOL":false}}`, h, 100+room, 1+room%3)
		}
	}
	for g := range 150 {
		add(`{"pk":{"S":"guest/%d"},"sk":{"S":"guest/%[1]d"},"fullName":{"S":"G %[1]d"},"created":{"N":"%d"}}`, 5000+g, 1700000000+g)
	}
	for b := range 900 {
		add(`{"pk":{"S":"guest/%d"},"sk":{"S":"BOOKING#%s#B%06d"},"hotel":{"S":"HOTEL_%02d"},"arrival":{"S":"2025-%02d-10"},"price":{"N":"%d.50"},"extras":{"L":[{"M":{"what":{"S":"spa"},"cost":{"N":"%d"}}}]}}`,
			5000+b*7%150, []string{"NEW", "PAID"}[b%2], b, b%8, 1+b%12, 50+b, b%60)
	}
	result, err := infer.Infer(inspected(t, items...), infer.Options{Name: "hotel"})
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]string{}
	var refers []infer.Reference
	for _, one := range result.Types {
		roles[one.Name] = one.Role
		if one.Name == "booking" {
			refers = one.References
		}
	}
	want := map[string]string{"hotel": "dimension", "room": "dimension", "guest": "dimension", "booking": "header"}
	if fmt.Sprint(roles) != fmt.Sprint(want) {
		t.Errorf("roles = %v, want %v", roles, want)
	}
	for _, r := range []infer.Reference{{Via: "pk", To: "guest"}, {Via: "hotel", To: "hotel"}} {
		if !slices.Contains(refers, r) {
			t.Errorf("booking does not refer to %s by %s: %v", r.To, r.Via, refers)
		}
	}
	measured := map[string]bool{}
	for _, f := range result.Model.Facts {
		for _, c := range f.Columns {
			measured[f.Name+"."+c.Name] = c.Measure
		}
	}
	if !measured["booking.price"] || !measured["booking_extra.cost"] {
		t.Errorf("facts have %v\n%s", measured, result.Text)
	}
	if _, err := model.Read("again.yaml", result.Text); err != nil {
		t.Error(err)
	}
}
