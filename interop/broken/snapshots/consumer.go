// Package snapshots holds webhook consumers that make one mistake each, and one that makes none.
//
// Secrets come in, then notifications; the state of a conversation goes out at
// /calls/{conversationId}. All of them keep a snapshot of each channel, which each notification
// brings up to date. Their mistakes are those of programs in JavaScript, Python, Java, PHP, C# and
// Go. They share no code with the ringback receiver, nor with the other consumers beside them.
package snapshots

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// consumer is the correct consumer as a row of steps. A broken one replaces one of them, or two
// that belong together.
type consumer struct {
	handle   func(http.ResponseWriter, *http.Request) // the whole of a request
	media    func(value string) bool                  // whether it reads such a Content-Type
	body     func(*http.Request) ([]byte, error)
	header   func(*http.Request) string // the token
	keys     func(secrets [][]byte) [][]byte
	proof    proof
	read     func(body []byte) (*event, error)
	receive  func(p *process, body []byte) int // what is authentic
	unusable int                               // the answer to what cannot be read
	unknown  func(p *process, e *event) int
	store    func(p *process, e *event) int

	key     func(*event) string // of duplicates
	place   func(*event) place
	learn   func(s *snapshot, e *event)
	phase   func(*event) string // that the event begins; "": none
	mark    func(*event) mark
	compare func(a, b mark) int
	ties    bool // what has one instant is put into a lawful order
	span    func(a, b mark) time.Duration
	insert  func(s *snapshot, m mark)
	tell    func(s *snapshot) map[string]any
	figures func(all []*snapshot) map[string]any // nil: not told

	restarted func(p *process) // after a crash, before the first request
	secrets   [][]byte
	now       atomic.Pointer[process]
}

// maxBody is more than any notification has.
const maxBody = 1 << 20

// errTooLarge is answered with 413.
var errTooLarge = errors.New("too large")

func readAll(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = errTooLarge
	}
	return body, err
}

// correct is a consumer that makes no mistake.
func correct() *consumer {
	c := &consumer{
		media:     func(string) bool { return true },
		body:      readAll,
		header:    func(r *http.Request) string { return r.Header.Get("Vonage-Signature") },
		keys:      func(secrets [][]byte) [][]byte { return secrets },
		proof:     sound(),
		read:      readEvent,
		unusable:  http.StatusNoContent, // a retry would bring the same bytes
		key:       func(e *event) string { return e.source + " " + e.id },
		place:     func(e *event) place { return place{e.conversation, e.channel} },
		phase:     func(e *event) string { return phases[e.kind] },
		compare:   byMoment,
		ties:      true,
		span:      func(a, b mark) time.Duration { return b.at.Sub(a.at) },
		tell:      told,
		restarted: func(*process) {},
	}
	c.handle = c.take
	c.receive = c.use
	c.unknown = func(*process, *event) int { return http.StatusNoContent }
	c.store = c.keep
	c.learn = c.follow
	c.mark = c.marked
	c.insert = c.put
	return c
}

// take answers a notification.
func (c *consumer) take(w http.ResponseWriter, r *http.Request) {
	p := c.now.Load()
	status := c.judge(p, r)
	if p.dead.Load() {
		panic(http.ErrAbortHandler) // killed while it worked
	}
	w.WriteHeader(status)
}

func (c *consumer) judge(p *process, r *http.Request) int {
	if !c.media(r.Header.Get("Content-Type")) {
		return http.StatusUnsupportedMediaType
	}
	body, err := c.body(r)
	switch {
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case err != nil:
		return http.StatusBadRequest
	case !c.authentic(c.header(r), body):
		return http.StatusUnauthorized
	}
	return c.receive(p, body)
}

// use takes an authentic body.
func (c *consumer) use(p *process, body []byte) int {
	e, err := c.read(body)
	if err != nil {
		return c.unusable
	}
	if !e.known {
		return c.unknown(p, e)
	}
	return c.store(p, e)
}

// keep makes an event known, and has written it down when it returns.
func (c *consumer) keep(p *process, e *event) int {
	p.lock.take()
	defer p.lock.leave()
	if key := c.key(e); !p.knows(key) {
		var s *snapshot
		if e.channel != "" {
			s = p.load(c.place(e))
			c.learn(s, e)
		}
		p.commit(key, s)
	}
	return http.StatusNoContent
}

// state answers what is known of a conversation.
func (c *consumer) state(w http.ResponseWriter, r *http.Request) {
	all := c.now.Load().conversation(r.PathValue("conversation"))
	if len(all) == 0 {
		http.NotFound(w, r)
		return
	}
	channels := []any{}
	for _, s := range all {
		channels = append(channels, c.tell(s))
	}
	out := map[string]any{"channels": channels}
	if c.figures != nil {
		for name, value := range c.figures(all) {
			out[name] = value
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // if the asker has gone, nobody minds
}

// crash is what a kill without a warning leaves behind: what is on the disk.
func (c *consumer) crash(w http.ResponseWriter, _ *http.Request) {
	old := c.now.Load()
	if !old.kill() {
		w.WriteHeader(http.StatusConflict) // another crash is under way
		return
	}
	close(old.gone)
	p := started(old.disk)
	c.restarted(p)
	c.now.Store(p)
	w.WriteHeader(http.StatusNoContent)
}

// handler is the consumer as a web server.
func (c *consumer) handler(secrets ...[]byte) http.Handler {
	c.secrets = c.keys(secrets)
	c.now.Store(started(newTable()))
	mux := http.NewServeMux()
	take := func(w http.ResponseWriter, r *http.Request) { c.handle(w, r) }
	mux.HandleFunc("POST /{$}", take)
	mux.HandleFunc("POST /events", take)
	mux.HandleFunc("POST /crash", c.crash)
	mux.HandleFunc("GET /calls/{conversation}", c.state)
	return mux
}
