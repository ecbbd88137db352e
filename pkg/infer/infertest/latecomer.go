package infertest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// latecomers are two designs that were written last. Nothing in package infer has
// been adjusted to them, so they estimate what a new table gives. Whoever adjusts
// something to one of them moves it to the newcomers, and writes another.
func latecomers() []making { return []making{news, charging} }

// news is a site with articles: partitions that hold all of a collection, slugs as
// ids, counters by day, and revisions.
func news(items int, r *rand.Rand) Design {
	m := blank("latecomer: a news site", "collection", "key", r)
	m.Roles = map[string]Role{"section": Dimension, "author": Dimension, "article": Dimension, "reader": Dimension, "reaction": Fact, "comment": Fact, "views of a day": Fact, "revision": Fact}
	m.References = []Reference{{"article", "section"}, {"article", "author"}, {"reaction", "article"}, {"reaction", "reader"}, {"comment", "article"}, {"comment", "reader"}, {"views of a day", "article"}, {"revision", "article"}, {"revision", "author"}}
	var authors, articles, readers []string
	sections := []string{"politics", "culture", "sport", "climate", "opinion"}
	for i, s := range sections {
		m.put("section", "SECTIONS", s, attributes("label", name("Section")(r, i), "order", whole(9)(r, i), "color", text("red", "teal", "navy")(r, i)))
	}
	for i := range some(items, 0.02) {
		a := letters(r, "", i) + "-" + letters(r, "", i)
		authors = append(authors, a)
		m.put("author", "AUTHORS", a, with(r, 0.5, attributes("byline", name("By")(r, i), "email", email(r, i), "staff", yes(r, i)), "bio", name("Writes")(r, i)))
	}
	for i := range some(items, 0.07) {
		slug := strings.Join([]string{letters(r, "", r.IntN(500)), pick(r, []string{"wins", "loses", "says", "opens"}), letters(r, "", i), fmt.Sprint(2020 + r.IntN(5))}, "-")
		articles = append(articles, slug)
		when := at(r)
		m.put("article", "ARTICLES", slug, with(r, 0.1, attributes("headline", name("Headline")(r, i), "section", quoted(pick(r, sections)), "author", quoted(pick(r, authors)), "publishedAt", quoted(when.Format(time.RFC3339)), "words", whole(3000)(r, i),
			"tags", `{"L":[{"S":"a"},{"S":"b"}]}`), "featured", quoted(when.Format(time.DateOnly))))
		for n := range r.IntN(4) {
			m.put("revision", "ARTICLE#"+slug, fmt.Sprintf("REV#%04d", n+1), attributes("editor", quoted(pick(r, authors)), "savedAt", quoted(when.Add(time.Duration(n)*time.Hour).Format(time.RFC3339)), "added", whole(400)(r, i), "removed", whole(200)(r, i)))
		}
	}
	for i := range some(items, 0.1) {
		u := uuid(r, "", i)
		readers = append(readers, u)
		m.put("reader", "READERS", u, with(r, 0.3, attributes("email", email(r, i), "plan", text("free", "digital", "print")(r, i), "since", day(r, i)), "cancelledOn", day(r, i)))
	}
	for i := range some(items, 0.3) {
		m.put("reaction", "ARTICLE#"+pick(r, articles), "REACTION#"+pick(r, readers), attributes("kind", text("like", "love", "angry")(r, i), "at", number(at(r).UnixMilli())))
	}
	for i := range some(items, 0.15) {
		m.put("comment", "ARTICLE#"+pick(r, articles), "COMMENT#"+at(r).Format("2006-01-02T15:04:05.000Z"), attributes("reader", quoted(pick(r, readers)), "text", name("I think")(r, i), "upvotes", whole(90)(r, i), "hidden", yes(r, i)))
	}
	for i := range some(items, 0.25) {
		m.put("views of a day", "VIEWS#"+at(r).Format(time.DateOnly), pick(r, articles), attributes("views", whole(90_000)(r, i), "uniques", whole(40_000)(r, i), "secondsRead", whole(900_000)(r, i)))
	}
	m.unique()
	return m.shuffle()
}

// charging is a network of charging points: ids with a mark of their kind, as
// payment services have them, an attribute that names the kind, seconds as numbers,
// amounts in cents, and phases within a session.
func charging(items int, r *rand.Rand) Design {
	m := blank("latecomer: charging points", "pk", "sk", r)
	m.Roles = map[string]Role{"customer": Dimension, "site": Dimension, "evse": Dimension, "token": Dimension, "session": Header, "invoice": Header, "payment": Fact, "fault": Fact}
	m.References = []Reference{{"evse", "site"}, {"token", "customer"}, {"session", "evse"}, {"session", "token"}, {"session", "customer"}, {"invoice", "customer"}, {"payment", "invoice"}, {"payment", "customer"}, {"fault", "evse"}}
	put := func(of, pk, sk string, more map[string]string) {
		more["object"] = quoted(of)
		m.put(of, pk, sk, more)
	}
	created := func() string { return number(at(r).Unix()) }
	var customers, sites, points, tokens []string
	owner := map[string]string{}
	for i := range some(items, 0.1) {
		c := "cus_" + token(r, 14)
		customers = append(customers, c)
		put("customer", c, c, with(r, 0.5, attributes("email", email(r, i), "country", text("NO", "NL", "FR")(r, i), "created", created(), "balance", whole(5000)(r, i)), "delinquent", yes(r, i)))
	}
	for i := range some(items, 0.01) {
		s := "site_" + token(r, 14)
		sites = append(sites, s)
		put("site", s, s, attributes("label", name("Park")(r, i), "geo", `{"M":{"lat":`+money(60)(r, i)+`,"lon":`+money(20)(r, i)+`}}`, "created", created()))
	}
	for i := range some(items, 0.04) {
		e := "evse_" + token(r, 14)
		points = append(points, e)
		put("evse", e, e, attributes("site", quoted(pick(r, sites)), "kw", whole(350)(r, i), "connector", text("ccs", "type2", "chademo")(r, i), "created", created()))
	}
	for i := range some(items, 0.11) {
		c, t := pick(r, customers), "tok_"+token(r, 14)
		tokens, owner[t] = append(tokens, t), c
		put("token", c, t, attributes("uid", quoted(strings.ToUpper(token(r, 8))), "kind", text("rfid", "app")(r, i), "created", created()))
	}
	for i := range some(items, 0.45) {
		t, when := pick(r, tokens), at(r)
		var phases []string
		for n := range 1 + r.IntN(3) {
			phases = append(phases, fmt.Sprintf(`{"M":{"from":{"N":"%d"},"wh":{"N":"%d"}}}`, when.Unix()+int64(900*n), r.IntN(20_000)))
		}
		put("session", pick(r, points), "sess_"+when.Format("2006-01-02T15:04:05Z")+"_"+token(r, 4), with(r, 0.95, attributes("token", quoted(t), "customer", quoted(owner[t]), "started", number(when.Unix()), "wh", whole(60_000)(r, i), "amount", whole(9000)(r, i),
			"phases", `{"L":[`+strings.Join(phases, ",")+`]}`), "ended", number(when.Unix()+int64(1+r.IntN(9000)))))
	}
	for i := range some(items, 0.1) {
		c, no := pick(r, customers), "in_"+token(r, 14)
		put("invoice", c, no, attributes("amount_due", whole(90_000)(r, i), "currency", text("eur", "nok")(r, i), "created", created(), "status", text("open", "paid", "void")(r, i)))
		if i%4 > 0 {
			put("payment", c, "pay_"+token(r, 14), attributes("invoice", quoted(no), "amount", whole(90_000)(r, i), "method", text("card", "ideal")(r, i), "created", created()))
		}
	}
	for i := range some(items, 0.08) {
		put("fault", pick(r, points), "fault_"+at(r).Format("20060102150405"), attributes("code", text("GFI", "OVERTEMP", "COMM")(r, i), "cleared", yes(r, i), "downtime", whole(90_000)(r, i)))
	}
	m.unique()
	return m.shuffle()
}
