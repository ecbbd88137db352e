package infertest

import (
	"fmt"
	"math/rand/v2"
)

// special are designs that no pair of convention and domain makes.
func special() []making {
	return []making{copied, timed, unsorted, numbered, nested, literal, logged}
}

func blank(name string, pk, sk string, r *rand.Rand) *maker {
	return &maker{c: Convention{PK: pk, SK: sk}, r: r, Design: Design{Name: name, Convention: name, Roles: map[string]Role{}}}
}

func quoted(text string) string { return fmt.Sprintf(`{"S":%q}`, text) }

// copied repeats orders in the history of their customers.
func copied(items int, r *rand.Rand) Design {
	m := blank("copies under another key", "PK", "SK", r)
	m.Roles["Customer"], m.Roles["Order"], m.Roles["OrderHistory"] = Dimension, Fact, "copy"
	m.References = []Reference{{"Order", "Customer"}}
	customers := max(2, items/10)
	for i := range customers {
		m.put("Customer", fmt.Sprintf("CUSTOMER#%d", 5000+i), "PROFILE", map[string]string{"email": email(r, i), "name": name("Person")(r, i)})
	}
	for i := range items * 45 / 100 {
		customer := 5000 + i%customers
		id := ulid(r, "", i)
		at := moment(r, i)
		attributes := map[string]string{"orderId": quoted(id), "customerId": quoted(fmt.Sprint(customer)), "total": money(900)(r, i), "placedAt": at, "status": text("open", "paid")(r, i)}
		m.put("Order", "ORDER#"+id, "ORDER#"+id, attributes)
		m.put("OrderHistory", fmt.Sprintf("CUSTOMER#%d", customer), "HISTORY#"+at[6:16]+"#"+id, attributes)
	}
	return m.Design
}

// timed has times as sort keys, whose colons are no delimiters.
func timed(items int, r *rand.Rand) Design {
	m := blank("times as sort keys", "PK", "SK", r)
	m.Roles["Room"], m.Roles["User"], m.Roles["Message"] = Dimension, Dimension, Fact
	m.References = []Reference{{"Message", "Room"}, {"Message", "User"}}
	rooms, users := max(2, items/50), max(2, items/10)
	ids := make([]string, users)
	roomIDs := make([]string, rooms)
	for i := range rooms {
		roomIDs[i] = letters(r, "", i)
		m.put("Room", "Room:"+roomIDs[i], "meta", map[string]string{"topic": name("Topic")(r, i), "limit": whole(50)(r, i)})
	}
	for i := range users {
		ids[i] = letters(r, "", i)
		m.put("User", "User:"+ids[i], "meta", map[string]string{"email": email(r, i), "birthday": day(r, i)})
	}
	for i := range items - rooms - users {
		room := roomIDs[i%rooms]
		at := moment(r, i)
		m.put("Message", "Room:"+room, at[6:len(at)-2]+"#"+fmt.Sprint(i), map[string]string{"author": quoted(ids[r.IntN(users)]), "text": name("Hello")(r, i), "sentAt": at})
	}
	return m.Design
}

// unsorted has a partition key only.
func unsorted(items int, r *rand.Rand) Design {
	m := blank("no sort key", "id", "", r)
	m.Roles["Book"], m.Roles["Loan"] = Dimension, Fact
	m.References = []Reference{{"Loan", "Book"}}
	books := max(2, items/5)
	for i := range books {
		m.put("Book", fmt.Sprintf("Book#%d", 20000+i), "", map[string]string{"title": name("Book")(r, i), "pages": whole(900)(r, i)})
	}
	for i := range items - books {
		m.put("Loan", "Loan#"+uuid(r, "", i), "", map[string]string{"bookId": quoted(fmt.Sprint(20000 + r.IntN(books))), "lentOn": day(r, i), "fee": money(9)(r, i)})
	}
	return m.Design
}

// numbered has a number and bytes as keys.
func numbered(items int, r *rand.Rand) Design {
	m := blank("N and B keys", "meter", "slot", r)
	m.Roles["Reading"] = Fact
	for i := range items {
		m.Items = append(m.Items, Item{"Reading", fmt.Sprintf(`{"meter":{"N":"%d"},"slot":{"B":"%04d"},"kwh":%s,"readAt":%s}`, i%max(2, items/50), i/max(2, items/50), money(90)(r, i), moment(r, i))})
	}
	return m.Design
}

// nested has the lines of invoices within them.
func nested(items int, r *rand.Rand) Design {
	m := blank("lists of maps", "PK", "SK", r)
	m.Roles["Client"], m.Roles["Invoice"] = Dimension, Header
	m.References = []Reference{{"Invoice", "Client"}}
	clients := max(2, items/10)
	for i := range clients {
		m.put("Client", fmt.Sprintf("CLIENT#%d", 7000+i), "#META", map[string]string{"name": name("Client")(r, i), "vat": name("VAT")(r, i)})
	}
	for i := range items - clients {
		lines := ""
		for n := range 1 + r.IntN(4) {
			if n > 0 {
				lines += ","
			}
			lines += fmt.Sprintf(`{"M":{"sku":%s,"quantity":%s,"price":%s}}`, text("A-1", "B-2", "C-3")(r, i), whole(9)(r, i), money(100)(r, i))
		}
		m.put("Invoice", fmt.Sprintf("CLIENT#%d", 7000+r.IntN(clients)), "INVOICE#"+ulid(r, "", i), map[string]string{"issuedOn": day(r, i), "lines": `{"L":[` + lines + `]}`})
	}
	return m.Design
}

// literal has single items with keys that are words.
func literal(items int, r *rand.Rand) Design {
	m := blank("literal keys", "PK", "SK", r)
	m.Roles["Player"], m.Roles["Score"] = Dimension, Fact
	m.References = []Reference{{"Score", "Player"}}
	players := max(2, items/10)
	m.put("Settings", "SETTINGS", "GLOBAL", map[string]string{"theme": quoted("dark"), "maximum": whole(9)(r, 0)})
	m.put("Counter", "COUNTERS", "VISITS", map[string]string{"value": whole(9)(r, 0)})
	for i := range players {
		m.put("Player", fmt.Sprintf("PLAYER#%d", 3000+i), "PROFILE", map[string]string{"nick": name("Nick")(r, i), "country": text("NO", "FI")(r, i)})
		m.put("Preferences", fmt.Sprintf("PLAYER#%d", 3000+i), "PREFERENCES", map[string]string{"sound": yes(r, i), "volume": whole(10)(r, i), "lang": text("no", "fi")(r, i)})
	}
	for i := range items - 2*players {
		m.put("Score", fmt.Sprintf("PLAYER#%d", 3000+r.IntN(players)), fmt.Sprintf("SCORE#%d", 100000+i), map[string]string{"points": whole(5000)(r, i), "playedAt": moment(r, i)})
	}
	return m.Design
}

// logged is one type: states of devices, which stand in the sort key.
func logged(items int, r *rand.Rand) Design {
	m := blank("State#Date", "DeviceID", "State#Date", r)
	m.Roles["Log"] = Fact
	for i := range items {
		state := []string{"NORMAL", "WARNING1", "WARNING2", "ERROR"}[r.IntN(4)]
		at := moment(r, i)
		date := at[6 : len(at)-2]
		m.put("Log", fmt.Sprintf("d#%d", 10000+r.IntN(max(2, items/20))), state+"#"+date, map[string]string{"State": quoted(state), "Date": quoted(date), "Operator": text("Liz", "Sue", "Sara")(r, i)})
	}
	return m.Design
}
