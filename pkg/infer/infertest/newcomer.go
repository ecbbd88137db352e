package infertest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// newcomers are six designs that were written without a look at package infer,
// each with habits that no other design here has. What they gave before the
// inference was adjusted to them stands in BENCHMARKS.md.
func newcomers() []making {
	return []making{hospital, chess, metering, seats, branches, guilds}
}

// at is a moment between 2021 and 2025.
func at(r *rand.Rand) time.Time {
	return time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(4*365*24*3600*1000)) * time.Millisecond)
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func number(n int64) string { return fmt.Sprintf(`{"N":"%d"}`, n) }

// token is n letters and digits in both cases.
func token(r *rand.Rand, n int) string {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

// with adds pairs to attributes for a share of the items.
func with(r *rand.Rand, share float64, to map[string]string, pairs ...string) map[string]string {
	if r.Float64() < share {
		maps.Copy(to, attributes(pairs...))
	}
	return to
}

// hospital has slashes, days within sort keys, three levels below a patient, and a
// short code of the record's type, which old records lack.
func hospital(items int, r *rand.Rand) Design {
	m := blank("newcomer: a hospital", "hk", "rk", r)
	m.Roles = map[string]Role{"patient": Dimension, "ward": Dimension, "clinician": Dimension, "visit": Header, "observation": Fact}
	m.References = []Reference{{"visit", "patient"}, {"visit", "ward"}, {"visit", "clinician"}, {"observation", "visit"}, {"observation", "patient"}, {"observation", "clinician"}}
	var wards, staff, patients []string
	for i := range some(items, 0.005) + 2 {
		w := fmt.Sprintf("%d%c", 1+i/4, 'A'+i%4)
		wards = append(wards, w)
		m.put("ward", "WARD/"+w, "DEMO", attributes("rt", quoted("WRD"), "label", name("Ward")(r, i), "beds", whole(40)(r, i), "intensive", yes(r, i)))
	}
	for i := range some(items, 0.02) + 3 {
		s := strings.ToLower(token(r, 2)) + fmt.Sprintf("%03d", i)
		staff = append(staff, s)
		m.put("clinician", "STAFF/"+s, "DEMO", attributes("rt", quoted("STF"), "surname", name("Doctor")(r, i), "grade", text("consultant", "registrar", "nurse")(r, i), "registration", whole(9_000_000)(r, i)))
	}
	for i := range some(items, 0.1) {
		p := fmt.Sprintf("%08d", 1_000_003*i%99_999_989)
		patients = append(patients, p)
		m.put("patient", "P/"+p, "DEMO", with(r, 0.4, attributes("rt", quoted("PAT"), "given", name("Given")(r, i), "family", name("Family")(r, i), "dob", day(r, i), "sex", text("F", "M", "X")(r, i)),
			"deceased", day(r, i)))
	}
	for i := range some(items, 0.22) {
		p, when := pick(r, patients), at(r)
		visit := "V/" + when.Format(time.DateOnly) + "/" + fmt.Sprintf("%04d", i%10_000)
		m.put("visit", "P/"+p, visit, with(r, 0.8, with(r, 0.9, attributes("ward", quoted(pick(r, wards)), "attending", quoted(pick(r, staff)), "admitted", quoted(when.Format("2006-01-02T15:04:05Z07:00")),
			"triage", whole(5)(r, i), "charge", money(9000)(r, i)), "rt", quoted("VIS")), "discharged", quoted(when.Add(50*time.Hour).Format("2006-01-02T15:04:05Z07:00"))))
		for n := range r.IntN(6) {
			m.put("observation", "P/"+p, fmt.Sprintf("%s/O/%03d", visit, n), with(r, 0.9, attributes("code", text("HR", "BP", "TEMP", "SPO2")(r, i), "value", money(200)(r, i), "unit", text("bpm", "mmHg", "C")(r, i),
				"recordedBy", quoted(pick(r, staff)), "taken", quoted(when.Add(time.Duration(n)*time.Hour).Format("2006-01-02T15:04:05Z07:00"))), "rt", quoted("OBS")))
		}
	}
	m.unique()
	return m.shuffle()
}

// chess has dots in its keys, ids of mixed case, milliseconds as numbers, moves
// below games, and two references from a game to the same type.
func chess(items int, r *rand.Rand) Design {
	m := blank("newcomer: a chess server", "id", "range", r)
	m.Roles = map[string]Role{"player": Dimension, "arena": Dimension, "game": Header, "ply": Fact, "rating": Fact, "entry": Fact}
	m.References = []Reference{{"game", "player"}, {"game", "arena"}, {"ply", "game"}, {"rating", "player"}, {"entry", "arena"}, {"entry", "player"}}
	var players, arenas []string
	for i := range some(items, 0.08) {
		p := letters(r, "", i)
		if i%3 == 0 {
			p += fmt.Sprint(r.IntN(100))
		}
		players = append(players, p)
		m.put("player", "player."+p, "meta", with(r, 0.1, attributes("joined", number(at(r).UnixMilli()), "country", text("no", "in", "us", "cz")(r, i), "patron", yes(r, i)), "title", text("GM", "IM", "FM")(r, i)))
	}
	for i := range some(items, 0.01) {
		a := token(r, 6)
		arenas = append(arenas, a)
		m.put("arena", "arena."+a, "meta", attributes("name", name("Cup")(r, i), "starts", number(at(r).UnixMilli()), "clock", text("3+0", "3+2", "10+0")(r, i), "minutes", whole(120)(r, i)))
	}
	for i := range some(items, 0.11) {
		g, when := token(r, 8), at(r)
		white, black := pick(r, players), pick(r, players)
		m.put("game", "game."+g, "meta", with(r, 0.4, attributes("white", quoted(white), "black", quoted(black), "result", text("1-0", "0-1", "1/2-1/2")(r, i), "plies", whole(160)(r, i),
			"started", number(when.UnixMilli()), "whiteElo", whole(2800)(r, i), "blackElo", whole(2800)(r, i), "opening", text("B20", "C42", "D37", "A04")(r, i)), "arena", quoted(pick(r, arenas))))
		for n := range 2 + r.IntN(6) {
			m.put("ply", "game."+g, fmt.Sprintf("ply.%04d", n+1), attributes("san", text("e4", "Nf3", "Bb5", "O-O", "exd5")(r, i), "clockMs", whole(180_000)(r, i), "eval", money(5)(r, i)))
		}
	}
	for i := range some(items, 0.15) {
		when := at(r)
		m.put("rating", "player."+pick(r, players), "rating."+pick(r, []string{"blitz", "bullet", "rapid"})+"."+when.Format(time.DateOnly), attributes("elo", whole(2800)(r, i), "deviation", money(90)(r, i), "games", whole(40)(r, i)))
	}
	for i := range some(items, 0.12) {
		m.put("entry", "arena."+pick(r, arenas), "entry."+pick(r, players), attributes("points", whole(60)(r, i), "rank", whole(400)(r, i), "performance", whole(2800)(r, i)))
	}
	m.unique()
	return m.shuffle()
}

// metering has numbers as sort keys, partitions by meter and month, seconds as
// numbers, and zero as the sort key of what has no time.
func metering(items int, r *rand.Rand) Design {
	m := blank("newcomer: metering", "node", "ts", r)
	m.Roles = map[string]Role{"site": Dimension, "tariff": Dimension, "meter": Dimension, "reading": Fact, "outage": Fact}
	m.References = []Reference{{"meter", "site"}, {"meter", "tariff"}, {"reading", "meter"}, {"outage", "meter"}}
	put := func(of, pk string, ts int64, more map[string]string) {
		text := fmt.Sprintf(`{"node":{"S":%q},"ts":{"N":"%d"}`, pk, ts)
		for _, name := range slices.Sorted(maps.Keys(more)) {
			text += fmt.Sprintf(",%q:%s", name, more[name])
		}
		m.Items = append(m.Items, Item{Type: of, JSON: text + "}"})
	}
	var sites, tariffs, meters []string
	for i := range some(items, 0.01) {
		s := fmt.Sprintf("SITE-%d", 17+3*i)
		sites = append(sites, s)
		put("site", s, 0, attributes("address", address(r, i), "gridArea", text("NO1", "NO2", "SE3")(r, i), "lat", money(60)(r, i), "lon", money(20)(r, i)))
	}
	for i := range 4 + some(items, 0.001) {
		t := "TRF-" + string(rune('A'+i%26)) + fmt.Sprint(i/26)
		tariffs = append(tariffs, t)
		put("tariff", t, 0, attributes("title", name("Tariff")(r, i), "perKwh", fmt.Sprintf(`{"N":"0.%04d"}`, r.IntN(9999)), "validFrom", day(r, i)))
	}
	for i := range some(items, 0.05) {
		n := fmt.Sprintf("MTR-%06d", 97*i+13)
		meters = append(meters, n)
		put("meter", n, 0, attributes("siteRef", quoted(pick(r, sites)), "tariff", quoted(pick(r, tariffs)), "phases", text("1", "3")(r, i), "commissioned", number(at(r).Unix()), "firmware", text("2.1.0", "2.2.0", "3.0.1")(r, i)))
	}
	for i := range some(items, 0.84) {
		when := at(r)
		put("reading", pick(r, meters)+"~"+when.Format("2006-01"), when.Unix(), with(r, 0.3, attributes("kwh", fmt.Sprintf(`{"N":"%d.%03d"}`, r.IntN(40), r.IntN(1000)), "volts", money(240)(r, i), "q", text("A", "E")(r, i), "expires", number(when.Unix()+31_536_000)),
			"export", money(20)(r, i)))
	}
	for i := range some(items, 0.1) {
		when := at(r)
		put("outage", "EVT~"+pick(r, meters), when.Unix(), attributes("cause", text("storm", "fuse", "works")(r, i), "seconds", whole(90_000)(r, i), "lostKwh", money(30)(r, i)))
	}
	m.uniqueRaw()
	return m.shuffle()
}

// uniqueRaw drops items whose first two attributes occur already.
func (m *maker) uniqueRaw() {
	seen := map[string]bool{}
	var left []Item
	for _, item := range m.Items {
		first := strings.Index(item.JSON, "},")
		keys := item.JSON[:first+1+strings.Index(item.JSON[first+1:], "}")]
		if !seen[keys] {
			seen[keys] = true
			left = append(left, item)
		}
	}
	m.Items = left
}

// seats is a service with subscriptions: bars in keys, amounts in cents, lines
// within invoices, invoices copied under their number, seats that tie a user to an
// organisation, and settings that are one item.
func seats(items int, r *rand.Rand) Design {
	m := blank("newcomer: seats and invoices", "HashKey", "RangeKey", r)
	m.Roles = map[string]Role{"Org": Dimension, "User": Dimension, "Plan": Dimension, "Seat": Fact, "Invoice": Header, "Payment": Fact, "Usage": Fact, "InvoiceByNumber": "copy"}
	m.References = []Reference{{"Seat", "Org"}, {"Seat", "User"}, {"Org", "Plan"}, {"Invoice", "Org"}, {"Invoice", "Plan"}, {"Payment", "Invoice"}, {"Usage", "Org"}}
	put := func(of, pk, sk string, more map[string]string) {
		more["_t"], more["_v"] = quoted(of), number(int64(1+r.IntN(3)))
		if of == "InvoiceByNumber" {
			more["_t"] = quoted("Invoice")
		}
		m.put(of, pk, sk, more)
	}
	plans := []string{"free", "team", "business", "enterprise"}
	for i, p := range plans {
		put("Plan", "PLAN|"+p, "PLAN|"+p, attributes("centsPerSeat", whole(9000)(r, i), "seatLimit", whole(500)(r, i), "public", yes(r, i)))
	}
	m.put("Settings", "CONFIG", "v0", attributes("trialDays", whole(30)(r, 0), "invoicePrefix", quoted("NS")))
	var orgs, users []string
	for i := range some(items, 0.03) {
		o := token(r, 27)
		orgs = append(orgs, o)
		put("Org", "ORG|"+o, "ORG|"+o, attributes("displayName", name("Org")(r, i), "planCode", quoted(pick(r, plans)), "country", text("NO", "DE", "BR")(r, i), "createdMs", number(at(r).UnixMilli()),
			"gsi1_hash", quoted("PLAN|"+pick(r, plans)), "gsi1_range", quoted("ORG|"+o)))
	}
	for i := range some(items, 0.15) {
		u := token(r, 27)
		users = append(users, u)
		put("User", "USER|"+u, "USER|"+u, with(r, 0.7, attributes("mail", email(r, i), "locale", text("nb", "de", "pt")(r, i), "createdMs", number(at(r).UnixMilli()),
			"gsi1_hash", quoted(fmt.Sprintf("MAIL|u%d@example.com", i)), "gsi1_range", quoted("USER|"+u)), "lastLoginMs", number(at(r).UnixMilli())))
	}
	for i := range some(items, 0.22) {
		u := pick(r, users)
		put("Seat", "ORG|"+pick(r, orgs), "SEAT|"+u, attributes("role", text("owner", "editor", "viewer")(r, i), "assignedMs", number(at(r).UnixMilli()), "gsi1_hash", quoted("USER|"+u), "gsi1_range", quoted("SEAT")))
	}
	for i := range some(items, 0.11) {
		when, no, cents := at(r), fmt.Sprintf("%06d", 100_000+i), 0
		var lines []string
		for range 1 + r.IntN(3) {
			each, count := 100+r.IntN(9000), 1+r.IntN(30)
			cents += each * count
			lines = append(lines, fmt.Sprintf(`{"M":{"planCode":%s,"seats":{"N":"%d"},"centsEach":{"N":"%d"}}}`, quoted(pick(r, plans)), count, each))
		}
		o := pick(r, orgs)
		all := func() map[string]string {
			return attributes("invoiceNo", quoted(no), "orgId", quoted(o), "totalCents", number(int64(cents)), "currency", quoted([]string{"EUR", "USD"}[i%2]), "issuedOn", quoted(when.Format(time.DateOnly)), "lines", `{"L":[`+strings.Join(lines, ",")+`]}`)
		}
		put("Invoice", "ORG|"+o, "INV|"+when.Format("2006")+"|"+no, all())
		put("InvoiceByNumber", "INVNO|"+no, "INVNO|"+no, all())
		if i%5 > 0 {
			put("Payment", "INV|"+no, "PAY|"+when.Add(90*time.Hour).Format("20060102T150405"), attributes("cents", number(int64(cents)), "method", text("card", "sepa", "wire")(r, i), "paidMs", number(when.Add(90*time.Hour).UnixMilli())))
		}
	}
	for i := range some(items, 0.25) {
		put("Usage", "ORG|"+pick(r, orgs), "USAGE|"+at(r).Format("2006-01")+"|"+pick(r, []string{"api_calls", "storage_gb", "exports"}), attributes("quantity", whole(90_000)(r, i), "overageCents", whole(5000)(r, i)))
	}
	m.unique()
	return m.shuffle()
}

// branches is a library: partitions of books are bare ISBNs, sort keys say who and
// when with at signs, and ids keep their prefix in attributes.
func branches(items int, r *rand.Rand) Design {
	m := blank("newcomer: a library with branches", "pk", "sk", r)
	m.Roles = map[string]Role{"title": Dimension, "copy of a title": Dimension, "borrower": Dimension, "branch": Dimension, "loan": Fact, "hold": Fact, "fine": Fact}
	m.References = []Reference{{"copy of a title", "title"}, {"copy of a title", "branch"}, {"loan", "title"}, {"loan", "copy of a title"}, {"loan", "borrower"}, {"hold", "title"}, {"hold", "borrower"}, {"fine", "borrower"}}
	var shelves, people []string
	for _, b := range []string{"BR-GRUNERLOKKA", "BR-MAJORSTUEN", "BR-TOYEN", "BR-HOLMLIA", "BR-DEICHMAN"} {
		shelves = append(shelves, b)
		m.put("branch", b, "BRANCH", attributes("town", text("Oslo", "Moss")(r, 0), "opened", whole(120)(r, 0), "street", name("Street")(r, len(shelves))))
	}
	for i := range some(items, 0.12) {
		p := fmt.Sprintf("M-%05d", 20_011+7*i)
		people = append(people, p)
		m.put("borrower", p, "MEMBER", with(r, 0.6, attributes("fullName", name("Reader")(r, i), "joined", quoted(at(r).Format(time.DateOnly)), "home", quoted(pick(r, shelves)), "junior", yes(r, i)), "phone", name("+47")(r, i)))
	}
	m.References = append(m.References, Reference{"borrower", "branch"})
	for i := range some(items, 0.06) {
		isbn := fmt.Sprintf("978%010d", 8_200_000_000+int64(i)*10_007)
		m.put("title", isbn, "BOOK", attributes("title", name("Novel")(r, i), "author", name("Author")(r, i%40), "pages", whole(900)(r, i), "published", whole(2024)(r, i)))
		copies := 1 + r.IntN(3)
		for n := range copies {
			m.put("copy of a title", isbn, fmt.Sprintf("COPY-%d", n+1), attributes("branch", quoted(pick(r, shelves)), "condition", text("good", "worn")(r, i), "acquired", day(r, i), "cost", money(60)(r, i)))
		}
		for range r.IntN(20) {
			when := at(r)
			m.put("loan", isbn, fmt.Sprintf("COPY-%d@LOAN@%s", 1+r.IntN(copies), when.Format("2006-01-02T15:04:05Z")), with(r, 0.85, attributes("borrower", quoted(pick(r, people)), "due", quoted(when.AddDate(0, 0, 28).Format(time.DateOnly)),
				"renewals", whole(3)(r, i)), "returned", quoted(when.AddDate(0, 0, 12).Format(time.RFC3339))))
		}
		for range r.IntN(3) {
			m.put("hold", isbn, "HOLD@"+at(r).Format("2006-01-02T15:04:05Z")+"@"+pick(r, people), attributes("pickup", quoted(pick(r, shelves)), "notified", yes(r, i)))
		}
	}
	m.References = append(m.References, Reference{"hold", "branch"})
	for i := range some(items, 0.1) {
		m.put("fine", pick(r, people), "FINE@"+at(r).Format("2006-01-02T15:04:05Z"), attributes("amount", money(40)(r, i), "settled", yes(r, i), "reason", text("late", "lost", "damaged")(r, i)))
	}
	m.unique()
	return m.shuffle()
}

// guilds is a game: marks of one letter, ids as long numbers, scores padded with
// zeros within sort keys, an edge between players and guilds, and stacks of things
// that a catalogue describes.
func guilds(items int, r *rand.Rand) Design {
	m := blank("newcomer: a game with guilds", "p", "s", r)
	m.Roles = map[string]Role{"player": Dimension, "guild": Dimension, "thing": Dimension, "membership": Fact, "stack": Fact, "battle": Header, "round": Fact, "score": Fact, "chat": Fact}
	m.References = []Reference{{"membership", "guild"}, {"membership", "player"}, {"stack", "player"}, {"stack", "thing"}, {"battle", "guild"}, {"round", "battle"}, {"round", "player"}, {"score", "player"}, {"chat", "guild"}, {"chat", "player"}}
	var players, clans, things []string
	for i := range some(items, 0.1) {
		p := fmt.Sprint(170_000_000_000_000_000 + int64(i)*7_919_000_003 + r.Int64N(1000))
		players = append(players, p)
		m.put("player", "u:"+p, "u", attributes("nick", name("Nick")(r, i), "xp", whole(90_000)(r, i), "lvl", whole(99)(r, i), "realm", text("eu1", "eu2", "us1")(r, i), "seen", number(at(r).UnixMilli()), "banned", yes(r, i)))
	}
	for i := range some(items, 0.015) {
		g := strings.ReplaceAll(letters(r, "", i)+" "+letters(r, "", i), " ", "-")
		clans = append(clans, g)
		m.put("guild", "g:"+g, "g", attributes("motto", name("We")(r, i), "founded", number(at(r).UnixMilli()), "trophies", whole(5000)(r, i), "open", yes(r, i)))
	}
	for i := range some(items, 0.02) {
		d := []string{"sword", "shield", "potion", "scroll"}[i%4] + "_" + letters(r, "", i)
		things = append(things, d)
		m.put("thing", "i:"+d, "i", with(r, 0.5, attributes("rarity", text("common", "rare", "epic")(r, i), "gold", whole(900)(r, i), "slot", text("hand", "head", "bag")(r, i)), "dmg", `{"M":{"min":{"N":"3"},"max":`+whole(50)(r, i)+`}}`))
	}
	for i := range some(items, 0.09) {
		u := players[i%len(players)]
		m.put("membership", "g:"+pick(r, clans), "u:"+u, attributes("rank", text("leader", "officer", "member")(r, i), "since", number(at(r).UnixMilli()), "donated", whole(9000)(r, i)))
	}
	for i := range some(items, 0.25) {
		m.put("stack", "u:"+pick(r, players), "i:"+pick(r, things), attributes("n", whole(99)(r, i), "bound", yes(r, i), "got", number(at(r).UnixMilli())))
	}
	for i := range some(items, 0.05) {
		b := uuid(r, "", i)
		m.put("battle", "b:"+b, "b", attributes("att", quoted(pick(r, clans)), "def", quoted(pick(r, clans)), "t", number(at(r).UnixMilli()), "won", yes(r, i), "loot", whole(40_000)(r, i), "gsi", quoted("g:"+pick(r, clans))))
		for n := range 1 + r.IntN(5) {
			m.put("round", "b:"+b, fmt.Sprintf("r:%03d:u:%s", n, pick(r, players)), attributes("dmg", whole(900)(r, i), "heal", whole(90)(r, i), "crit", yes(r, i)))
		}
	}
	for i := range some(items, 0.15) {
		m.put("score", fmt.Sprintf("lb:season%d", 1+r.IntN(9)), fmt.Sprintf("%010d:u:%s", r.IntN(5_000_000), pick(r, players)), attributes("wins", whole(300)(r, i), "played", whole(600)(r, i)))
	}
	for i := range some(items, 0.18) {
		m.put("chat", "g:"+pick(r, clans), fmt.Sprintf("m:%d:%s", at(r).UnixMilli(), pick(r, players)), with(r, 0.1, attributes("txt", name("gg")(r, i), "lang", text("en", "de", "pl")(r, i)), "edited", number(at(r).UnixMilli())))
	}
	m.unique()
	return m.shuffle()
}
