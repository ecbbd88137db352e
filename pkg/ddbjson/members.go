package ddbjson

import (
	"encoding/binary"
	"math/bits"
)

// What follows a name in the usual spelling, from its closing quote on, as a
// little-endian number.
const (
	tagString  = uint64(tagFrame | 'S'<<32 | '"'<<56) // ":{"S":"
	tagNumber  = uint64(tagFrame | 'N'<<32 | '"'<<56) // ":{"N":"
	tagMap     = uint64(tagFrame | 'M'<<32 | '{'<<56) // ":{"M":{
	tagFrame   = '"' | ':'<<8 | '{'<<16 | '"'<<24 | '"'<<40 | ':'<<48
	separation = uint32('}' | ','<<8 | '"'<<16) // },"
)

// members reads the attributes of a map from after its opening brace to
// after the closing one. It looks at the usual spelling of an attribute in
// steps of eight bytes with few branches, since each one that the processor
// mispredicts costs as much as ten bytes; everything else goes to
// [Decoder.member].
func (d *Decoder) members(i int, parent *node, depth int) int {
	data := d.line
	in := d.names.open()
	if i = space(data, i); d.is(i, '}') {
		return i + 1
	}
	for {
		k, follows := peekName(data, i)
		if follows != tagString && follows != tagNumber && follows != tagMap {
			if i = d.member(i, parent, in, depth); i < 0 || data[i-1] == '}' {
				return i
			}
			continue
		}
		start := i + 1
		end := start + k.length
		child, fresh := d.visit(parent, in, k, start, end)
		if !fresh {
			return d.twice(i, start, end)
		}
		switch follows {
		case tagMap:
			i = d.mapping(end+7, child, depth)
		case tagString:
			i = d.text(end+8, child, String)
		default:
			i = d.text(end+8, child, Number)
		}
		if i >= 0 && i+4 <= len(data) && binary.LittleEndian.Uint32(data[i:])&(1<<24-1) == separation {
			i += 2
			continue
		}
		if i = d.closeValue(i); i < 0 {
			d.err.under(data[start:end])
			return i
		}
		if i = d.next(i); i < 0 || data[i-1] == '}' {
			return i
		}
	}
}

// peekName reads the name of less than 16 plain bytes whose quote is at i, and
// the eight bytes from its closing quote on. If something else is there,
// follows isn't one of the tags.
func peekName(data []byte, i int) (k key, follows uint64) {
	const window = 1 + 15 + 8
	if i+window > len(data) || data[i] != '"' {
		return key{}, 0
	}
	w := (*[window]byte)(data[i:])
	first, second := binary.LittleEndian.Uint64(w[1:]), binary.LittleEndian.Uint64(w[9:])
	n := bits.TrailingZeros64(special(first)) >> 3 // 8 if nothing in it is special
	m := bits.TrailingZeros64(special(second)) >> 3 * (n >> 3)
	if n+m == shortName {
		return key{}, 0
	}
	k = key{first & (1<<(8*n) - 1), second & (1<<(8*m) - 1), n + m}
	return k, binary.LittleEndian.Uint64(w[1+k.length:])
}

// member reads one attribute in any spelling, and what separates it from the
// next one; it returns what [Decoder.next] does.
func (d *Decoder) member(i int, parent *node, in uint32, depth int) int {
	if !d.is(i, '"') {
		return d.expected(i, "an attribute name")
	}
	at := i
	start, end, i := d.name(i)
	if i < 0 {
		return i
	}
	child, fresh := d.visit(parent, in, d.selector.seed.key(d.names.name(start, end)), start, end)
	if !fresh {
		return d.twice(at, start, end)
	}
	if i = space(d.line, i); d.is(i, ':') {
		i = d.typed(space(d.line, i+1), child, depth)
	} else {
		i = d.expected(i, "':'")
	}
	if i < 0 {
		d.err.under(d.names.name(start, end))
		return i
	}
	return d.next(i)
}

func (d *Decoder) twice(i, start, end int) int {
	return d.fail(i, "attribute name "+quote(d.names.name(start, end))+" occurs twice")
}

// next reads what separates attributes from after a value on: it returns the
// index of the next name, or the one after the brace that closes the map.
func (d *Decoder) next(i int) int {
	if i = space(d.line, i); d.is(i, '}') {
		return i + 1
	}
	if !d.is(i, ',') {
		return d.expected(i, "',' or '}' after an attribute")
	}
	return space(d.line, i+1)
}
