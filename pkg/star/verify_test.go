package star_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
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
		testVerify(t, w, star.PhaseStage, stagingTamperings(w.model))
	})
}

func TestDWHVerify_findsWhatIsWrong(t *testing.T) {
	t.Parallel()

	onEveryEngine(t, func(t *testing.T, w *warehouse) {
		w.dropKeys()
		w.run(usual())
		w.load(usual())
		w.phase(star.PhaseStage)
		testVerify(t, w, star.PhasePublish, dwhTamperings(w.model))
	})
}

// testVerify runs a phase with each tampering put in before its verification.
// The phase fails, so each begins with the same tables.
func testVerify(t *testing.T, w *warehouse, phase string, tamperings map[string]tampering) {
	t.Helper()
	statements := w.statements(phase)
	verify := slices.IndexFunc(statements, func(s string) bool { return strings.HasSuffix(s, ".verify()") })
	if verify < 0 {
		t.Fatalf("phase %s calls no verify", phase)
	}
	if _, err := w.batch(statements[:verify+1]...); err != nil {
		t.Fatalf("phase %s without tampering: %v", phase, err)
	}
	if phase == star.PhaseStage {
		w.load(usual()) // the mirror has what was loaded before
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
	for _, table := range star.Tables(w.model) {
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
	table, _ := star.Find(m, schema, name)
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
		keys, _ := star.Find(m, model.Staging, key)
		all[table+": a member with two keys"] = tampering{
			[]string{
				copyOf(m, "staging", key, map[string]string{key: fmt.Sprint(n + 1)}),
				fmt.Sprintf("update %s set %smaxkey = %d", highest, table, n+1),
			},
			fmt.Sprintf("staging.%s members: counted %d, expected %d", key, n, n+1),
		}
		all[table+": a key of two members"] = tampering{
			[]string{copyOf(m, "staging", key, map[string]string{keys.Columns[1].Name: other[table]})},
			fmt.Sprintf("staging.%s highest key: counted %d, expected %d", key, n, n+1),
		}
		all[table+": a key of two members, and none of another"] = tampering{
			[]string{
				copyOf(m, "staging", key, map[string]string{keys.Columns[1].Name: strings.Replace(strings.Replace(other[table], "other", "more", 1), "2000", "2001", 1), key: fmt.Sprint(n + 2)}),
				copyOf(m, "staging", key, map[string]string{keys.Columns[1].Name: other[table]}),
				fmt.Sprintf("update %s set %smaxkey = %d", highest, table, n+2),
			},
			fmt.Sprintf("staging.%s keys: counted %d, expected %d", key, n+1, n+2),
		}
		all[table+": another highest key"] = tampering{
			[]string{fmt.Sprintf("update %s set %smaxkey = 9", highest, table)},
			fmt.Sprintf("staging.%s highest key, noted in %s_maxkey: counted 9, expected %d", key, table, n),
		}
		all[table+": a gap in the keys"] = tampering{
			[]string{fmt.Sprintf("update staging.%s set %s = 9 where %s = 1", key, key, key)},
			fmt.Sprintf("staging.%s highest key: counted 9, expected %d", key, n),
		}
		if table == "order" {
			continue
		}
		all[table+": no unknown member"] = tampering{
			[]string{fmt.Sprintf("delete from staging.%s where %s = 0", table, key)},
			fmt.Sprintf("staging.%s: counted %d, expected %d", table, n, n+1),
		}
		all[table+": no unknown member, but one more"] = tampering{
			[]string{
				fmt.Sprintf("delete from staging.%s where %s = 0", table, key),
				copyOf(m, "staging", table, map[string]string{key: "90"}),
			},
			fmt.Sprintf("staging.%s unknown members: counted 0, expected 1", table),
		}
		all[table+": a member lost"] = tampering{
			[]string{fmt.Sprintf("delete from staging.%s where %s = 1", table, key)},
			fmt.Sprintf("staging.%s: counted %d, expected %d", table, n, n+1),
		}
		if n > 1 {
			different := map[string]string{
				"customer": "landing.customer unique by username for customer: counted %d, expected %d",
				"address":  "landing.customer unique by username, postcode for address: counted %d, expected %d",
				"product":  "staging.product keys: counted %d, expected %d",
			}
			unknown := map[string]int{"product": 1}[table]
			all[table+": a member for another"] = tampering{
				[]string{
					fmt.Sprintf("delete from staging.%s where %s = %d", table, key, n),
					copyOf(m, "staging", table, nil),
				},
				fmt.Sprintf(different[table], n-1+unknown, n+unknown),
			}
		}
	}
	for _, r := range m.Relations() {
		load := "etl." + star.LoadTable(r.Table)
		all["landing of "+r.Table+" not loaded"] = tampering{
			[]string{"delete from " + load}, "landing tables loaded: counted 2, expected 3",
		}
		all["landing of "+r.Table+" loaded by another run"] = tampering{
			[]string{fmt.Sprintf("update %s set run_id = 'ghost'", load)}, "landing tables: runs that loaded them: counted 2, expected 1",
		}
		all["landing of "+r.Table+" changed after its load"] = tampering{
			[]string{fmt.Sprintf("update %s set rows = rows + 1", load)}, fmt.Sprintf("landing.%s: counted ", r.Table),
		}
	}
	all["another price in landing"] = tampering{
		[]string{"update mirror.product set price = price - 0.01 where productid = 'p1'"},
		"staging.order sum of price: counted 1475, expected 1474",
	}
	all["a proof that was not made"] = tampering{
		[]string{"delete from etl.content where schema_name = 'staging'"}, "0 proofs of the night were made, not ",
	}
	all["a fact lost"] = tampering{
		[]string{`delete from staging."order" where orderkey = 2`}, "staging.order: counted 2, expected 3",
	}
	all["a fact for another"] = tampering{
		[]string{
			`delete from staging."order" where orderkey = 1 and productkey = 2`,
			copyOf(m, "staging", "order", nil),
		},
		"staging.order sum of price: counted 725, expected 1475",
	}
	all["a fact for another of the same price"] = tampering{
		[]string{
			`delete from staging."order" where orderkey = 1 and productkey = 2`,
			copyOf(m, "staging", "order", map[string]string{"price": "9.00"}),
		},
		"staging.order unique by orderkey, productkey: counted 2, expected 3",
	}
	all["another price"] = tampering{
		[]string{`update staging."order" set price = price + 0.01 where orderkey = 2`},
		"staging.order sum of price: counted 1476, expected 1475",
	}
	return all
}

func dwhTamperings(m model.Model) map[string]tampering {
	all := map[string]tampering{
		"a fact lost": {[]string{`delete from dwh."order" where orderkey = 2`}, "dwh.order: counted 2, expected 3"},
		"a fact for another": {
			[]string{`delete from dwh."order" where orderkey = 1 and productkey = 2`, copyOf(m, "dwh", "order", nil)},
			"dwh.order sum of price: counted 725, expected 1475",
		},
		"a fact for another of the same price": {
			[]string{
				`delete from dwh."order" where orderkey = 1 and productkey = 2`,
				copyOf(m, "dwh", "order", map[string]string{"price": "9.00"}),
			},
			"dwh.order sum of productkey: counted 5, expected 6",
		},
		"another price": {
			[]string{`update dwh."order" set price = price + 0.01 where orderkey = 2`},
			"dwh.order sum of price: counted 1476, expected 1475",
		},
		"another number of items": {
			[]string{`update dwh."order" set numberofitems = 7 where orderkey = 2`},
			"dwh.order sum of numberofitems: counted 11, expected 5",
		},
		"nobody knows which run is in staging": {
			[]string{"delete from etl.content where schema_name = 'staging'"}, "dwh and staging know their run: counted 1, expected 2",
		},
		"staging of another run": {
			[]string{"update etl.content set run_id = 'ghost' where schema_name = 'staging'"},
			"dwh and staging show one run: counted 2, expected 1",
		},
		"a proof that was not made": {
			[]string{"delete from etl.content where schema_name = 'dwh'"}, "0 proofs of the night were made, not ",
		},
	}
	for table, n := range members() {
		if table == "order" {
			continue
		}
		key := table + "key"
		all[table+": a member marked"] = tampering{
			[]string{
				fmt.Sprintf("update dwh.\"%s\" set deleted = true where %s = 1", table, key),
				fmt.Sprintf(`update dwh."order" set %s = 0 where %s = 1`, key, key),
				fmt.Sprintf(`update staging."order" set %s = 0 where %s = 1`, key, key),
			},
			fmt.Sprintf("dwh.%s not deleted: counted %d, expected %d", table, n, n+1),
		}
		all[table+": a key of two members"] = tampering{
			[]string{copyOf(m, "dwh", table, map[string]string{model.Deleted: "true"})},
			fmt.Sprintf("dwh.%s keys: counted %d, expected %d", table, n+1, n+2),
		}
		all[table+": a member with two keys"] = tampering{
			[]string{copyOf(m, "dwh", table, map[string]string{model.Deleted: "true", key: "90"})},
			fmt.Sprintf("dwh.%s members: counted %d, expected %d", table, n+1, n+2),
		}
		all[table+": no unknown member"] = tampering{
			[]string{
				fmt.Sprintf("delete from dwh.%s where %s = 0", table, key),
				fmt.Sprintf("delete from staging.%s where %s = 0", table, key),
			},
			fmt.Sprintf("dwh.%s unknown members: counted 0, expected 1", table),
		}
		all[table+": a fact without it"] = tampering{
			[]string{fmt.Sprintf(`update dwh."order" set %s = %s + 90 where orderkey = 2`, key, key)},
			fmt.Sprintf("dwh.order sum of %s: counted ", key),
		}
		all[table+": a fact without it since staging"] = tampering{
			[]string{
				fmt.Sprintf(`update dwh."order" set %s = %s + 90 where orderkey = 2`, key, key),
				fmt.Sprintf(`update staging."order" set %s = %s + 90 where orderkey = 2`, key, key),
			},
			fmt.Sprintf("dwh.order without %s: counted 1, expected 0", table),
		}
	}
	return all
}
