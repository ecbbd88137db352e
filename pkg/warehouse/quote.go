package warehouse

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quoteLiteral writes text as a string of SQL. Names are not its business:
// those come from the model, which spells them. A backslash is refused: Redshift reads
// it as an escape in an ordinary string, PostgreSQL and DuckDB do not, and no
// spelling means the same to all.
func quoteLiteral(text string) (string, error) {
	if strings.ContainsRune(text, '\\') {
		return "", fmt.Errorf("quote %q: a backslash means different things to different engines", text)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", fmt.Errorf("quote %q: it holds control characters or is not UTF-8", text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'", nil
}
