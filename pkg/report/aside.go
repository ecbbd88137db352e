package report

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/record"
	"github.com/nightstar-elt/nightstar/pkg/report/chart"
	"github.com/nightstar-elt/nightstar/pkg/spell"
)

// aside is one line of the objects below setaside/ and wrong/: where an item or a
// value is, and why. What it contains is not read.
type aside struct {
	Reason lakedoc.Reason `json:"reason"`
	Type   string         `json:"type"`
	Object string         `json:"object"` // data file
	Line   int64          `json:"line"`   // in that file
	Field  string         `json:"field"`
	Column string         `json:"column"`

	wrong bool // a value that is null in its row, and not an item
}

// Bounds of what a report reads: it shows where to look, and counts are in the record.
const (
	mostAside        = 5000    // lines
	mostAsideObjects = 200     // objects of one prefix
	mostAsideBytes   = 4 << 20 // of one object
)

// readAside reads where the items and values are that were set aside.
func (f *facts) readAside(ctx context.Context, api record.Reader, bucket string) {
	wanted := f.run.SetAside.Total() + wrongValues(f.run)
	if wanted == 0 {
		f.whole = true
		return
	}
	prefixes := map[string]string{lakedoc.SetAsideFolder(f.run.RunID): ""}
	for rows := range f.run.Wrong {
		prefixes[lakedoc.WrongFolder(rows, f.run.RunID)] = rows
	}
	for _, prefix := range slices.Sorted(maps.Keys(prefixes)) {
		keys, err := list(ctx, api, bucket, prefix)
		if err != nil {
			f.lose("What was set aside cannot be listed: %v.", err)
			return
		}
		for _, key := range keys {
			if len(f.aside) >= mostAside {
				return
			}
			lines, err := readLines(ctx, api, bucket, key, mostAside-len(f.aside))
			if err != nil {
				f.lose("What was set aside cannot be read: %v.", err)
				return
			}
			for _, line := range lines {
				if rows := prefixes[prefix]; rows != "" {
					line.Type, line.wrong = rows, true
				}
				f.aside = append(f.aside, line)
			}
		}
	}
	f.whole = int64(len(f.aside)) == wanted
	if len(f.aside) == 0 {
		f.lose("What was set aside is no longer in the lake: a later run archived it under the same keys.")
	}
}

func list(ctx context.Context, api record.Reader, bucket, prefix string) ([]string, error) {
	page, err := api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix, MaxKeys: aws.Int32(mostAsideObjects)})
	if err != nil {
		return nil, fmt.Errorf("list s3://%s/%s: %w", bucket, prefix, err)
	}
	keys := make([]string, len(page.Contents))
	for i, object := range page.Contents {
		keys[i] = aws.ToString(object.Key)
	}
	return keys, nil
}

// readLines reads the first lines of an object.
func readLines(ctx context.Context, api record.Reader, bucket, key string, most int) ([]aside, error) {
	object, err := api.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("get s3://%s/%s: %w", bucket, key, err)
	}
	defer object.Body.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(io.LimitReader(object.Body, mostAsideBytes))
	lines.Buffer(nil, mostAsideBytes)
	var all []aside
	for len(all) < most && lines.Scan() {
		var line aside
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			break // the last line that fits is cut
		}
		all = append(all, line)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	return all, nil
}

// setAside is the section about what was not loaded.
func (f *facts) setAside() []Block {
	if f.run.Rows == nil {
		return nil
	}
	var blocks []Block
	if f.run.SetAside.Total() > 0 {
		blocks = append(blocks, f.asideItems())
	}
	if len(f.run.Wrong) > 0 {
		blocks = append(blocks, f.wrongValues())
	}
	if len(f.aside) > 0 {
		blocks = append(blocks, f.places())
	}
	if len(f.run.Unknown) > 0 {
		blocks = append(blocks, f.unknown())
	}
	if len(blocks) == 0 {
		return []Block{{Text: []string{"Nothing: every item was loaded, every value fits its column, and the model knows every attribute."}}}
	}
	return blocks
}

func (f *facts) asideItems() Block {
	t := Table{Caption: "Items set aside", Columns: []Column{text("Item type"), text("Reason"), number("Items")}}
	reasons := map[string]int64{}
	for _, itemType := range slices.Sorted(maps.Keys(f.run.SetAside)) {
		for _, reason := range slices.Sorted(maps.Keys(f.run.SetAside[itemType])) {
			n := f.run.SetAside[itemType][reason]
			t.Rows = append(t.Rows, cells(typeName(itemType), spoken(reason), spell.Int(n)))
			reasons[spoken(reason)] += n
		}
	}
	return Block{Title: "Items", Text: []string{"An item is set aside if it cannot be loaded as the model says. The lake keeps the original in " +
		lakedoc.SetAsideFolder(f.run.RunID) + "."},
		Chart: chart.Bars{Name: "Items set aside by reason", Unit: "items", Points: largest(reasons)}, Table: &t}
}

func (f *facts) wrongValues() Block {
	t := Table{Caption: "Values that are null in their row, and rows that were left out", Columns: []Column{text("Rows"), text("Column"), text("Reason"), number("Values")}}
	columns := map[string]int64{}
	for _, rows := range slices.Sorted(maps.Keys(f.run.Wrong)) {
		for _, column := range slices.Sorted(maps.Keys(f.run.Wrong[rows])) {
			for _, reason := range slices.Sorted(maps.Keys(f.run.Wrong[rows][column])) {
				n := f.run.Wrong[rows][column][reason]
				name := column
				if column == lakedoc.WholeRow {
					name = "the row"
				}
				t.Rows = append(t.Rows, cells(rows, name, spoken(reason), spell.Int(n)))
				columns[rows+"."+column] += n
			}
		}
	}
	return Block{Title: "Values", Text: []string{"A value that its column cannot hold is null in its row. A row within an item that does not fit the model is left out. " +
		"The lake keeps the originals in " + lakedoc.WrongPrefix + "."},
		Chart: chart.Bars{Name: "Values set aside by column", Unit: "values", Points: largest(columns)}, Table: &t}
}

// shownPlaces is how many places of one kind a report names.
const shownPlaces = 3

// places says where to look, by reason and column.
func (f *facts) places() Block {
	type kind struct{ what, rows, field, reason string }
	counts, where := map[kind]int64{}, map[kind][]string{}
	for _, line := range f.aside {
		k := kind{"item", line.Type, line.Field, spoken(line.Reason)}
		if line.wrong {
			k.what, k.field = "value", line.Column
		}
		if line.wrong && line.Column == lakedoc.WholeRow {
			k.what, k.field = "row", ""
		}
		counts[k]++
		if len(where[k]) < shownPlaces {
			where[k] = append(where[k], fmt.Sprintf("%s line %d", path.Base(line.Object), line.Line))
		}
	}
	kinds := slices.SortedFunc(maps.Keys(counts), func(a, b kind) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a.rows, b.rows), strings.Compare(a.field, b.field),
			strings.Compare(a.reason, b.reason), strings.Compare(a.what, b.what))
	})
	t := Table{Caption: "Where they are", Columns: []Column{text("What"), text("Type"), text("Attribute or column"), text("Reason"), number("Count"), text("First places in the export")}}
	for _, k := range kinds {
		t.Rows = append(t.Rows, cells(k.what, typeName(k.rows), k.field, k.reason, spell.Int(counts[k]), strings.Join(where[k], "; ")))
	}
	sentence := "Lines are those of the decompressed data file."
	if !f.whole {
		sentence = fmt.Sprintf("The counts are of the %s lines that the report has read. ", spell.Int(int64(len(f.aside)))) + sentence
	}
	return Block{Title: "Where they are", Text: []string{sentence}, Table: &t}
}

func (f *facts) unknown() Block {
	t := Table{Caption: "Attributes that the model does not know", Columns: []Column{text("Rows"), text("Attribute"), text("DynamoDB type"), number("Items")}}
	for _, u := range f.run.Unknown {
		t.Rows = append(t.Rows, cells(u.Type, u.Attribute, u.Kind, spell.Int(u.Items)))
	}
	return Block{Title: "Unknown attributes", Text: []string{"The items are loaded. The attributes stand beside them in " + lakedoc.UnknownPrefix + "; declare or ignore them in the model."}, Table: &t}
}

// spoken spells a reason as words.
func spoken(reason lakedoc.Reason) string { return strings.ReplaceAll(string(reason), "_", " ") }

// largest orders counts, the largest first.
func largest(counts map[string]int64) []chart.Point {
	var points []chart.Point
	for _, name := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	}) {
		points = append(points, chart.Point{Label: name, Value: chart.Int(counts[name])})
	}
	return points
}
