// Package rows is a webhook consumer with a database, and many that make one mistake each.
//
// The name of a row, a directory and secrets come in, then notifications at POST /events; the
// state of a conversation goes out at GET /calls/{conversationId}, and POST /crash loses what a
// kill would lose. It promises that the first row makes no mistake, and every other one exactly
// one: a step of the correct consumer is replaced by what was found in the field. It keeps what it
// knows in SQLite and never shares code with the product.
package rows

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// Consumer is a row that runs.
type Consumer struct {
	row     Row
	dir     string
	secrets []string
	server  http.Server

	mu    sync.Mutex
	alive *process // nil once it is closed
}

// Open starts a consumer whose database is in dir, and goes on with one that is there. The
// secrets are Base64, the present one first.
func (r Row) Open(dir string, secrets ...string) (*Consumer, error) {
	c := &Consumer{row: r, dir: dir, secrets: secrets}
	alive, err := start(r, dir, secrets)
	if err != nil {
		return nil, err
	}
	c.alive = alive
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+alive.path, c.within((*process).take))
	mux.HandleFunc("GET /calls/{conversation}", c.within((*process).tell))
	mux.HandleFunc("POST /crash", func(w http.ResponseWriter, _ *http.Request) {
		if c.crash() != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	c.server = http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: silent(),
		ConnContext: func(ctx context.Context, conn net.Conn) context.Context {
			return context.WithValue(ctx, heardKey{}, conn)
		},
	}
	return c, nil
}

// Serve answers on a listener until the consumer is closed.
func (c *Consumer) Serve(l net.Listener) error {
	if err := c.server.Serve(hearing{l}); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends it as a crash would.
func (c *Consumer) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.alive == nil {
		return nil
	}
	err := errors.Join(c.server.Close(), c.alive.kill())
	c.alive = nil
	return err
}

// crash kills the process and starts another one. Whatever was in flight gets no answer.
func (c *Consumer) crash() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.alive == nil {
		return http.ErrServerClosed
	}
	if err := c.alive.kill(); err != nil {
		return err
	}
	next, err := start(c.row, c.dir, c.secrets)
	if err == nil {
		c.alive = next
	}
	return err
}

// within lets the process that is alive do something, and cuts the connection if it dies meanwhile.
func (c *Consumer) within(do func(*process, http.ResponseWriter, *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		p := c.alive
		if p == nil {
			c.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		p.busy.Add(1)
		c.mu.Unlock()
		defer p.busy.Done()
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(p.life, cancel)()
		defer func() {
			fault := recover()
			switch {
			case p.life.Err() != nil:
				panic(http.ErrAbortHandler) // nobody is left to answer
			case fault == http.ErrAbortHandler:
				panic(fault)
			case fault != nil:
				w.WriteHeader(http.StatusInternalServerError) // as frameworks do
			}
		}()
		do(p, w, r.WithContext(ctx))
	}
}

// take answers a notification.
func (p *process) take(w http.ResponseWriter, r *http.Request) {
	release, status := p.admit(p, r)
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	defer release()
	if !p.media(r.Header.Get("Content-Type")) {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	token, there := p.token(r)
	if !there {
		p.refused(p, r)
		w.WriteHeader(p.refusal)
		return
	}
	if p.early != nil && !p.early(p, token) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body, err := p.read(r)
	if err != nil {
		p.cut(p)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	if err := p.verify(p, token, body); err != nil {
		if p.anyway {
			p.use(r.Context(), body)
		}
		p.refused(p, r)
		w.WriteHeader(p.refusal)
		return
	}
	if p.ahead { // of storing
		w.WriteHeader(http.StatusNoContent)
		_ = http.NewResponseController(w).Flush()
		p.later(func(ctx context.Context) { p.use(ctx, body) })
		return
	}
	w.WriteHeader(p.use(r.Context(), body))
}

// use stores what a body says, and returns what to answer.
func (p *process) use(ctx context.Context, body []byte) int {
	n, err := p.parse(p, body)
	if err != nil {
		if p.unusable != http.StatusNoContent {
			p.unread(p)
			return p.unusable
		}
		if _, err := p.db.ExecContext(ctx, p.keep, named("body", body)); err != nil {
			return http.StatusServiceUnavailable
		}
		return http.StatusNoContent
	}
	if p.shared != nil {
		n = p.shared(ctx, p, n)
	}
	if status := p.store(ctx, p, n); status != 0 {
		return status
	}
	return http.StatusNoContent
}
