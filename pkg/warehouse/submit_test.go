package warehouse_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/nightstar-elt/nightstar/pkg/evolve"
	"github.com/nightstar-elt/nightstar/pkg/fault"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
	"github.com/nightstar-elt/nightstar/pkg/star"
	"github.com/nightstar-elt/nightstar/pkg/warehouse"
)

func serverless() warehouse.Target {
	return warehouse.Target{Database: "dev", Workgroup: "nightstar"}
}

func load(table string) warehouse.LoadInput {
	return warehouse.LoadInput{
		RunID: runID, Table: table, Manifest: "s3://lake/runs/" + runID + "/copy/" + table + ".manifest",
		Files: 4, Rows: 1234, Attempt: 1, Entered: entered,
	}
}

func TestLoader_Load(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		in   warehouse.LoadInput
		want []string
	}{
		"empties, copies and counts": {
			in: load("order"),
			want: []string{
				`delete from mirror.order_next`,
				`copy mirror.order_next (pk, username, orderid, numberofitems, amount, orderdate)
from 's3://lake/runs/run-20261121-020000.000/copy/order.manifest'
iam_role default
format as parquet
manifest
statupdate off`,
				`delete from etl.landing_order`,
				"insert into etl.landing_order (run_id, rows)\nselect cast('run-20261121-020000.000' as varchar(320)), count(*) from mirror.order_next",
				`select 'landing.order' as name, count(*) as rows from mirror.order_next`,
			},
		},
		"copies nothing where there are no files": {
			in: warehouse.LoadInput{RunID: runID, Table: "customer", Attempt: 1, Entered: entered},
			want: []string{
				`delete from mirror.customer_next`,
				`delete from etl.landing_customer`,
				"insert into etl.landing_customer (run_id, rows)\nselect cast('run-20261121-020000.000' as varchar(320)), count(*) from mirror.customer_next",
				`select 'landing.customer' as name, count(*) as rows from mirror.customer_next`,
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &dataAPI{}
			got, err := warehouse.NewLoader(api, serverless(), store(t)).Load(t.Context(), tt.in)
			if err != nil {
				t.Fatal(err)
			}
			want := warehouse.Submitted{
				StatementID: batchID(0), Part: 1, Attempt: 1, Read: []string{}, Expect: sums(map[string]int64{"landing." + tt.in.Table: tt.in.Rows}), Wait: 2,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Load() (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, api.batches[0].in.Sqls); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLoader_Load_columns: the list of every COPY is that of the model, in its
// order; two columns swapped in either place differ.
func TestLoader_Load_columns(t *testing.T) {
	t.Parallel()

	m := store(t)
	for _, rows := range m.Relations() {
		api := &dataAPI{}
		if _, err := warehouse.NewLoader(api, serverless(), m).Load(t.Context(), load(rows.Table)); err != nil {
			t.Fatal(err)
		}
		want := "(" + strings.Join(model.Names(rows.Columns), ", ") + ")\n"
		if !strings.Contains(api.batches[0].in.Sqls[1], want) {
			t.Errorf("COPY of %s is %s, want the columns %s", rows.Name, api.batches[0].in.Sqls[1], want)
		}
	}
}

func TestLoader_Load_refusals(t *testing.T) {
	t.Parallel()

	change := func(do func(*warehouse.LoadInput)) warehouse.LoadInput {
		in := load("customer")
		do(&in)
		return in
	}
	manifest := func(url string) warehouse.LoadInput {
		return change(func(in *warehouse.LoadInput) { in.Manifest = url })
	}
	tests := map[string]struct {
		in      warehouse.LoadInput
		message string
	}{
		"a table that the model does not have": {load("invoice"), "does not declare"},
		"a table with its schema":              {load("landing.customer"), "does not declare"},
		"a table of another schema":            {load("customerkey"), "does not declare"},
		"SQL for a table":                      {load(`customer; drop table dwh."order"`), "does not declare"},
		"a run with a backslash":               {change(func(in *warehouse.LoadInput) { in.RunID = `run\'; --` }), "backslash"},
		"no run":                               {change(func(in *warehouse.LoadInput) { in.RunID = "" }), "no id"},
		"no entry of its state":                {change(func(in *warehouse.LoadInput) { in.Entered = "" }), "is missing"},
		"attempt 0":                            {change(func(in *warehouse.LoadInput) { in.Attempt = 0 }), "attempt 0"},
		"less than no files":                   {change(func(in *warehouse.LoadInput) { in.Files = -1 }), "-1 files"},
		"less than no rows":                    {change(func(in *warehouse.LoadInput) { in.Rows = -1 }), "-1 rows"},
		"rows without files":                   {change(func(in *warehouse.LoadInput) { in.Files = 0 }), "0 files"},
		"no manifest":                          {manifest(""), "s3://"},
		"a manifest without its bucket":        {manifest("runs/x.manifest"), "s3://"},
		"a bucket for a manifest":              {manifest("s3://lake/"), "s3://"},
		"a backslash in the manifest":          {manifest(`s3://lake/\' x`), "backslash"},
		"a line break in the manifest":         {manifest("s3://lake/\nx"), "control"},
	}
	for name, tt := range tests {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			api := &dataAPI{}
			got, err := warehouse.NewLoader(api, serverless(), store(t)).Load(t.Context(), tt.in)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.message) || len(api.batches) > 0 {
				t.Errorf("Load() = %v, %v, want kind Invalid and %q, and nothing submitted", got, err, tt.message)
			}
		})
	}
}

func TestLoader_Load_quotesTheManifest(t *testing.T) {
	t.Parallel()

	api := &dataAPI{}
	in := load("customer")
	in.Manifest = "s3://lake/runs/it's/copy/customer.manifest"
	if _, err := warehouse.NewLoader(api, serverless(), store(t)).Load(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if want := "'s3://lake/runs/it''s/copy/customer.manifest'\n"; !strings.Contains(api.batches[0].in.Sqls[1], want) {
		t.Errorf("COPY is %s, want %s in it", api.batches[0].in.Sqls[1], want)
	}
}

// TestLoader_Load_namesTheRole: a warehouse that others use, too, has a default
// role of theirs.
func TestLoader_Load_namesTheRole(t *testing.T) {
	t.Parallel()

	api, target := &dataAPI{}, serverless()
	target.CopyRoleARN = "arn:aws:iam::111122223333:role/o'copy"
	if _, err := warehouse.NewLoader(api, target, store(t)).Load(t.Context(), load("customer")); err != nil {
		t.Fatal(err)
	}
	if want := "\niam_role 'arn:aws:iam::111122223333:role/o''copy'\n"; !strings.Contains(api.batches[0].in.Sqls[1], want) {
		t.Errorf("COPY is %s, want %s in it", api.batches[0].in.Sqls[1], want)
	}
}

// TestSubmit_tokens: a repeat is the same statement, everything else another.
func TestSubmit_tokens(t *testing.T) {
	t.Parallel()

	api := &dataAPI{}
	loader := warehouse.NewLoader(api, serverless(), store(t))
	transformer := warehouse.NewTransformer(api, serverless(), store(t))
	ids := map[string]bool{}
	submit := func(in warehouse.LoadInput) {
		t.Helper()
		first, err := loader.Load(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := loader.Load(t.Context(), in); err != nil || again.StatementID != first.StatementID {
			t.Errorf("Load() again = %v, %v, want statement %s", again, err, first.StatementID)
		}
		ids[first.StatementID] = true
	}
	in := load("customer")
	submit(in)
	in.Attempt = 2
	submit(in)
	in.Entered = "2026-11-21T02:14:07.123Z" // the state was entered again
	submit(in)
	in.RunID = "another"
	submit(in)
	submit(load("order"))
	for _, in := range []warehouse.TransformInput{
		{RunID: runID, Phase: "full", Part: 1, Attempt: 1, Entered: entered, Tables: loaded()}, {RunID: runID, Phase: "full", Part: 1, Attempt: 2, Entered: entered, Tables: loaded()},
		{RunID: runID, Phase: "full", Part: 1, Attempt: 1, Entered: "2026-11-21T02:18:40.001Z", Tables: loaded()},
		{RunID: runID, Phase: "procedures", Part: 1, Attempt: 1, Entered: entered}, {RunID: "another", Phase: "full", Part: 1, Attempt: 1, Entered: entered, Tables: loaded()},
	} {
		first, err := transformer.Transform(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := transformer.Transform(t.Context(), in); err != nil || again.StatementID != first.StatementID {
			t.Errorf("Transform() again = %v, %v, want statement %s", again, err, first.StatementID)
		}
		ids[first.StatementID] = true
	}
	if len(ids) != 10 || len(api.batches) != 10 {
		t.Errorf("10 pieces of work gave %d ids and %d batches", len(ids), len(api.batches))
	}
	for _, b := range api.batches {
		if n := len(aws.ToString(b.in.ClientToken)); n != 64 {
			t.Errorf("a token has %d characters, want 64, the most that the Data API takes", n)
		}
	}
}

// loaded is what the phase full is to find.
func loaded() []lakedoc.TableLoad {
	return []lakedoc.TableLoad{
		{Table: "customer", Rows: 3, Sums: sums(nil)}, {Table: "order", Rows: 0, Sums: sums(map[string]int64{"numberofitems": -2})},
	}
}

// A phase that is told nothing would prove nothing.
func TestTransformer_Transform_ofUnknownLoads(t *testing.T) {
	t.Parallel()

	for message, tables := range map[string][]lakedoc.TableLoad{
		"the list of loaded tables is missing": nil,
		`the sums of "order" are missing`:      {loaded()[0], {Table: "order", Rows: 0}},
	} {
		api := &dataAPI{}
		in := warehouse.TransformInput{RunID: runID, Phase: "full", Part: 1, Attempt: 1, Entered: entered, Tables: tables}
		_, err := warehouse.NewTransformer(api, serverless(), store(t)).Transform(t.Context(), in)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), message) || len(api.batches) > 0 {
			t.Errorf("Transform() = %v, want kind Invalid and %q, and nothing submitted", err, message)
		}
	}
}

func TestTransformer_Transform(t *testing.T) {
	t.Parallel()

	api := &dataAPI{}
	in := warehouse.TransformInput{
		RunID: runID, Phase: "full", Part: 1, Attempt: 2, Entered: entered,
		Tables: loaded(),
	}
	got, err := warehouse.NewTransformer(api, serverless(), store(t)).Transform(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := warehouse.Submitted{
		StatementID: batchID(0), Part: 1, Attempt: 2, Read: []string{}, Wait: 2, Expect: sums(map[string]int64{
			"dwh of run " + runID: 1, "landing.customer": 3, "landing.order": 0, "landing.order sum of numberofitems": -2,
		}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Transform() (-want +got):\n%s", diff)
	}
	batches, err := star.Batches(store(t), "full")
	if err != nil {
		t.Fatal(err)
	}
	announced := append(evolve.Calls(store(t), "full"), star.Announce(store(t), runID, star.Window{Mode: star.Full}, map[string]string{
		"landing.customer": "3", "landing.order": "0", "landing.order sum of numberofitems": "-2",
	})...)
	if diff := cmp.Diff(append(announced, batches[0]...), api.batches[0].in.Sqls); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	for _, refused := range []warehouse.TransformInput{
		{Phase: "unknown", Part: 1}, {Phase: "", Part: 1}, {Phase: "full", Part: 0}, {Phase: "full", Part: 2}, {Phase: "procedures", Part: 9},
		{Phase: "schema", Part: 1, Input: []byte(`{"rebuild":"yes"}`)},
	} {
		refused.RunID, refused.Attempt, refused.Entered, refused.Tables = runID, 1, entered, loaded()
		if got, err := warehouse.NewTransformer(api, serverless(), store(t)).Transform(t.Context(), refused); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Transform(%q, part %d) = %v, %v, want kind Invalid", refused.Phase, refused.Part, got, err)
		}
	}
	for _, input := range []string{"", "null", "[7]", `{"rebuild":true}`, `{"rebuild":null}`, "not JSON"} {
		in := warehouse.TransformInput{RunID: runID, Phase: "schema", Part: 1, Attempt: 1, Entered: entered, Input: []byte(input)}
		got, err := warehouse.NewTransformer(api, serverless(), store(t)).Transform(t.Context(), in)
		if err != nil || got.Next != 2 || !cmp.Equal(got.Read, []string{got.StatementID}) {
			t.Errorf("Transform(schema) of input %s = %+v, %v, want a query that the next part reads", input, got, err)
		}
	}
}

// TestTransformer_Transform_increment says which window of changes was loaded, and
// counts changes.
func TestTransformer_Transform_increment(t *testing.T) {
	t.Parallel()

	api := &dataAPI{}
	in := warehouse.TransformInput{
		RunID: runID, Phase: "increment", Part: 1, Attempt: 1, Entered: entered, Tables: loaded(),
		Window: warehouse.Window{From: "2026-11-20T01:00:00.001Z", To: "2026-11-21T02:00:00+01:00", TableID: "t1"},
	}
	got, err := warehouse.NewTransformer(api, serverless(), store(t)).Transform(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := sums(map[string]int64{
		"dwh of run " + runID: 1, "changes.customer": 3, "changes.order": 0, "changes.order sum of numberofitems": -2,
	})
	if diff := cmp.Diff(want, got.Expect); diff != "" {
		t.Errorf("Transform() expects (-want +got):\n%s", diff)
	}
	window := star.Window{
		Mode: star.Increment, TableID: "t1",
		From: time.Date(2026, 11, 20, 1, 0, 0, 1e6, time.UTC), To: time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC),
	}
	announced := star.Announce(store(t), runID, window, map[string]string{
		"changes.customer": "3", "changes.order": "0", "changes.order sum of numberofitems": "-2",
	})
	if n := len(evolve.Calls(store(t), "increment")); !slices.Equal(announced, api.batches[0].in.Sqls[n:n+len(announced)]) {
		t.Errorf("the batch begins with %q, want %q", api.batches[0].in.Sqls, announced)
	}
	in.Window.To = "yesterday"
	if got, err := warehouse.NewTransformer(api, serverless(), store(t)).Transform(t.Context(), in); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Transform() of a time that is none = %+v, %v, want kind Invalid", got, err)
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		target warehouse.Target
		want   *redshiftdata.BatchExecuteStatementInput // nil: refused
	}{
		"a workgroup with IAM credentials": {
			serverless(),
			&redshiftdata.BatchExecuteStatementInput{Database: aws.String("dev"), WorkgroupName: aws.String("nightstar")},
		},
		"a cluster with a secret": {
			warehouse.Target{Database: "dev", Cluster: "c1", SecretARN: "arn:s"},
			&redshiftdata.BatchExecuteStatementInput{
				Database: aws.String("dev"), ClusterIdentifier: aws.String("c1"), SecretArn: aws.String("arn:s"),
			},
		},
		"neither":            {target: warehouse.Target{Database: "dev"}},
		"both":               {target: warehouse.Target{Database: "dev", Workgroup: "w", Cluster: "c"}},
		"without a database": {target: warehouse.Target{Workgroup: "w"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &dataAPI{}
			in := warehouse.TransformInput{RunID: runID, Phase: "full", Part: 1, Attempt: 1, Entered: entered, Tables: loaded()}
			got, err := warehouse.NewTransformer(api, tt.target, store(t)).Transform(t.Context(), in)
			if tt.want == nil {
				if fault.KindOf(err) != fault.Invalid || len(api.batches) > 0 {
					t.Errorf("Transform() = %v, %v, want kind Invalid and nothing submitted", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			ignored := cmpopts.IgnoreFields(redshiftdata.BatchExecuteStatementInput{}, "Sqls", "ClientToken", "StatementName")
			unexported := cmpopts.IgnoreUnexported(redshiftdata.BatchExecuteStatementInput{})
			if diff := cmp.Diff(tt.want, api.batches[0].in, ignored, unexported); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDataAPIErrors(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		err  error
		want fault.Kind
	}{
		"throttling":              {&smithy.GenericAPIError{Code: "ThrottlingException"}, fault.Transient},
		"too many statements":     {&types.ActiveStatementsExceededException{}, fault.Transient},
		"a warehouse that wakes":  {&types.DatabaseConnectionException{}, fault.Transient},
		"a fault of the service":  {&types.InternalServerException{}, fault.Transient},
		"a bad request":           {&types.ValidationException{}, fault.Invalid},
		"a missing workgroup":     {&types.ResourceNotFoundException{}, fault.Invalid},
		"a missing right":         {&smithy.GenericAPIError{Code: "AccessDeniedException"}, fault.Invalid},
		"a batch that is refused": {&types.BatchExecuteStatementException{}, fault.Rejected},
		"an error nobody knows":   {errors.New("boom"), fault.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := &dataAPI{err: tt.err}
			_, loadErr := warehouse.NewLoader(api, serverless(), store(t)).Load(t.Context(), load("customer"))
			_, pollErr := warehouse.NewPoller(api).Poll(t.Context(), warehouse.Submitted{StatementID: batchID(0)})
			for _, err := range []error{loadErr, pollErr} {
				if err == nil || fault.KindOf(err) != tt.want || !errors.Is(err, tt.err) {
					t.Errorf("got %v of kind %s, want kind %s", err, fault.KindOf(err), tt.want)
				}
			}
		})
	}
}
