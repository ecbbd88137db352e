package lake

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/fault"
)

// Night is what the run has in the lake, and what to load.
type Night struct {
	Items    int64            `json:"items"`
	Rows     map[string]int64 `json:"rows"`     // by item type
	SetAside map[Reason]int64 `json:"setAside"` // by reason
	Unknown  []Unknown        `json:"unknown"`  // attributes that the model does not know; bounded
	Refusal  string           `json:"refusal"`  // why the night must not be loaded; empty if it may
	Tables   []TableLoad      `json:"tables"`
}

// TableLoad is the load of one landing table.
type TableLoad struct {
	Table    string           `json:"table"`
	Manifest string           `json:"manifest"` // s3:// URL; empty if there are no files
	Files    int              `json:"files"`
	Rows     int64            `json:"rows"`
	Sums     map[string]int64 `json:"sums"` // of the measures among its columns, see model.Measured
}

// total adds up what all files reported.
func total(results []Result) Night {
	night := Night{Rows: map[string]int64{}, SetAside: map[Reason]int64{}, Unknown: merge(results)}
	for _, result := range results {
		night.Items += result.Items
		for name, n := range result.Rows {
			night.Rows[name] += n
		}
		for reason, n := range result.SetAside {
			night.SetAside[reason] += n
		}
	}
	return night
}

// maxReasons is how many reasons a refusal names.
const maxReasons = 3

// refusal says that more was set aside than the model's limit allows, in one
// sentence: how much, why for the most part, and where to look.
func (r *Reconciler) refusal(run string, night Night) string {
	var aside int64
	for _, n := range night.SetAside {
		aside += n
	}
	limit := r.model.SetAside.Of(night.Items)
	if aside <= limit {
		return ""
	}
	reasons := slices.SortedFunc(maps.Keys(night.SetAside), func(a, b Reason) int {
		return cmp.Or(cmp.Compare(night.SetAside[b], night.SetAside[a]), cmp.Compare(a, b))
	})
	var common []string
	rest := aside
	for _, reason := range reasons[:min(len(reasons), maxReasons)] {
		common = append(common, fmt.Sprintf("%s %d", reason, night.SetAside[reason]))
		rest -= night.SetAside[reason]
	}
	if rest > 0 {
		common = append(common, fmt.Sprintf("others %d", rest))
	}
	return fmt.Sprintf("%d of %d items were set aside, and the model allows %d (the larger of %d and %d per mille): %s; each is kept with its reason below s3://%s/%s",
		aside, night.Items, limit, r.model.SetAside.Items, r.model.SetAside.PerMille, strings.Join(common, ", "),
		r.lakeBucket, setAsideFolder(run))
}

// copyManifest is what COPY … MANIFEST reads. For Parquet the length of each
// object is required:
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
type copyManifest struct {
	Entries []copyEntry `json:"entries"`
}

type copyEntry struct {
	URL       string `json:"url"`
	Mandatory bool   `json:"mandatory"`
	Meta      struct {
		ContentLength int64 `json:"content_length"`
	} `json:"meta"`
}

// loads lists the loads of all landing tables, and writes a COPY manifest for
// each item type that has rows. A table without files gets no manifest: COPY
// refuses an empty one.
func (r *Reconciler) loads(ctx context.Context, run string, results []Result) ([]TableLoad, error) {
	byType := map[string]*typeLoad{}
	for _, item := range r.model.Items {
		load := &typeLoad{sums: map[string]int64{}}
		for _, c := range r.model.Measured(item) {
			load.sums[c.Name] = 0
		}
		byType[item.Name] = load
	}
	for _, result := range results {
		for _, object := range result.Objects {
			if err := byType[object.Type].add(object, r.lakeBucket); err != nil {
				return nil, fault.New(fault.Corrupt, fmt.Errorf("reconcile run %s: %w", run, err))
			}
		}
	}
	for _, item := range r.model.Items {
		if load := byType[item.Name]; load.rows > 0 {
			if err := r.write(ctx, manifestKey(run, item.Name), load.manifest); err != nil {
				return nil, err
			}
		}
	}
	loads := make([]TableLoad, 0, len(r.model.Landing))
	for _, landing := range r.model.Landing {
		of := byType[landing.Item]
		load := TableLoad{Table: landing.Name, Files: len(of.manifest.Entries), Rows: of.rows, Sums: of.sums}
		if load.Files > 0 {
			load.Manifest = "s3://" + r.lakeBucket + "/" + manifestKey(run, landing.Item)
		}
		loads = append(loads, load)
	}
	return loads, nil
}

// typeLoad is what all files have of one item type.
type typeLoad struct {
	manifest copyManifest
	rows     int64
	sums     map[string]int64
}

func (l *typeLoad) add(object Object, bucket string) error {
	entry := copyEntry{URL: "s3://" + bucket + "/" + object.Key, Mandatory: true}
	entry.Meta.ContentLength = object.Bytes
	l.manifest.Entries = append(l.manifest.Entries, entry)
	l.rows += object.Rows
	for name, value := range object.Sums {
		sum, ok := plus(l.sums[name], value)
		if !ok {
			return fmt.Errorf("the sum of column %s of item type %s does not fit 64 bits: give the measure fewer digits in the model",
				name, object.Type)
		}
		l.sums[name] = sum
	}
	return nil
}
