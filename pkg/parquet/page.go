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
	buffers    *Buffers
	content    []byte // of a page
	compressed []byte
	transport  *thrift.TMemoryBuffer
	protocol   *thrift.TCompactProtocol
}

func newPager(buffers *Buffers) *pager {
	transport := thrift.NewTMemoryBuffer()
	protocol := thrift.NewTCompactProtocolConf(transport, nil)
	return &pager{buffers: buffers, transport: transport, protocol: protocol}
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

// closePage encodes the page in progress and puts it after the others of its
// chunk. A column without one is left as it is.
func (p *pager) closePage(c *column) error {
	if c.count == 0 {
		return nil
	}
	if !c.plain && c.dataPages[1] == 0 && !p.pays(c) {
		c.spell(0)
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
		header.Encoding = format.Encoding_PLAIN_DICTIONARY
		width := c.indexWidth()
		p.content = append(p.content, byte(width))
		p.content = appendIndexes(p.content, c.indexes, width)
		c.dataPages[1]++
	}
	c.total += int64(c.count)
	c.totalNulls += int64(c.nulls)
	c.count, c.nulls, c.values, c.indexes, c.spelled = 0, 0, c.values[:0], c.indexes[:0], 0
	page := &format.PageHeader{Type: format.PageType_DATA_PAGE, DataPageHeader: header}
	headerBytes, err := p.encodePage(page, p.content)
	if err != nil {
		return err
	}
	c.pages.append(headerBytes, p.buffers)
	c.pages.append(p.compressed, p.buffers)
	c.raw += int64(len(headerBytes) + len(p.content))
	return nil
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

// encodePage compresses a page's content and returns its header; both are
// valid until the next page.
func (p *pager) encodePage(page *format.PageHeader, content []byte) (header []byte, err error) {
	if len(content) > math.MaxInt32 || s2.MaxEncodedLen(len(content)) < 0 {
		return nil, fmt.Errorf("encode page: %d bytes are more than a page can have", len(content))
	}
	// s2 writes plain Snappy here: 5 % more bytes than golang/snappy in two
	// thirds of its time, and no more time where only the other has assembly.
	p.compressed = s2.EncodeSnappy(p.compressed[:cap(p.compressed)], content)
	page.UncompressedPageSize = int32(len(content))
	page.CompressedPageSize = int32(len(p.compressed))
	return p.serialise(page)
}

// dictionaryPage encodes the chunk's dictionary. Dictionary and indexes are named
// PLAIN_DICTIONARY, as files of version 1 name them: the bytes are those of PLAIN
// and RLE_DICTIONARY, and every reader that knows these knows that, too
// (https://parquet.apache.org/docs/file-format/data-pages/encodings/).
func (p *pager) dictionaryPage(d *dictionary) (header []byte, err error) {
	return p.encodePage(&format.PageHeader{
		Type: format.PageType_DICTIONARY_PAGE,
		DictionaryPageHeader: &format.DictionaryPageHeader{
			NumValues: int32(d.count),
			Encoding:  format.Encoding_PLAIN_DICTIONARY,
		},
	}, d.data)
}
