package lake

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
)

// refusal is why an item or a value is not loaded.
type refusal struct {
	reason lakedoc.Reason
	field  string        // attribute path, "Address.city"; empty when it is the whole item
	detail string        // says nothing of values; quotes at most a name
	value  ddbjson.Value // that is wrong, if there is one
	night  bool          // the model refuses a night for it
}

func refuse(reason lakedoc.Reason, field, format string, args ...any) *refusal {
	return &refusal{reason: reason, field: field, detail: fmt.Sprintf(format, args...)}
}

// with says which value is wrong, if one is.
func (r *refusal) with(v ddbjson.Value) *refusal {
	if r != nil {
		r.value = v
	}
	return r
}
