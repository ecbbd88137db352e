// Package pipeline is the one list of steps.
//
// A step is a Lambda function: its folder under lambdas/, the token that the
// state machine definition calls it by, its size, and the environment
// variables it reads. Deployment, the local run and the tests range over
// [Steps]; nothing else repeats them. What a step does is in its own package.
package pipeline

import (
	"slices"
	"strings"
	"time"
)

// Settings are the names of the environment variables that steps read. They
// name resources and are the same for every run; what varies by run arrives in
// a step's input.
const (
	RawBucket         = "RAW_BUCKET"          // bucket of DynamoDB exports
	LakeBucket        = "LAKE_BUCKET"         // bucket of Parquet files and run records
	RawArchiveBucket  = "RAW_ARCHIVE_BUCKET"  // where earlier exports are moved
	LakeArchiveBucket = "LAKE_ARCHIVE_BUCKET" // where earlier lakes are moved
	TableARN          = "TABLE_ARN"           // the DynamoDB table to export
	ExportKeyARN      = "EXPORT_KEY_ARN"      // KMS key that exports are encrypted with; empty for S3's own
	RedshiftDatabase  = "REDSHIFT_DATABASE"   // database of the star schema
	RedshiftWorkgroup = "REDSHIFT_WORKGROUP"  // serverless workgroup; empty with a cluster
	RedshiftCluster   = "REDSHIFT_CLUSTER"    // provisioned cluster; empty with a workgroup
	RedshiftSecretARN = "REDSHIFT_SECRET_ARN" // secret of the warehouse user; empty for IAM credentials
	Model             = "MODEL"               // path of the model file; empty for the model that is built in
	FullEveryDays     = "FULL_EVERY_DAYS"     // age in days at which the mode auto takes a new full run; empty or 0 for never
	CopyRoleARN       = "COPY_ROLE_ARN"       // role that COPY reads the lake with; empty for the warehouse's default role
)

// What the step reconcile logs once a night has been proved complete: a record
// with this message and these fields. Deployment makes metrics of it, so the
// names are part of the pipeline and not of a log that may change.
const (
	NightReconciled = "night reconciled"
	ItemsField      = "items"     // items of the export
	SetAsideField   = "set_aside" // items that were not loaded
	WrongField      = "wrong"     // values that are null in their rows
)

// Step is one Lambda function of the pipeline.
type Step struct {
	Name     string        // folder under lambdas/, in kebab case
	Does     string        // one line for people
	MemoryMB int           // Lambda memory; 1,769 MB is one full vCPU
	Timeout  time.Duration // Lambda time-out, 15 minutes at most
	Settings []string      // variables that must be set
	Optional []string      // variables that may be empty
}

// Token is the name that the definition knows the step's function by:
// "export-start" is called through ${ExportStartFunctionArn}.
func (s Step) Token() string {
	var b strings.Builder
	for word := range strings.SplitSeq(s.Name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String() + "FunctionArn"
}

// Reads reports whether the step declares the environment variable.
func (s Step) Reads(setting string) bool {
	return slices.Contains(s.Settings, setting) || slices.Contains(s.Optional, setting)
}

// Steps returns every step, in the order in which a run meets them.
func Steps() []Step {
	reader := []string{Model}
	warehouse := append([]string{RedshiftWorkgroup, RedshiftCluster, RedshiftSecretARN}, reader...)
	return []Step{
		{
			Name: "lock", Does: "lets one run at a time change the lake and the warehouse",
			MemoryMB: 128, Timeout: time.Minute, Settings: []string{LakeBucket},
		},
		{
			Name: "export-window", Does: "decides whether a run loads the whole table or what has changed",
			MemoryMB: 128, Timeout: time.Minute, Settings: []string{TableARN, LakeBucket},
			Optional: append([]string{FullEveryDays}, reader...),
		},
		{
			Name: "export-start", Does: "asks DynamoDB for a point-in-time export of the table",
			MemoryMB: 128, Timeout: time.Minute, Settings: []string{TableARN, RawBucket}, Optional: []string{ExportKeyARN},
		},
		{
			Name: "export-poll", Does: "reports the progress of that export",
			MemoryMB: 128, Timeout: time.Minute,
		},
		{
			Name: "export-plan", Does: "proves the export's manifests and lists its data files as work",
			MemoryMB: 1769, Timeout: 15 * time.Minute, Settings: []string{RawBucket, LakeBucket},
		},
		{
			Name: "partition", Does: "turns one data file into Parquet, one file for each item type",
			MemoryMB: 1769, Timeout: 15 * time.Minute, Settings: []string{RawBucket, LakeBucket}, Optional: reader,
		},
		{
			Name: "reconcile", Does: "proves that every item is accounted for and lists the files to load",
			MemoryMB: 1769, Timeout: 15 * time.Minute, Settings: []string{LakeBucket}, Optional: reader,
		},
		{
			Name: "landing-load", Does: "submits the COPY of one landing table",
			MemoryMB: 128, Timeout: time.Minute, Settings: []string{LakeBucket, RedshiftDatabase},
			Optional: append([]string{CopyRoleARN}, warehouse...),
		},
		{
			Name: "transform", Does: "submits one phase of the warehouse's statements",
			MemoryMB: 128, Timeout: time.Minute, Settings: []string{LakeBucket, RedshiftDatabase}, Optional: warehouse,
		},
		{
			Name: "statement-poll", Does: "reports the progress of a submitted statement and proves its counts",
			MemoryMB: 128, Timeout: time.Minute,
		},
		{
			Name: "archive", Does: "moves the objects of earlier runs to an archive bucket",
			MemoryMB: 512, Timeout: 15 * time.Minute,
			Settings: []string{RawBucket, LakeBucket, RawArchiveBucket, LakeArchiveBucket},
		},
		{
			Name: "record", Does: "writes down what the run did, in the warehouse while that is awake, and in the lake at the end",
			MemoryMB: 128, Timeout: time.Minute, Settings: []string{LakeBucket, RedshiftDatabase}, Optional: warehouse,
		},
	}
}

// Find returns the step of that name.
func Find(name string) (Step, bool) {
	for _, step := range Steps() {
		if step.Name == name {
			return step, true
		}
	}
	return Step{}, false
}
