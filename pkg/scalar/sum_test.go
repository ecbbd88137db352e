package scalar_test

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// TestSum_Add compares with package big, near every limit and far from them.
func TestSum_Add(t *testing.T) {
	t.Parallel()

	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(scalar.MaxPrecision), nil)
	most := new(big.Int).Sub(limit, big.NewInt(1))
	edges := []*big.Int{
		new(big.Int), big.NewInt(1), big.NewInt(math.MaxInt64), big.NewInt(math.MinInt64),
		new(big.Int).SetUint64(math.MaxUint64), new(big.Int).Lsh(big.NewInt(1), 64), most, new(big.Int).Rsh(most, 1),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := new(big.Int).Lsh(new(big.Int).SetUint64(random.Uint64()), 63)
		n.Add(n, new(big.Int).SetUint64(random.Uint64()))
		edges = append(edges, n.Rsh(n, uint(random.IntN(127))))
	}
	for _, n := range edges {
		edges = append(edges, new(big.Int).Neg(n))
	}
	for _, x := range edges {
		for _, y := range edges {
			a, errA := scalar.ParseSum(x.String())
			b, errB := scalar.ParseSum(y.String())
			if within := x.CmpAbs(limit) < 0; within != (errA == nil) {
				t.Fatalf("ParseSum(%s) = %v, %v", x, a, errA)
			}
			if errA != nil || errB != nil {
				continue
			}
			want := new(big.Int).Add(x, y)
			got, ok := a.Add(b)
			if fits := want.CmpAbs(limit) < 0; ok != fits || ok && got.String() != want.String() {
				t.Fatalf("%s + %s = %s, %t, want %s", x, y, got, ok, want)
			}
		}
	}
}

func TestSum_json(t *testing.T) {
	t.Parallel()

	nines := strings.Repeat("9", scalar.MaxPrecision)
	for digits, want := range map[string]string{
		"0": `0`, "-1": `-1`, "9007199254740992": `9007199254740992`, "9007199254740993": `"9007199254740993"`,
		"-9007199254740992": `-9007199254740992`, "-9007199254740993": `"-9007199254740993"`,
		"9999999999999999990": `"9999999999999999990"`, "-" + nines: `"-` + nines + `"`,
	} {
		sum, err := scalar.ParseSum(digits)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(map[string]scalar.Sum{"price": sum})
		if want = `{"price":` + want + `}`; err != nil || string(text) != want {
			t.Errorf("the JSON of %s is %s, %v, want %s", digits, text, err, want)
		}
		var back map[string]scalar.Sum
		if err := json.Unmarshal(text, &back); err != nil || back["price"] != sum {
			t.Errorf("%s is read as %v, %v", text, back, err)
		}
	}
	for _, bad := range []string{`1.5`, `1e3`, `"x"`, `""`, `true`, `"1` + nines + `"`, `[1]`, `"1e3"`} {
		var sum scalar.Sum
		if err := json.Unmarshal([]byte(bad), &sum); err == nil {
			t.Errorf("%s is read as %s", bad, sum)
		}
	}
}

func TestSumOf(t *testing.T) {
	t.Parallel()

	for _, n := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64} {
		got, ok := scalar.SumOf(n).Int64()
		if !ok || got != n || scalar.SumOf(n) != scalar.SumOf128(scalar.Int128{High: n >> 63, Low: uint64(n)}) {
			t.Errorf("SumOf(%d) is %d, %t", n, got, ok)
		}
	}
	beyond, _ := scalar.SumOf(math.MaxInt64).Add(scalar.SumOf(1))
	if n, ok := beyond.Int64(); ok {
		t.Errorf("%s fits 64 bits as %d", beyond, n)
	}
}

// TestSum_Decimal puts the point where the scale says.
func TestSum_Decimal(t *testing.T) {
	t.Parallel()

	for want, in := range map[string]struct {
		digits string
		places int
	}{"1234.50": {"123450", 2}, "-0.05": {"-5", 2}, "0.00": {"0", 2}, "1000": {"1000", 0}, "-999": {"-999", 0}, "12345678901234567890.1": {"123456789012345678901", 1}} {
		sum, err := scalar.ParseSum(in.digits)
		if err != nil {
			t.Fatal(err)
		}
		if got := sum.Decimal(in.places); got != want {
			t.Errorf("%s with %d places = %s, want %s", in.digits, in.places, got, want)
		}
	}
}

// TestSum_Decimal_likeBig compares with math/big.
func TestSum_Decimal_likeBig(t *testing.T) {
	t.Parallel()

	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n, scale := int64(random.Uint64())>>random.IntN(64), random.IntN(8)
		power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
		want := new(big.Rat).SetFrac(big.NewInt(n), power).FloatString(scale)
		if got := scalar.SumOf(n).Decimal(scale); got != want {
			t.Errorf("Decimal of %d, scale %d = %s, want %s", n, scale, got, want)
		}
	}
}
