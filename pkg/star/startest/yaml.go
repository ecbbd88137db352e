package startest

import "strings"

// mapping is a mapping of a YAML file, in the order in which it is written.
// Values are texts that stand there as they are, lists and mappings.
type mapping []pair

type pair struct {
	key   string
	value any
}

// add appends a pair.
func (m *mapping) add(key string, value any) { *m = append(*m, pair{key, value}) }

// yaml spells the mapping in lines of their own.
func (m mapping) yaml(indent string) string {
	var b strings.Builder
	for _, p := range m {
		b.WriteString(indent + scalar(p.key) + ":")
		switch value := p.value.(type) {
		case mapping:
			b.WriteString("\n" + value.yaml(indent+"  "))
		case []string:
			texts := make([]string, len(value))
			for i, text := range value {
				texts[i] = scalar(text)
			}
			b.WriteString(" [" + strings.Join(texts, ", ") + "]\n")
		case plain:
			b.WriteString(" " + string(value) + "\n")
		case string:
			b.WriteString(" " + scalar(value) + "\n")
		}
	}
	return b.String()
}

// plain is a number, true or false.
type plain string

// scalar spells a text: in quotes unless it is a word that means nothing else.
func scalar(text string) string {
	for _, c := range text {
		if (c < 'a' || c > 'z') && c != '_' {
			return "'" + strings.ReplaceAll(text, "'", "''") + "'"
		}
	}
	switch text {
	case "", "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return "'" + text + "'"
	}
	return text
}
