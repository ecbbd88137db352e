package parquet

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/klauspost/compress/s2"
	format "github.com/xitongsys/parquet-go/parquet"
)

// pager turns pages into bytes. One serves all columns of a writer, so that
// its buffers are as large as the largest page and no more.
type pager struct {
	content    []byte // of a page
	compressed []byte
	transport  *thrift.TMemoryBuffer
	protocol   *thrift.TCompactProtocol
}

func newPager() *pager {
	transport := thrift.NewTMemoryBuffer()
	return &pager{transport: transport, protocol: thrift.NewTCompactProtocolConf(transport, nil)}
}

// thriftStruct is a structure of the file's metadata.
type thriftStruct interface {
	Write(ctx context.Context, p thrift.TProtocol) error
}

// serialise returns the bytes of a structure, valid until the next call.
func (p *pager) serialise(s thriftStruct) ([]byte, error) {
	p.transport.Reset()
	// The context is for transports that wait; this one is memory.
	if err := s.Write(context.Background(), p.protocol); err != nil { //nolint:forbidigo // see above
		return nil, fmt.Errorf("serialise %T: %w", s, err)
	}
	return p.transport.Bytes(), nil
}

// closePage encodes the page in progress and puts it behind the others of its
// chunk. A column without one is left as it is.
func (p *pager) closePage(c *column) error {
	if c.count == 0 {
		return nil
	}
	if !c.plain && c.dataPages[1] == 0 && !p.pays(c) {
		c.spell()
	}
	p.content = p.content[:0]
	if c.Optional {
		p.content = appendLevels(p.content, c)
	}
	header := &format.DataPageHeader{
		NumValues:               int32(c.count),
		Encoding:                format.Encoding_PLAIN,
		DefinitionLevelEncoding: format.Encoding_RLE,
		RepetitionLevelEncoding: format.Encoding_RLE,
	}
	if c.plain {
		p.content = append(p.content, c.values...)
		c.includePage()
		c.dataPages[0]++
	} else {
		header.Encoding = format.Encoding_RLE_DICTIONARY
		width := c.indexWidth()
		p.content = append(p.content, byte(width))
		p.content = appendIndexes(p.content, c.indexes, width)
		c.dataPages[1]++
	}
	c.total += int64(c.count)
	c.totalNulls += int64(c.nulls)
	c.count, c.nulls, c.values, c.indexes, c.spelled = 0, 0, c.values[:0], c.indexes[:0], 0
	page := &format.PageHeader{Type: format.PageType_DATA_PAGE, DataPageHeader: header}
	var err error
	var raw int
	c.pages, raw, err = p.appendPage(c.pages, page, p.content)
	c.raw += int64(raw)
	return err
}

// pays reports whether the first page is smaller with its dictionary than
// without one.
func (p *pager) pays(c *column) bool {
	return len(c.dictionary.data)+len(c.indexes)*c.indexWidth()/8 < c.spelled
}

// appendLevels appends which values of the page are there: ones for values,
// zeros for nulls.
func appendLevels(dst []byte, c *column) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0) // the length, when it is known
	switch c.nulls {
	case 0:
		dst = appendRun(dst, 1, c.count, 1)
	case c.count:
		dst = appendRun(dst, 0, c.count, 1)
	default:
		dst = appendBits(dst, c.presence[:(c.count+7)/8])
	}
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-lengthPrefix))
	return dst
}

// appendPage compresses a page's content and appends it with its header. It
// returns also how many bytes that would be without compression.
func (p *pager) appendPage(dst []byte, header *format.PageHeader, content []byte) ([]byte, int, error) {
	if len(content) > math.MaxInt32 || s2.MaxEncodedLen(len(content)) < 0 {
		return dst, 0, fmt.Errorf("encode page: %d bytes are more than a page can have", len(content))
	}
	// s2 writes plain Snappy here: 5 % more bytes than golang/snappy in two
	// thirds of its time, and no more time where only the other has assembly.
	p.compressed = s2.EncodeSnappy(p.compressed[:cap(p.compressed)], content)
	header.UncompressedPageSize = int32(len(content))
	header.CompressedPageSize = int32(len(p.compressed))
	serialised, err := p.serialise(header)
	if err != nil {
		return dst, 0, err
	}
	dst = append(dst, serialised...)
	return append(dst, p.compressed...), len(serialised) + len(content), nil
}

// dictionaryPage returns the chunk's dictionary as a page, valid until the
// next page, and its size without compression.
func (p *pager) dictionaryPage(dst []byte, d *dictionary) ([]byte, int, error) {
	return p.appendPage(dst, &format.PageHeader{
		Type: format.PageType_DICTIONARY_PAGE,
		DictionaryPageHeader: &format.DictionaryPageHeader{
			NumValues: int32(d.count),
			Encoding:  format.Encoding_PLAIN,
		},
	}, d.data)
}
