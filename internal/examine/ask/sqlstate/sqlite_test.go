package sqlstate

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/examine/ask"
)

// tables are what consumers may have, in a form that all databases understand.
const tables = `
CREATE TABLE calls (conversation VARCHAR(64) PRIMARY KEY, answered INTEGER, talk DECIMAL(10,3));
CREATE TABLE parties (conversation VARCHAR(64), id VARCHAR(64), interaction VARCHAR(64), agent VARCHAR(20), phase VARCHAR(20), held DECIMAL(10,3), n INTEGER);
INSERT INTO calls VALUES ('c1', 1, 66.2), ('c2', 0, NULL);
INSERT INTO parties VALUES ('c1', 'A1', 'i1', '0150', 'ended', 30.125, 7), ('c1', 'a2', 'i1', NULL, 'held', NULL, 3);
`

const query = `
SELECT ch.id AS channelId, ch.interaction AS interaction_id, ch.agent AS agentId, ch.phase, ch.held AS seconds_held,
       ch.n AS notifications, c.answered, c.talk, ':conversation' AS conversationId
FROM calls c LEFT JOIN parties ch ON ch.conversation = c.conversation -- of :conversation
WHERE c.conversation = :conversation OR c.conversation = :conversation`

// askTables asks a database that has the tables.
func askTables(t *testing.T, w ask.Way) {
	t.Helper()
	s, err := w.Ask(t.Context(), "c1")
	if err != nil || len(s.Channels) != 2 || len(s.Unknown) != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	a, b := s.Channels["a1"], s.Channels["a2"]
	if *a.InteractionID != "i1" || a.AgentID != "0150" || *a.Phase != "ended" || a.Seconds["held"] != 30.125 || *a.Notifications != 7 {
		t.Errorf("%+v", a)
	}
	if b.AgentID != nil || *b.Phase != "held" || b.Seconds["held"] != 0 || s.Figures["talk"] != 66.2 || s.Figures["answered"] != 1 {
		t.Errorf("%+v, %v", b, s.Figures)
	}
	if s, err := w.Ask(t.Context(), "c2"); err != nil || len(s.Channels) != 0 || len(s.Figures) != 1 {
		t.Errorf("without channels: %+v, %v", s, err)
	}
	for _, id := range []string{"none", "c1' OR '1'='1", `c1" OR 1=1 --`, ""} {
		if s, err := w.Ask(t.Context(), id); s != nil || err != nil {
			t.Errorf("%q: %+v, %v; want nothing", id, s, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Ask(ctx, "c1"); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that of the context", err)
	}
}

// wrongQuery is a query that must fail in a way.
type wrongQuery struct {
	query, want string
	lasting     bool
}

func askWrongly(t *testing.T, address string, wrong []wrongQuery) {
	t.Helper()
	for _, q := range wrong {
		w, err := Open(t.Context(), address, q.query, Options{})
		if err != nil {
			t.Errorf("%s: %v", q.query, err)
			continue
		}
		_, err = w.Ask(t.Context(), "c1")
		problem, ok := errors.AsType[*ask.Problem](err)
		if !ok || problem.Lasting != q.lasting || !strings.Contains(err.Error(), q.want) {
			t.Errorf("%s: %v, want %q, lasting %t", q.query, err, q.want, q.lasting)
		}
		w.Close()
	}
}

func open(t *testing.T, address, query string, o Options) ask.Way {
	t.Helper()
	w, err := Open(t.Context(), address, query, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// documented are the queries of the page for users, by the database that stands before them.
func documented(t *testing.T, database string) (tables, query string) {
	t.Helper()
	page, err := os.ReadFile("../../../../docs/state.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```sql\n")
	for i, block := range blocks[1:] {
		text, _, _ := strings.Cut(block, "```")
		if lines := strings.Split(strings.TrimSpace(blocks[i]), "\n"); i == 0 {
			tables = text
		} else if strings.Contains(lines[len(lines)-1], database) {
			query = text
		}
	}
	if tables == "" || query == "" {
		t.Fatalf("no query for %s", database)
	}
	return tables + `
INSERT INTO channels VALUES ('a1', 'c1', 'i1', '0150', 'agent', 'ended'), ('a2', 'c1', 'i1', NULL, 'external', 'held'), ('a3', 'c2', 'i1', NULL, 'external', 'held');
INSERT INTO stays VALUES ('a1', 'connected', '2025-03-03 09:00:00.125', '2025-03-03 09:00:10.500'), ('a1', 'held', '2025-03-03 09:00:10.500', '2025-03-03 09:01:00'),
  ('a1', 'connected', '2025-03-03 09:01:00', '2025-03-03 09:01:01')
`, query
}

// askDocumented asks with a query of the page for users.
func askDocumented(t *testing.T, address, query string) {
	t.Helper()
	s, err := open(t, address, query, Options{}).Ask(t.Context(), "c1")
	if err != nil || len(s.Channels) != 2 || len(s.Unknown) > 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	a, b := s.Channels["a1"], s.Channels["a2"]
	if a.AgentID != "0150" || *a.Role != "agent" || math.Abs(a.Seconds["connected"]-11.375) > 1e-6 || math.Abs(a.Seconds["held"]-49.5) > 1e-6 || !math.IsNaN(a.Seconds["wrap"]) {
		t.Errorf("%+v", a)
	}
	if *b.Phase != "held" || b.Seconds["connected"] != 0 || b.Seconds["held"] != 0 {
		t.Errorf("%+v", b)
	}
}

func TestSQLite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "it's 100% ?mode=memory#x.db")
	writer, err := sql.Open("sqlite", filepath.Join(filepath.Dir(file), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	moreTables, documentedQuery := documented(t, "SQLite")
	for _, text := range []string{"PRAGMA journal_mode = WAL", tables, moreTables, "CREATE TABLE bytes (id BLOB, n)", "INSERT INTO bytes VALUES (x'6f1c00000000400080000000000000aa', 'no')"} {
		if _, err := writer.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	writer.Close() // the last one: the log is gone, and a reader has to make it anew
	if err := os.Rename(filepath.Join(filepath.Dir(file), "x.db"), file); err != nil {
		t.Fatal(err)
	}
	address := "sqlite:" + file
	askTables(t, open(t, address, query, Options{}))
	askDocumented(t, address, documentedQuery)
	w := open(t, address, "SELECT id AS channelId FROM bytes WHERE :conversation <> ''", Options{})
	if s, err := w.Ask(t.Context(), "x"); err != nil || s.Channels["6f1c0000-0000-4000-8000-0000000000aa"] == nil {
		t.Errorf("a GUID of 16 bytes: %+v, %v", s, err)
	}
	askWrongly(t, address, []wrongQuery{
		{"SELEC :conversation", "syntax error", true},
		{"SELECT held FROM calls WHERE conversation = :conversation", "no such column: held", true},
		{"SELECT * FROM later WHERE id = :conversation", "no such table: later", false},
		{"DELETE FROM calls WHERE conversation = :conversation RETURNING conversation AS channelId", "readonly", false},
		{"SELECT conversation AS id FROM calls WHERE conversation = :conversation", "the query has the columns id; want channelId", true},
		{"SELECT 1 AS channelId, :conversation AS phase", "row 1: channelId is a number, 1; want a string", true},
		{"SELECT id AS channelId, n AS seconds_held FROM bytes WHERE '' <> :conversation", `seconds_held is a string, "no"; want a number`, true},
		{"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT 'c' || i AS channelId FROM n WHERE :conversation <> ''", "more than 10000 rows", true},
	})
}

func TestWhatCannotBeOpened(t *testing.T) {
	noDatabase := filepath.Join(t.TempDir(), "x.txt")
	if err := os.WriteFile(noDatabase, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	const good = "SELECT :conversation"
	for _, test := range []struct{ address, query, want string }{
		{"oracle://x", good, "begins with none of the known schemes; write one like postgres://"},
		{"sqlite", good, "begins with none of the known schemes"},
		{"sqlite:", good, "names no file"},
		{"sqlite:/no/such/file", good, "/no/such/file: no such file or directory; is it the file that the consumer writes, and has the consumer made it?"},
		{"sqlite:" + filepath.Dir(noDatabase), good, "is a folder"},
		{"sqlite:" + noDatabase, "SELECT 1", "it has no :conversation in it"},
		{"mysql://ann:s3cret@127.0.0.1:1/db", good, "the database of the state is not reached: connection refused by 127.0.0.1:1; is the database running, and on this port?"},
		{"mysql://ann:s3cret@127.0.0.1/", good, "the URL cannot be read; write one like mysql://"},
		{"mysql:ann:s3cret@127.0.0.1", good, "the URL cannot be read"},
		{"mysql://ann:s3%cret@x/db", good, "the URL cannot be read"},
		{"mysql://ann:s3cret@127.0.0.1/db?tls=sometimes", good, "the parameters of the URL"},
		{"mysql://ann:s3cret@192.0.2.7/db", good, "192.0.2.7 is neither loopback, private nor link-local"},
		{"postgres://ann:s3cret@192.0.2.7/db?sslmode=disable", good, "192.0.2.7 is neither loopback, private nor link-local"},
		{"postgres://ann:s3cret@127.0.0.1:1/db?sslmode=disable", good, "the database of the state is not reached: connection refused by 127.0.0.1:1; is the database running, and on this port?"},
		{"postgres://ann:s3cret@127.0.0.1:1/db", good, "not reached: connection refused by 127.0.0.1:1; is"}, // it is tried with TLS and without
		{"postgres://ann:s3cret@nobody.invalid/db", good, "not reached: no address found for nobody.invalid; is the host name right?"},
		{"mysql://ann:s3cret@nobody.invalid/db", good, "not reached: no address found for nobody.invalid; is the host name right?"},
		{"mysql://ann:s3cret@localhost/db?socket=/no/such.sock", good, "not reached: there is no socket /no/such.sock; is the database running"},
		{"postgres://ann:s3cret@/db?host=/no/such", good, "not reached: there is no socket /no/such/.s.PGSQL.5432; is"},
		{"postgres://ann:s3%cret@127.0.0.1:1/db", good, "the URL cannot be read; write one like postgres://"},
	} {
		w, err := Open(t.Context(), test.address, test.query, Options{})
		if err == nil {
			w.Close()
			t.Errorf("%s is opened", test.address)
		} else if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3") || strings.ContainsAny(err.Error(), "\n`") || strings.Contains(err.Error(), "dial tcp") || strings.Count(err.Error(), "refused") > 1 {
			t.Errorf("%s: %v, want %q", test.address, err, test.want)
		}
	}
	w, err := Open(t.Context(), "sqlite:"+noDatabase, good, Options{})
	if err == nil {
		_, err = w.Ask(t.Context(), "x")
		w.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "file is not a database; is it the file") {
		t.Errorf("error is %v", err)
	}
}
