package rows

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// process is one start of the program: what is in it is lost when it is killed.
type process struct {
	steps
	keys [][]byte
	db   *sql.DB
	life context.Context
	die  context.CancelFunc
	busy sync.WaitGroup
	lock chan struct{} // taken by whoever sends into it

	mu      sync.Mutex // of what follows, which only mistakes use
	seen    map[string]time.Time
	queue   []note
	current note
	count   int
	open    []io.Closer
}

func start(r Row, dir string, secrets []string) (*process, error) {
	p := &process{steps: correct(), lock: make(chan struct{}, 1), seen: map[string]time.Time{}}
	if r.change != nil {
		r.change(&p.steps)
	}
	for _, text := range secrets {
		key, err := p.key(text)
		if err != nil {
			return nil, fmt.Errorf("secret: %w", err)
		}
		p.keys = append(p.keys, key)
	}
	p.keys = p.keys[:min(len(p.keys), p.secrets)]
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "calls.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)"+p.pragmas)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(p.pool)
	if _, err := db.Exec(p.schema); err != nil {
		_ = db.Close() // the schema's error says more
		return nil, fmt.Errorf("schema: %w", err)
	}
	p.db = db
	p.life, p.die = context.WithCancel(context.Background())
	if p.background != nil {
		p.later(func(ctx context.Context) { p.background(ctx, p) })
	}
	return p, nil
}

// kill ends all that runs, and rolls back what is not committed.
func (p *process) kill() error {
	p.die()
	done := make(chan struct{})
	go func() { p.busy.Wait(); close(done) }()
	p.mu.Lock()
	for _, c := range p.open {
		_ = c.Close() // of a connection that nobody uses any more
	}
	p.open = nil
	p.mu.Unlock()
	select {
	case <-done:
	case <-time.After(5 * time.Second): // whoever waits for the database gets an error from it now
	}
	return p.db.Close()
}

// later does something in the background, as long as the process lives.
func (p *process) later(do func(context.Context)) {
	p.busy.Add(1)
	go func() {
		defer p.busy.Done()
		do(p.life)
	}()
}

// hop is the way to a database on another machine and back.
func (p *process) hop(ctx context.Context) {
	wait := time.NewTimer(3 * time.Millisecond)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
}

// acquire takes the one lock, unless its holder has forgotten it.
func (p *process) acquire(ctx context.Context) bool {
	select {
	case p.lock <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p *process) release() { <-p.lock }

// runner is a database or a transaction.
type runner interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

func named(name string, value any) sql.NamedArg { return sql.Named(name, value) }

// swap replaces a part of a statement, which must be there.
func swap(text *string, old, by string) {
	if !strings.Contains(*text, old) {
		panic(fmt.Sprintf("no %q in %q", old, *text))
	}
	*text = strings.ReplaceAll(*text, old, by)
}

func silent() *log.Logger { return log.New(io.Discard, "", 0) }
