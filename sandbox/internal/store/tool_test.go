package store_test

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// Whenever a process is killed, also again and again, and whatever was put into the file by then, by itself or by another program that reads or
// checkpoints meanwhile, the next start has all that was written.
func TestNoKillIsTakenForDamage(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	path := filepath.Join(folder(t), "f")
	n, lives := 0, 60
	if testing.Short() {
		lives = 12
	}
	for range lives {
		reads := r.IntN(8) == 0 // from before the start on
		tool := otherProgram(t, path)
		if reads && n > 0 {
			tool.begin(t)
		}
		s, err := store.Open(path, smallest)
		must(t, err)
		for range r.IntN(4) * r.IntN(20) {
			switch r.IntN(12) {
			case 0:
				must(t, s.SaveScenario(t.Context(), "long", strings.Repeat("#", 1+r.IntN(120_000))))
			case 1:
				tool.checkpoint(t, pick(r, "PASSIVE", "FULL", "RESTART", "TRUNCATE"))
			case 2:
				tool.begin(t)
			case 3:
				tool.end(t)
			default:
				n++
				must(t, s.Set(t.Context(), "n", strconv.Itoa(n)))
			}
		}
		next := cutShort(t, path)
		switch r.IntN(4) {
		case 0: // as it can be after a loss of power
			_ = os.Remove(next + "-shm")
		case 1:
			must(t, os.WriteFile(next+"-shm", nil, 0o600))
		}
		if r.IntN(5) > 0 || n == 0 {
			tool.end(t)
			must(t, s.Close())
			if tool.close(t); r.IntN(3) == 0 && n > 0 { // an end in order, with what the other one left
				next = path
			}
			path = next
		} else { // an end while the other one reads
			tool.begin(t)
			must(t, s.Close())
			path = cutShort(t, path)
			tool.close(t)
		}
		if r.IntN(6) == 0 && n > 0 {
			holds(t, path, n)
		}
	}
	holds(t, path, n)
}

// tool is another program that has the state open.
type tool struct {
	conn    *sql.Conn
	reading bool
}

func otherProgram(t *testing.T, path string) *tool {
	t.Helper()
	db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(0)")
	must(t, err)
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	must(t, err)
	return &tool{conn: conn}
}

func (o *tool) begin(t *testing.T) {
	t.Helper()
	if !o.reading {
		_, err := o.conn.ExecContext(t.Context(), "BEGIN; SELECT count(*) FROM sqlite_schema")
		must(t, err)
		o.reading = true
	}
}

func (o *tool) end(t *testing.T) {
	t.Helper()
	if o.reading {
		_, err := o.conn.ExecContext(t.Context(), "ROLLBACK")
		must(t, err)
		o.reading = false
	}
}

// checkpoint may find that the state is busy.
func (o *tool) checkpoint(t *testing.T, how string) {
	t.Helper()
	o.end(t)
	_, _ = o.conn.ExecContext(t.Context(), "PRAGMA wal_checkpoint("+how+")")
}

func (o *tool) close(t *testing.T) {
	t.Helper()
	o.end(t)
	must(t, o.conn.Close())
}
