package lake

import (
	"fmt"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// refusal is why an item or a value is not loaded.
type refusal struct {
	reason lakedoc.Reason
	field  string        // attribute path, "Address.city"; empty when it is the whole item
	detail string        // says nothing of values; quotes at most a name
	value  ddbjson.Value // that is wrong, if there is one
	night  bool          // the model refuses a night for it
	row    bool          // it costs the row within the item, and not the item
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

// costs says what the model lets it cost.
func (r *refusal) costs(policy model.Policy) *refusal {
	r.night, r.row = policy == model.WrongNight, policy == model.WrongRow
	return r
}
