package startest

import (
	"strings"
	"unicode/utf8"
)

// matchTemplate takes a text apart by a template, "CUST#{username}", and
// returns what each capture takes. A capture has a character at least, and
// earlier ones take as little as they can.
func matchTemplate(template, text string) (map[string]string, bool) {
	if template == "" {
		return map[string]string{}, text == ""
	}
	doubled := strings.HasPrefix(template, "{{") || strings.HasPrefix(template, "}}")
	if template[0] != '{' || doubled {
		if text == "" || template[0] != text[0] {
			return nil, false
		}
		template = strings.TrimPrefix(template[1:], map[bool]string{true: template[:1]}[doubled])
		return matchTemplate(template, text[1:])
	}
	name, after, _ := strings.Cut(template[1:], "}")
	for end := 0; end < len(text); {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
		if captures, ok := matchTemplate(after, text[end:]); ok {
			captures[name] = text[:end]
			return captures, true
		}
	}
	return nil, false
}
