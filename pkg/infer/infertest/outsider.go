package infertest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// outsiders are designs as others publish them. They were written after package
// infer, each from the habits of a kind of application, and no pair of convention
// and domain makes them. What they gave before the inference was adjusted to them
// stands in BENCHMARKS.md.
func outsiders() []making {
	return []making{tenants, social, telemetry, game, marketplace, electro, oneTable}
}

// some returns at least two, and about a share of n.
func some(n int, share float64) int { return max(2, int(float64(n)*share)) }

// attributes makes a map of names and values, in turn.
func attributes(pairs ...string) map[string]string {
	all := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		all[pairs[i]] = pairs[i+1]
	}
	return all
}

func (m *maker) shuffle() Design {
	m.r.Shuffle(len(m.Items), func(i, j int) { m.Items[i], m.Items[j] = m.Items[j], m.Items[i] })
	return m.Design
}

// tenants is a service for companies: every partition begins with the tenant, and
// an index lists what belongs to a user.
func tenants(items int, r *rand.Rand) Design {
	m := blank("outsider: tenants of a service", "PK", "SK", r)
	m.Roles = map[string]Role{"Tenant": Dimension, "Member": Dimension, "Project": Dimension, "Task": Fact, "Invoice": Fact}
	m.References = []Reference{{"Member", "Tenant"}, {"Project", "Tenant"}, {"Task", "Tenant"}, {"Task", "Project"}, {"Task", "Member"}, {"Invoice", "Tenant"}}
	var companies []string
	members, projects := map[string][]string{}, map[string][]string{}
	for i := range some(items, 0.02) {
		t := letters(r, "", i)
		companies = append(companies, t)
		m.put("Tenant", "TENANT#"+t, "TENANT", attributes("name", name("Company")(r, i), "plan", text("starter", "team", "enterprise")(r, i), "signedUpAt", moment(r, i)))
	}
	pick := func(from map[string][]string, t string) string { return from[t][r.IntN(len(from[t]))] }
	for i := range some(items, 0.1) + len(companies) {
		t := companies[i%len(companies)]
		id := uuid(r, "", i)
		members[t] = append(members[t], id)
		m.put("Member", "TENANT#"+t, "USER#"+id, attributes("email", email(r, i), "displayName", name("Person")(r, i), "role", text("admin", "editor", "viewer")(r, i),
			"GSI1PK", quoted("EMAIL#"+fmt.Sprintf("p%d@example.com", i)), "GSI1SK", quoted("USER")))
	}
	for i := range some(items, 0.06) + len(companies) {
		t := companies[i%len(companies)]
		id := fmt.Sprintf("prj-%06d", 31*i+17)
		projects[t] = append(projects[t], id)
		m.put("Project", "TENANT#"+t, "PROJECT#"+id, attributes("title", name("Project")(r, i), "archived", yes(r, i), "color", text("red", "blue", "green")(r, i)))
	}
	for i := range some(items, 0.7) {
		t := companies[r.IntN(len(companies))]
		u := pick(members, t)
		m.put("Task", "TENANT#"+t, "PROJECT#"+pick(projects, t)+"#TASK#"+ulid(r, "", i), attributes("title", name("Do")(r, i), "status", text("todo", "doing", "done")(r, i), "estimate", whole(40)(r, i),
			"assignee", quoted(u), "dueDate", day(r, i), "createdAt", moment(r, i), "GSI1PK", quoted("USER#"+u), "GSI1SK", quoted("TASK#"+strings.Trim(moment(r, i)[5:], `"}`))))
	}
	for i := range some(items, 0.1) {
		m.put("Invoice", "TENANT#"+companies[r.IntN(len(companies))], fmt.Sprintf("INVOICE#%d-%02d#%d", 2020+r.IntN(5), 1+r.IntN(12), i), attributes("amount", money(900)(r, i), "currency", text("USD", "EUR")(r, i), "paidAt", moment(r, i)))
	}
	return m.shuffle()
}

// social is a network: keys without upper case, follows in both directions of an
// overloaded index, and posts in time order.
func social(items int, r *rand.Rand) Design {
	m := blank("outsider: a social network", "pk", "sk", r)
	m.Roles = map[string]Role{"user": Dimension, "post": Header, "like": Fact, "comment": Fact, "follow": Fact}
	m.References = []Reference{{"post", "user"}, {"like", "post"}, {"like", "user"}, {"comment", "post"}, {"comment", "user"}, {"follow", "user"}}
	var users, posts []string
	for i := range some(items, 0.08) {
		u := letters(r, "", i)
		users = append(users, u)
		m.put("user", "user#"+u, "profile", attributes("username", quoted(u), "bio", name("Hi")(r, i), "joined", seconds(r, i), "verified", yes(r, i), "followers", whole(9000)(r, i),
			"gsi1pk", quoted("country#"+[]string{"no", "fi", "se"}[r.IntN(3)]), "gsi1sk", quoted("user#"+u)))
	}
	pick := func() string { return users[r.IntN(len(users))] }
	for i := range some(items, 0.17) {
		id, u := ulid(r, "", i), pick()
		posts = append(posts, id)
		m.put("post", "user#"+u, "post#"+id, attributes("text", name("Look")(r, i), "createdAt", moment(r, i), "likeCount", whole(500)(r, i), "visibility", text("public", "friends")(r, i),
			"gsi1pk", quoted("post#"+id), "gsi1sk", quoted("post#"+id)))
	}
	for i := range some(items, 0.35) {
		u := pick()
		m.put("like", "post#"+posts[r.IntN(len(posts))], "like#"+u+fmt.Sprint(i), attributes("username", quoted(u), "likedAt", moment(r, i)))
	}
	for i := range some(items, 0.2) {
		m.put("comment", "post#"+posts[r.IntN(len(posts))], "comment#"+ulid(r, "", i), attributes("author", quoted(pick()), "body", name("Nice")(r, i), "createdAt", moment(r, i)))
	}
	for i := range some(items, 0.2) {
		a, b := pick(), pick()
		m.put("follow", "user#"+a, "follows#"+b, attributes("since", moment(r, i), "gsi1pk", quoted("user#"+b), "gsi1sk", quoted("followedby#"+a)))
	}
	m.unique()
	return m.shuffle()
}

// unique drops items whose keys occur already.
func (m *maker) unique() {
	seen := map[string]bool{}
	var left []Item
	for _, item := range m.Items {
		keys := item.JSON[:strings.Index(item.JSON, `"},"`+m.c.SK)]
		keys = item.JSON[:len(keys)+strings.Index(item.JSON[len(keys)+4:], `"}`)+4]
		if !seen[keys] {
			seen[keys] = true
			left = append(left, item)
		}
	}
	m.Items = left
}

// telemetry has a partition for each device and day, and times in sort keys.
func telemetry(items int, r *rand.Rand) Design {
	m := blank("outsider: telemetry by day", "DeviceDay", "EventTime", r)
	m.Roles = map[string]Role{"device": Dimension, "measurement": Fact, "alarm": Fact}
	m.References = []Reference{{"measurement", "device"}, {"alarm", "device"}}
	var devices []string
	for i := range some(items, 0.03) {
		d := fmt.Sprintf("sensor-%04d", 13*i+7)
		devices = append(devices, d)
		m.put("device", "DEVICE#"+d, "META", attributes("location", text("hall", "roof", "cellar")(r, i), "model", text("T100", "T200")(r, i), "installed", day(r, i), "serial", whole(900000)(r, i)))
	}
	at := func(i int) string {
		return fmt.Sprintf("2024-%02d-%02dT%02d:%02d:%02d.%03dZ", 1+i%12, 1+i%28, r.IntN(24), r.IntN(60), r.IntN(60), i%1000)
	}
	for i := range some(items, 0.9) {
		t := at(i)
		m.put("measurement", "DEVICE#"+devices[r.IntN(len(devices))]+"#"+t[:10], "M#"+t, attributes("temperature", money(40)(r, i), "humidity", money(99)(r, i), "battery", whole(100)(r, i)))
	}
	for i := range some(items, 0.07) {
		t := at(i)
		m.put("alarm", "DEVICE#"+devices[r.IntN(len(devices))]+"#"+t[:10], "ALARM#"+t, attributes("severity", whole(5)(r, i), "message", name("Too hot")(r, i), "acknowledged", yes(r, i)))
	}
	m.unique()
	return m.shuffle()
}

// game has players, matches, who took part, and what each of them owns.
func game(items int, r *rand.Rand) Design {
	m := blank("outsider: a game", "pk", "sk", r)
	m.Roles = map[string]Role{"player": Dimension, "match": Dimension, "participation": Fact, "purchase": Fact}
	m.References = []Reference{{"participation", "player"}, {"participation", "match"}, {"purchase", "player"}}
	var players, matches []string
	for i := range some(items, 0.15) {
		p := uuid(r, "", i)
		players = append(players, p)
		m.put("player", "PLAYER#"+p, "#METADATA#"+p, attributes("nickname", name("Player")(r, i), "rating", whole(3000)(r, i), "region", text("eu", "na")(r, i), "lastSeen", seconds(r, i)))
	}
	for i := range some(items, 0.1) {
		g := uuid(r, "", i)
		matches = append(matches, g)
		m.put("match", "MATCH#"+g, "#METADATA#"+g, attributes("map", text("Desert", "Harbour", "Forest")(r, i), "startedAt", moment(r, i), "open", yes(r, i)))
	}
	for i := range some(items, 0.6) {
		p := players[r.IntN(len(players))]
		m.put("participation", "MATCH#"+matches[r.IntN(len(matches))], "PLAYER#"+p, attributes("kills", whole(30)(r, i), "deaths", whole(30)(r, i), "score", whole(9000)(r, i), "place", whole(10)(r, i)))
	}
	for i := range some(items, 0.15) {
		m.put("purchase", "PLAYER#"+players[r.IntN(len(players))], "PURCHASE#"+ulid(r, "", i), attributes("sku", text("skin.red", "skin.blue", "coins.100")(r, i), "price", money(50)(r, i), "boughtAt", moment(r, i)))
	}
	m.unique()
	return m.shuffle()
}

// marketplace is a shop as adjacency lists: edges between nodes, with short marks.
func marketplace(items int, r *rand.Rand) Design {
	m := blank("outsider: adjacency lists", "PK", "SK", r)
	m.Roles = map[string]Role{"customer": Dimension, "product": Dimension, "order": Header, "line": Fact, "review": Fact}
	m.References = []Reference{{"order", "customer"}, {"line", "order"}, {"line", "product"}, {"review", "product"}, {"review", "customer"}}
	var customers, products []string
	for i := range some(items, 0.08) {
		c := fmt.Sprint(40000 + 3*i)
		customers = append(customers, c)
		m.put("customer", "c#"+c, "c#"+c, attributes("Email", email(r, i), "Name", name("Person")(r, i), "Address", address(r, i)))
	}
	for i := range some(items, 0.05) {
		p := fmt.Sprint(70000 + 7*i)
		products = append(products, p)
		m.put("product", "p#"+p, "p#"+p, attributes("Title", name("Thing")(r, i), "Category", text("books", "toys")(r, i), "ListPrice", money(100)(r, i)))
	}
	pick := func(all []string) string { return all[r.IntN(len(all))] }
	for i := range some(items, 0.2) {
		o, c := fmt.Sprint(900000+i), pick(customers)
		m.put("order", "c#"+c, "o#"+o, attributes("Status", text("open", "paid", "sent")(r, i), "OrderedAt", moment(r, i), "Total", money(900)(r, i), "GSI1PK", quoted("o#"+o), "GSI1SK", quoted("c#"+c)))
		for n := range 1 + r.IntN(3) {
			m.put("line", "o#"+o, "p#"+products[(i+n)%len(products)], attributes("Quantity", whole(5)(r, i), "UnitPrice", money(100)(r, i), "GSI1PK", quoted("p#"+products[(i+n)%len(products)]), "GSI1SK", quoted("o#"+o)))
		}
	}
	for i := range some(items, 0.2) {
		m.put("review", "p#"+pick(products), "r#"+pick(customers), attributes("Stars", whole(5)(r, i), "Text", name("Good")(r, i), "WrittenAt", moment(r, i)))
	}
	m.unique()
	return m.shuffle()
}

// electro is a table of ElectroDB: the service and the entity stand in the keys,
// all of them in lower case, and attributes keep their case.
func electro(items int, r *rand.Rand) Design {
	m := blank("outsider: ElectroDB, a clinic", "pk", "sk", r)
	m.Roles = map[string]Role{"patient": Dimension, "doctor": Dimension, "appointment": Fact, "prescription": Fact}
	m.References = []Reference{{"appointment", "patient"}, {"appointment", "doctor"}, {"prescription", "patient"}, {"prescription", "doctor"}}
	put := func(entity, pk, sk string, more map[string]string) {
		more["__edb_e__"], more["__edb_v__"] = quoted(entity), quoted("1")
		m.put(entity, "$clinic#"+pk, "$"+entity+"_1"+sk, more)
	}
	var patients, doctors []string
	for i := range some(items, 0.2) {
		id := fmt.Sprintf("Pat%05d", 11*i)
		patients = append(patients, id)
		put("patient", "patientid_"+strings.ToLower(id), "", attributes("patientId", quoted(id), "fullName", name("Patient")(r, i), "bornOn", day(r, i), "insurer", text("A", "B", "C")(r, i)))
	}
	for i := range some(items, 0.03) {
		id := fmt.Sprintf("Doc%03d", i)
		doctors = append(doctors, id)
		put("doctor", "doctorid_"+strings.ToLower(id), "", attributes("doctorId", quoted(id), "fullName", name("Doctor")(r, i), "speciality", text("eyes", "heart")(r, i)))
	}
	pick := func(all []string) string { return all[r.IntN(len(all))] }
	for i := range some(items, 0.6) {
		p, d, a := pick(patients), pick(doctors), ulid(r, "", i)
		put("appointment", "patientid_"+strings.ToLower(p), "#appointmentid_"+strings.ToLower(a), attributes("appointmentId", quoted(a), "patientId", quoted(p), "doctorId", quoted(d), "startsAt", moment(r, i), "minutes", whole(90)(r, i),
			"gsi1pk", quoted("$clinic#doctorid_"+strings.ToLower(d)), "gsi1sk", quoted("$appointment_1#startsat_2024")))
	}
	for i := range some(items, 0.17) {
		p, d := pick(patients), pick(doctors)
		put("prescription", "patientid_"+strings.ToLower(p), "#prescriptionid_"+fmt.Sprint(i), attributes("prescriptionId", quoted(fmt.Sprint(i)), "patientId", quoted(p), "doctorId", quoted(d), "drug", text("x", "y", "z")(r, i), "days", whole(30)(r, i), "issuedOn", day(r, i)))
	}
	return m.shuffle()
}

// oneTable is a table of OneTable with a unique item for each e-mail address.
func oneTable(items int, r *rand.Rand) Design {
	m := blank("outsider: OneTable, a publisher", "pk", "sk", r)
	m.Roles = map[string]Role{"Account": Dimension, "User": Dimension, "Article": Dimension, "View": Fact}
	m.References = []Reference{{"User", "Account"}, {"Article", "Account"}, {"Article", "User"}, {"View", "Article"}}
	put := func(kind, pk, sk string, more map[string]string) {
		more["_type"] = quoted(kind)
		if kind != "_Unique" {
			more["created"], more["updated"] = moment(r, 0), moment(r, 0)
		}
		m.put(kind, pk, sk, more)
	}
	var accounts, articles []string
	users := map[string][]string{}
	for i := range some(items, 0.02) {
		id := ulid(r, "", i)
		accounts = append(accounts, id)
		put("Account", "account#"+id, "account#", attributes("id", quoted(id), "name", name("Account")(r, i), "balance", money(500)(r, i)))
	}
	for i := range some(items, 0.1) + len(accounts) {
		id, a := ulid(r, "", i), accounts[i%len(accounts)]
		users[a] = append(users[a], id)
		put("User", "account#"+a, "user#"+id, attributes("id", quoted(id), "accountId", quoted(a), "email", quoted(fmt.Sprintf("u%d@example.com", i)), "role", text("admin", "author")(r, i), "gs1pk", quoted("user#"+id), "gs1sk", quoted("user#")))
		put("_Unique", fmt.Sprintf("_unique#User#email#u%d@example.com", i), "_unique#", map[string]string{})
	}
	for i := range some(items, 0.08) {
		id, a := ulid(r, "", i), accounts[r.IntN(len(accounts))]
		articles = append(articles, id)
		put("Article", "account#"+a, "article#"+id, attributes("id", quoted(id), "accountId", quoted(a), "authorId", quoted(users[a][r.IntN(len(users[a]))]), "title", name("Title")(r, i), "words", whole(4000)(r, i)))
	}
	for i := range some(items, 0.6) {
		a := articles[r.IntN(len(articles))]
		put("View", "article#"+a, "view#"+ulid(r, "", i), attributes("articleId", quoted(a), "seconds", whole(600)(r, i), "country", text("NO", "SE")(r, i), "viewedAt", moment(r, i)))
	}
	return m.shuffle()
}
