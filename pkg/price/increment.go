package price

// Cadence is how often runs load what has changed.
type Cadence struct {
	Size              // of the table; Seconds and RPU are of an increment
	Changed   float64 // share of the table that is written in a day
	RunsADay  int     // increments
	FullEvery int     // days between full runs; 0 for none
}

// What an increment takes, besides what it has in common with a full run.
const (
	leastExport          = 0.01 // gigabytes that an incremental export is billed for at least
	images               = 2    // of each changed item: the old one and the new one
	filesPerIncrement    = 8
	transitionsPerWindow = 60 // of the map over windows, with a poll a minute for ten minutes
)

// Day is what a day of increments costs, in dollars, without full runs.
func (l List) Day(c Cadence) Night {
	runs := float64(c.RunsADay)
	changed := c.Gigabytes * c.Changed
	return Night{
		Export: max(changed, runs*leastExport) * l.usd("dynamodb-export"),
		Lambda: changed * images * secondsPerGB * lambdaGB * l.usd("lambda-arm64"),
		Requests: runs * ((transitionsBefore+transitionsPerWindow+transitionsPerFile*filesPerIncrement)*l.usd("stepfunctions") +
			filesPerIncrement*putsPerFile*l.usd("s3-put")),
		Redshift: runs * float64(c.RPU) * float64(max(60, c.Seconds)) / 3600 * l.usd("redshift-serverless"),
	}
}

// Month is what 30 days of increments cost, with the full runs among them. A full run
// is one of that size.
func (l List) Month(c Cadence, full Size) float64 {
	month := 30 * l.Day(c).Total()
	if c.FullEvery > 0 {
		month += 30 / float64(c.FullEvery) * l.Night(full).Total()
	}
	return month
}
