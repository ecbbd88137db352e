package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/lake/lakedoc"
	"github.com/nightstar-elt/nightstar/pkg/lake/lakeview"
	"github.com/nightstar-elt/nightstar/pkg/model"
)

// newCatalog describes the objects for Athena and Spectrum, in three databases,
// and returns the name of the one that Spectrum may read:
//
//   - raw: one table over exports, for Athena.
//   - lake: one table for each set of rows, for Athena, with a partition for each
//     run. Partition projection is "injected": a run is a name, not a range, so
//     a query says which one it means, and never mixes two. Attributes that the
//     model does not know, wrong values, and items that were set aside have
//     tables beside them.
//   - spectrum: tables of rows and of their changes without partitions. Spectrum does not know
//     projection and would find no partition, hence no row and no error
//     (https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html),
//     and registering partitions would be one more thing to go wrong in a
//     night. A table without partitions reads its folder and all below it,
//     which holds one full run, except from the partition step of the next one on
//     until that has archived.
//
// The state of a set of rows, which is made of a full run and the increments since,
// is a view that a saved query of Athena's creates.
func newCatalog(stack awscdk.Stack, cfg Config, m model.Model, b buckets) string {
	prefix := strings.ReplaceAll(cfg.Name, "-", "_") // Athena takes no dashes
	raw := newDatabase(stack, "RawDatabase", prefix+"_raw", "DynamoDB exports, for Athena.")
	lake := newDatabase(stack, "LakeDatabase", prefix+"_lake", "Items by type and run, for Athena: say run = '…'.")
	forSpectrum := prefix + "_spectrum"
	spectrum := newDatabase(stack, "SpectrumDatabase", forSpectrum, "Items by type, for Redshift Spectrum.")

	newRawTable(stack, raw, b, m)
	for _, rows := range m.Relations() {
		folder := fmt.Sprintf("s3://%s/%stype=%s/", *b.lake.BucketName(), lakedoc.ItemsPrefix, rows.Name)
		what := fmt.Sprintf("Rows of %s, as they are loaded.", rows.Name)
		newLakeTable(stack, lake, "Lake", rows.Table, what, folder, lakeColumns(rows.Columns))
		newLakeTable(stack, spectrum, "Spectrum", rows.Table, what, folder, lakeColumns(rows.Columns))
		changes := fmt.Sprintf("s3://%s/%stype=%s/", *b.lake.BucketName(), lakedoc.ChangesPrefix, rows.Name)
		newLakeTable(stack, spectrum, "SpectrumChanges", rows.Table+lakeview.ChangesSuffix,
			fmt.Sprintf("What has changed of %s, of all incremental runs since the last full one.", rows.Name), changes, changeColumns(rows))
	}
	newRunsTable(stack, spectrum, b)
	newStateQueries(stack, cfg, forSpectrum, m)
	for _, item := range keepsUnknown(m) {
		newLakeTable(stack, lake, "Unknown", item.Table+unknownSuffix,
			fmt.Sprintf("Attributes of items of type %s that the model does not know.", item.Name),
			fmt.Sprintf("s3://%s/%stype=%s/", *b.lake.BucketName(), lakedoc.UnknownPrefix, item.Name), unknownColumns())
	}
	newSetAsideTable(stack, lake, b)
	newWrongTable(stack, lake, b)
	newAthena(stack, cfg, b.athena)
	return forSpectrum
}

// lakeColumns spells the columns of a Parquet file, in the order of the file, as
// names and types in turn. The Hive partition keys are not among them: a
// catalogue refuses a name that is both.
func lakeColumns(columns []model.Column) []string {
	var pairs []string
	for _, c := range columns {
		pairs = append(pairs, c.Name, c.Type.Glue())
	}
	return pairs
}

// changeColumns spells the columns of the files of changes.
func changeColumns(rows model.Rows) []string {
	return lakeColumns(rows.ChangeColumns())
}

// newRunsTable describes which runs the state of the lake is made of.
func newRunsTable(stack awscdk.Stack, database awsglue.CfnDatabase, b buckets) {
	folder := "s3://" + *b.lake.BucketName() + "/" + path.Dir(lakedoc.StateKey) + "/"
	newGlueTable(stack, "SpectrumRuns", database, &awsglue.CfnTable_TableInputProperty{
		Name:        jsii.String(lakeview.RunsTable),
		Description: jsii.String("The runs that the state of the lake is made of: a base, and increments."),
		TableType:   jsii.String("EXTERNAL_TABLE"),
		Parameters:  map[string]string{"classification": "json", "EXTERNAL": "TRUE"},

		PartitionKeys: glueColumns(),
		StorageDescriptor: lines(folder, false, "org.openx.data.jsonserde.JsonSerDe",
			glueColumns("run", "string", "kind", "string")),
	})
}

// newStateQueries saves, for each set of rows, the query that creates the view of its
// present state.
func newStateQueries(stack awscdk.Stack, cfg Config, database string, m model.Model) {
	for _, rows := range m.Relations() {
		name := rows.Table + lakeview.StateSuffix
		id := "State" + strings.ToUpper(rows.Table[:1]) + strings.ReplaceAll(rows.Table[1:], "_", "X")
		awsathena.NewCfnNamedQuery(stack, jsii.String(id), &awsathena.CfnNamedQueryProps{
			Name:        jsii.String(cfg.Name + "-" + name),
			Description: jsii.String("Creates the view of the present state of " + rows.Name + "."),
			Database:    jsii.String(database),
			QueryString: jsii.String(fmt.Sprintf("create or replace view %s as\n%s", name, lakeview.State(rows, lakeview.Athena(rows, database)))),
		})
	}
}

// unknownColumns spells the columns of the files below unknown/.
func unknownColumns() []string {
	var pairs []string
	for _, name := range lakedoc.UnknownColumns() {
		pairs = append(pairs, name, "string")
	}
	return pairs
}

// The tables of the lake beside those of the rows. A name that two tables would
// have is refused.
const (
	setAsideTable = "setaside"
	wrongTable    = "wrong"
	unknownSuffix = "_unknown"
)

// keepsUnknown returns the item types whose unknown attributes are kept.
func keepsUnknown(m model.Model) []model.Item {
	return slices.DeleteFunc(slices.Clone(m.Items), func(item model.Item) bool {
		return item.Skip || item.Unknown != model.KeepUnknown
	})
}

// checkCatalog refuses a model of whose tables one would have the name of another.
// A type may be called otherwise in the model than in its items, so there is
// always a way out.
func checkCatalog(m model.Model) error {
	beside := map[string]string{setAsideTable: "the items that were set aside", wrongTable: "the wrong values"}
	for _, item := range keepsUnknown(m) {
		beside[item.Table+unknownSuffix] = "the unknown attributes of " + item.Name
	}
	beside[lakeview.RunsTable] = "the runs that the state is made of"
	for _, rows := range m.Relations() {
		beside[rows.Table+lakeview.ChangesSuffix] = "the changes of " + rows.Name
		beside[rows.Table+lakeview.StateSuffix] = "the present state of " + rows.Name
	}
	for _, rows := range m.Relations() {
		if what, taken := beside[rows.Table]; taken {
			return fmt.Errorf("check model %s: the catalog calls the table of %s %s, so %s cannot have that name: rename it; \"type\" says what items call it",
				m.Name, what, rows.Table, rows.Name)
		}
	}
	return nil
}

func newDatabase(stack awscdk.Stack, id, name, what string) awsglue.CfnDatabase {
	return awsglue.NewCfnDatabase(stack, jsii.String(id), &awsglue.CfnDatabaseProps{
		CatalogId: stack.Account(),
		DatabaseInput: &awsglue.CfnDatabase_DatabaseInputProperty{
			Name: jsii.String(name), Description: jsii.String(what),
		},
	})
}

// newRawTable describes the data files of exports. Manifests lie beside them,
// so the location of a partition is the folder data/ of one export.
func newRawTable(stack awscdk.Stack, database awsglue.CfnDatabase, b buckets, m model.Model) {
	folder := "s3://" + *b.raw.BucketName() + "/"
	itemType, missing := exportedType(m)
	what := "Items as DynamoDB exported them. Say which run and which export."
	if len(missing) > 0 {
		what += " Attributes whose names Glue does not take are missing: " + strings.Join(missing, ", ") + "."
	}
	newGlueTable(stack, "RawItems", database, &awsglue.CfnTable_TableInputProperty{
		Name:        jsii.String("items"),
		Description: jsii.String(what),
		TableType:   jsii.String("EXTERNAL_TABLE"),
		Parameters: map[string]string{
			"classification": "json", "EXTERNAL": "TRUE",
			"projection.enabled":  "true",
			"projection.run.type": "injected", "projection.export.type": "injected",
			"storage.location.template": folder + "run=${run}/AWSDynamoDB/${export}/data/",
		},
		PartitionKeys:     glueColumns("run", "string", "export", "string"),
		StorageDescriptor: lines(folder, true, "org.openx.data.jsonserde.JsonSerDe", glueColumns("item", itemType)),
	})
}

// newSetAsideTable describes the items that were not loaded.
func newSetAsideTable(stack awscdk.Stack, database awsglue.CfnDatabase, b buckets) {
	newDocumentTable(stack, "LakeSetAside", database, setAsideTable,
		"Items that were not loaded: JSON with reason, object, line, field, detail and item.",
		"s3://"+*b.lake.BucketName()+"/"+lakedoc.SetAsidePrefix, "run")
}

// newWrongTable describes the values that are null in their rows.
func newWrongTable(stack awscdk.Stack, database awsglue.CfnDatabase, b buckets) {
	newDocumentTable(stack, "LakeWrong", database, wrongTable,
		"Values that are null in their rows, as they were: JSON. Say which type and which run.",
		"s3://"+*b.lake.BucketName()+"/"+lakedoc.WrongPrefix, "type", "run")
}

// newDocumentTable describes files with a JSON document on each line, below one
// folder for each value of the partition keys. A document may be of any shape, so
// a row is a line, whole: json_extract reads it. No line has the character that
// separates columns, which JSON escapes.
func newDocumentTable(stack awscdk.Stack, id string, database awsglue.CfnDatabase, name, what, folder string, keys ...string) {
	parameters := map[string]string{"EXTERNAL": "TRUE", "projection.enabled": "true"}
	template := folder
	var pairs []string
	for _, key := range keys {
		parameters["projection."+key+".type"] = "injected"
		template += key + "=${" + key + "}/"
		pairs = append(pairs, key, "string")
	}
	parameters["storage.location.template"] = template
	newGlueTable(stack, id, database, &awsglue.CfnTable_TableInputProperty{
		Name:          jsii.String(name),
		Description:   jsii.String(what),
		TableType:     jsii.String("EXTERNAL_TABLE"),
		Parameters:    parameters,
		PartitionKeys: glueColumns(pairs...),
		StorageDescriptor: lines(folder, false, "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
			glueColumns("document", "string")),
	})
}

// lines describes files of text with a row on each line.
func lines(
	folder string, compressed bool, serde string, columns *[]*awsglue.CfnTable_ColumnProperty,
) *awsglue.CfnTable_StorageDescriptorProperty {
	return &awsglue.CfnTable_StorageDescriptorProperty{
		Columns: columns, Location: jsii.String(folder), Compressed: jsii.Bool(compressed),
		InputFormat:  jsii.String("org.apache.hadoop.mapred.TextInputFormat"),
		OutputFormat: jsii.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
		SerdeInfo:    &awsglue.CfnTable_SerdeInfoProperty{SerializationLibrary: jsii.String(serde)},
	}
}

// newLakeTable describes the Parquet files of a folder: in the database spectrum all
// of them, in any other those of the run that a query names.
func newLakeTable(
	stack awscdk.Stack, database awsglue.CfnDatabase, kind, name, what, folder string, columns []string,
) {
	parameters := map[string]string{"classification": "parquet", "EXTERNAL": "TRUE"}
	keys := glueColumns()
	if !strings.HasPrefix(kind, "Spectrum") {
		keys = glueColumns("run", "string")
		parameters["projection.enabled"] = "true"
		parameters["projection.run.type"] = "injected"
		parameters["storage.location.template"] = folder + "run=${run}/"
	}
	// CloudFormation knows no underscores, and order_line is not orderline.
	id := kind + strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", "X")
	newGlueTable(stack, id, database, &awsglue.CfnTable_TableInputProperty{
		Name:          jsii.String(name),
		Description:   jsii.String(what),
		TableType:     jsii.String("EXTERNAL_TABLE"),
		Parameters:    parameters,
		PartitionKeys: keys,
		StorageDescriptor: &awsglue.CfnTable_StorageDescriptorProperty{
			Columns: glueColumns(columns...), Location: jsii.String(folder),
			InputFormat:  jsii.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
			OutputFormat: jsii.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
			SerdeInfo: &awsglue.CfnTable_SerdeInfoProperty{
				SerializationLibrary: jsii.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
			},
		},
	})
}

func newGlueTable(stack awscdk.Stack, id string, database awsglue.CfnDatabase, input *awsglue.CfnTable_TableInputProperty) {
	awsglue.NewCfnTable(stack, jsii.String(id+"Table"), &awsglue.CfnTableProps{
		CatalogId: stack.Account(), DatabaseName: database.Ref(), TableInput: input,
	})
}

// glueColumns takes names and types in turn.
func glueColumns(pairs ...string) *[]*awsglue.CfnTable_ColumnProperty {
	columns := []*awsglue.CfnTable_ColumnProperty{}
	for pair := range slices.Chunk(pairs, 2) {
		columns = append(columns, &awsglue.CfnTable_ColumnProperty{Name: jsii.String(pair[0]), Type: jsii.String(pair[1])}) //nolint:gosec // in pairs
	}
	return &columns
}

// newAthena adds the workgroup to ask raw and lake with. A query may not scan
// more than maxScan, and its result goes to a bucket that forgets.
func newAthena(stack awscdk.Stack, cfg Config, results awss3.Bucket) {
	const maxScan = 1 << 40 // bytes; 5 dollars
	awsathena.NewCfnWorkGroup(stack, jsii.String("Athena"), &awsathena.CfnWorkGroupProps{
		Name:                  jsii.String(cfg.Name),
		Description:           jsii.String("Questions to the raw bucket and the lake."),
		RecursiveDeleteOption: jsii.Bool(!cfg.KeepData),
		WorkGroupConfiguration: &awsathena.CfnWorkGroup_WorkGroupConfigurationProperty{
			BytesScannedCutoffPerQuery:      jsii.Number(maxScan),
			EnforceWorkGroupConfiguration:   jsii.Bool(true),
			PublishCloudWatchMetricsEnabled: jsii.Bool(true),
			EngineVersion:                   map[string]string{"selectedEngineVersion": "Athena engine version 3"},
			ResultConfiguration: &awsathena.CfnWorkGroup_ResultConfigurationProperty{
				OutputLocation: jsii.String("s3://" + *results.BucketName() + "/"),
				EncryptionConfiguration: &awsathena.CfnWorkGroup_EncryptionConfigurationProperty{
					EncryptionOption: jsii.String("SSE_S3"),
				},
			},
		},
	})
}
