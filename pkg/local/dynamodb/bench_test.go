package dynamodb_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	local "github.com/nightstar-elt/nightstar/pkg/local/dynamodb"
)

// batchBody returns a BatchWriteItem of 25 items of about 355 bytes each, the
// average of the sample data, with keys that depend on n.
func batchBody(n int) []byte {
	b := []byte(`{"RequestItems":{"shop":[`)
	for i := range 25 {
		if i > 0 {
			b = append(b, ',')
		}
		id := n*25 + i
		b = fmt.Appendf(b, `{"PutRequest":{"Item":{"PK":{"S":"CUST#user%09d"},"SK":{"S":"ORD#%016d"},`+
			`"GSIpk":{"S":"ORD#%016d"},"GSIsk":{"S":"CUST#user%09d"},"type":{"S":"order"},"orderid":{"S":"%016d"},`+
			`"numberofitems":{"N":"3"},"orderdate":{"S":"2024-03-05T12:34:56Z"},"amount":{"N":"123.45"},`+
			`"comment":{"S":"thirty-two characters of comment"}}}}`, id/4, id, id, id/4, id)
	}
	return append(b, "]}}"...)
}

// BenchmarkServer_BatchWriteItem measures the handler without network and client.
func BenchmarkServer_BatchWriteItem(b *testing.B) {
	e := startIn(b, b.TempDir(), newClock(), newBucket("raw"), local.Options{})
	e.createTable(b, "shop")
	bodies := make([][]byte, b.N)
	for i := range bodies {
		bodies[i] = batchBody(i)
	}
	b.SetBytes(int64(len(bodies[0])))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/", bytes.NewReader(bodies[i]))
		r.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchWriteItem")
		w := httptest.NewRecorder()
		if e.server.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(25*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkServer_BatchWriteItem_HTTP measures it with both ends of HTTP.
func BenchmarkServer_BatchWriteItem_HTTP(b *testing.B) {
	e := startIn(b, b.TempDir(), newClock(), newBucket("raw"), local.Options{})
	e.createTable(b, "shop")
	for i := range b.N {
		e.load(b, i)
	}
	b.ReportMetric(25*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

func (e *endpoint) load(b *testing.B, n int) {
	b.Helper()

	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, e.http.URL, bytes.NewReader(batchBody(n)))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.BatchWriteItem")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		b.Fatal(resp.Status, err)
	}
}

// benchmarkItems is the size of the table in the benchmarks below.
const benchmarkItems = 100_000

// BenchmarkServer_Export measures an export of 100,000 items.
func BenchmarkServer_Export(b *testing.B) {
	e := startIn(b, b.TempDir(), newClock(), newBucket("raw"), local.Options{})
	e.createTable(b, "shop")
	e.enableRecovery(b, "shop")
	for i := range benchmarkItems / 25 {
		e.load(b, i)
	}
	for b.Loop() {
		d := e.export(b, "shop", nil)
		if *d.ItemCount != benchmarkItems {
			b.Fatal(*d.ItemCount)
		}
	}
	b.ReportMetric(benchmarkItems*float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

// BenchmarkOpen measures the replay of a table of 100,000 items, and the memory
// that the table takes afterwards.
func BenchmarkOpen(b *testing.B) {
	e := startIn(b, b.TempDir(), newClock(), newBucket("raw"), local.Options{})
	e.createTable(b, "shop")
	for i := range benchmarkItems / 25 {
		e.load(b, i)
	}
	if err := e.server.Close(); err != nil {
		b.Fatal(err)
	}
	e.server = nil
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		server, err := local.Open(e.dir, e.bucket, local.Options{})
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if err := server.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(benchmarkItems*float64(b.N)/b.Elapsed().Seconds(), "items/s")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/benchmarkItems, "B/item")
}
