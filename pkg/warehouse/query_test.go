package warehouse_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/local/localtest"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

func TestQuery(t *testing.T) {
	t.Parallel()

	for name, open := range localtest.Engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := localtest.DataAPI(t, open(t), awstest.NewS3(t, "lake"))
			ask := func(query string) ([]string, [][]any, error) {
				return warehouse.Query(t.Context(), api, serverless(), query, time.Millisecond)
			}
			columns, rows, err := ask("select cast(7 as bigint) as n, cast(-1.50 as decimal(18, 2)) as price, 'a' as word, cast(null as integer) as nothing, true as yes")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"n", "price", "word", "nothing", "yes"}, columns); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([][]any{{int64(7), "-1.50", "a", nil, true}}, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if _, rows, err := ask("select 1 as n where 1 = 2"); err != nil || len(rows) != 0 {
				t.Errorf("Query() of nothing = %v, %v", rows, err)
			}
			if _, _, err := ask("select n from nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
				t.Errorf("Query() of no table = %v, want its name", err)
			}
		})
	}
}
