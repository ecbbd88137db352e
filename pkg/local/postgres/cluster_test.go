package postgres_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/nightstar-elt/nightstar/pkg/local/postgres"
	"github.com/nightstar-elt/nightstar/pkg/local/sqlengine"
)

// cluster is the one server of these tests, stopped by TestMain.
var cluster = sync.OnceValues(func() (*postgres.Server, error) { return postgres.Start(context.Background()) })

func TestMain(m *testing.M) {
	if os.Getenv(diesWithItsParent) != "" {
		os.Exit(startAndWait())
	}
	code := m.Run()
	server, err := cluster()
	if err == nil {
		err = server.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// diesWithItsParent is set in the process that TestStart_diesWithItsParent
// starts and kills.
const diesWithItsParent = "NIGHTSTAR_TEST_DIES_WITH_ITS_PARENT"

// startAndWait starts a server, says so, and never stops it.
func startAndWait() int {
	if _, err := postgres.Start(context.Background()); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("started")
	time.Sleep(time.Minute)
	return 1
}

func open(t *testing.T) *postgres.Engine {
	t.Helper()
	server, err := cluster()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := server.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// begin begins a transaction that is rolled back at the end of the test.
func begin(t *testing.T, engine *postgres.Engine) sqlengine.Tx {
	t.Helper()
	tx, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	})
	return tx
}

// run runs statements that must succeed and returns what the last returned.
func run(t *testing.T, tx sqlengine.Tx, statements ...string) *sqlengine.Result {
	t.Helper()
	var last *sqlengine.Result
	for _, statement := range statements {
		result, err := tx.Exec(t.Context(), statement)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		last = result
	}
	return last
}
