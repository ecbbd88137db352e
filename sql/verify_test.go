package sql_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/sql"
)

// tampering changes tables between the last load and the verification.
type tampering struct {
	statements []string
	want       string // what the exception says
}

func TestStagingVerify_findsWhatIsWrong(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.dropKeys()
		w.load(usual())
		testVerify(t, w, sql.PhaseStage, stagingTamperings(w.model))
	})
}

func TestDWHVerify_findsWhatIsWrong(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.dropKeys()
		w.run(usual())
		w.load(usual())
		w.phase(sql.PhaseStage)
		testVerify(t, w, sql.PhasePublish, dwhTamperings(w.model))
	})
}

// testVerify runs a phase with each tampering put in before its verification.
// The phase fails, so each begins with the same tables.
func testVerify(t *testing.T, w *warehouse, phase string, tamperings map[string]tampering) {
	t.Helper()
	statements, err := sql.Statements(phase)
	if err != nil {
		t.Fatal(err)
	}
	verify := slices.IndexFunc(statements, func(s string) bool { return strings.HasSuffix(s, ".verify()") })
	if verify < 0 {
		t.Fatalf("phase %s calls no verify", phase)
	}
	if _, err := w.batch(statements[:verify+1]...); err != nil {
		t.Fatalf("phase %s without tampering: %v", phase, err)
	}
	before := w.star()
	for _, name := range slices.Sorted(maps.Keys(tamperings)) {
		bad := tamperings[name]
		_, err := w.batch(slices.Concat(statements[:verify], bad.statements, statements[verify:verify+1])...)
		if err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s:\n got %v\nwant %s", name, err, bad.want)
		}
	}
	if diff := cmp.Diff(before, w.star()); diff != "" {
		t.Errorf("phases that failed left something (-before +after):\n%s", diff)
	}
}

// dropKeys takes the keys away that PostgreSQL enforces and Redshift does not,
// so that only the verification is left.
func (w *warehouse) dropKeys() {
	w.t.Helper()
	if _, ok := w.engine.(*postgres.Engine); !ok {
		return
	}
	for _, table := range w.model.Tables() {
		if len(table.Key) > 0 {
			w.exec(fmt.Sprintf("alter table %s drop constraint %s_pkey", table, table.Name))
		}
	}
}

// members is how many of each the usual night has, the unknown one not counted.
func members() map[string]int {
	return map[string]int{"date": 1, "customer": 2, "address": 2, "product": 3, "order": 2}
}

// copyOf spells an INSERT that copies the row with key 1, some columns changed.
func copyOf(m model.Model, schema, name string, changed map[string]string) string {
	table, _ := m.Table(schema, name)
	names := model.Names(table.Columns)
	values := slices.Clone(names)
	for i, column := range names {
		if v, ok := changed[column]; ok {
			values[i] = v
		}
	}
	return fmt.Sprintf("insert into %s (%s) select %s from %s where %s = 1",
		table, strings.Join(names, ", "), strings.Join(values, ", "), table, names[0])
}

func stagingTamperings(m model.Model) map[string]tampering {
	all := map[string]tampering{}
	other := map[string]string{
		"date": "cast('2000-01-01' as date)", "customer": "'other'", "address": "'other'", "product": "'other'", "order": "'other'",
	}
	for table, n := range members() {
		key, highest := table+"key", fmt.Sprintf("staging.%s_maxkey", table)
		keys, _ := m.Table(model.SchemaStaging, key)
		all[table+": a member with two keys"] = tampering{
			[]string{copyOf(m, "staging", key, map[string]string{key: fmt.Sprint(n + 1)})},
			fmt.Sprintf("staging.%s has %d rows for %d members", key, n+1, n),
		}
		all[table+": a key of two members"] = tampering{
			[]string{copyOf(m, "staging", key, map[string]string{keys.Columns[1].Name: other[table]})},
			fmt.Sprintf("staging.%s has %d rows with %d surrogate keys", key, n+1, n),
		}
		all[table+": another highest key"] = tampering{
			[]string{fmt.Sprintf("update %s set %smaxkey = 9", highest, table)},
			fmt.Sprintf("staging.%s has %d rows, but %s holds 9", key, n, highest),
		}
		all[table+": a gap in the keys"] = tampering{
			[]string{fmt.Sprintf("update staging.%s set %s = 9 where %s = 1", key, key, key)},
			fmt.Sprintf("staging.%s has %d rows, but its highest key is 9", key, n),
		}
		if table == "order" {
			continue
		}
		source := map[string]string{
			"date": "landing.order has 1 days", "customer": "landing.customer has 2 user names",
			"address": "landing.address has 2 user names with an address", "product": "landing.product has 3 product ids",
		}
		all[table+": a member lost"] = tampering{
			[]string{fmt.Sprintf("delete from staging.%s where %s = 1", table, key)},
			fmt.Sprintf("staging.%s has %d rows, %s", table, n-1, source[table]),
		}
		if n > 1 {
			all[table+": a member for another"] = tampering{
				[]string{
					fmt.Sprintf("delete from staging.%s where %s = %d", table, key, n),
					copyOf(m, "staging", table, nil),
				},
				fmt.Sprintf("staging.%s has %d rows with %d surrogate keys", table, n, n-1),
			}
		}
		all[table+": no unknown member"] = tampering{
			[]string{fmt.Sprintf("delete from staging.%s where %s = 0", table, key)},
			fmt.Sprintf("staging.%s has 0 rows for the unknown member, not 1", table),
		}
		all[table+": a fact without it"] = tampering{
			[]string{fmt.Sprintf(`update staging."order" set %s = %s + 90 where orderkey = 2`, key, key)},
			fmt.Sprintf("staging.order has 1 rows whose %s is not in staging.%s", key, table),
		}
	}
	for _, l := range m.Landing {
		load := "etl." + model.LoadTable(l.Name)
		all["landing of "+l.Name+" not loaded"] = tampering{
			[]string{"delete from " + load}, "landing has 3 tables that a run has loaded, not 4",
		}
		all["landing of "+l.Name+" loaded by another run"] = tampering{
			[]string{fmt.Sprintf("update %s set run_id = 'ghost'", load)}, "landing holds the tables of 2 runs, not of 1",
		}
		all["landing of "+l.Name+" changed after its load"] = tampering{
			[]string{fmt.Sprintf("update %s set rows = rows + 1", load)}, fmt.Sprintf("landing.%s has ", l.Name),
		}
	}
	all["another price in landing"] = tampering{
		[]string{"update landing.product set price = price - 0.01 where productid = 'p1'"},
		"staging.order sums up to 1475 cents, landing.product to 1474 cents",
	}
	maps.Copy(all, factTamperings(m, "staging", "landing.product has 3 order lines", "landing.product to"))
	return all
}

func factTamperings(m model.Model, schema, source, sum string) map[string]tampering {
	return map[string]tampering{
		"a fact lost": {
			[]string{fmt.Sprintf(`delete from %s."order" where orderkey = 2`, schema)},
			fmt.Sprintf("%s.order has 2 rows, %s", schema, source),
		},
		"a fact for another": {
			[]string{
				fmt.Sprintf(`delete from %s."order" where orderkey = 1 and productkey = 2`, schema),
				copyOf(m, schema, "order", nil),
			},
			schema + ".order has 3 rows with 2 pairs of order and product",
		},
		"another price": {
			[]string{fmt.Sprintf(`update %s."order" set price = price + 0.01 where orderkey = 2`, schema)},
			fmt.Sprintf("%s.order sums up to 1476 cents, %s 1475 cents", schema, sum),
		},
	}
}

func dwhTamperings(m model.Model) map[string]tampering {
	all := factTamperings(m, "dwh", "staging.order has 3", "staging.order to")
	all["nobody knows which run is in staging"] = tampering{
		[]string{"delete from etl.content where schema_name = 'staging'"},
		"etl.content says of 1 schemas which run they hold, not of 2",
	}
	all["staging of another run"] = tampering{
		[]string{"update etl.content set run_id = 'ghost' where schema_name = 'staging'"}, "staging and dwh hold 2 runs, not 1",
	}
	all["another number of items"] = tampering{
		[]string{`update dwh."order" set numberofitems = 7 where orderkey = 2`},
		"dwh.order sums up to 11 items, staging.order to 5",
	}
	for table, n := range members() {
		if table == "order" {
			continue
		}
		key := table + "key"
		all[table+": a member marked"] = tampering{
			[]string{fmt.Sprintf("update dwh.%s set deleted = true where %s = 1", table, key)},
			fmt.Sprintf("dwh.%s has %d rows that are not deleted, staging.%s has %d rows", table, n, table, n+1),
		}
		all[table+": a key of two members"] = tampering{
			[]string{copyOf(m, "dwh", table, map[string]string{model.Deleted: "true"})},
			fmt.Sprintf("dwh.%s has %d rows with %d surrogate keys", table, n+2, n+1),
		}
		all[table+": a member with two keys"] = tampering{
			[]string{copyOf(m, "dwh", table, map[string]string{model.Deleted: "true", key: "90"})},
			fmt.Sprintf("dwh.%s has %d rows for %d members", table, n+1, n),
		}
		all[table+": no unknown member"] = tampering{
			[]string{
				fmt.Sprintf("delete from dwh.%s where %s = 0", table, key),
				fmt.Sprintf("delete from staging.%s where %s = 0", table, key),
			},
			fmt.Sprintf("dwh.%s has 0 rows for the unknown member, not 1", table),
		}
		all[table+": a fact without it"] = tampering{
			[]string{fmt.Sprintf(`update dwh."order" set %s = %s + 90 where orderkey = 2`, key, key)},
			fmt.Sprintf("dwh.order has 1 rows whose %s is not in dwh.%s", key, table),
		}
	}
	return all
}
