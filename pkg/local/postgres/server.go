package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a running throw-away cluster.
type Server struct {
	dir       string // everything of the cluster, deleted by Close
	process   *process
	log       *bytes.Buffer // output of the server, read after it has ended
	base      *pgx.ConnConfig
	databases atomic.Int64 // made so far, for their names
}

// startTimeout bounds initdb and the start, which take seconds on an idle
// machine.
const startTimeout = 2 * time.Minute

// Start initialises a cluster in a temporary folder and starts it. It is
// stopped by [Server.Close], and on Linux also when this process dies.
//
// The cluster has locale C, which orders text by its bytes as Redshift does
// (https://docs.aws.amazon.com/redshift/latest/dg/c_collation_sequences.html).
func Start(ctx context.Context) (*Server, error) { return start(ctx, system) }

// start is Start with another place to look for binaries first.
func start(ctx context.Context, system string) (_ *Server, err error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	dir, err := scratch()
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start postgres: %w", err), os.RemoveAll(dir))
		}
	}()
	bin, err := findBinaries(system, dir)
	if err != nil {
		return nil, err
	}
	if err := initialise(ctx, bin, dir); err != nil {
		return nil, err
	}
	base, err := connection(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, log: &bytes.Buffer{}, base: base}
	if err := s.launch(bin); err != nil {
		return nil, err
	}
	if err := s.wait(ctx); err != nil {
		return nil, errors.Join(err, s.process.stop())
	}
	return s, nil
}

// scratch makes the folder of the cluster, which belongs to the user that
// PostgreSQL runs as. Its path is short: a socket's may have some hundred
// bytes.
func scratch() (string, error) {
	dir, err := os.MkdirTemp("", "nightstar-pg-")
	if err != nil {
		return "", err
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			return "", errors.Join(err, os.RemoveAll(dir))
		}
	}
	return dir, nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command runs a program of PostgreSQL: as nobody if this process is root, in
// the folder of the cluster, without settings of the user.
func command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = attributes()
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd
}

// nobody is the user and group without rights, on Debian and most systems.
const nobody = 65534

// superuser owns everything in the cluster.
const superuser = "nightstar"

func initialise(ctx context.Context, bin, dir string) error {
	out, err := command(ctx, dir, filepath.Join(bin, "initdb"),
		"--pgdata", filepath.Join(dir, "data"), "--username", superuser, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("run initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// launch starts the server process. Its context is not the caller's: it lives
// until Close.
func (s *Server) launch(bin string) error {
	cmd := command(context.Background(), s.dir, filepath.Join(bin, "postgres"),
		"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "max_connections=100", "-c", "timezone=UTC", "-c", "datestyle=ISO,YMD",
		"-c", "jit=off", "-c", "logging_collector=off")
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.WaitDelay = time.Second // a session that outlives the server may hold its output open
	p, err := startProcess(cmd)
	if err != nil {
		return fmt.Errorf("run postgres: %w", err)
	}
	s.process = p
	return nil
}

// wait returns when the server takes connections, or why it never will.
func (s *Server) wait(ctx context.Context) error {
	for {
		conn, err := pgx.ConnectConfig(ctx, s.config("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("connect: %w", errors.Join(ctx.Err(), err))
		case <-s.process.ended:
			return fmt.Errorf("server ended at once: %w: %s", s.process.err, bytes.TrimSpace(s.log.Bytes()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// connection says how to reach the cluster in dir, regardless of PG…
// variables in the environment.
func connection(dir string) (*pgx.ConnConfig, error) {
	quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(dir) + "'"
	return pgx.ParseConfig("host=" + quoted + " port=5432 user=" + superuser + " sslmode=disable passfile=/dev/null")
}

// config says how to reach a database of the cluster.
func (s *Server) config(database string) *pgx.ConnConfig {
	config := s.base.Copy()
	config.Database = database
	return config
}

// Open makes an empty database and returns it. Several may be used at once;
// close them before the server.
func (s *Server) Open(ctx context.Context) (*Engine, error) {
	name := "warehouse" + strconv.FormatInt(s.databases.Add(1), 10)
	conn, err := pgx.ConnectConfig(ctx, s.config("postgres"))
	if err != nil {
		return nil, fmt.Errorf("create database %s: %w", name, err)
	}
	_, err = conn.Exec(ctx, "create database "+name+" template template0")
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return nil, fmt.Errorf("create database %s: %w", name, err)
	}
	return &Engine{config: s.config(name)}, nil
}

// Close stops the cluster and deletes it.
func (s *Server) Close() error {
	if err := errors.Join(s.process.stop(), os.RemoveAll(s.dir)); err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	return nil
}
