package warehouse

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
)

// failure is why a batch ended without a result.
type failure struct {
	reason string // in the warehouse's words
	err    error  // the reason without values, with the statement that it belongs to
}

// explain finds the statement that ended a batch. The ones after it are marked
// as aborted, so those are looked at only if none failed.
func explain(statement *redshiftdata.DescribeStatementOutput) failure {
	f := failure{reason: aws.ToString(statement.Error)}
	where := "statement " + aws.ToString(statement.Id)
	for _, status := range []types.StatementStatusString{
		types.StatementStatusStringFailed, types.StatementStatusStringAborted,
	} {
		i := slices.IndexFunc(statement.SubStatements, func(s types.SubStatementData) bool { return s.Status == status })
		if i < 0 {
			continue
		}
		sub := statement.SubStatements[i]
		if own := aws.ToString(sub.Error); own != "" {
			f.reason = own
		}
		where = fmt.Sprintf("statement %d of %d of %s, %q",
			position(sub), len(statement.SubStatements), aws.ToString(statement.Id), shorten(aws.ToString(sub.QueryString)))
		break
	}
	if f.reason == "" {
		f.reason = "the warehouse gave no reason"
	}
	f.err = fmt.Errorf("run %s: %w", where, errors.New(withoutValues(f.reason, statement.SubStatements)))
	return f
}

// withoutValues hides what the warehouse quotes and neither names a part of the
// database nor stands in the statements of the batch: it may be a value of
// somebody's item, and causes go to logs, mail and chat rooms. URLs of files stay:
// they hold a run and a number. Whoever needs the value finds it in the warehouse,
// in sys_load_error_detail and sys_query_history.
func withoutValues(reason string, statements []types.SubStatementData) string {
	const nouns = `(?:relation|table|column|schema|database|procedure|function|language|type|constraint|user|role|limit)`
	quoted := regexp.MustCompile(`(?i)(\b` + nouns + `\s+)?("[^"]*"|\B'[^']*'\B|=\([^()]*\))`)
	return quoted.ReplaceAllStringFunc(reason, func(match string) string {
		parts := quoted.FindStringSubmatch(match)
		value := strings.Trim(parts[2], `"'=()`)
		said := func(s types.SubStatementData) bool { return strings.Contains(aws.ToString(s.QueryString), value) }
		if parts[1] != "" || strings.Contains(value, "://") || slices.ContainsFunc(statements, said) {
			return match
		}
		return strings.Replace(match, value, "…", 1)
	})
}

// position is the number of a statement in its batch, from 1: the ids of sub-
// statements are those of the batch with :1, :2 … after them. It is 0 where an
// id is not like that.
func position(sub types.SubStatementData) int {
	_, number, _ := strings.Cut(aws.ToString(sub.Id), ":")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n
}

// maxShown is how many characters of a statement an error shows.
const maxShown = 120

// shorten puts the beginning of a statement on one line.
func shorten(statement string) string {
	line := []rune(strings.Join(strings.Fields(statement), " "))
	if len(line) > maxShown {
		return string(line[:maxShown]) + "…"
	}
	return string(line)
}

// passes reports whether the failure passes by itself, so that the same batch may
// succeed when it is submitted again. The Data API gives the warehouse's words
// and no code:
//
//   - 1023 and its sentence: transactions that cannot be put in an order; 1018:
//     a relation that another transaction has just replaced
//     (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation-serializable-isolation-troubleshooting.html).
//   - The same conflict as snapshot isolation words it, and deadlocks.
//   - Connections that broke or could not be had.
//
// A batch is one transaction, so one that failed has left nothing behind.
func (f failure) passes() bool {
	patterns := []string{
		`error:\s*10(18|23)\b`,
		`serializable isolation violation`,
		`could not serialize access`,
		`conflict with concurrent transaction`,
		`deadlock detected`,
		`could not connect`,
		`connection\b.{0,60}\b(closed|lost|refused|reset|terminated|timed out|exceeded)\b`,
		`terminating connection`,
	}
	return regexp.MustCompile(`(?is)` + strings.Join(patterns, "|")).MatchString(f.reason)
}
