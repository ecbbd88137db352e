package star_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
)

// odd is a model with what the store does not have: reserved words as names, a
// prefix, a fiscal year, lookups of lookups and of several rows, roles,
// computed columns, filters, checks, and texts that SQL takes apart.
func odd(t *testing.T) model.Model {
	t.Helper()
	return read(t, `
nightstar: 1
model: odd
table: { partitionKey: PK, sortKey: SK }
calendar: { fiscalYearStart: April }
schemas: { prefix: odd_ }
items:
  user:
    keys: { PK: "U#{user}", SK: PROFILE }
    columns: { user: string(20), group: string(20), limit: integer, table: boolean }
  team:
    keys: { PK: "T#{team}", SK: "V#{version}" }
    columns: { team: string(20), version: string(5), order: integer, lead: string(20), since: date }
  ticket:
    keys: { PK: "U#{user}", SK: "K#{ticket}" }
    columns:
      user: string(20)
      ticket: string(20)
      team: string(20)
      opened: { type: timestamp, required: true }
      closed: timestamp
      status: string(10)
      cost: decimal(20,4)
      weight: double
      big: bigint
dimensions:
  day: { calendar: day }
  user: { of: user, key: user, columns: [group, limit], unknown: { group: 'it''s $$ a \ "word"' } }
  group:
    of: user
    key: group
    duplicates: first
    where: "table = true or limit > 3"
    columns: [table]
  team: { of: team, key: team, latest: order, columns: { lead: lead, orders: { sql: "order + 1", type: integer } } }
facts:
  ticket:
    grain: One row for each ticket that counts.
    of: ticket
    with:
      owner: { of: user, on: { user: user } }
      crew: { of: team, on: { team: team }, latest: order }
      boss: { of: user, on: { user: crew.lead } }
    where: "status <> 'spam' and (owner.limit > 0 or owner.limit is null)"
    dimensions:
      day: opened
      closed: { day: closed }
      user: user
      boss: { user: boss.user }
      group: owner.group
      team: team
      since: { day: crew.since }
    columns:
      status: status
      lead: crew.lead
      rich: { sql: "case when cost > 10 then true else false end", type: boolean }
    measures:
      cost: cost
      weight: weight
      big: big
      limit: owner.limit
      double: { sql: "cost * 2", type: "decimal(22,4)" }
checks:
  closed after opened: { of: ticket, sql: "closed < opened" }
  no 'free' tickets \: { of: ticket, sql: "cost = 0", severity: warn }
`)
}

// rows spells rows of VALUES for a landing table, and that the run loaded them.
func (w *warehouse) rows(table string, rows ...string) {
	w.t.Helper()
	landing := w.landing(table)
	statements := []string{"delete from " + landing.String()}
	for _, row := range rows {
		statements = append(statements, "insert into "+landing.String()+" ("+strings.Join(landing.ColumnNames(), ", ")+") values ("+row+")")
	}
	w.exec(append(statements, w.loaded(table, tonight)...)...)
}

func TestOdd(t *testing.T) {
	t.Parallel()

	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWarehouse(t, odd(t), open(t))
			const noon = "cast('2024-03-31 12:00:00' as timestamp)"
			const april = "cast('2024-04-01 00:00:00' as timestamp)"
			w.rows("user",
				"'ann', 'red', 4, false", "'bob', 'red ', 0, true", "'cid', 'blue', null, null", "'dan', null, 9, true")
			w.rows("team",
				"'x', '1', 1, 'ann', cast('2020-12-31' as date)", "'x', '2', 2, 'bob', cast('2021-01-01' as date)", "'y', '1', null, null, null")
			w.rows("ticket",
				"'ann', 't1', 'x', "+noon+", "+april+", 'open', 12.3456, 0.1, 5000000000",
				"'ann', 't2', null, "+noon+", null, null, 1, null, null",  // the status decides nothing
				"'bob', 't3', 'x', "+noon+", null, 'open', 1, null, null", // the limit of the owner is 0
				"'cid', 't4', 'y', "+april+", null, 'open', 0, 1.5, 8000000000000000000",
				"'eve', 't5', 'z', "+april+", null, 'open', null, 1.5, 8000000000000000000", // no such user
				"'dan', 't6', 'x', "+april+", null, 'spam', 1, 1, 1")
			counts := w.phase(star.PhaseStage)
			for _, want := range []string{
				`check no 'free' tickets \|1`, "check closed after opened|0", "landing.ticket sum of big|16000000005000000001",
				"staging.ticket|3", "landing.user unique by user for user|4",
			} {
				if !slices.Contains(counts, want) {
					t.Errorf("stage does not report %s:\n%s", want, strings.Join(counts, "\n"))
				}
			}
			w.phase(star.PhasePublish)
			for query, want := range map[string][]string{
				`select daykey, fulldate, week, isoyear, fiscalyear, fiscalquarter from odd_dwh.day order by daykey`: {
					"0|null|null|null|null|null", "1|2020-12-31|53|2020|2021|3", "2|2021-01-01|53|2020|2021|4",
					"3|2024-03-31|13|2024|2024|4", "4|2024-04-01|14|2024|2025|1",
				},
				`select userkey, "user", "group", "limit" from odd_dwh."user" order by userkey`: {
					`0|null|it's $$ a \ "word"|null`, "1|ann|red|4", "2|bob|red |0", "3|cid|blue|null", "4|dan|null|9",
				},
				`select groupkey, "group", "table" from odd_dwh."group" order by groupkey`: {"0|null|null", "1|null|true", "2|red|false"},
				`select teamkey, team, lead, orders from odd_dwh.team order by teamkey`:    {"0|null|unknown|null", "1|x|bob|3", "2|y|null|null"},
				`select userkey, ticket, daykey, closeddaykey, userkey, bossuserkey, groupkey, teamkey, sincedaykey, status, lead, rich, cost, weight, big, "limit", "double"
					from odd_dwh.ticket order by ticket`: {
					"1|t1|3|4|1|2|2|1|2|open|bob|true|12.3456|0.1|5000000000|4|24.6912",
					"3|t4|4|0|3|0|0|2|0|open|null|false|0.0000|1.5|8000000000000000000|null|0.0000",
					"0|t5|4|0|0|0|0|0|0|open|null|false|null|1.5|8000000000000000000|null|null",
				},
			} {
				if diff := cmp.Diff(want, w.exec(query)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", query, diff)
				}
			}
			w.rows("user", "'ann', 'red', 4, false")
			w.rows("team")
			w.rows("ticket", "'ann', 't1', 'x', "+april+", "+noon+", 'open', 1, 1, 1")
			if _, err := w.try(star.PhaseStage); err == nil || !strings.Contains(err.Error(), "check closed after opened: counted 1, expected 0") {
				t.Errorf("staging a ticket that was closed before it was opened = %v", err)
			}
		})
	}
}

// TestNames has landing tables that are called as what the SQL looks up.
func TestNames(t *testing.T) {
	t.Parallel()

	m := read(t, `
nightstar: 1
model: names
table: { partitionKey: PK, sortKey: SK }
items:
  found_owner:
    keys: { PK: "U#{id}", SK: PROFILE }
    columns: { id: string(20), boss: string(20) }
  latest_crew:
    keys: { PK: "T#{team}", SK: "V#{version}" }
    columns: { team: string(20), version: string(5), order: integer, next: string(20) }
  owner_member:
    keys: { PK: "U#{id}", SK: "M#{team}" }
    columns: { id: string(20), team: string(20) }
dimensions:
  owner: { of: found_owner, key: id, columns: [boss] }
facts:
  report:
    grain: One row for each owner.
    of: found_owner
    key: id
    with: { owner: { of: found_owner, on: { id: boss } } }
    dimensions: { owner: id }
    columns: { above: owner.boss }
  change:
    grain: One row for each version of a crew.
    of: latest_crew
    with: { crew: { of: latest_crew, on: { team: next }, latest: order } }
    columns: { after: crew.version }
  membership:
    grain: One row for each member of a team.
    of: owner_member
    with: { owner: { of: found_owner, on: { id: id } }, crew: { of: latest_crew, on: { team: team }, latest: order } }
    dimensions: { owner: owner.id }
    columns: { boss: owner.boss, version: crew.version }
`)
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWarehouse(t, m, open(t))
			w.rows("found_owner", "'ann', 'bob'", "'bob', 'ann'")
			w.rows("latest_crew", "'x', '1', 1, 'x'", "'x', '2', 2, null")
			w.rows("owner_member", "'ann', 'x'", "'eve', 'x'")
			w.phase(star.PhaseStage)
			w.phase(star.PhasePublish)
			for query, want := range map[string][]string{
				"select ownerkey, above from dwh.report order by 1":                              {"1|ann", "2|bob"},
				"select team, version, after from dwh.change order by 2":                         {"x|1|2", "x|2|null"},
				"select id, team, ownerkey, boss, version from dwh.membership order by ownerkey": {"eve|x|0|null|2", "ann|x|1|bob|2"},
			} {
				if diff := cmp.Diff(want, w.exec(query)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", query, diff)
				}
			}
		})
	}
}

// 60 item types, 40 dimensions and 15 facts pass both phases.
func TestWide(t *testing.T) {
	t.Parallel()

	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWarehouse(t, wide(t), open(t))
			for i := range 60 {
				w.rows(fmt.Sprintf("item%d", i), "'a', 'p', 1.50, 'one', cast('2024-01-01 00:00:00' as timestamp)",
					"'b', 'p', 2.50, 'two', cast('2024-01-02 00:00:00' as timestamp)")
			}
			w.phase(star.PhaseStage)
			w.phase(star.PhasePublish)
			want := []string{"1|1|1|1.50", "2|2|2|2.50"}
			if diff := cmp.Diff(want, w.exec("select daykey, d14key, nextd15key, amount from dwh.f14 order by 1")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
