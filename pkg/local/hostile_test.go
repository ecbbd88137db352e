package local_test

import (
	"bytes"
	"crypto/md5"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/execution"
	"github.com/nightstar-elt/nightstar/pkg/lake/laketest"
	"github.com/nightstar-elt/nightstar/pkg/local"
	"github.com/nightstar-elt/nightstar/pkg/local/exportdir"
)

// TestNight_hostileData runs a night over an export of nasty lines, in data
// files of nasty shapes. Every line must be in the warehouse and in the star
// with exactly its values, or set aside with its reason; and the warehouse
// must keep apart what is apart.
func TestNight_hostileData(t *testing.T) {
	m := start(t)
	corpus := laketest.Lines()
	runID := execution.RunID(time.Now())
	dir, places := hostileExport(t, corpus)
	key := m.upload(t, dir, runID)
	run := m.nightNamed(t, runID, execution.Input{Export: &execution.Export{ManifestKey: key}})
	if run.Status != "SUCCEEDED" || run.Items != int64(len(corpus)) {
		t.Fatalf("run %+v, want %d items and success\n%s", run, len(corpus), m.log.String())
	}

	m.warehouse(t, func(query func(string) [][]any) {
		for _, line := range corpus {
			compareMember(t, line, query)
		}
		members := query("select count(*), count(distinct username) from dwh.customer where customerkey <> 0")[0]
		if members[0] != members[1] || fmt.Sprint(members[0]) != fmt.Sprint(rowsOfType(corpus, "customer")) {
			t.Errorf("dwh.customer has %v members with %v names, want %d of each", members[0], members[1], rowsOfType(corpus, "customer"))
		}
	})
	aside := asideOf(t, m.dir, runID)
	lake := openLake(t, m.dir, runID)
	kept := map[string]string{}
	for _, row := range lake.rows(t, "unknown", "*", []string{"type || ' ' || pk", "attributes"}, "true") {
		kept[row[0]] = row[1]
	}
	for i, line := range corpus {
		if line.Reason == "" {
			compareLake(t, line, lake)
			if got := kept[line.Type+" CUST#"+line.Values["username"]]; got != line.Unknown {
				t.Errorf("%s: unknown attributes %.200q are kept, want %.200q", line.Name, got, line.Unknown)
			}
			continue
		}
		if got := aside[places[i]]; got != line.Reason {
			t.Errorf("%s: set aside for %q, want %q", line.Name, got, line.Reason)
		}
		delete(aside, places[i])
	}
	if len(aside) > 0 {
		t.Errorf("set aside, and should not have been: %v", aside)
	}
}

// upload gives an export in a folder to a run.
func (m *machine) upload(t *testing.T, dir, runID string) (key string) {
	t.Helper()
	export, err := exportdir.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	key, err = m.env.UploadExport(t.Context(), export, runID, nil)
	if err := errors.Join(err, export.Close()); err != nil {
		t.Fatal(err)
	}
	return key
}

// place is where a line stands in the export.
type place struct {
	object string // name of the data file
	line   int
}

// hostileExport writes the lines as an export of data files of different
// shapes, one after the other, and says where each line is.
func hostileExport(t *testing.T, corpus []laketest.Line) (dir string, places []place) {
	t.Helper()
	shapes := []func(lines []string) []byte{
		func(lines []string) []byte { return awstest.Gzip(t, []byte(strings.Join(lines, "\n"))) }, // no line end behind the last
		func(lines []string) []byte { return awstest.Gzip(t, []byte(strings.Join(lines, "\r\n")+"\r\n")) },
		func(lines []string) []byte { // a member for each line
			var members []byte
			for _, line := range lines {
				members = append(members, awstest.Gzip(t, []byte(line+"\n"))...)
			}
			return append(members, awstest.Gzip(t, []byte(""))...)
		},
		func(lines []string) []byte { return awstest.Gzip(t, []byte(strings.Join(lines, "\n")+"\n \t\n\n")) },
	}
	files := make([][]string, len(shapes))
	places = make([]place, len(corpus))
	for i, line := range corpus {
		n := i % len(shapes)
		files[n] = append(files[n], line.Text)
		places[i] = place{fmt.Sprintf("%d.json.gz", n), len(files[n])}
	}
	const export = "AWSDynamoDB/01234567890123-abcdef01"
	bodies := map[string][]byte{"empty.json.gz": awstest.Gzip(t, []byte(""))}
	counts := map[string]int{}
	for n, shape := range shapes {
		name := fmt.Sprintf("%d.json.gz", n)
		bodies[name], counts[name] = shape(files[n]), len(files[n])
	}
	var manifest strings.Builder
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		sum := md5.Sum(bodies[name])
		fmt.Fprintf(&manifest, `{"itemCount":%d,"md5Checksum":%q,"etag":"x-1","dataFileS3Key":%q}`+"\n",
			counts[name], base64.StdEncoding.EncodeToString(sum[:]), export+"/data/"+name)
		bodies["data/"+name] = bodies[name]
		delete(bodies, name)
	}
	bodies["manifest-files.json"] = []byte(manifest.String())
	bodies["manifest-summary.json"] = fmt.Appendf(nil, `{"version":"2020-06-30","exportArn":"arn:aws:dynamodb:us-east-1:123456789012:table/t/export/01234567890123-abcdef01",`+
		`"outputFormat":"DYNAMODB_JSON","exportType":"FULL_EXPORT","exportTime":"2024-01-01T00:00:00.000Z","itemCount":%d,"manifestFilesS3Key":%q}`,
		len(corpus), export+"/manifest-files.json")
	dir = t.TempDir()
	for name, body := range bodies {
		path := filepath.Join(dir, export, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, places
}

// keyOf is the column that identifies a line, and quoted is its value in SQL.
func keyOf(line laketest.Line) (column, quoted string) {
	column = map[string]string{"customer": "username", "product": "productid", "order": "orderid"}[line.Type]
	return column, "'" + strings.ReplaceAll(line.Values[column], "'", "''") + "'"
}

// compareMember finds a line in the star: a customer as a member with an
// address, a product as a member with a fact at its price. Orders are there
// with their lines only.
func compareMember(t *testing.T, line laketest.Line, query func(string) [][]any) {
	t.Helper()
	key, value := keyOf(line)
	columns, from := []string{"username", "fullname", "email"}, "dwh.customer"
	switch line.Type {
	case "customer":
	case "product":
		columns, from = []string{"productid", "price"}, `dwh."order" inner join dwh.product on dwh."order".productkey = dwh.product.productkey`
	default:
		return
	}
	compareColumns(t, line, from, columns, textRows(query(fmt.Sprintf("select %s from %s where %s = %s", strings.Join(columns, ", "), from, key, value))))
	if country := line.Values["country"]; country != "" {
		rows := textRows(query("select city, country from dwh.address where username = " + value))
		compareColumns(t, line, "dwh.address", []string{"city", "country"}, rows)
	}
}

// compareLake finds the row of a line in the Parquet files of the night.
func compareLake(t *testing.T, line laketest.Line, lake lakeFiles) {
	t.Helper()
	key, value := keyOf(line)
	columns := slices.Concat(slices.Sorted(maps.Keys(line.Values)), line.Nulls)
	rows := lake.rows(t, "items", line.Type, columns, key+" = "+value)
	compareColumns(t, line, "the lake", columns, rows)
}

// null stands for no value.
const null = "(null)"

func compareColumns(t *testing.T, line laketest.Line, from string, columns []string, rows [][]string) {
	t.Helper()
	if len(rows) != 1 {
		key, value := keyOf(line)
		t.Errorf("%s: %d rows of %s have %s %s", line.Name, len(rows), from, key, value)
		return
	}
	want, got := map[string]string{}, map[string]string{}
	for i, column := range columns {
		if value, wanted := line.Values[column]; wanted {
			want[column], got[column] = value, rows[0][i]
		}
		if slices.Contains(line.Nulls, column) {
			want[column], got[column] = null, rows[0][i]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s (-want +got):\n%s", line.Name, from, diff)
	}
}

func textRows(rows [][]any) [][]string {
	var texts [][]string
	for _, row := range rows {
		var text []string
		for _, value := range row {
			if value == nil {
				value = null
			}
			text = append(text, fmt.Sprint(value))
		}
		texts = append(texts, text)
	}
	return texts
}

func rowsOfType(corpus []laketest.Line, itemType string) int {
	n := 0
	for _, line := range corpus {
		if line.Reason == "" && line.Type == itemType {
			n++
		}
	}
	return n
}

// asideOf reads what a run set aside: reasons by place.
func asideOf(t *testing.T, dir, runID string) map[place]string {
	t.Helper()
	reasons := map[place]string{}
	objects, err := filepath.Glob(filepath.Join(dir, "s3", local.LakeBucket, "setaside", "run="+runID, "*.jsonl"))
	if err != nil || len(objects) == 0 {
		t.Fatalf("objects set aside: %v, %v", objects, err)
	}
	for _, object := range objects {
		body, err := os.ReadFile(object)
		if err != nil {
			t.Fatal(err)
		}
		for text := range bytes.Lines(body) {
			var line struct {
				Reason, Object, Detail string
				Line                   int
			}
			if err := json.Unmarshal(text, &line); err != nil || line.Detail == "" {
				t.Fatalf("line %.200s: %v", text, err)
			}
			reasons[place{filepath.Base(line.Object), line.Line}] = line.Reason
		}
	}
	return reasons
}

// lakeFiles is the lake of a run, read with DuckDB, which finds type and run in
// the keys.
type lakeFiles struct {
	db         *sql.DB
	dir, runID string
}

func openLake(t *testing.T, dir, runID string) lakeFiles {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return lakeFiles{db, filepath.Join(dir, "s3", local.LakeBucket), runID}
}

// rows selects columns, as text, of the files of an item type below items or
// unknown.
func (l lakeFiles) rows(t *testing.T, folder, itemType string, columns []string, where string) [][]string {
	t.Helper()
	rows, err := l.db.QueryContext(t.Context(),
		fmt.Sprintf("select cast(%s as varchar) from read_parquet(?, hive_partitioning => true) where run = ? and %s",
			strings.Join(columns, " as varchar), cast("), where),
		filepath.Join(l.dir, folder, "type="+itemType, "run="+l.runID, "*.parquet"), l.runID)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var row []string
		for _, value := range values {
			if !value.Valid {
				value.String = null
			}
			row = append(row, value.String)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
