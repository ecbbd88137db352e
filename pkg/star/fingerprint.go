package star

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Fingerprint returns a short text that is another one for each model, and for
// each release that generates something else for it. An increment can only be
// applied to what the same generator has made of the same model.
func Fingerprint(m model.Model) string {
	sum := sha256.New()
	sum.Write(m.Source)
	for _, script := range Scripts(m) {
		sum.Write([]byte("\n" + script.Name + "\n" + script.Text))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
