package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsathena"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// catalog names what Redshift Spectrum may read.
type catalog struct {
	spectrum string   // database
	tables   []string // in it
}

// newCatalog describes the objects for Athena and Spectrum, in three databases:
//
//   - raw: one table over exports, for Athena.
//   - lake: one table for each item type, for Athena, with a partition for each
//     run. Partition projection is "injected": a run is a name, not a range, so
//     a query says which one it means, and never mixes two. Attributes that the
//     model does not know, and items that were set aside, have tables beside them.
//   - spectrum: the same tables without partitions. Spectrum does not know
//     projection and would find no partition, hence no row and no error
//     (https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html),
//     and registering partitions would be one more thing to go wrong in a
//     night. A table without partitions reads its folder and all below it,
//     which holds one run, except from the partition step of the next one on
//     until that has archived.
func newCatalog(stack awscdk.Stack, cfg Config, m model.Model, b buckets) (catalog, error) {
	prefix := strings.ReplaceAll(cfg.Name, "-", "_") // Athena takes no dashes
	raw := newDatabase(stack, "RawDatabase", prefix+"_raw", "DynamoDB exports, for Athena.")
	lake := newDatabase(stack, "LakeDatabase", prefix+"_lake", "Items by type and run, for Athena: say run = '…'.")
	spectrum := newDatabase(stack, "SpectrumDatabase", prefix+"_spectrum", "Items by type, for Redshift Spectrum.")

	itemType, err := exportedType(m)
	if err != nil {
		return catalog{}, err
	}
	newRawTable(stack, raw, b, itemType)
	result := catalog{spectrum: prefix + "_spectrum"}
	for _, item := range m.Items {
		folder := fmt.Sprintf("s3://%s/items/type=%s/", *b.lake.BucketName(), item.Name)
		columns, ok := m.GlueColumns(item.Name)
		if !ok {
			return catalog{}, fmt.Errorf("describe items of type %q: model %q has none", item.Name, m.Name)
		}
		what := fmt.Sprintf("Items of type %s, as they are loaded.", item.Name)
		newLakeTable(stack, lake, "Lake", item.Name, what, folder, columns)
		newLakeTable(stack, spectrum, "Spectrum", item.Name, what, folder, columns)
		newLakeTable(stack, lake, "Unknown", item.Name+"_unknown",
			fmt.Sprintf("Attributes of items of type %s that the model does not know.", item.Name),
			fmt.Sprintf("s3://%s/unknown/type=%s/", *b.lake.BucketName(), item.Name), model.UnknownGlueColumns())
		result.tables = append(result.tables, item.Name)
	}
	newSetAsideTable(stack, lake, b)
	newAthena(stack, cfg, b.athena)
	return result, nil
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
func newRawTable(stack awscdk.Stack, database awsglue.CfnDatabase, b buckets, itemType string) {
	folder := "s3://" + *b.raw.BucketName() + "/"
	newGlueTable(stack, "RawItems", database, &awsglue.CfnTable_TableInputProperty{
		Name:        jsii.String("items"),
		Description: jsii.String("Items as DynamoDB exported them. Say which run and which export."),
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

// newSetAsideTable describes the items that were not loaded. An item may be of
// any shape, so a row is a line of JSON, whole: json_extract reads it.
// No line has the character that separates columns, which JSON escapes.
func newSetAsideTable(stack awscdk.Stack, database awsglue.CfnDatabase, b buckets) {
	folder := "s3://" + *b.lake.BucketName() + "/setaside/"
	newGlueTable(stack, "LakeSetAside", database, &awsglue.CfnTable_TableInputProperty{
		Name:        jsii.String("setaside"),
		Description: jsii.String("Items that were not loaded: JSON with reason, object, line, field, detail and item."),
		TableType:   jsii.String("EXTERNAL_TABLE"),
		Parameters: map[string]string{
			"EXTERNAL":           "TRUE",
			"projection.enabled": "true", "projection.run.type": "injected",
			"storage.location.template": folder + "run=${run}/",
		},
		PartitionKeys: glueColumns("run", "string"),
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
	stack awscdk.Stack, database awsglue.CfnDatabase, kind, name, what, folder string, columns []model.GlueColumn,
) {
	parameters := map[string]string{"classification": "parquet", "EXTERNAL": "TRUE"}
	keys := glueColumns()
	if kind != "Spectrum" {
		keys = glueColumns("run", "string")
		parameters["projection.enabled"] = "true"
		parameters["projection.run.type"] = "injected"
		parameters["storage.location.template"] = folder + "run=${run}/"
	}
	var pairs []string
	for _, column := range columns {
		pairs = append(pairs, column.Name, column.Type)
	}
	newGlueTable(stack, kind+strings.ToUpper(name[:1])+name[1:], database, &awsglue.CfnTable_TableInputProperty{
		Name:          jsii.String(name),
		Description:   jsii.String(what),
		TableType:     jsii.String("EXTERNAL_TABLE"),
		Parameters:    parameters,
		PartitionKeys: keys,
		StorageDescriptor: &awsglue.CfnTable_StorageDescriptorProperty{
			Columns: glueColumns(pairs...), Location: jsii.String(folder),
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

// exportedType spells the type of an item in DynamoDB JSON: every attribute
// that the model reads, each in a struct with the name of its type,
// "struct<pk:struct<s:string>,…>". The catalog keeps names in lower case, and
// the serde finds attributes whatever their case.
func exportedType(m model.Model) (string, error) {
	root := &attributes{}
	root.add("S", m.PartitionKey)
	root.add("S", m.SortKey)
	if m.TypeAttribute != "" {
		root.add("S", m.TypeAttribute)
	}
	for _, item := range m.Items {
		for _, column := range item.Columns {
			if len(column.From) > 0 {
				root.add(exportedKind(column.Type), column.From...)
			}
		}
	}
	if err := root.check(); err != nil {
		return "", fmt.Errorf("describe exports of model %q: %w", m.Name, err)
	}
	return root.spell(), nil
}

// exportedKind is the DynamoDB type that a column's values have.
func exportedKind(t model.Type) string {
	switch t.Kind {
	case model.KindInteger, model.KindBigInt, model.KindDecimal:
		return "N"
	case model.KindBoolean:
		return "BOOL"
	default: // dates are text by convention: DynamoDB has no type for them
		return "S"
	}
}

// attributes are the attributes of an item or of a map in it, in the order in
// which the model names them.
type attributes struct {
	names []string
	kinds map[string]string
	maps  map[string]*attributes
}

func (a *attributes) add(kind string, path ...string) {
	if a.kinds == nil {
		a.kinds, a.maps = map[string]string{}, map[string]*attributes{}
	}
	name := path[0] //nolint:gosec // no column has an empty path
	if !slices.Contains(a.names, name) {
		a.names = append(a.names, name)
	}
	if len(path) == 1 {
		a.kinds[name] = kind
		return
	}
	if a.maps[name] == nil {
		a.maps[name] = &attributes{}
	}
	a.maps[name].add(kind, path[1:]...) //nolint:gosec // as above
}

// check refuses names that cannot be fields of one Glue struct.
func (a *attributes) check() error {
	seen := map[string]string{}
	for _, name := range a.names {
		if !regexp.MustCompile(`^\w+$`).MatchString(name) {
			return fmt.Errorf("attribute %q has characters that no field of a Glue struct may have", name)
		}
		if other, taken := seen[strings.ToLower(name)]; taken {
			return fmt.Errorf("attributes %q and %q differ in case only, which Glue does not tell apart", other, name)
		}
		seen[strings.ToLower(name)] = name
		if inner := a.maps[name]; inner != nil {
			if err := inner.check(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *attributes) spell() string {
	fields := make([]string, len(a.names))
	for i, name := range a.names {
		kind, spelled := strings.ToLower(a.kinds[name]), "string"
		if inner := a.maps[name]; inner != nil {
			kind, spelled = "m", inner.spell()
		} else if kind == "bool" {
			spelled = "boolean"
		}
		fields[i] = strings.ToLower(name) + ":struct<" + kind + ":" + spelled + ">"
	}
	return "struct<" + strings.Join(fields, ",") + ">"
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
