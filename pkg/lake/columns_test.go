package lake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/lake"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

const things = `
nightstar: 1
model: things
table: { partitionKey: PK, sortKey: SK }
items:
  thing:
    keys: { PK: "t#{id}", SK: "v{version}#{at}", GSI1: "c#{customer}|{city}", GSI2: "c#{customer}" }
    columns:
      id: string(8)
      version: integer
      at: { type: timestamp, format: epochSeconds }
      customer: string(8)
      city: string(8)
      dotted: { from: '"a.b".c', type: string(8) }
      http: { type: timestamp, format: rfc1123 }
      millis: { type: timestamp, format: epochMillis }
      german: { type: timestamp, layout: "02.01.2006 15:04" }
      birth: { type: date, layout: "02.01.2006" }
      cut: { type: timestamp, truncate: true }
      ratio: double
      any: json
      flag: boolean
      big: bigint
`

// TestColumns gives a column the value of an attribute, or says why it has none.
func TestColumns(t *testing.T) {
	t.Parallel()

	micros := func(text string) string {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return at.UTC().Format("2006-01-02T15:04:05.999999")
	}
	tests := map[string]struct {
		attributes string
		column     string
		want       string // the value; "null", or "reason field" if it is kept beside the row
	}{
		"a capture":                         {``, "id", "7"},
		"a number in a key":                 {``, "version", "12"},
		"seconds in a key":                  {``, "at", micros("2024-01-01T00:00:00Z")},
		"an attribute that is missing":      {``, "customer", "null"},
		"an index key":                      {`"GSI1":{"S":"c#ann|Oslo"}`, "customer", "ann"},
		"the second capture of it":          {`"GSI1":{"S":"c#ann|Oslo"}`, "city", "Oslo"},
		"two index keys that agree":         {`"GSI1":{"S":"c#ann|Oslo"},"GSI2":{"S":"c#ann"}`, "customer", "ann"},
		"two index keys that differ":        {`"GSI1":{"S":"c#ann|Oslo"},"GSI2":{"S":"c#bob"}`, "customer", "value_contradicts_key GSI2"},
		"the other index key":               {`"GSI2":{"S":"c#bob"}`, "customer", "bob"},
		"an index key of another form":      {`"GSI2":{"S":"bob"}`, "customer", "wrong_form GSI2"},
		"an index key that is not text":     {`"GSI2":{"L":[]}`, "customer", "wrong_type GSI2"},
		"an attribute that repeats it":      {`"GSI2":{"S":"c#bob"},"customer":{"S":"bob"}`, "customer", "bob"},
		"an attribute that differs":         {`"GSI2":{"S":"c#bob"},"customer":{"S":"ann"}`, "customer", "value_contradicts_key customer"},
		"the attribute alone":               {`"customer":{"S":"ann"}`, "customer", "ann"},
		"a key that is too long":            {`"GSI2":{"S":"c#123456789"}`, "customer", "value_too_long GSI2"},
		"a number that repeats a key":       {`"version":{"N":"12.0"}`, "version", "12"},
		"a name with a dot":                 {`"a.b":{"M":{"c":{"S":"x"}}}`, "dotted", "x"},
		"no map on the way":                 {`"a.b":{"S":"x"}`, "dotted", `wrong_type "a.b"`},
		"NULL on the way":                   {`"a.b":{"NULL":true}`, "dotted", "null"},
		"RFC 1123":                          {`"http":{"S":"Mon, 01 Jan 2024 10:20:30 GMT"}`, "http", micros("2024-01-01T10:20:30Z")},
		"ISO instead":                       {`"http":{"S":"2024-01-01"}`, "http", "not_a_timestamp http"},
		"milliseconds as N":                 {`"millis":{"N":"1704067200123"}`, "millis", micros("2024-01-01T00:00:00.123Z")},
		"milliseconds as S":                 {`"millis":{"S":"1704067200123"}`, "millis", micros("2024-01-01T00:00:00.123Z")},
		"milliseconds that are text":        {`"millis":{"S":"today"}`, "millis", "not_a_timestamp millis"},
		"milliseconds as a set":             {`"millis":{"NS":["1"]}`, "millis", "wrong_type millis"},
		"a layout":                          {`"german":{"S":"31.12.2023 23:59"}`, "german", micros("2023-12-31T23:59:00Z")},
		"another layout":                    {`"german":{"S":"12/31/2023"}`, "german", "not_a_timestamp german"},
		"a number for a layout":             {`"german":{"N":"1"}`, "german", "wrong_type german"},
		"the layout of a day":               {`"birth":{"S":"29.02.2024"}`, "birth", "2024-02-29"},
		"a day that does not exist":         {`"birth":{"S":"29.02.2023"}`, "birth", "not_a_timestamp birth"},
		"nanoseconds, cut":                  {`"cut":{"S":"2024-01-01T00:00:00.123456789Z"}`, "cut", micros("2024-01-01T00:00:00.123456Z")},
		"17 digits":                         {`"ratio":{"N":"0.30000000000000004"}`, "ratio", "0.30000000000000004"},
		"38 digits, the nearest":            {`"ratio":{"N":"12345678901234567890123456789012345678"}`, "ratio", "1.2345678901234568e+37"},
		"text for a double":                 {`"ratio":{"S":"0.5"}`, "ratio", "wrong_type ratio"},
		"a set as JSON":                     {`"any":{"SS":["a","b\"c"]}`, "any", `["a","b\"c"]`},
		"a map as JSON":                     {`"any":{"M":{"n":{"N":"12345678901234567890123456789012345678"},"b":{"B":"AA=="},"l":{"L":[{"BOOL":true},{"NULL":true}]}}}`, "any", `{"n":12345678901234567890123456789012345678,"b":"AA==","l":[true,null]}`},
		"text as JSON":                      {`"any":{"S":"a"}`, "any", `"a"`},
		"NULL is not JSON":                  {`"any":{"NULL":true}`, "any", "null"},
		"JSON that is too long":             {`"any":{"S":"` + strings.Repeat("x", 65_534) + `"}`, "any", "value_too_long any"},
		"JSON that is as long as it can be": {`"any":{"S":"` + strings.Repeat("x", 65_533) + `"}`, "any", `"` + strings.Repeat("x", 65_533) + `"`},
		"a truth value":                     {`"flag":{"BOOL":true}`, "flag", "true"},
		"a large number":                    {`"big":{"N":"-9223372036854775808"}`, "big", "-9223372036854775808"},
		"a number that is larger":           {`"big":{"N":"9223372036854775808"}`, "big", "number_out_of_range big"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, got := split(t, things, keyed("t#7", "v12#1704067200", tt.attributes))
			if got.Rows["thing"] != 1 {
				object, _ := e.s3.Object("lake", got.Aside.Key)
				t.Fatalf("the item is set aside: %s", object.Body)
			}
			row := e.rows(t, "items/type=thing/run=r1/00001.parquet")[0]
			m := read(t, things)
			text := columnText(t, *column(t, &m, "thing", tt.column), row[tt.column])
			if wrong := e.wrongValues(t)["thing."+tt.column]; len(wrong) > 0 {
				text += "; " + wrong[0].Reason + " " + wrong[0].Field
			}
			want := tt.want
			if reason, _, ok := strings.Cut(want, " "); ok && strings.Contains(reason, "_") && !strings.HasPrefix(want, `[`) {
				want = "null; " + want
			}
			if text != want {
				t.Errorf("%s is %.80q, want %.80q", tt.column, text, want)
			}
		})
	}
}

// columnText spells the value of a column, as parquet-go reads it.
func columnText(t *testing.T, c model.Column, value any) string {
	t.Helper()
	if value == nil {
		return "null"
	}
	switch c.Type.Kind {
	case model.KindDate:
		return time.Unix(int64(value.(int32))*86400, 0).UTC().Format(time.DateOnly)
	case model.KindTimestamp:
		return instant(t, value).Format("2006-01-02T15:04:05.999999")
	}
	return valueText(c, value)
}

// TestColumns_dayOf takes the local day of instants around changes of the clock.
func TestColumns_dayOf(t *testing.T) {
	t.Parallel()

	m := read(t, strings.Replace(things, "items:", "calendar: { timeZone: Europe/Berlin }\nitems:", 1))
	m.Items[0].Columns = append([]model.Column{{Name: "day", Type: model.Date(), DayOf: "cut", Wrong: model.WrongValue}}, m.Items[0].Columns...)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	var lines, want []string
	at := time.Date(2024, 3, 30, 20, 30, 0, 0, time.UTC)
	for _, start := range []time.Time{at, time.Date(2024, 10, 26, 20, 30, 0, 0, time.UTC), time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC)} {
		for half := range 60 {
			instant := start.Add(time.Duration(half) * 30 * time.Minute)
			lines = append(lines, keyed(fmt.Sprintf("t#%d", len(lines)), "v1#0", `"cut":{"S":"`+instant.Format(time.RFC3339)+`"}`))
			want = append(want, instant.In(berlin).Format(time.DateOnly))
		}
	}
	lines = append(lines, keyed("t#none", "v1#0", ""), keyed("t#late", "v1#0", `"cut":{"S":"9999-12-31T23:30:00Z"}`))
	want = append(want, "null", "null")
	e := setup(t)
	if e.partition, err = lake.NewPartitioner(e.s3.Client(), m, "raw", "lake"); err != nil {
		t.Fatal(err)
	}
	got, err := e.partition.Partition(t.Context(), e.put(zip(t, strings.Join(lines, "\n")), int64(len(lines))))
	if err != nil || got.Rows["thing"] != int64(len(lines)) {
		t.Fatalf("Partition() = %+v, %v", got, err)
	}
	var days []string
	for _, row := range e.rows(t, "items/type=thing/run=r1/00001.parquet") {
		days = append(days, columnText(t, m.Items[0].Columns[0], row["day"]))
	}
	if diff := cmp.Diff(want, days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(lakedoc.Wrong{"thing": {"day": {lakedoc.NotATimestamp: 1}}}, got.Wrong); diff != "" {
		t.Errorf("wrong values (-want +got):\n%s", diff)
	}
}

// TestColumns_identifying has keys that end in blanks, in columns that identify
// and in others.
func TestColumns_identifying(t *testing.T) {
	t.Parallel()

	_, got := split(t, things, keyed("t#a ", "v1#0", ""), keyed("t#b", "v1#0", `"GSI2":{"S":"c#x "}`), keyed("t#c", "v1.5#0", ""), keyed("t#d", "v1#x", ""))
	want := lakedoc.SetAside{"thing": {lakedoc.TrailingBlank: 1, lakedoc.NumberNotExact: 1, lakedoc.NotATimestamp: 1}}
	if diff := cmp.Diff(want, got.SetAside); diff != "" || got.Rows["thing"] != 1 || got.Wrong.Total() != 0 {
		t.Errorf("%d rows, wrong %v, set aside (-want +got):\n%s", got.Rows["thing"], got.Wrong, diff)
	}
}

// TestColumns_identifyingMembers has a blank at the end of required text that
// identifies the members of a dimension, and of text that does not.
func TestColumns_identifyingMembers(t *testing.T) {
	t.Parallel()

	const shops = `nightstar: 1
model: shops
table: { partitionKey: PK }
items:
  shop:
    keys: { PK: "S#{shopid}" }
    columns:
      shopid: string(20)
      city: { type: string(20), required: true }
      street: { type: string(20), required: true }
dimensions:
  shop: { of: shop, key: shopid, columns: [street] }
  city: { of: shop, key: city, duplicates: first }
`
	line := func(id, city, street string) string {
		return fmt.Sprintf(`{"Item":{"PK":{"S":"S#%s"},"city":{"S":%q},"street":{"S":%q}}}`, id, city, street)
	}
	_, got := split(t, shops, line("a", "Rome", "Via Appia "), line("b", "Rome ", "Via Appia"))
	want := lakedoc.SetAside{"shop": {lakedoc.TrailingBlank: 1}}
	if diff := cmp.Diff(want, got.SetAside); diff != "" || got.Rows["shop"] != 1 {
		t.Errorf("%d rows, set aside (-want +got):\n%s", got.Rows["shop"], diff)
	}
}

// TestColumns_ofNoModel refuses a model that cannot be compiled, in words.
func TestColumns_ofNoModel(t *testing.T) {
	t.Parallel()

	for want, change := range map[string]func(*model.Model){
		`column "x": its value`: func(m *model.Model) { m.Items[0].Columns = []model.Column{{Name: "x", Type: model.Integer()}} },
		`column "x": no template`: func(m *model.Model) {
			m.Items[0].Columns = []model.Column{{Name: "x", Type: model.Integer(), Captured: true}}
		},
		`column "x": the column`:   func(m *model.Model) { m.Items[0].Columns = []model.Column{{Name: "x", Type: model.Date(), DayOf: "y"}} },
		`layout "nothing"`:         func(m *model.Model) { column(t, m, "thing", "german").Layout = "nothing" },
		"look up the time zone of": func(m *model.Model) { m.Calendar.TimeZone = "Europe/Atlantis" },
	} {
		m := read(t, things)
		change(&m)
		if _, err := lake.NewSplitter(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewSplitter() = %v, want %q", err, want)
		}
	}
}
