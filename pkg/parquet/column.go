package parquet

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"

	format "github.com/xitongsys/parquet-go/parquet"
)

const (
	// lengthPrefix is what stands in front of a string in plain encoding.
	lengthPrefix = 4

	// maxPageRows bounds a page whose bytes stay few: nulls, bits, indexes.
	maxPageRows = 1 << 16

	// trial is how many values a dictionary is given before its worth is judged.
	trial = 1024
)

// column buffers one column: the page in progress, the finished pages of the
// chunk, and what the footer has to say about it.
type column struct {
	Column
	size  int      // Column.width
	limit unsigned // 10^precision of a decimal
	rows  int64    // of the file, the row in progress included if it has its value

	// The page in progress. In a dictionary's time values stay empty.
	count    int      // values and nulls
	nulls    int      //
	presence []byte   // a bit for each of count; valid if there are nulls
	values   []byte   // plain encoding; for booleans a bit for each value
	indexes  []uint16 // into the dictionary
	spelled  int      // bytes that the values of indexes have in plain encoding

	// How to take back the last value.
	lastNull  bool
	lastSize  int  // bytes that it has in plain encoding
	lastAdded bool // to the dictionary

	// The chunk in progress, without the page in progress.
	dictionary *dictionary // nil if the column can't have one
	plain      bool        // the dictionary is closed for this chunk
	unsuitable bool        // and for all that follow
	pages      spool       // headers and compressed content
	dataPages  [2]int32    // how many of them are plain, and how many have indexes
	raw        int64       // bytes of pages if they were not compressed
	total      int64       // values and nulls
	totalNulls int64
	bounds     bounds
}

func newColumn(declared Column) *column {
	c := &column{Column: declared, size: declared.width(), bounds: bounds{kind: declared.Kind}}
	if c.Kind == Boolean {
		c.plain, c.unsuitable = true, true
		return c
	}
	if c.Kind == Decimal {
		c.limit = powerOfTen(c.Precision)
	}
	c.dictionary = newDictionary(c.size)
	return c
}

// add appends a value in plain encoding, without a length.
func (c *column) add(value []byte) {
	c.addPresence(true)
	c.lastSize = len(value)
	if c.size == 0 {
		c.lastSize += lengthPrefix
	}
	if !c.plain {
		index, added := c.dictionary.put(value)
		c.indexes = append(c.indexes, uint16(index))
		c.spelled += c.lastSize
		c.lastAdded = added
		return
	}
	if c.size == 0 {
		c.values = binary.LittleEndian.AppendUint32(c.values, uint32(len(value)))
	}
	c.values = append(c.values, value...)
}

// addString appends a string, and reports whether it is valid UTF-8. Strings that
// are in the dictionary have been looked at before.
func (c *column) addString(value []byte) bool {
	if c.plain {
		if !utf8.Valid(value) {
			return false
		}
		c.add(value)
		return true
	}
	c.add(value)
	if c.lastAdded && !utf8.Valid(value) {
		c.undo()
		return false
	}
	return true
}

// addBit appends a boolean.
func (c *column) addBit(value bool) {
	c.values = appendBit(c.values, c.count-c.nulls, value)
	c.addPresence(true)
	c.lastSize = 0
}

// addNull appends a null.
func (c *column) addNull() {
	if c.nulls == 0 { // until now there was no need to tell nulls from values
		c.presence = c.presence[:0]
		for range c.count / 8 {
			c.presence = append(c.presence, 0xff)
		}
		if c.count%8 > 0 {
			c.presence = append(c.presence, 1<<(c.count%8)-1)
		}
	}
	c.nulls++
	c.addPresence(false)
}

func (c *column) addPresence(present bool) {
	if c.nulls > 0 {
		c.presence = appendBit(c.presence, c.count, present)
	}
	c.count++
	c.lastNull, c.lastAdded = !present, false
}

// appendBit appends a bit after the n that there are.
func appendBit(packed []byte, n int, value bool) []byte {
	bit := byte(0)
	if value {
		bit = 1 << (n % 8)
	}
	if n%8 == 0 {
		return append(packed, bit)
	}
	packed[n/8] |= bit
	return packed
}

// trimBits cuts to n bits.
func trimBits(packed []byte, n int) []byte {
	packed = packed[:(n+7)/8]
	if n%8 > 0 {
		packed[n/8] &= 1<<(n%8) - 1
	}
	return packed
}

// undo takes back the value or null that was added last.
func (c *column) undo() {
	c.count--
	if c.nulls > 0 {
		c.presence = trimBits(c.presence, c.count)
	}
	if c.lastNull {
		c.nulls--
		return
	}
	switch {
	case c.Kind == Boolean:
		c.values = trimBits(c.values, c.count-c.nulls)
	case c.plain:
		c.values = c.values[:len(c.values)-c.lastSize]
	default:
		c.indexes = c.indexes[:len(c.indexes)-1]
		c.spelled -= c.lastSize
		if c.lastAdded {
			c.dictionary.remove()
		}
	}
}

// due reports whether something is to be done at the end of the row: the page
// is full, or the dictionary doesn't pay.
func (c *column) due(pageBytes int) bool {
	return c.count >= maxPageRows || len(c.values) >= pageBytes || !c.plain && c.lastAdded && c.wasteful()
}

// wasteful reports whether the dictionary is full, or more than every third
// value is new. A dictionary of values that occur twice would save a few per
// cent of the file, since Snappy finds them as well, and cost more than that in
// time: its table outgrows the cache.
func (c *column) wasteful() bool {
	d := c.dictionary
	return d.full() || d.count >= trial && 3*d.count > len(c.indexes) && c.dataPages[1] == 0
}

// spell replaces the indexes of the page in progress by plain values, and
// closes the dictionary. Pages that have indexes keep it. There is room for room
// bytes then.
func (c *column) spell(room int) {
	c.plain = true
	c.values = slices.Grow(c.values, room)
	for _, index := range c.indexes {
		value := c.dictionary.value(int(index))
		if c.size == 0 {
			c.values = binary.LittleEndian.AppendUint32(c.values, uint32(len(value)))
		}
		c.values = append(c.values, value...)
	}
	c.unsuitable = c.unsuitable || len(c.indexes) >= trial
	c.indexes, c.spelled = c.indexes[:0], 0
	if c.dataPages[1] == 0 {
		c.dictionary.reset()
	}
}

// indexWidth is how many bits an index has. Never none: a width of zero for a
// dictionary of one value is allowed, and a rarity that readers trip over.
func (c *column) indexWidth() int {
	return max(1, bits.Len(uint(c.dictionary.count-1)))
}

// buffered is how many bytes the column holds.
func (c *column) buffered() int {
	n := c.pages.size + len(c.values) + 2*len(c.indexes)
	if c.nulls > 0 {
		n += len(c.presence)
	}
	if c.dictionary != nil {
		n += len(c.dictionary.data)
	}
	return n
}

// includePage widens the bounds to the plain values of the page in progress.
func (c *column) includePage() {
	switch {
	case c.Kind == Timestamp:
	case c.Kind == Boolean:
		for i := range c.count - c.nulls {
			c.bounds.include([]byte{c.values[i/8] >> (i % 8) & 1})
		}
	case c.size > 0:
		for i := 0; i < len(c.values); i += c.size {
			c.bounds.include(c.values[i : i+c.size])
		}
	default:
		for rest := c.values; len(rest) > 0; {
			end := lengthPrefix + int(binary.LittleEndian.Uint32(rest))
			c.bounds.include(rest[lengthPrefix:end])
			rest = rest[end:]
		}
	}
}

// includeDictionary widens the bounds to the values of the dictionary.
func (c *column) includeDictionary() {
	for i := range c.dictionary.count {
		c.bounds.include(c.dictionary.value(i))
	}
}

// encodings lists what the chunk's pages use, each once.
func (c *column) encodings() []format.Encoding {
	var list []format.Encoding
	if c.dataPages[0] > 0 || c.dataPages[1] == 0 {
		list = append(list, format.Encoding_PLAIN)
	}
	if c.Optional {
		list = append(list, format.Encoding_RLE)
	}
	if c.dataPages[1] > 0 {
		list = append(list, format.Encoding_PLAIN_DICTIONARY)
	}
	return list
}

// statistics describes the chunk's values.
func (c *column) statistics() *format.Statistics {
	s := &format.Statistics{NullCount: new(c.totalNulls)}
	s.MinValue, s.MaxValue = c.bounds.values()
	return s
}

// nextChunk forgets the chunk, once it has been written.
func (c *column) nextChunk(buffers *Buffers) {
	c.pages.release(buffers)
	c.dataPages = [2]int32{}
	c.raw, c.total, c.totalNulls = 0, 0, 0
	c.bounds.reset()
	c.plain = c.unsuitable
	if c.dictionary != nil {
		c.dictionary.reset()
	}
}
