package chaos

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Census counts how often each point is reached.
type Census map[Point]int

// Draw makes one to three faults of a seed, each at a point of the census. Kinds
// have the same chance each, points the same within a kind.
func Draw(seed uint64, census Census) []Fault {
	random := rand.New(rand.NewPCG(seed, 0x6e69676874)) //nolint:gosec // faults are to be the same again
	points := slices.Sorted(maps.Keys(census))
	var faults []Fault
	for range 1 + random.IntN(3) {
		kind := Kinds()[random.IntN(len(Kinds()))]
		fitting := slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return !kind.fits(p) })
		if len(fitting) == 0 {
			continue
		}
		point := fitting[random.IntN(len(fitting))]
		fault := Fault{Kind: kind, Point: point, Nth: 1 + random.IntN(census[point]), After: random.IntN(2) == 0}
		faults = append(faults, fault.detailed(random))
	}
	return faults
}

// detailed fills in what a kind leaves open.
func (f Fault) detailed(random *rand.Rand) Fault {
	switch f.Kind {
	case Throttled, ServerError, CutAnswer, CutRequest:
		// The SDKs try three times: most of it they hide, some of it not.
		f.Times = []int{1, 1, 2, 3, 4}[random.IntN(5)]
	case SlowPoll:
		f.Times = 1 + random.IntN(4)
	case Refused:
		f.Error = []string{"Lambda.TooManyRequestsException", "Lambda.ServiceException"}[random.IntN(2)]
		f.Times = []int{1, 2, 12}[random.IntN(3)]
	case FunctionError:
		f.Error = []string{"Transient", "Transient", "Unknown", "Rejected", "Invalid", "Corrupt"}[random.IntN(6)]
		f.Times = []int{1, 2, 12}[random.IntN(3)]
	case LostResult:
		f.Error = []string{"Lambda.Unknown", "Sandbox.Timedout", "Transient"}[random.IntN(3)]
	case StateTimeout:
		f.Times = []int{1, 1, 2}[random.IntN(3)] // a second one is more than is retried
	default:
	}
	return f
}
