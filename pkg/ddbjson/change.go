package ddbjson

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// ChangeDecoder checks lines of an incremental export,
//
//	{"Metadata":{"WriteTimestampMicros":{"N":"1716791050804459"}},"Keys":{…},"OldImage":{…},"NewImage":{…}}
//
// and picks the values of a [Selector] out of the keys and both images. An
// insert has no OldImage, a delete no NewImage, and neither has one that the
// export was not asked for. It is reused from line to line; it is not safe for
// concurrent use.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
type ChangeDecoder struct {
	outer   *Decoder
	images  [3]*Decoder // keys, old, new
	present [3]bool
	written int64
}

// The parts of a change that are maps of attributes.
const (
	partKeys = iota
	partOld
	partNew
)

// maxMicros is the last microsecond of the year 9999, since 1970.
const maxMicros = 253_402_300_799_999_999

// NewChangeDecoder returns a ChangeDecoder for the paths of the selector.
func NewChangeDecoder(selector *Selector) *ChangeDecoder {
	c := &ChangeDecoder{outer: NewDecoder(&Selector{root: &node{}, nodes: 1, seed: newSeed()})}
	for i := range c.images {
		c.images[i] = NewDecoder(selector)
	}
	return c
}

// Keys returns what the last line has under Keys.
func (c *ChangeDecoder) Keys() *Decoder { return c.images[partKeys] }

// Old returns what the last line has under OldImage, and whether it has one.
func (c *ChangeDecoder) Old() (*Decoder, bool) { return c.images[partOld], c.present[partOld] }

// New returns what the last line has under NewImage, and whether it has one.
func (c *ChangeDecoder) New() (*Decoder, bool) { return c.images[partNew], c.present[partNew] }

// Written returns when the item was written last, in microseconds since 1970.
func (c *ChangeDecoder) Written() int64 { return c.written }

// Decode checks a line and remembers the selected values. The line must not
// change while the values are used. The error is a [*SyntaxError]; after an error
// every slot is [Missing].
func (c *ChangeDecoder) Decode(line []byte) error {
	c.outer.begin(line)
	c.present, c.written = [3]bool{}, 0
	for _, d := range c.images {
		d.begin(line)
	}
	i := c.fields()
	if i >= 0 && (c.written == 0 || !c.present[partKeys]) {
		i = c.outer.fail(len(line), "a change has Metadata with WriteTimestampMicros, and Keys")
	}
	if i >= 0 {
		return nil
	}
	for _, d := range c.images {
		d.number++ // no value of this line is in force
	}
	c.present = [3]bool{}
	return c.outer.err
}

// fields reads the line, and returns the index after it.
func (c *ChangeDecoder) fields() int {
	d := c.outer
	if len(d.line) > maxDecode {
		return d.fail(0, "the line is longer than "+strconv.Itoa(maxDecode)+" bytes")
	}
	i := space(d.line, 0)
	if !d.is(i, '{') {
		return d.expected(i, `{"Metadata":{…},"Keys":{…},…}`)
	}
	for i++; ; {
		if i = space(d.line, i); !d.is(i, '"') {
			return d.expected(i, "a field of a change")
		}
		at := i
		start, end, next := d.name(i)
		if next < 0 {
			return next
		}
		if i = space(d.line, next); !d.is(i, ':') {
			return d.expected(i, "':'")
		}
		if i = c.field(at, string(d.names.name(start, end)), space(d.line, i+1)); i < 0 {
			return i
		}
		if i = space(d.line, i); d.is(i, ',') {
			i++
			continue
		}
		if !d.is(i, '}') {
			return d.expected(i, "',' or '}' after a field of a change")
		}
		if i = space(d.line, i+1); i < len(d.line) {
			return d.expected(i, "nothing after the change")
		}
		return i
	}
}

// field reads the value at i of the field whose name stands at a place, and returns
// the index after it.
func (c *ChangeDecoder) field(at int, name string, i int) int {
	var part int
	switch name {
	case "Metadata":
		if c.written != 0 {
			return c.outer.fail(at, `field "Metadata" occurs twice`)
		}
		return c.metadata(i)
	case "Keys":
		part = partKeys
	case "OldImage":
		part = partOld
	case "NewImage":
		part = partNew
	default:
		return c.outer.fail(at, "a change has no field "+quote([]byte(name)))
	}
	if c.present[part] {
		return c.outer.fail(at, "field "+quote([]byte(name))+" occurs twice")
	}
	c.present[part] = true
	d := c.images[part]
	if !d.is(i, '{') {
		return c.outer.expected(i, "'{' of attributes")
	}
	end := d.members(i+1, d.selector.root, 1)
	if end < 0 {
		c.outer.err = d.err
		c.outer.err.under([]byte(name))
		return end
	}
	d.record(d.selector.root, Map, i, end)
	return end
}

// metadata reads the value of Metadata at i. Of its members one is known; others
// may be added to it.
func (c *ChangeDecoder) metadata(i int) int {
	d := c.outer
	if !d.is(i, '{') {
		return d.expected(i, "'{' of Metadata")
	}
	var members map[string]json.RawMessage
	values := json.NewDecoder(bytes.NewReader(d.line[i:]))
	if err := values.Decode(&members); err != nil {
		return d.fail(i, "Metadata is not a JSON object: "+err.Error())
	}
	micros, ok := microsOf(members["WriteTimestampMicros"])
	if !ok {
		return d.fail(i, "WriteTimestampMicros of Metadata is not a number of microseconds since 1970, before the year 10000")
	}
	c.written = micros
	return i + int(values.InputOffset())
}

// microsOf reads a number of microseconds: as a number, as text, or as an
// attribute of type N. AWS's manual shows the first, its exports have the last.
func microsOf(raw json.RawMessage) (int64, bool) {
	var attribute struct {
		N json.RawMessage `json:"N"`
	}
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &attribute); err != nil {
			return 0, false
		}
		raw = attribute.N
	}
	digits := string(raw)
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &digits); err != nil {
			return 0, false
		}
	}
	if digits == "" || digits[0] < '0' || digits[0] > '9' {
		return 0, false
	}
	micros, err := strconv.ParseInt(digits, 10, 64)
	return micros, err == nil && micros > 0 && micros <= maxMicros
}
