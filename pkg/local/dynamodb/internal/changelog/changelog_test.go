package changelog_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/local/dynamodb/internal/changelog"
)

// open opens a log and returns it with its records and their offsets.
func open(path string) (*changelog.Log, []changelog.Record, []int64, error) {
	var records []changelog.Record
	var offsets []int64
	log, err := changelog.Open(path, func(_ *changelog.Log, offset int64, r changelog.Record) error {
		r.Body = bytes.Clone(r.Body)
		records = append(records, r)
		offsets = append(offsets, offset)
		return nil
	})
	return log, records, offsets, err
}

func mustOpen(t *testing.T, path string) (*changelog.Log, []changelog.Record, []int64) {
	t.Helper()

	log, records, offsets, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log, records, offsets
}

func sampleRecords() []changelog.Record {
	return []changelog.Record{
		{Kind: changelog.Put, Time: 1, Size: 7, Body: []byte(`{"a":{"S":"1"}}`)},
		{Kind: changelog.Put, Time: 1, Size: 3000, Body: bytes.Repeat([]byte("x"), 3000)},
		{Kind: changelog.Delete, Time: 5, Body: []byte(`{"a":{"S":"1"}}`)},
	}
}

// write writes a log with the sample records and returns its bytes.
func write(t *testing.T, path string) []byte {
	t.Helper()

	if err := changelog.Create(path); err != nil {
		t.Fatal(err)
	}
	log, _, _ := mustOpen(t, path)
	var buf []byte
	for _, r := range sampleRecords() {
		buf = changelog.AppendRecord(buf, r)
	}
	if offset, err := log.Append(buf); err != nil || offset != changelog.Start {
		t.Fatalf("Append() = %d, %v, want %d", offset, err, changelog.Start)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestLog_KeepsRecords(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "log")
	data := write(t, path)
	log, records, offsets := mustOpen(t, path)
	if diff := cmp.Diff(sampleRecords(), records); diff != "" {
		t.Errorf("replayed records (-want +got):\n%s", diff)
	}
	if log.Size() != int64(len(data)) {
		t.Errorf("Size() = %d, want %d", log.Size(), len(data))
	}
	var buf []byte
	for i, offset := range offsets {
		var r changelog.Record
		var err error
		if r, buf, err = log.Read(offset, 20*i, buf); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sampleRecords()[i], r); diff != "" {
			t.Errorf("record at %d (-want +got):\n%s", offset, diff)
		}
	}
	var scanned []int64
	err := log.Scan(offsets[1], log.Size(), func(offset int64, _ changelog.Record) error {
		scanned = append(scanned, offset)
		return nil
	})
	if err != nil || !cmp.Equal(scanned, offsets[1:]) {
		t.Errorf("Scan() = %v, %v, want %v", scanned, err, offsets[1:])
	}
	if _, _, err := log.Read(offsets[0]+1, changelog.Guess, nil); err == nil {
		t.Error("Read inside of a record succeeded")
	}
}

// acknowledge sets the place in the head of a log up to which its records are
// acknowledged, as a sync does.
func acknowledge(data []byte, end int64) []byte {
	out := bytes.Clone(data)
	binary.LittleEndian.PutUint64(out[16:], uint64(end))
	binary.LittleEndian.PutUint32(out[24:], crc32.Checksum(out[:24], crc32.MakeTable(crc32.Castagnoli)))
	return out
}

// TestOpen_CutsWhatWasNotAcknowledged cuts the file at every byte after what
// was acknowledged, and fills up what is after the cut with zeros, as a file
// system may after a power failure. It expects exactly the records that are
// complete, and a log that can be written on.
func TestOpen_CutsWhatWasNotAcknowledged(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "log")
	data := write(t, path)
	_, _, offsets := mustOpen(t, path)
	ends := append(offsets[1:len(offsets):len(offsets)], int64(len(data)))
	for acknowledged, from := range append([]int64{changelog.Start}, ends...) {
		for cut := len(data); int64(cut) >= from; cut -= 1 + cut%17 {
			for _, zeros := range []int{0, len(data) - cut} {
				file := append(acknowledge(data, from)[:cut:cut], make([]byte, zeros)...)
				if err := os.WriteFile(path, file, 0o600); err != nil {
					t.Fatal(err)
				}
				complete := acknowledged
				for complete < len(ends) && ends[complete] <= int64(cut) {
					complete++
				}
				log, records, _ := mustOpen(t, path)
				if len(records) != complete {
					t.Fatalf("cut at %d: %d records, want %d", cut, len(records), complete)
				}
				offset, err := log.Append(changelog.AppendRecord(nil, sampleRecords()[0]))
				if err := errors.Join(err, log.Sync(offset+1), log.Close()); err != nil {
					t.Fatal(err)
				}
				if _, again, _ := mustOpen(t, path); len(again) != complete+1 {
					t.Fatalf("cut at %d, then written on: %d records, want %d", cut, len(again), complete+1)
				}
			}
		}
	}
}

// TestOpen_RefusesAShortenedLog cuts an acknowledged log at every byte, between
// records too, and expects a refusal that leaves the file as it is.
func TestOpen_RefusesAShortenedLog(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "log")
	data := write(t, path)
	for cut := range len(data) {
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, _, err := open(path)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("cut at %d: %v, want an error that names the file", cut, err)
		}
		if want := fmt.Sprintf("its last %d bytes are missing", len(data)-cut); int64(cut) >= changelog.Start &&
			!strings.Contains(err.Error(), want) {
			t.Fatalf("cut at %d: %v, want %q", cut, err, want)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, data[:cut]) {
			t.Fatalf("cut at %d: opening altered the file", cut)
		}
	}
}

// TestLog_Sync_notesWhatIsAcknowledged copies the file between the steps, which
// is what a killed process leaves.
func TestLog_Sync_notesWhatIsAcknowledged(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "log")
	if err := changelog.Create(path); err != nil {
		t.Fatal(err)
	}
	log, _, _ := mustOpen(t, path)
	left := filepath.Join(t.TempDir(), "left")
	tell := func(step string, cut int, wantErr bool) {
		t.Helper()
		data, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(left, data[:len(data)-cut], 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := open(left); (err != nil) != wantErr {
			t.Errorf("%s, and %d bytes less: Open() = %v", step, cut, err)
		}
	}
	record := changelog.AppendRecord(nil, sampleRecords()[0])
	for range 3 {
		offset, err := log.Append(record)
		if err != nil {
			t.Fatal(err)
		}
		tell("written", 1, false)
		tell("written", len(record), false)
		tell("written", len(record)+1, true)
		if err := log.Sync(offset + int64(len(record))); err != nil {
			t.Fatal(err)
		}
		tell("acknowledged", 0, false)
		tell("acknowledged", 1, true)
		tell("acknowledged", len(record), true)
	}
}

func TestLog_Compact(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "log")
	write(t, path)
	log, _, offsets := mustOpen(t, path)
	if err := log.Compact(func(offset int64, r changelog.Record) bool {
		return offset != offsets[1] && r.Time < 10
	}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, records, _ := mustOpen(t, path)
	want := []changelog.Record{sampleRecords()[0], sampleRecords()[2]}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if err := os.WriteFile(path, data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := open(path); err == nil {
		t.Error("a compacted log that was cut opens")
	}
}

// TestOpen_ReportsDamage changes each byte in turn and expects an error that
// names the file and the offset of the damaged record.
func TestOpen_ReportsDamage(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "log")
	data := write(t, path)
	_, _, offsets := mustOpen(t, path)
	for i := range data {
		if i > 200 && i < len(data)-60 && i%97 != 0 {
			continue // the inside of the long record
		}
		damaged := bytes.Clone(data)
		damaged[i] ^= 0x40
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, _, err := open(path)
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("byte %d changed: %v, want an error that names the file", i, err)
		}
		for j := len(offsets) - 1; j >= 0; j-- {
			if int64(i) >= offsets[j] {
				if want := fmt.Sprintf("offset %d:", offsets[j]); !strings.Contains(err.Error(), want) {
					t.Fatalf("byte %d changed: %v, want %q", i, err, want)
				}
				break
			}
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, damaged) {
			t.Fatalf("byte %d changed: opening altered the file", i)
		}
	}
}

func TestOpen_RefusesForeignFiles(t *testing.T) {
	t.Parallel()

	for name, content := range map[string]string{
		"long":  strings.Repeat("something else ", 10),
		"short": "hello",
		"empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, _, err := open(path); err == nil || !strings.Contains(err.Error(), "not a change log") {
				t.Errorf("Open() = %v", err)
			}
		})
	}
}

func TestOpen_ReturnsErrorOfReplay(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "log")
	write(t, path)
	cause := errors.New("no such key")
	_, err := changelog.Open(path, func(*changelog.Log, int64, changelog.Record) error { return cause })
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "offset 32:") {
		t.Errorf("Open() = %v", err)
	}
}

func TestLog_AppendAfterFailureKeepsTheLog(t *testing.T) {
	t.Parallel()

	path := filepath.Join(t.TempDir(), "log")
	if err := changelog.Create(path); err != nil {
		t.Fatal(err)
	}
	log, _, _ := mustOpen(t, path)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	record := changelog.AppendRecord(nil, sampleRecords()[0])
	if _, err := log.Append(record); err == nil {
		t.Error("Append to a closed file succeeded")
	}
	if _, err := log.Append(record); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Append after a failure that could not be undone = %v", err)
	}
}

// FuzzOpen checks that arbitrary content after the head of a log never panics,
// that an error leaves the file as it was, that nothing acknowledged is cut off,
// and that a log which opens has the same records when it is opened again and
// re-encodes to the same bytes.
func FuzzOpen(f *testing.F) {
	var seed []byte
	for _, r := range sampleRecords() {
		seed = changelog.AppendRecord(seed, r)
	}
	f.Add(seed, false, uint16(0))
	f.Add(seed[:len(seed)-3], false, uint16(40))
	f.Add([]byte("\x0f\x00\x00\x00aaaabbbb"), true, uint16(0))
	f.Add(append([]byte("\x0e\x00\x00\x00xxxxyyyy\x01"), make([]byte, 13)...), true, uint16(26))
	f.Fuzz(func(t *testing.T, content []byte, repair bool, acknowledged uint16) {
		if repair {
			repairChecksums(content)
		}
		path := filepath.Join(t.TempDir(), "log")
		if err := changelog.Create(path); err != nil {
			t.Fatal(err)
		}
		head, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		promised := changelog.Start + int64(acknowledged)
		file := append(acknowledge(head, promised), content...)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		log, records, _, err := open(path)
		now, readErr := os.ReadFile(path)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if err != nil {
			if !bytes.Equal(now, file) {
				t.Fatal("a refused file was changed")
			}
			return
		}
		defer log.Close()
		if log.Size() < promised {
			t.Fatalf("the log has %d bytes, and %d were acknowledged", log.Size(), promised)
		}
		want := acknowledge(head, log.Size())
		for _, r := range records {
			want = changelog.AppendRecord(want, r)
		}
		if !bytes.Equal(want, now) || !bytes.HasPrefix(file[changelog.Start:], now[changelog.Start:]) {
			t.Fatalf("the file holds %x, its records are %x", now, want)
		}
	})
}

// repairChecksums makes the first record's checksums right where its length
// allows that, so that the fuzzer gets past them.
func repairChecksums(content []byte) {
	table := crc32.MakeTable(crc32.Castagnoli)
	for len(content) >= 12 {
		length := int(binary.LittleEndian.Uint32(content))
		if length > len(content)-12 {
			length = len(content) - 12
		}
		binary.LittleEndian.PutUint32(content[4:], crc32.Checksum(content[12:12+length], table))
		binary.LittleEndian.PutUint32(content[8:], crc32.Checksum(content[:8], table))
		content = content[12+length:]
	}
}
