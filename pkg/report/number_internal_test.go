package report

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// TestDecimal compares with math/big.
func TestDecimal(t *testing.T) {
	t.Parallel()

	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n, scale := int64(random.Uint64())>>random.IntN(64), random.IntN(8)
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
		want := new(big.Rat).SetFrac(big.NewInt(n), power).FloatString(scale)
		if got := decimal(scalar.SumOf(n), model.Decimal(38, scale)); strings.ReplaceAll(got, ",", "") != want {
			t.Errorf("decimal(%d, scale %d) = %s, want %s", n, scale, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()

	q4 := 2024*4 + 3
	if complete(q4, time.Date(2024, 12, 31, 23, 59, 59, 0, time.UTC)) || !complete(q4, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Error("the fourth quarter ends with the year")
	}
	if complete(q4-3, time.Date(2024, 3, 31, 0, 0, 0, 0, time.UTC)) || !complete(q4-3, time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)) {
		t.Error("the first quarter ends with March")
	}
}

// TestByMonth_fillsGaps: months without facts are there, but not for thousands of
// years.
func TestByMonth_fillsGaps(t *testing.T) {
	t.Parallel()

	months, unknown := byMonth(Answer{Rows: [][]any{
		{int64(2025), int64(11), "1"}, {int64(2026), int64(2), "2"}, {int64(9999), int64(12), "3"}, {nil, nil, "4"},
	}})
	var labels []string
	for _, m := range months {
		labels = append(labels, m.label)
	}
	if got := strings.Join(labels, " "); got != "2025-11 2025-12 2026-01 2026-02 9999-12" || !months[1].value(0).Missing || len(unknown) != 1 {
		t.Errorf("the months are %s, and unknown %v", got, unknown)
	}
}
