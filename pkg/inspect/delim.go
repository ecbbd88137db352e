package inspect

import (
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// Delims are the characters that end the segments of keys.
type Delims string

// usualDelims end segments in every table. Others do where the keys show it, see
// [head.delims].
const usualDelims Delims = "#|:/~$"

// Has reports whether a character is a delimiter.
func (d Delims) Has(c byte) bool { return strings.IndexByte(string(d), c) >= 0 }

// Marks that may be delimiters. Those that also join words, such as access-token,
// are delimiters only where a word follows an id.
const (
	marks   = ".@,;=+*!&^%>\\?"
	joining = "-_"
)

// delims finds the delimiters of a table's keys.
func (h *head) delims(keys []Key) Delims {
	d := usualDelims
	for _, mark := range []byte(marks + joining) {
		if h.divides(mark, keys, d) {
			d += Delims(mark)
		}
	}
	return d
}

// How often words must occur beside a mark, and in how many numbers a mark may
// occur after one word.
const (
	perWord   = 2
	wordsMost = 24
	numbers   = 3
)

// divides reports whether a mark is a delimiter: the same few words stand in front
// of it again and again, and the mark is about as frequent after each of them.
func (h *head) divides(mark byte, keys []Key, d Delims) bool {
	joins := strings.IndexByte(joining, mark) >= 0
	words := map[string]map[int]bool{} // and how many fields begin with each
	follow := map[string]bool{}        // words that follow an id
	good, others := 0, 0
	for _, fields := range h.marked(mark, keys, d) {
		if joins {
			if later := wordBehindID(fields); later != "" {
				follow[later] = true
				good++
			}
			continue
		}
		first := string(fields[0][:word(fields[0])])
		if first == "" || len(fields[len(fields)-1]) == 0 {
			others++
			continue
		}
		good++
		if words[first] == nil {
			words[first] = map[int]bool{}
		}
		words[first][len(fields)] = true
	}
	if joins {
		return good > 0 && good >= perWord*len(follow) && len(follow) <= wordsMost/2
	}
	for _, fields := range words {
		if len(fields) > numbers {
			return false
		}
	}
	return good > 0 && good >= perWord*len(words) && good >= 9*others && len(words) <= wordsMost
}

// marked lists the different runs of text between delimiters that contain a mark,
// as what stands between the marks.
func (h *head) marked(mark byte, keys []Key, d Delims) [][][]byte {
	var all [][][]byte
	seen := map[string]bool{}
	with := d + Delims(mark)
	for _, item := range h.items {
		for _, v := range item {
			if v.kind != ddbjson.String || strings.IndexByte(v.text, mark) < 0 || !slices.ContainsFunc(keys, func(k Key) bool { return k.Name == v.name }) {
				continue
			}
			text := []byte(v.text)
			var fields [][]byte
			start := 0
			for _, p := range cut(text, nil, with) {
				if len(fields) == 0 {
					start = p.start
				}
				fields = append(fields, text[p.start:p.end])
				if p.delim-p.end == 1 && text[p.end] == mark {
					continue
				}
				if run := text[start:p.end]; len(fields) > 1 && !seen[string(run)] && !isEmail(run) {
					seen[string(run)] = true
					all = append(all, fields)
				}
				fields = nil
			}
		}
	}
	return all
}

// wordBehindID returns the word that follows an id, where a word is in front of it:
// the LINE of ORDER-17-LINE-3.
func wordBehindID(fields [][]byte) string {
	if len(fields) < 4 || len(fields[0]) < 2 || word(fields[0]) < len(fields[0]) {
		return ""
	}
	for i := 2; i < len(fields)-1; i++ {
		id, name := fields[i-1], fields[i]
		if len(name) >= 2 && word(name) == len(name) && len(id) > 0 && word(id) < len(id) && word(fields[i+1]) < len(fields[i+1]) {
			return string(name)
		}
	}
	return ""
}
