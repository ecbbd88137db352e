package ddbjson_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nightstar-elt/nightstar/pkg/ddbjson"
)

// storePaths are what the partition step selects for the delivered model.
var storePaths = []string{
	"type", "PK", "SK",
	"username", "email", "fullname", "Address.addressline1", "Address.addressline2", "Address.city", "Address.postcode", "Address.country",
	"orderid", "numberofitems", "amount", "orderdate",
	"productid", "productname", "category", "color", "price",
}

// storeLines returns n lines like those of an export of the delivered model: 1
// customer to 3 orders to 6 products, about 355 bytes each.
func storeLines(n int) []byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	word := func(words ...string) string { return words[rnd.IntN(len(words))] }
	var b bytes.Buffer
	for i := range n {
		user, order, product := fmt.Sprintf("user%07d", rnd.IntN(n)), fmt.Sprintf("2022-%016x-%04x", rnd.Uint64(), rnd.IntN(1<<16)), rnd.IntN(500)
		switch i % 10 {
		case 0:
			fmt.Fprintf(&b, `{"Item":{"Address":{"M":{"country":{"S":"%s"},"postcode":{"S":"%05d"},"city":{"S":"%s"},"addressline1":{"S":"%d Long Street"}}},`+
				`"SK":{"S":"CUST#%s"},"username":{"S":"%s"},"email":{"S":"%s@example.com"},"PK":{"S":"CUST#%s"},"type":{"S":"customer"},"fullname":{"S":"%s %s"}}}`+"\n",
				word("Norway", "Japan", "Österreich"), rnd.IntN(99999), word("Oslo", "Kyoto", "Wien"), rnd.IntN(300), user, user, user, user,
				word("Ann", "Bo", "Chloé"), word("Berg", "Ito", "Müller"))
		case 1, 2, 3:
			fmt.Fprintf(&b, `{"Item":{"GSIsk":{"S":"CUST#%s"},"numberofitems":{"N":"%d"},"SK":{"S":"ORD#%s"},"amount":{"N":"%d.%d"},"PK":{"S":"CUST#%s"},`+
				`"orderid":{"S":"%s"},"orderdate":{"S":"2022-0%d-1%dT10:%d:00Z"},"type":{"S":"order"},"GSIpk":{"S":"ORD#%s"}}}`+"\n",
				user, 1+rnd.IntN(9), order, rnd.IntN(1000), 1+rnd.IntN(99), user, order, 1+rnd.IntN(9), rnd.IntN(10), 10+rnd.IntN(50), order)
		default:
			fmt.Fprintf(&b, `{"Item":{"GSIsk":{"S":"PROD#p%03d"},"color":{"S":"%s"},"SK":{"S":"PROD#p%03d"},"price":{"N":"%d.%d"},"PK":{"S":"ORD#%s"},"category":{"S":"%s"},`+
				`"productname":{"S":"Product number %d"},"orderid":{"S":"%s"},"productid":{"S":"p%03d"},"type":{"S":"product"},"GSIpk":{"S":"ORD#%s"}}}`+"\n",
				product, word("red", "green", "blue"), product, rnd.IntN(200), 1+rnd.IntN(99), order, word("garden", "kitchen", "office", "toys"), product, order, product, order)
		}
	}
	return b.Bytes()
}

func BenchmarkReader(b *testing.B) {
	data := storeLines(20_000)
	source := bytes.NewReader(data)
	reader := ddbjson.NewReader(source, 0)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(data)
		reader.Reset(source)
		for {
			if _, err := reader.Next(); errors.Is(err, io.EOF) {
				break
			}
		}
	}
}

func BenchmarkDecoder(b *testing.B) {
	data := storeLines(20_000)
	lines := bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
	text := strings.Repeat("Fjord ", 200)
	tests := map[string][][]byte{
		"store":    lines,
		"selected": {[]byte(`{"Item":{"type":{"S":"product"},"PK":{"S":"ORD#1"},"SK":{"S":"PROD#2"},"orderid":{"S":"1"},"price":{"N":"12.50"}}}`)},
		"unknown":  {[]byte(`{"Item":{"a1":{"S":"product"},"a2":{"S":"ORD#1"},"a3":{"M":{"b":{"S":"PROD#2"}}},"a4":{"L":[{"S":"1"},{"N":"12.50"}]}}}`)},
		"spaced":   {[]byte(`{ "Item": { "type": { "S": "product" }, "PK": { "S": "ORD#1" }, "SK": { "S": "PROD#2" }, "price": { "N": "12.50" } } }`)},
		"long":     {[]byte(`{"Item":{"fullname":{"S":"` + text + `"},"email":{"S":"` + text + `"}}}`)},
		"japanese": {[]byte(`{"Item":{"fullname":{"S":"` + strings.Repeat("東京都", 200) + `"}}}`)},
		"escapes":  {[]byte(`{"Item":{"fullname":{"S":"` + strings.Repeat(`\u6771\n`, 200) + `"}}}`)},
	}
	for name, lines := range tests {
		b.Run(name, func(b *testing.B) {
			d := newDecoder(b, storePaths...)
			size := 0
			for _, line := range lines {
				size += len(line) + 1
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				for _, line := range lines {
					if err := d.Decode(line); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(lines)), "ns/line")
		})
	}
}

func BenchmarkValue(b *testing.B) {
	d := newDecoder(b, "fullname", "plain", "photo")
	line := `{"Item":{"fullname":{"S":"Ann \"Annie\" Berg"},"plain":{"S":"Ann Berg"},"photo":{"B":"` + strings.Repeat("AAAA", 100) + `"},` +
		`"deep":{"M":{"a":{"L":[{"S":"x"},{"N":"1"}]},"b":{"SS":["x","y"]}}}}}`
	if err := d.Decode([]byte(line)); err != nil {
		b.Fatal(err)
	}
	var scratch []byte
	b.Run("text", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = d.Value(0).Text(&scratch)
			_ = d.Value(1).Text(&scratch)
		}
	})
	b.Run("binary", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			scratch = d.Value(2).AppendBinary(scratch[:0])
		}
	})
	b.Run("members", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for name, value := range d.Item().Members() {
				_, _ = name, value
			}
		}
	})
}
