// Package transport sends the deliveries of trials to a consumer and returns its answers.
//
// Deliveries come in, with exact bytes, how they are signed and how they travel; one answer for
// each goes out. It writes HTTP/1.1 itself, over the connections of the target, so that
// the rule on addresses, TLS, headers and credentials are those of a run. What a real sender would try
// again is tried again, on the same ladder at speed. It promises that everything is bounded, ends
// with its context, and leaves no goroutine behind. It never judges an answer.
package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
)

// Options say where and how deliveries are sent. The zero values of all fields but Target are
// usable.
type Options struct {
	// Target is the consumer. Its Secret and NextSecret sign; without a secret no token is sent.
	Target emitter.Target

	// Prefix stands before each token, such as "Bearer ". The real sender has none.
	Prefix string

	// Clock is added to the time that tokens are issued at.
	Clock time.Duration

	// Media is the Content-Type of deliveries that name none; "" means
	// application/cloudevents+json.
	Media string

	// Timeout is the time limit of an attempt, from connecting to the end of the answer; 0 means
	// 10 s, as the real sender has.
	Timeout time.Duration

	// Kill ends the consumer without a warning, in the very moment in which it is called. It may start
	// it again as well. Deliveries with a crash need it.
	Kill func(context.Context) error

	// Listens returns when the consumer listens again after a Kill. Nil tries to connect until that
	// works.
	Listens func(context.Context) error

	// Restart is how long the consumer may take to listen again; 0 means 30 s.
	Restart time.Duration
}

// Transport sends to one consumer. It is safe for concurrent use.
type Transport struct {
	Options
	raw  *emitter.Raw
	line string   // request line
	head []header // of all requests

	mu      sync.Mutex
	idle    []conn            // the one that was used last is at the end
	opened  int               // connections so far
	down    chan struct{}     // closed when a crash is over; nil: there is none
	took    []time.Duration   // by the last answers
	died    bool              // the consumer was seen to end in a crash
	earlier string            // the last right token
	short   map[string]string // tokens that expire soon, by source and id

	crashing sync.Mutex
	patient  patient
	width    width
}

// conn is a connection, and the how-manieth it is.
type conn struct {
	*emitter.RawConn
	nth int
}

// header is a line of a request's head.
type header struct{ name, value string }

// mostIdle is how many connections are kept for the next request.
const mostIdle = 16

// New checks the settings. Nothing is dialled yet.
func New(o Options) (*Transport, error) {
	o.Timeout, o.Restart = cmp.Or(o.Timeout, emitter.DefaultTimeout), cmp.Or(o.Restart, 30*time.Second)
	if o.Timeout < 0 || o.Restart < 0 {
		return nil, errors.New("time limits are not positive")
	}
	raw, err := o.Target.Raw(o.Timeout)
	if err != nil {
		return nil, err
	}
	t := &Transport{short: map[string]string{}, Options: o, raw: raw}
	lines := strings.Split(strings.TrimSuffix(string(raw.Head()), "\r\n"), "\r\n")
	t.line = lines[0]
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		t.head = append(t.head, header{name, value})
	}
	return t, nil
}

// Reach connects once, and agrees on TLS where the URL says so. Nothing is sent. It says why that failed; the zero value if it did not.
func (t *Transport) Reach(ctx context.Context) emitter.Failure {
	due := time.Now().Add(t.Timeout)
	c, err := t.raw.Open(ctx, due)
	if err != nil {
		return t.raw.Failure(ctx, err, !time.Now().Before(due))
	}
	c.Close()
	return emitter.Failure{}
}

// SpeaksTLS reports whether something speaks TLS where the URL says that it is plain HTTP. Whose certificate it has does not matter.
func (t *Transport) SpeaksTLS(ctx context.Context) bool { return t.Target.SpeaksTLS(ctx, t.Timeout) }

// Close ends all connections.
func (t *Transport) Close() error {
	t.Rest()
	return t.raw.Close()
}

// Rest ends the connections that wait for another request. Servers that serve one connection at a
// time would else not answer on another one, when they are asked for their state.
func (t *Transport) Rest() {
	t.mu.Lock()
	idle := t.idle
	t.idle = nil
	t.mu.Unlock()
	for _, c := range idle {
		c.Close()
	}
}

// Send sends deliveries one after the other, neighbours of one burst together, and returns an answer
// for each, and the most deliveries that were seen in flight together. A delivery that was not sent
// to the end has no attempts. The error is that of ctx or ErrSilent, or says why the consumer did not
// come back from a crash.
func (t *Transport) Send(ctx context.Context, deliveries []trial.Delivery) (answers []trial.Answer, overlap int, err error) {
	answers = make([]trial.Answer, len(deliveries))
	t.patient.crash(slices.ContainsFunc(deliveries, func(d trial.Delivery) bool { return d.Crash.When != trial.Never }))
	for i, n := 0, 0; i < len(deliveries) && err == nil; i += n {
		if t.patient.over() {
			return answers, overlap, ErrSilent
		}
		n = t.together(deliveries[i:])
		next, seen, failed := t.release(ctx, deliveries[i:i+n])
		copy(answers[i:], next)
		overlap, err = max(overlap, seen), failed
	}
	return answers, overlap, err
}

// take returns a connection that is ready for a request until due. Kept reports whether it was
// used before. Fresh wants one that was not; then none is kept that may be in its way.
func (t *Transport) take(ctx context.Context, due time.Time, fresh bool) (c conn, kept bool, err error) {
	for !fresh {
		t.mu.Lock()
		n := len(t.idle)
		if n == 0 {
			t.mu.Unlock()
			break
		}
		c, t.idle = t.idle[n-1], t.idle[:n-1]
		t.mu.Unlock()
		if c.Begin(ctx, due) {
			return c, true, nil
		}
		c.Close()
	}
	if fresh {
		t.Rest()
	}
	c.RawConn, err = t.raw.Open(ctx, due)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opened++
	c.nth = t.opened
	return c, false, err
}

// kept is how many connections wait for a request.
func (t *Transport) kept() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.idle)
}

// give keeps a connection for the next request.
func (t *Transport) give(c conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down != nil || len(t.idle) == mostIdle || !c.Rest() {
		c.Close()
		return
	}
	t.idle = append(t.idle, c)
}

// Revive kills the consumer and waits until it listens again.
func (t *Transport) Revive(ctx context.Context) error { return t.crash(ctx) }

// crash kills the consumer and waits until it listens again. Attempts that begin meanwhile wait, too.
func (t *Transport) crash(ctx context.Context) error {
	if t.Kill == nil {
		return errors.New("there is no way to kill the consumer")
	}
	t.crashing.Lock()
	defer t.crashing.Unlock()
	over := make(chan struct{})
	t.mu.Lock()
	t.down = over
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		t.down = nil
		t.mu.Unlock()
		close(over)
	}()
	witness := t.witness(ctx)
	if err := t.Kill(ctx); err != nil {
		return fmt.Errorf("the consumer was not killed and started again: %w", err)
	}
	if witness != nil {
		t.saw(witness.Ended(witnessed))
		witness.Close()
	}
	t.Rest()
	t.patient.started()
	bound, cancel := context.WithTimeout(ctx, t.Restart)
	defer cancel()
	listens := t.Listens
	if listens == nil {
		listens = t.connects
	}
	if err := listens(bound); err != nil {
		return cmp.Or(ctx.Err(), fmt.Errorf("the consumer did not come back within %v after it was killed: %w", t.Restart, err))
	}
	return nil
}

// connects waits until a connection can be opened.
func (t *Transport) connects(ctx context.Context) error {
	for {
		c, err := t.raw.Open(ctx, time.Now().Add(time.Second))
		if err == nil {
			return c.Close()
		}
		t.saw(t.raw.Failure(ctx, err, false).Class == emitter.ClassRefused)
		if !sleep(ctx, 20*time.Millisecond) {
			return errors.New(t.raw.Failure(context.Background(), err, false).Text)
		}
	}
}

// up waits until no crash is going on, and reports whether ctx goes on.
func (t *Transport) up(ctx context.Context) bool {
	for {
		t.mu.Lock()
		down := t.down
		t.mu.Unlock()
		if down == nil {
			return ctx.Err() == nil
		}
		select {
		case <-down:
		case <-ctx.Done():
			return false
		}
	}
}

// sleep waits, and reports whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
