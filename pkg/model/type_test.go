package model_test

import (
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

func TestType_spellings(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		typ            model.Type
		redshift, glue string
	}{
		"text":           {model.String(200), "varchar(200)", "string"},
		"a number":       {model.Integer(), "integer", "int"},
		"a large number": {model.BigInt(), "bigint", "bigint"},
		"a decimal":      {model.Decimal(18, 2), "decimal(18,2)", "decimal(18,2)"},
		"whole decimals": {model.Decimal(38, 0), "decimal(38,0)", "decimal(38,0)"},
		"true or false":  {model.Boolean(), "boolean", "boolean"},
		"an instant":     {model.Timestamp(), "timestamp", "timestamp"},
		"a day":          {model.Date(), "date", "date"},
		"no type at all": {model.Type{}, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if got := tt.typ.Redshift(); got != tt.redshift {
				t.Errorf("Redshift() = %q, want %q", got, tt.redshift)
			}
			if got := tt.typ.Glue(); got != tt.glue {
				t.Errorf("Glue() = %q, want %q", got, tt.glue)
			}
		})
	}
}
