package lake

import (
	"context"
	"maps"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/scalar"
)

// total adds up what all files reported.
func total(results []lakedoc.Result) lakedoc.Night {
	night := lakedoc.Night{
		Rows: map[string]int64{}, SetAside: lakedoc.SetAside{}, Skipped: map[string]int64{}, Wrong: lakedoc.Wrong{}, Unknown: merge(results),
		Notes: []string{},
	}
	for _, result := range results {
		night.Items += result.Items
		night.Deletes += result.Deletes
		addTo(night.Rows, result.Rows)
		addTo(night.Skipped, result.Skipped)
		night.SetAside.Merge(result.SetAside)
		night.Wrong.Merge(result.Wrong)
	}
	return night
}

func addTo(sums, counts map[string]int64) {
	for name, n := range counts {
		sums[name] += n
	}
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
// each that has rows. A table without files gets no manifest: COPY refuses an
// empty one. A sum that is too large is a refusal of the night.
func (r *Reconciler) loads(ctx context.Context, run string, results []lakedoc.Result) (loads []lakedoc.TableLoad, refusals []string, err error) {
	relations := r.model.Relations()
	byName := map[string]*load{}
	for _, rows := range relations {
		l := &load{TableLoad: lakedoc.TableLoad{Table: rows.Table, Sums: map[string]scalar.Sum{}}}
		for _, c := range rows.Measured() {
			l.Sums[c.Name] = scalar.Sum{}
		}
		byName[rows.Name] = l
	}
	for _, result := range results {
		for _, object := range result.Objects {
			if refusal := byName[object.Type].add(object, r.lakeBucket); refusal != "" {
				refusals = append(refusals, refusal)
			}
		}
	}
	for _, rows := range relations {
		l := byName[rows.Name]
		if l.Files > 0 {
			key := lakedoc.ManifestKey(run, rows.Name)
			if err := r.write(ctx, key, l.manifest); err != nil {
				return nil, nil, err
			}
			l.Manifest = "s3://" + r.lakeBucket + "/" + key
		}
		loads = append(loads, l.TableLoad)
	}
	return loads, refusals, nil
}

// load is what all files have of one set of rows.
type load struct {
	lakedoc.TableLoad

	manifest copyManifest
	over     map[string]bool // measures whose sum is too large
}

// add adds an object. It returns why the night must not be loaded, once for each
// measure.
func (l *load) add(object lakedoc.Object, bucket string) (refusal string) {
	entry := copyEntry{URL: "s3://" + bucket + "/" + object.Key, Mandatory: true}
	entry.Meta.ContentLength = object.Bytes
	l.manifest.Entries = append(l.manifest.Entries, entry)
	l.Files++
	l.Rows += object.Rows
	l.Bytes += object.Bytes
	l.Deletes += object.Deletes
	for name, value := range maps.All(object.Sums) {
		sum, ok := l.Sums[name].Add(value)
		if ok {
			l.Sums[name] = sum
			continue
		}
		if !l.over[name] {
			refusal = sumTooLarge(object.Type, name)
		}
		if l.over == nil {
			l.over = map[string]bool{}
		}
		l.over[name] = true
	}
	return refusal
}
