package transport

import (
	"context"
	"time"

	"github.com/ringback/ringback/emitter"
)

// How long it may take to open the connection that shows whether a kill ends the consumer, and for the end to arrive.
const (
	witnessOpens = 100 * time.Millisecond
	witnessed    = 250 * time.Millisecond
)

// Died reports whether the consumer was seen to end in a crash: a connection ended with it, or nobody listened for a
// moment. If it never was, something else is being killed. Where others stand between, the first of these may be hidden.
func (t *Transport) Died() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.died
}

// Waited is how long the attempt lasted that was broken off last.
func (t *Transport) Waited() time.Duration {
	t.patient.mu.Lock()
	defer t.patient.mu.Unlock()
	return t.patient.waited
}

// Hangs reports whether the last attempts had no answer in time.
func (t *Transport) Hangs() bool {
	t.patient.mu.Lock()
	defer t.patient.mu.Unlock()
	return t.patient.hangs >= shortAfter
}

// Forgive forgets that attempts had no answer, so that others are made.
func (t *Transport) Forgive() { t.patient.forgive() }

// saw takes into account whether the consumer was seen to end.
func (t *Transport) saw(end bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.died = t.died || end
}

// witness is an idle connection that ends with the consumer; nil if none is needed any more, or none can be had.
func (t *Transport) witness(ctx context.Context) *emitter.RawConn {
	if t.Died() {
		return nil
	}
	c, err := t.raw.Open(ctx, time.Now().Add(witnessOpens))
	if err != nil {
		return nil
	}
	return c
}
