// Package gunzip decompresses gzip streams (RFC 1952, RFC 1951) with less
// processor time than the standard library: more than a quarter of the partition
// step's work is decompression.
//
// [Reader] accepts and refuses exactly what compress/gzip does with its
// defaults: several members one after another are one stream, the checksum and
// the length of each are verified, and anything else after the last member is
// an error. Bytes are handed out before the checksum of their member is
// known, as there: only [io.EOF] says that all of them were right.
//
// What makes it faster: input bits are kept in a word that is refilled eight
// bytes at a time, codes are looked up in tables of 2,048 and 256 entries, of
// which one may stand for two literals, several are decoded for each refill,
// matches are copied in words, and buffers are arrays indexed with masks, so that
// bounds need no checks. There is no unsafe and no assembly.
//
// The package doesn't compress, doesn't show the fields of the header, and
// knows nothing about what it decompresses. It imports the standard library
// only.
package gunzip
