package redshiftdata

import (
	"fmt"
	"strings"

	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine/sqltext"
)

// copyCommand is a COPY that the endpoint executes.
type copyCommand struct {
	table    sqltext.Name
	columns  []string // nil for all columns of the table
	manifest location
}

// location is the place of an object.
type location struct {
	bucket string
	key    string
}

func (l location) String() string { return "s3://" + l.bucket + "/" + l.key }

// parseLocation reads s3://bucket/key.
func parseLocation(url string) (location, error) {
	rest, ok := strings.CutPrefix(url, "s3://")
	bucket, key, _ := strings.Cut(rest, "/")
	if !ok || bucket == "" || key == "" || strings.HasSuffix(key, "/") {
		return location{}, fmt.Errorf("%q is not s3://bucket/key", url)
	}
	return location{bucket: bucket, key: key}, nil
}

// parseCopy reads COPY schema.table [(columns)] FROM 's3://…' and its options,
// which may stand in any order, each once.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
func parseCopy(tokens []sqltext.Token) (*copyCommand, error) {
	if n := len(tokens); n > 0 && tokens[n-1].Is(";") {
		tokens = tokens[:n-1]
	}
	c := sqltext.NewCursor(tokens)
	if err := c.Expect("copy"); err != nil {
		return nil, err
	}
	command := &copyCommand{}
	var err error
	if command.table, err = c.Name(); err != nil {
		return nil, err
	}
	if command.table.Schema == "" {
		return nil, fmt.Errorf("table %s needs its schema", command.table)
	}
	if c.Peek(0).Is("(") {
		if command.columns, err = c.Identifiers(); err != nil {
			return nil, fmt.Errorf("column list: %w", err)
		}
	}
	if err := c.Expect("from"); err != nil {
		return nil, err
	}
	from := c.Next()
	if from.Kind != sqltext.String {
		return nil, fmt.Errorf("from needs 's3://bucket/key'")
	}
	if command.manifest, err = parseLocation(from.Text); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	return command, parseOptions(c)
}

// parseOptions reads the options of COPY.
func parseOptions(c *sqltext.Cursor) error {
	seen := map[string]bool{}
	for !c.Done() {
		at := c.Peek(0)
		var err error
		switch {
		case c.Accept("iam_role"):
			err = parseRole(c)
		case c.Accept("format"):
			c.Accept("as")
			if !c.Accept("parquet") {
				err = fmt.Errorf("format %s is refused: the local endpoint loads parquet", c.Describe())
			}
		case c.Accept("manifest"):
		case c.Accept("statupdate"):
			if c.Peek(0).Is("on", "off", "true", "false") {
				c.Next()
			}
		default:
			err = fmt.Errorf("option %s is refused: the local endpoint knows iam_role, format as parquet, manifest and statupdate", c.Describe())
		}
		if err != nil {
			return err
		}
		if seen[at.Text] {
			return fmt.Errorf("option %s stands twice", at.Text)
		}
		seen[at.Text] = true
	}
	for _, option := range []string{"iam_role", "format", "manifest"} {
		if !seen[option] {
			return fmt.Errorf("option %s is missing%s", option, map[string]string{
				"manifest": ": without it, from is a prefix that can match files of another table or run",
			}[option])
		}
	}
	return nil
}

// parseRole reads DEFAULT or one or more ARNs with commas between.
func parseRole(c *sqltext.Cursor) error {
	if c.Accept("default") {
		return nil
	}
	role := c.Peek(0)
	if role.Kind != sqltext.String {
		return fmt.Errorf("iam_role %s is refused: it takes default or 'arn:aws:iam::…:role/…'", c.Describe())
	}
	for arn := range strings.SplitSeq(role.Text, ",") {
		if !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, ":role/") {
			return fmt.Errorf("iam_role %q is not a role", arn)
		}
	}
	c.Next()
	return nil
}
