package redshiftdata_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const copyTail = " from 's3://lake/m' iam_role default format as parquet manifest statupdate off"

func TestCopy(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	w.putManifest(t, "m",
		w.putFile(t, "items/type=product/run=r/00001.parquet", product{"p1", 1}, product{"p2", 2}),
		w.putFile(t, "items/type=product/run=r/00002.parquet", product{"p3", 3}),
	)
	w.finish(t, w.batch(t, "create schema landing", `create table landing."order" (n integer, productid varchar(5), numberofitems integer)`,
		`insert into landing."order" values (9, 'old', 9)`))
	load := []string{
		`delete from landing."order"`,
		`copy landing."order" (productid, numberofitems)` + copyTail,
		`select 'landing.order' as name, count(*) as rows from landing."order"`,
	}
	for range 2 { // a repeated load replaces, it does not add
		id := w.batch(t, load...)
		got := w.finish(t, id)
		if got.SubStatements[1].ResultRows != 3 {
			t.Errorf("copy described as %+v", got.SubStatements[1])
		}
		if rows := w.result(t, id+":3"); rows != "landing.order | 3" {
			t.Errorf("rows %s", rows)
		}
	}
	if rows := w.rows(t, `select * from landing."order" order by productid`); rows != "null | p1 | 1\nnull | p2 | 2\nnull | p3 | 3" {
		t.Errorf("rows %s", rows)
	}
}

func TestCopy_fails(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	w.finish(t, w.batch(t, "create schema l", "create table l.t (productid varchar(5), numberofitems integer)", "insert into l.t values ('old', 1)"))
	good := w.putFile(t, "good.parquet", product{"p1", 1})
	long := w.putFile(t, "type=x/long.parquet", product{"p12345", 1})
	length := good["meta"].(map[string]any)["content_length"].(int)
	w.s3.Put("lake", "text.parquet", []byte("not Parquet"))
	manifest := func(text string) func() { return func() { w.s3.Put("lake", "m", []byte(text)) } }
	optional := entry("gone.parquet", 5)
	optional["mandatory"] = false
	tests := []struct {
		name    string
		prepare func()
		want    []string
	}{
		{"no manifest", func() { w.s3.Delete("lake", "m") }, []string{"get manifest s3://lake/m", "NoSuchKey"}},
		{"no JSON", manifest("{"), []string{"manifest s3://lake/m: invalid manifest"}},
		{"no entries", manifest(`{"entries":[]}`), []string{"no entries"}},
		{"nothing", manifest(``), []string{"invalid manifest"}},
		{"another field", manifest(`{"entries":[{"url":"s3://lake/x","Mandatoryy":true,"meta":{"content_length":1}}]}`), []string{"Mandatoryy"}},
		{"something behind it", manifest(`{"entries":[{"url":"s3://lake/x","meta":{"content_length":1}}]}x`), []string{"something stands after"}},
		{"no length", manifest(`{"entries":[{"url":"s3://lake/x","mandatory":true}]}`), []string{"meta.content_length is missing"}},
		{"no length in meta", manifest(`{"entries":[{"url":"s3://lake/x","mandatory":true,"meta":{}}]}`), []string{"meta.content_length is missing"}},
		{"a place elsewhere", manifest(`{"entries":[{"url":"https://lake/x","meta":{"content_length":1}}]}`), []string{"entry 1", "not s3://bucket/key"}},
		{"a wrong length", func() { w.putManifest(t, "m", good, entry("good.parquet", length+1)) }, []string{"object s3://lake/good.parquet has", "content_length"}},
		{"a file that is gone", func() { w.putManifest(t, "m", good, entry("gone.parquet", 5)) }, []string{"get object s3://lake/gone.parquet", "NoSuchKey"}},
		{"only files that are gone", func() { w.putManifest(t, "m", optional) }, []string{"none of its files is there"}},
		{"a file of text", func() { w.putManifest(t, "m", good, entry("text.parquet", 11)) }, []string{"s3://lake/text.parquet"}},
		{"a long value", func() { w.putManifest(t, "m", good, long) }, []string{"String length exceeds DDL length", "s3://lake/type=x/long.parquet", `column "productid"`}},
	}
	for _, test := range tests { // one after the other: they share the manifest
		test.prepare()
		text := w.fail(t, w.batch(t, "delete from l.t", "copy l.t"+copyTail))
		wantText(t, text, append(test.want, "Query #2 failed with ERROR: copy l.t: ")...)
		if strings.Contains(text, "nightstar-copy-") || strings.Contains(text, "\n") {
			t.Errorf("%s: error names a local file or has several lines: %q", test.name, text)
		}
	}
	if rows := w.rows(t, "select * from l.t"); rows != "old | 1" {
		t.Errorf("rows %s", rows)
	}
	// A file that need not be there may be gone.
	w.putManifest(t, "m", optional, good)
	w.finish(t, w.batch(t, "copy l.t"+copyTail))
	if rows := w.rows(t, "select productid from l.t order by 1"); rows != "old\np1" {
		t.Errorf("rows %s", rows)
	}
}

func TestCopy_isRead(t *testing.T) {
	t.Parallel()
	w := newWarehouse(t)
	w.finish(t, w.batch(t, "create schema l", "create table l.t (productid varchar(5), numberofitems integer)"))
	w.putManifest(t, "m", w.putFile(t, "a.parquet", product{"p1", 1}))
	accepted := []string{
		"COPY L.T FROM 's3://lake/m' IAM_ROLE 'arn:aws:iam::123456789012:role/r' FORMAT PARQUET MANIFEST;",
		`copy "l"."t" (productid, numberofitems) from 's3://lake/m' manifest format as parquet iam_role default statupdate`,
		"copy l.t from 's3://lake/m' iam_role 'arn:aws:iam::1:role/a,arn:aws:iam::2:role/b' format parquet manifest statupdate on -- end",
	}
	for _, sql := range accepted {
		w.finish(t, w.execute(t, sql))
	}
	if rows := w.rows(t, "select count(*) from l.t"); rows != "3" {
		t.Errorf("%s rows", rows)
	}
	refused := map[string]string{
		"copy t from 's3://lake/m' iam_role default format parquet manifest":                              "needs its schema",
		"copy l.t from 's3://lake/m' iam_role default format parquet":                                     "option manifest is missing",
		"copy l.t from 's3://lake/m' format parquet manifest":                                             "option iam_role is missing",
		"copy l.t from 's3://lake/m' iam_role default manifest":                                           "option format is missing",
		"copy l.t from 's3://lake/m' iam_role default format csv manifest":                                `format "csv" is refused`,
		"copy l.t from 's3://lake/m' iam_role default format as orc manifest":                             `format "orc" is refused`,
		"copy l.t from 's3://lake/m' iam_role default format parquet manifest fillrecord":                 `option "fillrecord" is refused`,
		"copy l.t from 's3://lake/m' iam_role default format parquet manifest serializetojson":            `option "serializetojson" is refused`,
		"copy l.t from 's3://lake/m' iam_role default format parquet manifest region 'us-east-1'":         `option "region" is refused`,
		"copy l.t from 's3://lake/m' iam_role default format parquet manifest maxerror 5":                 `option "maxerror" is refused`,
		"copy l.t from 's3://lake/m' iam_role default format parquet manifest compupdate off":             `option "compupdate" is refused`,
		"copy l.t from 's3://lake/m' access_key_id 'a' secret_access_key 'b' format parquet manifest":     `option "access_key_id" is refused`,
		"copy l.t from 's3://lake/m' iam_role session format parquet manifest":                            `iam_role "session" is refused`,
		"copy l.t from 's3://lake/m' iam_role 'me' format parquet manifest":                               `iam_role "me" is not a role`,
		"copy l.t from 's3://lake/m' iam_role default format parquet manifest manifest":                   "stands twice",
		"copy l.t from 'emr://lake/m' iam_role default format parquet manifest":                           "not s3://bucket/key",
		"copy l.t from 's3://lake/' iam_role default format parquet manifest":                             "not s3://bucket/key",
		"copy l.t from stdin iam_role default format parquet manifest":                                    "from needs",
		"copy l.t () from 's3://lake/m' iam_role default format parquet manifest":                         "column list",
		"copy l.t (productid) from 's3://lake/m' iam_role default format parquet manifest":                "Unmatched number of columns",
		"copy l.t (numberofitems, productid) from 's3://lake/m' iam_role default format parquet manifest": "incompatible Parquet schema",
		"copy l.u from 's3://lake/m' iam_role default format parquet manifest":                            `relation "l.u" does not exist`,
		"copy (select 1) to 'x'": "a name is expected",
	}
	for sql, want := range refused {
		wantText(t, w.fail(t, w.execute(t, sql)), "ERROR: copy", want)
	}
	if diff := cmp.Diff("3", w.rows(t, "select count(*) from l.t")); diff != "" {
		t.Error(diff)
	}
}
