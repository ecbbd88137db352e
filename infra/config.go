package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // so that time zones are checked alike on every machine

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"github.com/nightstar-elt/nightstar/pkg/model"
)

// Config is one environment: a block below context.environments in cdk.json.
type Config struct {
	Name      string // begins the name of everything: "nightstar-dev"
	KeepData  bool   // tables, buckets and the warehouse outlive the stack
	Table     string // name or ARN of an existing table; empty to create one
	Model     string // file of the model, from the root of the project; empty for the one that is built in
	Schedule  ScheduleConfig
	Storage   StorageConfig
	Warehouse WarehouseConfig
	LogDays   int
	Alarms    AlarmConfig

	Concurrency int // data files that are worked on at once

	Account, Region  string            // pinned; empty for those of the credentials
	Tags             map[string]string // of everything that has tags
	Boundary         string            // ARN of the permissions boundary of every role; empty for none
	KeyARN           string            // KMS key for all data; empty for keys of AWS
	TableKeyARN      string            // KMS key of an existing table; empty for a key of AWS
	Protected        bool              // table and stack are protected from deletion
	LogExecutionData bool              // logs of runs hold inputs and outputs of states

	key awskms.IKey // KeyARN in the stack; nil for keys of AWS
}

// ScheduleConfig is when runs begin: every night, or every so many minutes.
type ScheduleConfig struct {
	Enabled      bool
	Hour, Minute int    // of a run every night
	TimeZone     string // IANA name
	EveryMinutes int    // cadence; everyNight is a run every night
	FullDays     int    // age of the last full run at which the schedule takes another; 0 for any age
}

// everyNight is the cadence of a run every night, in minutes.
const everyNight = 24 * 60

// StorageConfig is how long objects are kept, in days.
type StorageConfig struct {
	RawDays            int // exports that were never archived
	RecordDays         int // plans, results and manifests of runs
	ArchiveGlacierDays int // in Standard-IA, before Glacier Instant Retrieval
	ArchiveDays        int // in all
	AthenaDays         int // query results
}

// The kinds of warehouse.
const (
	Serverless  = "serverless"         // a new workgroup
	Provisioned = "provisioned"        // a new cluster
	Workgroup   = "existing-workgroup" // one that is there
	Cluster     = "existing-cluster"   // one that is there
)

// WarehouseConfig is the warehouse to create or to use.
type WarehouseConfig struct {
	Kind     string
	Database string

	EnhancedVPCRouting bool // of a new warehouse

	BaseRPU, MaxRPU int // serverless

	NodeType string // provisioned
	Nodes    int    // provisioned

	Network       NetworkConfig // of a new warehouse
	DailyRPUHours int           // serverless: what a day may use; 0 for no limit

	Name         string // existing: workgroup or cluster identifier
	WorkgroupARN string // existing workgroup: it ends in an id that its name does not tell
	SecretARN    string // existing: empty for temporary IAM credentials
}

// AlarmConfig is who is told, and when.
type AlarmConfig struct {
	Email         string // empty for nobody
	SetAsideLimit int    // items of a night that may be set aside without an alarm
	MonthlyBudget int    // in dollars, for the services of a night; 0 for none
	Chat          ChatConfig
}

// loadConfig reads the context that the cdk command hands to the app, which is
// that of cdk.json and of its command line. The CDK itself would tell it, too,
// but starts Node first, and what is wrong here should be said at once and
// alone. The model is that of the environment; root is the project's folder.
func loadConfig(context, root string) (Config, model.Model, error) {
	var c struct {
		Env          string `json:"env"`
		Environments any    `json:"environments"`
	}
	if context == "" {
		return Config{}, model.Model{}, errors.New("read context: there is none; run make synth ENV=<name>")
	}
	if err := json.Unmarshal([]byte(context), &c); err != nil {
		return Config{}, model.Model{}, fmt.Errorf("read context: %w", err)
	}
	cfg, err := decodeConfig(c.Environments, c.Env)
	if err != nil {
		return Config{}, model.Model{}, err
	}
	m, err := loadModel(c.Environments, c.Env, cfg, root)
	return cfg, m, err
}

// decodeConfig reads the environment from the value of context.environments.
// Every mistake in it is in the error.
func decodeConfig(environments any, env string) (Config, error) {
	all, ok := environments.(map[string]any)
	if !ok {
		return Config{}, errors.New("read cdk.json: context.environments is not an object")
	}
	block, ok := all[env].(map[string]any)
	if !ok {
		return Config{}, fmt.Errorf("choose environment %q: cdk.json has %s; say ENV=<name>",
			env, strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	var problems []string
	r := newReader("environments."+env, block, &problems)
	cfg := Config{
		Name: r.text("name") + "-" + env, Model: r.maybe("model"),
		KeepData: r.flag("keepData"), Table: r.maybe("existingTable"),
		Schedule: readSchedule(r.block("schedule")), Storage: readStorage(r.block("storage")),
		Warehouse: readWarehouse(r.block("warehouse")), Alarms: readAlarms(r.block("alarms")),
		LogDays:     r.number("logDays", 1, 3653),
		Concurrency: r.number("partitionConcurrency", 1, 1000),
	}
	checkName(r, cfg.Name)
	if cfg.Model != "" && !filepath.IsLocal(cfg.Model) {
		r.refuse("model", fmt.Sprintf("is %q, not the path of a file of this project, from its root", cfg.Model))
	}
	readPlatform(r, &cfg)
	checkTable(r, cfg.Table, cfg)
	if _, ok := logRetention(cfg.LogDays); !ok {
		r.refuse("logDays", fmt.Sprintf("is %d, which CloudWatch Logs does not offer; 7, 14, 30, 90, 180, 365 or 731", cfg.LogDays))
	}
	r.finish()
	if len(problems) > 0 {
		return Config{}, fmt.Errorf("read cdk.json: %s", strings.Join(problems, "; "))
	}
	return cfg, nil
}

func readSchedule(r reader) ScheduleConfig {
	s := ScheduleConfig{
		Enabled: r.flag("enabled"), Hour: r.number("hour", 0, 23), Minute: r.number("minute", 0, 59),
		TimeZone:     r.text("timeZone"),
		EveryMinutes: r.number("everyMinutes", 15, everyNight), FullDays: r.number("fullEveryDays", 0, 30),
	}
	r.finish()
	if r.absent || s.EveryMinutes < everyNight {
		return s
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		r.refuse("timeZone", fmt.Sprintf("is %q, which is not an IANA time zone", s.TimeZone))
		return s
	}
	// Scheduler leaves out a night whose local time does not exist:
	// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
	for day := range 3 * 365 {
		at := time.Date(2026, time.January, 1+day, s.Hour, s.Minute, 0, 0, zone)
		if at.Hour() != s.Hour {
			r.refuse("hour", fmt.Sprintf("is %d, but %02d:%02d does not exist on %s in %s, so that night would be left out",
				s.Hour, s.Hour, s.Minute, at.Format(time.DateOnly), s.TimeZone))
			return s
		}
	}
	return s
}

func readStorage(r reader) StorageConfig {
	const never = 36500
	s := StorageConfig{
		RawDays: r.number("rawDays", 2, never), RecordDays: r.number("recordDays", 2, never),
		ArchiveGlacierDays: r.number("archiveGlacierDays", 30, never), ArchiveDays: r.number("archiveDays", 31, never),
		AthenaDays: r.number("athenaDays", 1, never),
	}
	r.finish()
	// Glacier Instant Retrieval bills at least 90 days:
	// https://aws.amazon.com/s3/storage-classes/
	if !r.absent && s.ArchiveDays < s.ArchiveGlacierDays+90 {
		r.refuse("archiveDays", fmt.Sprintf("is %d, less than archiveGlacierDays plus the 90 days that are billed there anyway", s.ArchiveDays))
	}
	return s
}

func readWarehouse(r reader) WarehouseConfig {
	w := WarehouseConfig{Kind: r.text("kind"), Database: r.text("database")}
	switch w.Kind {
	case Serverless:
		w.BaseRPU, w.MaxRPU = r.number("baseRPU", 4, 1024), r.number("maxRPU", 4, 1024)
		w.EnhancedVPCRouting, w.Network = r.flag("enhancedVpcRouting"), readNetwork(r.block("network"))
		w.DailyRPUHours = r.number("dailyRpuHours", 0, 1<<20)
		// https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-capacity.html
		if w.BaseRPU != 4 && w.BaseRPU%8 != 0 {
			r.refuse("baseRPU", fmt.Sprintf("is %d, neither 4 nor a multiple of 8", w.BaseRPU))
		}
		if w.MaxRPU < w.BaseRPU {
			r.refuse("maxRPU", fmt.Sprintf("is %d, less than baseRPU", w.MaxRPU))
		}
	case Provisioned:
		w.NodeType, w.Nodes = r.text("nodeType"), r.number("nodes", 2, 128)
		w.EnhancedVPCRouting, w.Network = r.flag("enhancedVpcRouting"), readNetwork(r.block("network"))
		if !strings.HasPrefix(w.NodeType, "ra3.") {
			r.refuse("nodeType", fmt.Sprintf("is %q, not an RA3 node such as ra3.4xlarge", w.NodeType))
		}
	case Workgroup:
		w.Name, w.WorkgroupARN, w.SecretARN = r.text("workgroup"), r.text("workgroupArn"), r.maybe("secretArn")
		checkARN(r, "workgroupArn", w.WorkgroupARN, "redshift-serverless")
	case Cluster:
		w.Name, w.SecretARN = r.text("cluster"), r.maybe("secretArn")
	default:
		if !r.absent {
			r.refuse("kind", fmt.Sprintf("is %q, not one of %s, %s, %s, %s", w.Kind, Serverless, Provisioned, Workgroup, Cluster))
		}
		return w
	}
	if w.SecretARN != "" {
		checkARN(r, "secretArn", w.SecretARN, "secretsmanager")
	}
	checkDatabase(r, w.Database)
	r.finish()
	return w
}

func readAlarms(r reader) AlarmConfig {
	a := AlarmConfig{
		Email: r.maybe("email"), SetAsideLimit: r.number("setAsideLimit", 0, 1<<31-1),
		MonthlyBudget: r.number("monthlyBudget", 0, 1<<31-1), Chat: readChat(r.block("chat")),
	}
	r.finish()
	if a.Email != "" && !strings.Contains(a.Email, "@") {
		r.refuse("email", fmt.Sprintf("is %q, not an address", a.Email))
	}
	return a
}

// maxName keeps the longest name of all, that of a function, within 64
// characters: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
const maxName = 40

func checkName(r reader, name string) {
	switch {
	case !regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`).MatchString(name):
		r.refuse("name", fmt.Sprintf("makes %q, not lower-case letters, digits and single dashes, with a letter first", name))
	case len(name) > maxName:
		r.refuse("name", fmt.Sprintf("makes %q, which has %d characters; %d is the most", name, len(name), maxName))
	case strings.HasPrefix(name, "aws-") || strings.HasPrefix(name, "amazon-"):
		r.refuse("name", fmt.Sprintf("makes %q, which begins like names that AWS reserves", name))
	}
}

// checkTable takes the name or the ARN of a table:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
func checkTable(r reader, table string, cfg Config) {
	if strings.HasPrefix(table, "arn:") {
		checkARN(r, "existingTable", table, "dynamodb")
		// A table elsewhere would be found out by the first night.
		if parts := strings.SplitN(table, ":", 6); len(parts) == 6 && (parts[3] != cfg.Region || parts[4] != cfg.Account) {
			r.refuse("existingTable", fmt.Sprintf("is in account %s and Region %s; pin account and region of the environment to these, where its export is made, or give the table's name",
				parts[4], parts[3]))
		}
	} else if table != "" && !regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`).MatchString(table) {
		r.refuse("existingTable", fmt.Sprintf("is %q, neither a table's name nor its ARN", table))
	}
}

func checkDatabase(r reader, name string) {
	switch {
	case name == "": // said already
	case !regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`).MatchString(name):
		r.refuse("database", fmt.Sprintf("is %q, not 1 to 64 lower-case letters, digits and underscores, with a letter first", name))
	case model.QuoteName(name) != name:
		r.refuse("database", fmt.Sprintf("is %q, a reserved word of SQL", name))
	}
}

func checkARN(r reader, key, arn, service string) {
	if parts := strings.SplitN(arn, ":", 6); arn != "" && (len(parts) != 6 || parts[0] != "arn" || parts[2] != service) {
		r.refuse(key, fmt.Sprintf("is %q, not the ARN of a resource of %s", arn, service))
	}
}
