package infertest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Convention is how a table spells its design.
type Convention struct {
	Name string
	PK   string // names of the keys
	SK   string
	// ID makes the id of the i-th item of a type.
	ID func(r *rand.Rand, entity string, i int) string
	// Key spells an id in a key, Own the sort key of an item that has a partition
	// of its own.
	Key func(r *rand.Rand, entity, id string) string
	Own func(entity, id string) string
	// Type is the attribute that names the type, and Value what it says; empty for
	// none.
	Type  string
	Value func(entity string) string
	// OwnID says whether items repeat their own id, and their parent's, as attributes.
	OwnID bool
	// Change puts the state of an item into its sort key.
	Change func(key, state string) string
	// Index has the references as keys of an index, too.
	Index bool
	// Missing is the share of items without a type attribute.
	Missing float64
}

func ulid(r *rand.Rand, _ string, _ int) string {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var b strings.Builder
	b.WriteString("01")
	for range 24 {
		b.WriteByte(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func uuid(r *rand.Rand, _ string, _ int) string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(65536), r.IntN(4096), r.IntN(4096), r.Uint64()&(1<<48-1))
}

func counted(_ *rand.Rand, _ string, i int) string { return fmt.Sprint(1000 + i) }

// letters are ids without a digit, as user names are.
func letters(r *rand.Rand, _ string, i int) string {
	var b strings.Builder
	for range 4 + r.IntN(3) {
		b.WriteByte("bcdfghklmnprstv"[r.IntN(15)])
		b.WriteByte("aeiou"[r.IntN(5)])
	}
	for ; i > 0; i /= 20 {
		b.WriteByte("bcdfghjklmnpqrstvwxz"[i%20])
	}
	return b.String()
}

func marked(_ *rand.Rand, entity string, i int) string {
	return strings.ToLower(entity[:1]) + fmt.Sprintf("%04d", i*7919%1_000_003)
}

// initials are o for Order, and ol for OrderLine.
func initials(entity string) string {
	var b strings.Builder
	for _, c := range entity {
		if c >= 'A' && c <= 'Z' {
			b.WriteRune(c)
		}
	}
	return strings.ToLower(b.String())
}

func upper(entity string) string { return strings.ToUpper(entity) }

func hashed(_ *rand.Rand, entity, id string) string { return upper(entity) + "#" + id }

// Conventions are the spellings of the benchmark.
func Conventions() []Convention {
	return []Convention{
		{Name: "PREFIX#id", PK: "PK", SK: "SK", ID: ulid, Key: hashed, Own: func(_, _ string) string { return "PROFILE" }, OwnID: true},
		{Name: "short prefixes, the key twice, index keys", PK: "PK", SK: "SK", ID: counted, Index: true,
			Key: func(_ *rand.Rand, entity, id string) string { return initials(entity) + "#" + id },
			Own: func(entity, id string) string { return initials(entity) + "#" + id }},
		{Name: "ids of letters", PK: "pk", SK: "sk", ID: letters, Key: hashed, Own: func(entity, id string) string { return "#METADATA#" + id }, OwnID: true},
		{Name: "a type attribute that some lack", PK: "PK", SK: "SK", ID: uuid, Type: "entityType", Value: func(e string) string { return e }, Missing: 0.05,
			Key: func(_ *rand.Rand, entity, id string) string { return strings.ToLower(entity) + "-" + id }, Own: func(_, _ string) string { return "meta" }, OwnID: true},
		{Name: "type as a value", PK: "PK", SK: "SK", ID: uuid, Type: "type", Value: func(string) string { return "" }, Key: hashed, Own: func(_, _ string) string { return "INFO" }},
		{Name: "colons, and times with colons", PK: "PK", SK: "SK", ID: counted,
			Key: func(_ *rand.Rand, entity, id string) string { return entity + ":" + id }, Own: func(_, _ string) string { return "meta" }, OwnID: true},
		{Name: "ids without delimiter", PK: "PK", SK: "SK", ID: counted,
			Key: func(_ *rand.Rand, entity, id string) string { return entity + id }, Own: func(_, _ string) string { return "metadata" }},
		{Name: "states in sort keys", PK: "PK", SK: "SK", ID: counted, Key: hashed, Own: func(_, _ string) string { return "A" }, OwnID: true,
			Change: func(key, state string) string {
				before, after, _ := strings.Cut(key, "#")
				return before + "#" + state + "#" + after
			}},
		{Name: "inconsistent separators", PK: "PK", SK: "SK", ID: uuid, OwnID: true,
			Key: func(r *rand.Rand, entity, id string) string {
				if r.IntN(50) == 0 {
					return upper(entity) + ":::" + id
				}
				return upper(entity) + "::" + id
			}, Own: func(_, _ string) string { return "ROOT" }},
		{Name: "ElectroDB", PK: "pk", SK: "sk", ID: ulid, Type: "__edb_e__", Value: strings.ToLower, OwnID: true,
			Key: func(_ *rand.Rand, entity, id string) string {
				return "$" + strings.ToLower(entity) + "_1#" + strings.ToLower(entity) + "id_" + strings.ToLower(id)
			}, Own: func(entity, id string) string { return "$" + strings.ToLower(entity) + "_1" }},
		{Name: "OneTable", PK: "pk", SK: "sk", ID: ulid, Type: "_type", Value: func(e string) string { return e }, OwnID: true,
			Key: func(_ *rand.Rand, entity, id string) string { return strings.ToLower(entity) + "#" + id }, Own: func(entity, _ string) string { return strings.ToLower(entity) + "#" }},
		{Name: "the same keys, told apart by an attribute", PK: "PK", SK: "SK", ID: uuid, Type: "_et", Value: func(e string) string { return e }, OwnID: true,
			Key: func(_ *rand.Rand, _, id string) string { return id }, Own: func(_, id string) string { return id }},
		{Name: "prefixed ids", PK: "PK", SK: "SK", ID: marked, Type: "kind", Value: strings.ToLower,
			Key: func(_ *rand.Rand, _, id string) string { return id }, Own: func(_, _ string) string { return "A" }},
		{Name: "other names for keys", PK: "hashKey", SK: "rangeKey", ID: counted, OwnID: true,
			Key: func(_ *rand.Rand, entity, id string) string { return upper(entity) + "|" + id }, Own: func(entity, id string) string { return upper(entity) + "|" + id }},
	}
}
