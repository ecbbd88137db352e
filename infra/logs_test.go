package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestLogs_haveNoContentsOfItems runs the steps that see items over a night in
// which every value says the same word: loaded, unknown, converted, null for
// being wrong, set aside for each kind of reason, and in a file that contradicts its manifest. The
// word is in the lake, and in no line of a log and no answer.
func TestLogs_haveNoContentsOfItems(t *testing.T) {
	const word = "confidential"
	h := newHost(t)
	item := func(attributes string) string { return `{"Item":{` + attributes + `}}` }
	keys := func(pk, sk string) string { return `"PK":{"S":"` + pk + `"},"SK":{"S":"` + sk + `"}` }
	lines := []string{
		item(keys("CUST#"+word, "CUST#"+word) + `,"type":{"S":"customer"},"username":{"S":"` + word + `"},"email":{"S":"` + word + `"},"nickname":{"S":"` + word + `"}`),
		item(keys("CUST#a", "CUST#a") + `,"type":{"S":"customer"},"username":{"S":"` + word + `"}`),                                                         // contradicts its key
		item(keys("CUST#"+word, "CUST#"+word) + `,"type":{"S":"customer"}`),                                                                                 // misses what is required
		item(keys("CUST#b", "CUST#b") + `,"type":{"S":"customer"},"username":{"S":"b"},"email":{"L":[{"S":"` + word + `"}]}`),                               // another type
		item(keys("CUST#c", "CUST#c") + `,"type":{"S":"customer"},"username":{"S":"c"},"email":{"S":"` + strings.Repeat(word, 1000) + `"}`),                 // too long
		item(keys("CUST#d", "ORD#1") + `,"type":{"S":"order"},"orderid":{"S":"1"},"orderdate":{"S":"` + word + `"}`),                                        // no date
		item(keys("CUST#d", "ORD#2") + `,"type":{"S":"order"},"orderid":{"S":"2"},"amount":{"N":"` + word + `"}`),                                           // no number
		item(keys("CUST#d", "ORD#3") + `,"type":{"S":"order"},"orderid":{"S":"3"},"amount":{"N":"1"},"numberofitems":{"N":"1.5"},"` + word + `":{"S":"x"}`), // no whole number
		item(keys(word, word) + `,"type":{"S":"` + word + `"}`),                                                                                             // unheard of
		`{"Item":{"PK":{"S":"` + word, // broken off
		word,
	}
	h.lake(t, "clean", lines...)

	// The same file, shorter than its manifest says.
	h.hold("torn")
	summary := h.export(t, "torn", lines...)
	const data = "run=torn/AWSDynamoDB/1/data/1.json.gz"
	whole, _ := h.s3.Object("Raw", data)
	var plan struct{ Key string }
	h.invoke(t, "export-plan", object{"runId": "torn", "exports": []object{{"manifestKey": summary}}}, &plan)
	h.s3.Put("Raw", data, whole.Body[:len(whole.Body)-20])
	work, _ := h.s3.Object("Lake", plan.Key)
	var files []object
	if err := json.Unmarshal(work.Body, &files); err != nil {
		t.Fatal(err)
	}
	answers := h.call(t, "partition", object{"runId": "torn", "file": files[0]})
	failed := h.call(t, "reconcile", object{"runId": "torn", "plan": object{"key": plan.Key, "items": len(lines)}})
	if !bytes.Contains(failed, []byte("Corrupt")) {
		t.Errorf("a file that was torn off is answered with %s", failed)
	}
	said := slices.Concat(h.logs, answers, []byte("\n"), failed)
	if !bytes.Contains(said, []byte("step failed")) || !bytes.Contains(said, []byte("night reconciled")) {
		t.Errorf("not everything was logged:\n%s", said)
	}
	for line := range bytes.Lines(said) {
		if bytes.Contains(bytes.ToLower(line), []byte(word)) {
			t.Errorf("it says %s", line)
		}
	}
	aside, _ := h.s3.Object("Lake", "setaside/run=clean/00001.jsonl")
	if got := bytes.Count(aside.Body, []byte("\n")); got != 7 || !bytes.Contains(aside.Body, []byte(word)) {
		t.Errorf("%d items were set aside, want 7:\n%s", got, aside.Body)
	}
	wrong, _ := h.s3.Object("Lake", "wrong/type=customer/run=clean/00001.jsonl")
	if got := bytes.Count(wrong.Body, []byte("\n")); got != 2 || !bytes.Contains(wrong.Body, []byte(word)) {
		t.Errorf("%d values were wrong, want 2:\n%s", got, wrong.Body)
	}
}
