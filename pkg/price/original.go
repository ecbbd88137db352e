package price

// What the system that Nightstar follows runs, as its description says.
const (
	originalJobs        = 9   // of Glue, each night
	originalNodes       = 2   // ra3.4xlarge, all the time
	hoursPerMonth       = 730 // as AWS counts a month
	originalTransitions = 50
)

// OriginalNight is what a night of the original costs, in dollars, beside its
// cluster.
type OriginalNight struct {
	Export, Jobs, Requests float64
}

// OriginalNight estimates a night of the original with the same table: the same
// export, and Glue jobs that take the same time for any small table.
func (l List) OriginalNight(s Size) OriginalNight {
	files := float64(s.Files)
	return OriginalNight{
		Export:   s.Gigabytes * l.usd("dynamodb-export"),
		Jobs:     originalJobs * l.usd("glue-job"),
		Requests: originalTransitions*l.usd("stepfunctions") + files*(putsPerFile*l.usd("s3-put")+copiesPerFile*l.usd("s3-put-ia")),
	}
}

// Total is the sum.
func (n OriginalNight) Total() float64 { return n.Export + n.Jobs + n.Requests }

// OriginalWarehouse is what the cluster of the original costs in a month.
func (l List) OriginalWarehouse() float64 {
	return originalNodes * hoursPerMonth * l.usd("redshift-ra3.4xlarge")
}
