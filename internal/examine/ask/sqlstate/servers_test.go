//go:build unix

package sqlstate

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a database server of this machine's, for one test.
type server struct {
	dir  string // data, and the socket
	port string
	as   *syscall.SysProcAttr
}

// newServer makes a folder for a server whose programs are there, and skips the test otherwise.
func newServer(t *testing.T, programs ...*string) *server {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a server")
	}
	for _, p := range programs {
		found, _ := filepath.Glob(*p)
		if path, err := exec.LookPath(filepath.Base(*p)); err == nil {
			found = append(found, path)
		}
		if len(found) == 0 {
			t.Skipf("%s is not on this machine", filepath.Base(*p))
		}
		*p = found[0]
	}
	dir, err := os.MkdirTemp("", "sqlstate") // the names of sockets must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &server{dir: dir, as: &syscall.SysProcAttr{}}
	if os.Getuid() == 0 { // servers refuse to run as root
		nobody, err := user.Lookup("nobody")
		if err != nil {
			t.Skip(err)
		}
		uid, _ := strconv.Atoi(nobody.Uid)
		gid, _ := strconv.Atoi(nobody.Gid)
		s.as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, s.port, _ = net.SplitHostPort(free.Addr().String())
	free.Close()
	return s
}

func (s *server) command(ctx context.Context, words ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.SysProcAttr, cmd.Dir = s.as, s.dir
	cmd.Env = append(os.Environ(), "HOME="+s.dir, "LC_ALL=C")
	return cmd
}

// prepare runs a command to its end.
func (s *server) prepare(t *testing.T, words ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if out, err := s.command(ctx, words...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", words[0], err, out)
	}
}

// start runs the server until the test is over.
func (s *server) start(t *testing.T, words ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := s.command(context.Background(), words...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGQUIT) // at once, for PostgreSQL
		time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("%s", text)
		}
		log.Close()
	})
}

// fill waits for the server and makes tables.
func fill(t *testing.T, driver, source string, texts ...string) {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for began := time.Now(); db.Ping() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal(db.Ping())
		}
	}
	for _, text := range texts {
		for one := range strings.SplitSeq(text, ";\n") {
			if strings.TrimSpace(one) == "" {
				continue
			}
			if _, err := db.Exec(one); err != nil {
				t.Fatalf("%s: %v", one, err)
			}
		}
	}
}

func TestPostgreSQL(t *testing.T) {
	initdb, postgres := "/usr/lib/postgresql/*/bin/initdb", "/usr/lib/postgresql/*/bin/postgres"
	s := newServer(t, &initdb, &postgres)
	data := filepath.Join(s.dir, "data")
	words := filepath.Join(s.dir, "password")
	if err := os.WriteFile(words, []byte("p@ss/word\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.prepare(t, initdb, "-D", data, "-U", "ann", "-A", "scram-sha-256", "--pwfile", words, "--no-sync", "-E", "UTF8")
	s.start(t, postgres, "-D", data, "-k", s.dir, "-p", s.port, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off")
	const guid = "6f1c0000-0000-4000-8000-0000000000aa"
	address := "postgres://ann:p%40ss%2Fword@127.0.0.1:" + s.port + "/postgres?sslmode=disable"
	more, documentedQuery := documented(t, "PostgreSQL")
	fill(t, "pgx", address, tables, more, `
CREATE TABLE typed (conversation uuid, channel uuid, agent integer, held interval, talk double precision, live boolean, at timestamptz);
INSERT INTO typed VALUES ('`+guid+`', '`+guid+`', 150, '30.5 seconds', 66.25, true, now())`)
	askTables(t, open(t, address, query, Options{}))
	askDocumented(t, address, documentedQuery)
	askTables(t, open(t, "postgres:///postgres?host="+s.dir+"&port="+s.port+"&user=ann&password=p%40ss%2Fword", query, Options{}))
	w := open(t, address, `SELECT channel AS "channelId", agent AS "agentId", EXTRACT(EPOCH FROM held) AS "seconds.held", talk, live AS answered, at::text AS "interactionId"
		FROM typed WHERE conversation = :conversation`, Options{})
	got, err := w.Ask(t.Context(), guid)
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Channels[guid]; c == nil || c.AgentID != 150.0 || c.Seconds["held"] != 30.5 || got.Figures["talk"] != 66.25 || got.Figures["answered"] != 1 {
		t.Errorf("%+v %+v", c, got)
	}
	askWrongly(t, address, []wrongQuery{
		{"SELEC :conversation", "syntax error", true},
		{"SELECT nothing FROM calls WHERE conversation = :conversation", `column "nothing" does not exist`, true},
		{"SELECT * FROM later WHERE id = :conversation", `relation "later" does not exist`, false},
		{"DELETE FROM calls WHERE conversation = :conversation RETURNING conversation AS channelId", "cannot execute DELETE in a read-only transaction", false},
		{"SELECT channel AS channelId FROM typed WHERE conversation = :conversation", `invalid input syntax for type uuid: "c1"`, true},
		{"SELECT channel AS channelId, held AS seconds_held FROM typed WHERE :conversation <> ''", `seconds_held is a string, "00:00:30.5"; want a number of seconds`, true},
		{"SELECT pg_sleep(20), :conversation AS channelId; SELECT 1", "cannot insert multiple commands", true},
	})
	if _, err := Open(t.Context(), strings.Replace(address, "word@", "x@", 1), query, Options{}); err == nil || !strings.Contains(err.Error(), "password authentication failed") || strings.Contains(err.Error(), "ss") && strings.Contains(err.Error(), "p@ss") {
		t.Errorf("a wrong password: %v", err)
	}
	unsaid := strings.TrimSuffix(address, "?sslmode=disable") // so TLS is tried first, which this server does not speak
	for url, want := range map[string]string{
		strings.Replace(unsaid, "word@", "x@", 1):         "password authentication failed for user \"ann\"; are the user and the password of the URL right?",
		strings.Replace(unsaid, "ann:", "bob:", 1):        "password authentication failed for user \"bob\"; are the user",
		strings.Replace(unsaid, "/postgres", "/calls", 1): "database \"calls\" does not exist; is the name of the database right?",
		unsaid + "?sslmode=require":                       "it speaks no TLS; ask for none in the URL",
	} {
		if _, err := Open(t.Context(), url, query, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	slow := open(t, address, "SELECT pg_sleep(20), :conversation AS channelId", Options{Timeout: 300 * time.Millisecond})
	if _, err := slow.Ask(t.Context(), "c1"); err == nil || !strings.Contains(err.Error(), "the query did not end within 300ms") {
		t.Errorf("a slow query: %v", err)
	}
}

func TestMySQL(t *testing.T) {
	install, daemon := "/usr/bin/mariadb-install-db", "/usr/sbin/mariadbd"
	s := newServer(t, &install, &daemon)
	data, socket := filepath.Join(s.dir, "data"), filepath.Join(s.dir, "s")
	s.prepare(t, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")
	s.start(t, daemon, "--no-defaults", "--datadir="+data, "--socket="+socket, "--port="+s.port, "--bind-address=127.0.0.1", "--pid-file="+filepath.Join(s.dir, "pid"))
	const guid = "6f1c0000-0000-4000-8000-0000000000aa"
	fill(t, "mysql", "root@unix("+socket+")/", "CREATE DATABASE calls", "CREATE USER ann@'127.0.0.1' IDENTIFIED BY 'p@ss/word'", "GRANT ALL ON calls.* TO ann@'127.0.0.1'")
	more, documentedQuery := documented(t, "MariaDB")
	fill(t, "mysql", "root@unix("+socket+")/calls", tables, more, fmt.Sprintf(`
CREATE TABLE typed (conversation BINARY(16), agent INTEGER, held TIME(3), talk DOUBLE, live BOOLEAN, at DATETIME(3));
INSERT INTO typed VALUES (UNHEX('%s'), 150, '00:00:30.5', 66.25, true, now())`, strings.ReplaceAll(guid, "-", "")))
	address := "mysql://ann:p%40ss%2Fword@127.0.0.1:" + s.port + "/calls"
	askTables(t, open(t, address, query, Options{}))
	askDocumented(t, address, documentedQuery)
	askTables(t, open(t, "mysql://root@/calls?socket="+socket, query, Options{}))
	w := open(t, address, `SELECT conversation AS channelId, agent AS agentId, TIME_TO_SEC(held) AS seconds_held, talk, live AS answered, at AS interactionId
		FROM typed WHERE conversation = UNHEX(REPLACE(:conversation, '-', ''))`, Options{})
	got, err := w.Ask(t.Context(), guid)
	if err != nil {
		t.Fatal(err)
	}
	if c := got.Channels[guid]; c == nil || c.AgentID != 150.0 || c.Seconds["held"] != 30.5 || got.Figures["talk"] != 66.25 || got.Figures["answered"] != 1 {
		t.Errorf("%+v %+v", c, got)
	}
	askWrongly(t, address, []wrongQuery{
		{"SELEC :conversation", "error in your SQL syntax", true},
		{"SELECT nothing FROM calls WHERE conversation = :conversation", "Unknown column 'nothing'", true},
		{"SELECT * FROM later WHERE id = :conversation", "Table 'calls.later' doesn't exist", false},
		{"DELETE FROM calls WHERE conversation = :conversation RETURNING conversation AS channelId", "Cannot execute statement in a READ ONLY transaction", false},
		{"SELECT conversation AS channelId, held AS seconds_held FROM typed WHERE :conversation <> ''", `seconds_held is a string, "00:00:30.500"; want a number of seconds`, true},
		{"SELECT :conversation AS channelId; DELETE FROM calls", "error in your SQL syntax", true},
	})
	if _, err := Open(t.Context(), strings.Replace(address, "word@", "x@", 1), query, Options{}); err == nil || !strings.Contains(err.Error(), "Access denied for user 'ann'") {
		t.Errorf("a wrong password: %v", err)
	}
	slow := open(t, address, "SELECT SLEEP(20), :conversation AS channelId", Options{Timeout: 300 * time.Millisecond})
	if _, err := slow.Ask(t.Context(), "c1"); err == nil || !strings.Contains(err.Error(), "the query did not end within 300ms") {
		t.Errorf("a slow query: %v", err)
	}
}
