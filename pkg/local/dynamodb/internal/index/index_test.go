package index_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/index"
)

// entry and the sorted slice of entries are the model that the set is compared with.
type entry struct {
	hash uint32
	tail string
}

func (e entry) compare(o entry) int {
	return cmp.Or(cmp.Compare(e.hash, o.hash), cmp.Compare(e.tail, o.tail))
}

func (e entry) position() index.Position {
	return index.Position{Hash: uint64(e.hash), Tail: []byte(e.tail)}
}

func TestSet_AgreesWithSortedSlice(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		hashes uint32 // distinct hashes
		length int    // longest tail
		delete int    // share of deletions, in percent
		steps  int
	}{
		"many hashes, short tails":                {hashes: 1 << 31, length: 40, delete: 20, steps: 30_000},
		"one hash for everything":                 {hashes: 1, length: 60, delete: 30, steps: 20_000},
		"tails longer than a page":                {hashes: 3, length: 9000, delete: 30, steps: 3_000},
		"nearly everything is deleted":            {hashes: 5, length: 30, delete: 49, steps: 30_000},
		"a page that empties and fills all along": {hashes: 1, length: 3000, delete: 50, steps: 20_000},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			rnd := rand.New(rand.NewPCG(1, 2))
			var set index.Set
			var model []entry
			for range tt.steps {
				if rnd.IntN(100) < tt.delete && len(model) > 0 {
					i := rnd.IntN(len(model))
					if !set.Delete(model[i].hash, []byte(model[i].tail)) {
						t.Fatalf("Delete(%v) = false, want true", model[i])
					}
					model = slices.Delete(model, i, i+1)
					continue
				}
				e := entry{hash: rnd.Uint32N(tt.hashes), tail: randomTail(rnd, tt.length)}
				i, found := slices.BinarySearchFunc(model, e, entry.compare)
				if found {
					continue
				}
				set.Insert(e.hash, []byte(e.tail))
				model = slices.Insert(model, i, e)
			}
			checkRanges(t, rnd, &set, model)
		})
	}
}

func randomTail(rnd *rand.Rand, longest int) string {
	tail := make([]byte, 1+rnd.IntN(longest))
	for i := range tail {
		tail[i] = "ab\x00\xff"[rnd.IntN(4)]
	}
	return string(tail)
}

func checkRanges(t *testing.T, rnd *rand.Rand, set *index.Set, model []entry) {
	t.Helper()

	if set.Len() != len(model) {
		t.Fatalf("Len() = %d, want %d", set.Len(), len(model))
	}
	checkRange(t, set, model, index.Position{}, index.End(), 0, len(model))
	for range 50 {
		if len(model) == 0 {
			return
		}
		i := rnd.IntN(len(model))
		j := i + rnd.IntN(len(model)-i)
		checkRange(t, set, model, model[i].position(), model[j].position(), i, j)
		missing := model[i]
		missing.tail += "\x01"
		if set.Delete(missing.hash, []byte(missing.tail)) {
			t.Errorf("Delete of the missing entry %q = true", missing.tail)
		}
		if got, ok := set.Find(model[i].hash, []byte(model[i].tail)); !ok || string(got) != model[i].tail {
			t.Errorf("Find(%q) = %q, %t", model[i].tail, got, ok)
		}
	}
}

func checkRange(t *testing.T, set *index.Set, model []entry, from, to index.Position, i, j int) {
	t.Helper()

	var want, up, down []string
	for _, e := range model[i:j] {
		want = append(want, e.tail)
	}
	for tail := range set.Ascend(from, to) {
		up = append(up, string(tail))
	}
	for tail := range set.Descend(from, to) {
		down = append(down, string(tail))
	}
	slices.Reverse(down)
	if !slices.Equal(want, up) {
		t.Fatalf("Ascend(%d, %d) differs (-want +got):\n%s", i, j, gocmp.Diff(want, up))
	}
	if !slices.Equal(want, down) {
		t.Fatalf("Descend(%d, %d) differs (-want +got):\n%s", i, j, gocmp.Diff(want, down))
	}
}

func TestSet_SetSuffix(t *testing.T) {
	t.Parallel()

	var set index.Set
	for i := range 5000 {
		set.Insert(uint32(i%7), fmt.Appendf(nil, "key-%05d:000000", i))
	}
	for i := 0; i < 5000; i += 3 {
		if !set.SetSuffix(uint32(i%7), fmt.Appendf(nil, "key-%05d:", i), []byte("changed"[:6])) {
			t.Fatalf("SetSuffix of key %d = false, want true", i)
		}
	}
	for i := range 5000 {
		want := fmt.Sprintf("key-%05d:000000", i)
		if i%3 == 0 {
			want = fmt.Sprintf("key-%05d:change", i)
		}
		got, ok := set.Find(uint32(i%7), fmt.Appendf(nil, "key-%05d:", i))
		if !ok || string(got) != want {
			t.Fatalf("Find of key %d = %q, %t, want %q", i, got, ok, want)
		}
	}
	if set.SetSuffix(0, []byte("nothing"), []byte("x")) {
		t.Error("SetSuffix of a missing prefix = true, want false")
	}
	if set.SetSuffix(0, []byte("key-00000:"), []byte("longer than")) {
		t.Error("SetSuffix reaching into the prefix = true, want false")
	}
}

func TestSet_EmptySetHasNothing(t *testing.T) {
	t.Parallel()

	var set index.Set
	for tail := range set.Ascend(index.Position{}, index.End()) {
		t.Errorf("Ascend yields %q", tail)
	}
	for tail := range set.Descend(index.Position{}, index.End()) {
		t.Errorf("Descend yields %q", tail)
	}
	if _, ok := set.Find(1, nil); ok {
		t.Error("Find in an empty set = true")
	}
	if set.Delete(1, []byte("a")) {
		t.Error("Delete from an empty set = true")
	}
}

// BenchmarkSet_Insert reports the time and the memory of an entry as a table
// with keys of usual lengths has them.
func BenchmarkSet_Insert(b *testing.B) {
	var set index.Set
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	rnd := rand.New(rand.NewPCG(1, 2))
	tail := bytes.Repeat([]byte("CUST#"), 8)
	b.ResetTimer()
	for range b.N {
		for i := 5; i < 14; i++ {
			tail[i] = byte('a' + rnd.Uint32N(26))
		}
		set.Insert(rnd.Uint32(), tail)
	}
	b.StopTimer()
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(b.N), "B/entry")
	runtime.KeepAlive(&set)
}
