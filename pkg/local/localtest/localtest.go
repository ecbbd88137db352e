// Package localtest opens the local warehouses for tests: both engines, each
// empty, and the Data API over one of them. What it opens ends with the test.
package localtest

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"github.com/nightstar-elt/nightstar/pkg/awstest"
	"github.com/nightstar-elt/nightstar/pkg/local/duckdb"
	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	local "github.com/nightstar-elt/nightstar/pkg/local/redshiftdata"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// Engines are all engines by name, each with what opens it.
func Engines() map[string]func(*testing.T) sqlengine.Engine {
	return map[string]func(*testing.T) sqlengine.Engine{"duckdb": DuckDB, "postgres": Postgres}
}

// DuckDB opens an empty DuckDB file.
func DuckDB(t *testing.T) sqlengine.Engine {
	t.Helper()
	engine, err := duckdb.Open(t.Context(), filepath.Join(t.TempDir(), "warehouse.duckdb"), duckdb.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, engine)
	return engine
}

// Postgres starts a PostgreSQL and opens an empty database of it.
func Postgres(t *testing.T) sqlengine.Engine {
	t.Helper()
	server, err := postgres.Start(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, server)
	engine, err := server.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// DataAPI serves the Data API over an engine, with COPY from objects, and
// returns a client of it.
func DataAPI(t *testing.T, engine sqlengine.Engine, objects *awstest.S3) *redshiftdata.Client {
	t.Helper()
	server := local.New(engine, objects.Client(), local.Options{TempDir: t.TempDir(), PageRows: 1})
	closeAfter(t, server)
	front := httptest.NewServer(server)
	t.Cleanup(front.Close)
	return redshiftdata.New(redshiftdata.Options{
		Region: "us-east-1", BaseEndpoint: &front.URL,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// Lines writes each row of a result as one line: a|b|c.
func Lines(result *sqlengine.Result) []string {
	lines := make([]string, len(result.Rows))
	for i, row := range result.Rows {
		cells := make([]string, len(row))
		for j, v := range row {
			if v == nil {
				v = "null"
			}
			cells[j] = fmt.Sprint(v)
		}
		lines[i] = strings.Join(cells, "|")
	}
	return lines
}

func closeAfter(t *testing.T, c io.Closer) {
	t.Helper()
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}
