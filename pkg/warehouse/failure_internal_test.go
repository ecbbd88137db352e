package warehouse

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

// TestWithoutValues: reasons as Redshift and PostgreSQL word them. What they
// quote of somebody's item stays out of causes, and what helps stays in.
func TestWithoutValues(t *testing.T) {
	t.Parallel()

	statements := []types.SubStatementData{{QueryString: aws.String("delete from landing.customer")}, {QueryString: aws.String("copy landing.customer (username)\nfrom …")}}
	tests := map[string]struct{ reason, want string }{
		"a number that is none":  {`ERROR: invalid input syntax for type numeric: "Ada Lovelace"`, `ERROR: invalid input syntax for type numeric: "…"`},
		"a key":                  {`ERROR: duplicate key value violates unique constraint "pk" Detail: Key (email)=(ada@example.com) already exists.`, `ERROR: duplicate key value violates unique constraint "pk" Detail: Key (email)=(…) already exists.`},
		"a value in apostrophes": {`ERROR: Char length exceeds DDL length, value 'Grüße, Ada' of column 'username'`, `ERROR: Char length exceeds DDL length, value '…' of column 'username'`},
		"a name of ours":         {`ERROR: relation "landing.customer" does not exist`, `ERROR: relation "landing.customer" does not exist`},
		"a file": {
			`ERROR: Spectrum Scan Error. File 'https://s3.eu-west-1.amazonaws.com/lake/items/type=customer/run=r/00001.parquet' has an incompatible Parquet schema`,
			`ERROR: Spectrum Scan Error. File 'https://s3.eu-west-1.amazonaws.com/lake/items/type=customer/run=r/00001.parquet' has an incompatible Parquet schema`,
		},
		"no quotes":            {`ERROR: dwh.order has 7 rows, not 8`, `ERROR: dwh.order has 7 rows, not 8`},
		"an apostrophe":        {`ERROR: the cluster's disk isn't large enough`, `ERROR: the cluster's disk isn't large enough`},
		"a quote that is open": {`ERROR: unterminated "Ada`, `ERROR: unterminated "Ada`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := withoutValues(tt.reason, statements); got != tt.want {
				t.Errorf("withoutValues() = %s\nwant              %s", got, tt.want)
			}
		})
	}
}
