package dynamodb

import (
	"encoding/binary"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// gzipHeader is that of DynamoDB's files: neither a time, nor how hard it was
// tried to compress, nor a system.
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// gzipWriter writes gzip with the header that DynamoDB writes, which no library
// lets one choose.
type gzipWriter struct {
	out  io.Writer
	flat *flate.Writer
	sum  hash.Hash32
	size uint32 // modulo 2^32, as the format has it
}

func newGzip(out io.Writer) (*gzipWriter, error) {
	flat, err := flate.NewWriter(out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(out, gzipHeader)
	return &gzipWriter{out: out, flat: flat, sum: crc32.NewIEEE()}, err
}

// Write compresses.
func (z *gzipWriter) Write(p []byte) (int, error) {
	_, _ = z.sum.Write(p) // never fails
	z.size += uint32(len(p))
	return z.flat.Write(p)
}

// Close writes the end. An empty file has the two bytes that DynamoDB's have,
// where the library would write five.
func (z *gzipWriter) Close() error {
	var end []byte
	if z.size == 0 {
		end = append(end, 3, 0)
	} else if err := z.flat.Close(); err != nil {
		return err
	}
	end = binary.LittleEndian.AppendUint32(end, z.sum.Sum32())
	_, err := z.out.Write(binary.LittleEndian.AppendUint32(end, z.size))
	return err
}
