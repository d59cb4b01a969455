// Package mischief makes a consumer misbehave on purpose.
//
// Requests come in, and answers written as text, such as "503 x2, 200"; the consumer's own
// responses go out, or the answers instead of them. It promises
// that the same seed and the same requests give the same misbehaviour, in whatever order
// they arrive, and that a request which gets a success has reached the consumer exactly
// once. It never changes a request, hides a refusal behind a success, or remembers more
// than a bounded number of notifications.
package mischief

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// Options say how a consumer misbehaves. With the zero value it does not.
type Options struct {
	Answers Answers
	Latency scenario.Span // from the consumer's response until it is sent
	Hang    float64       // share of the requests, 0 to 1, that hang, whatever Answers says
	Reset   float64       // share of the requests, 0 to 1 together with Hang, whose connection is closed at once
	Down    scenario.Span // from its Min to its Max after New, everything gets 503; zero: never
	Seed    uint64        // random seed

	// Release, once closed, ends what hangs. Nil is never closed.
	Release <-chan struct{}

	// Now is the clock for Down; nil means time.Now.
	Now func() time.Time

	// On is called for each request that does not reach the consumer, before the response is
	// sent, and returns the JSON to respond with; nil stands for a short text. It is called by
	// many goroutines at once.
	On func(Withheld) []byte
}

// Random reports whether anything depends on the seed.
func (o *Options) Random() bool {
	return o.Answers.Random() || o.Hang > 0 || o.Reset > 0 || o.Latency.Min() != o.Latency.Max()
}

// IsZero reports whether the consumer behaves well.
func (o *Options) IsZero() bool {
	return o.Answers.IsZero() && o.Latency.IsZero() && o.Hang == 0 && o.Reset == 0 && o.Down.IsZero()
}

// Check returns an error if more than all requests would hang or be reset.
func (o *Options) Check() error {
	if all := o.Hang + o.Reset; all > 1+1e-9 {
		return fmt.Errorf("%.4g%% of the requests would hang, and %.4g%% be reset; together they are at most 100%%", 100*o.Hang, 100*o.Reset)
	}
	return nil
}

// Withheld is a request that does not reach the consumer.
type Withheld struct {
	Answer Answer
	Header http.Header // of the request; not to be changed
	Body   []byte      // of the request, at most 1 MiB of it
	At     time.Time
}

// Handler is a consumer that misbehaves, and an http.Handler. It is safe for concurrent use.
type Handler struct {
	consumer http.Handler
	options  Options
	key      seeded.Key
	start    time.Time
	requests requests
}

// New makes consumer misbehave. The time of Options.Down begins now.
func New(consumer http.Handler, o Options) *Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Handler{consumer: consumer, options: o, key: seeded.From(o.Seed), start: o.Now()}
}

// maxBody is how much of a body is read to find out which notification it is.
const maxBody = 1 << 20 // bytes

// ServeHTTP responds to one request. A request that hangs ends with its context, or with
// Options.Release. HEAD delivers nothing, so that only Down applies to it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method == http.MethodHead { // it only asks whether somebody is there
		if h.down() {
			w.WriteHeader(http.StatusServiceUnavailable)
		} else {
			h.consumer.ServeHTTP(w, req)
		}
		return
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, maxBody))
	id := identify(body)
	n := h.requests.count(id)
	src := h.key.WithText(string(id[:])).With(n).Source()
	a := h.choose(n, &src)
	own := &answer{header: http.Header{}}
	if a.Cut == Uncut && (a.Status == 0 || success(a.Status)) {
		rest := io.Reader(req.Body)
		if err != nil {
			rest = failing{err}
		}
		req.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), rest), req.Body}
		h.consumer.ServeHTTP(own, req)
		if own.status = cmp.Or(own.status, http.StatusOK); success(own.status) && a.Status != 0 {
			own.status = a.Status
		}
	} else {
		h.withhold(own, Withheld{Answer: a, Header: req.Header, Body: body, At: h.options.Now()})
	}
	switch a.Cut {
	case Hang:
		_, _ = io.Copy(io.Discard, req.Body) // else the server does not notice that the sender goes
		select {
		case <-req.Context().Done():
		case <-h.options.Release:
		}
		panic(http.ErrAbortHandler)
	case Reset:
		panic(http.ErrAbortHandler)
	}
	h.send(w, req, own, &a, &src)
}

// withhold makes the response to a request that does not reach the consumer.
func (h *Handler) withhold(own *answer, request Withheld) {
	own.status = request.Answer.Status
	if h.options.On != nil {
		if text := h.options.On(request); text != nil {
			own.header.Set("Content-Type", "application/json")
			own.body.Write(text)
			return
		}
	}
	own.header.Set("Content-Type", "text/plain; charset=utf-8")
	own.body.WriteString("on purpose\n")
}

// down reports whether now is in the window of Options.Down.
func (h *Handler) down() bool {
	past := h.options.Now().Sub(h.start)
	return past >= h.options.Down.Min() && past < h.options.Down.Max()
}

// choose returns the answer to request number n of a notification. It always draws all
// numbers, so that one option changes no choice of another.
func (h *Handler) choose(n uint64, src *seeded.Source) Answer {
	hang, reset, mix := src.Float(), src.Float(), src.Float()
	switch {
	case h.down():
		return Answer{Status: http.StatusServiceUnavailable}
	case hang < h.options.Hang:
		return Answer{Cut: Hang}
	case reset*(1-h.options.Hang) < h.options.Reset: // of those that do not hang
		return Answer{Cut: Reset}
	}
	return h.options.Answers.pick(n, mix)
}

// send writes a response after the latency, unless the sender has gone.
func (h *Handler) send(w http.ResponseWriter, req *http.Request, own *answer, a *Answer, src *seeded.Source) {
	if !h.wait(req, src) {
		return
	}
	for name, values := range own.header {
		w.Header()[name] = values
	}
	if a.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((a.RetryAfter+time.Second-1)/time.Second), 10))
	}
	w.WriteHeader(own.status)
	if own.status == http.StatusNoContent || own.status == http.StatusNotModified {
		return // neither may have a body
	}
	_, err := w.Write(own.body.Bytes())
	if a.Oversize {
		filler := bytes.Repeat([]byte{'.'}, 32<<10)
		for sent := own.body.Len(); err == nil && sent < OversizeBytes; sent += len(filler) {
			_, err = w.Write(filler[:min(len(filler), OversizeBytes-sent)])
		}
	}
}

// wait waits for the latency. It reports whether the sender is still there.
func (h *Handler) wait(req *http.Request, src *seeded.Source) bool {
	if h.options.Latency.IsZero() {
		return true
	}
	timer := time.NewTimer(story.Draw(&h.options.Latency, src))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-req.Context().Done():
		return false
	}
}

// answer is an http.ResponseWriter that keeps the response.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// failing is the end of a body that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// identity names a notification, or a body that is none.
type identity [16]byte

// identify finds the notification that a body is about: two bodies with the same source
// and id are about the same one. What has no id is known by its bytes.
func identify(body []byte) (id identity) {
	var envelope struct {
		Source json.RawMessage `json:"source"`
		ID     json.RawMessage `json:"id"`
	}
	known := body
	if json.Unmarshal(body, &envelope) == nil && len(envelope.ID) > 0 {
		known = append(append(envelope.Source, 0), envelope.ID...)
	}
	sum := sha256.Sum256(known)
	copy(id[:], sum[:])
	return id
}

// maxRemembered is how many notifications are distinguished; beyond them the first ones are
// forgotten, so that their next request counts as their first again. 64 MB hold them.
const maxRemembered = 1 << 20

// requests counts the requests of each notification. The zero value has none.
type requests struct {
	mu    sync.Mutex
	seen  map[identity]uint64
	order []identity // a ring of all in seen, once it is full
	next  int        // place of the oldest in a full ring
}

// count returns how many requests of a notification there were before, and counts this one.
func (r *requests) count(id identity) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[identity]uint64{}
	}
	n, known := r.seen[id]
	r.seen[id] = n + 1
	switch {
	case known:
	case len(r.order) < maxRemembered:
		r.order = append(r.order, id)
	default:
		delete(r.seen, r.order[r.next])
		r.order[r.next] = id
		r.next = (r.next + 1) % maxRemembered
	}
	return n
}
