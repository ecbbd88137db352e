package gunzip

import (
	"encoding/binary"
	"io"
)

// block reads the beginning of a block.
func (r *Reader) block() error {
	if r.last {
		r.last, r.stage = false, atTrailer
		return nil
	}
	if err := r.refill(); err != nil {
		return err
	}
	last := r.take(1) == 1
	var err error
	switch r.take(2) {
	case 0:
		err = r.beginStored()
	case 1:
		err = r.fixedCodes()
	case 2:
		err = r.dynamicCodes()
	default:
		err = corrupt("a block of unknown type")
	}
	if err == nil && r.overrun() {
		err = io.ErrUnexpectedEOF
	}
	r.last = last
	return err
}

// beginStored reads the length of a block that isn't compressed.
func (r *Reader) beginStored() error {
	if r.overrun() {
		return io.ErrUnexpectedEOF
	}
	r.align()
	field, err := r.bytes(4)
	if err != nil {
		return err
	}
	length, inverse := binary.LittleEndian.Uint16(field), binary.LittleEndian.Uint16(field[2:])
	if length != ^inverse {
		return corrupt("a stored block with two lengths")
	}
	r.stored, r.stage = int(length), inStored
	return nil
}

// copyStored copies of a stored block what there is input and room for.
func (r *Reader) copyStored() error {
	if r.stored == 0 {
		r.stage = atBlock
		return nil
	}
	if r.pos == r.end && !r.over {
		if err := r.fill(); err != nil {
			return err
		}
	}
	if r.pos == r.end {
		return io.ErrUnexpectedEOF
	}
	n := copy(r.out[r.write:outputBytes], r.in[r.pos:min(r.end, r.pos+r.stored)])
	r.write += n
	r.pos += n
	r.stored -= n
	return nil
}

// fixedCodes prepares for a block with the codes that the format defines.
func (r *Reader) fixedCodes() error {
	for i := range r.lengths {
		switch {
		case i < 144:
			r.lengths[i] = 8
		case i < 256:
			r.lengths[i] = 9
		case i < 280:
			r.lengths[i] = 7
		case i < maxLiterals:
			r.lengths[i] = 8
		default:
			r.lengths[i] = 5
		}
	}
	return r.useCodes(r.lengths[:maxLiterals], r.lengths[maxLiterals:])
}

// dynamicCodes reads the codes of a block that brings its own.
func (r *Reader) dynamicCodes() error {
	literals, distances, orders := int(r.take(5))+257, int(r.take(5))+1, int(r.take(4))+4
	if literals > 286 || distances > 30 {
		return corrupt("too many codes")
	}
	order := [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	var orderLengths [19]uint8
	for i := range orders {
		if i%8 == 0 {
			if err := r.refill(); err != nil {
				return err
			}
		}
		orderLengths[order[i]] = uint8(r.take(3)) //nolint:gosec // three bits
	}
	// The table of distances is free until the lengths have been read.
	const orderBits = 7
	if !buildTable(r.distances[:], orderBits, orderLengths[:], &orderSymbols) {
		return corrupt("codes of code lengths")
	}
	lengths := r.lengths[:literals+distances]
	if err := r.codeLengths(lengths, orderBits); err != nil {
		return err
	}
	return r.useCodes(lengths[:literals], lengths[literals:])
}

// useCodes builds the tables of a block for codes of these lengths.
func (r *Reader) useCodes(literals, distances []uint8) error {
	if !buildTable(r.literals[:], literalBits, literals, &literalSymbols) {
		return corrupt("literal codes")
	}
	pairLiterals((*[1 << literalBits]uint32)(r.literals[:]))
	if !buildTable(r.distances[:], distanceBits, distances, &distanceSymbols) {
		return corrupt("distance codes")
	}
	r.stage = inCodes
	return nil
}

// codeLengths reads the lengths of the codes, which are themselves coded.
func (r *Reader) codeLengths(lengths []uint8, orderBits uint) error {
	for i := 0; i < len(lengths); {
		if err := r.refill(); err != nil {
			return err
		}
		e := r.distances[r.bits&(1<<orderBits-1)]
		if e&isSpecial != 0 {
			return corrupt("an unknown code of a code length")
		}
		r.take(uint(e & bitsMask))
		symbol, repeat, value := e>>16, uint(1), uint8(0)
		switch symbol {
		default:
			value = uint8(symbol) //nolint:gosec // below 16
		case 16:
			if i == 0 {
				return corrupt("a repetition of nothing")
			}
			value, repeat = lengths[i-1], 3+r.take(2)
		case 17:
			repeat = 3 + r.take(3)
		case 18:
			repeat = 11 + r.take(7)
		}
		if uint(len(lengths)-i) < repeat {
			return corrupt("more code lengths than codes")
		}
		for range repeat {
			lengths[i] = value
			i++
		}
	}
	return nil
}
