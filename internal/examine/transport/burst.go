package transport

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// span is the time in which the first attempt that went out whole was in flight; zero if none did.
type span struct{ from, to time.Time }

// overlap is the most spans that have a moment in common.
func overlap(all []span) (most int) {
	for _, s := range all {
		n := 0
		for _, o := range all {
			if !o.from.IsZero() && !o.from.After(s.from) && (o.to.After(s.from) || o == s) {
				n++
			}
		}
		if !s.from.IsZero() {
			most = max(most, n)
		}
	}
	return most
}

// How the deliveries of a burst are brought up to the end. They come one after the other, since
// many servers have room for a few connections that they have not accepted yet. Some serve one
// connection at a time: then it is no use to wait for all.
const (
	mostBurst  = 256                    // deliveries that are released together
	turn       = 20 * time.Millisecond  // the next connection is opened, even if the one before is not there
	breath     = time.Millisecond       // between two connections
	stalled    = 250 * time.Millisecond // without another one that is there
	calm       = 5 * time.Millisecond   // in which the consumer comes to wait for the rest
	narrowings = 2                      // bursts that did not come together, until smaller ones are sent
)

// width is how many deliveries may be released together.
type width struct {
	mu      sync.Mutex
	missed  int // bursts that did not come together
	reached int // the most deliveries that did, of these
}

func (w *width) most() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.missed < narrowings {
		return mostBurst
	}
	return max(2, w.reached)
}

// narrow reports whether a burst has not come together: the consumer may serve one connection at a time.
func (w *width) narrow() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.missed > 0
}

func (w *width) miss(reached int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.missed++
	w.reached = max(w.reached, reached)
}

// together is how many of the next deliveries are released together.
func (t *Transport) together(next []trial.Delivery) int {
	n, most := 1, t.width.most()
	for next[0].Burst != 0 && n < min(len(next), most) && next[n].Burst == next[0].Burst {
		n++
	}
	return n
}

// release sends deliveries together: each on a connection of its own, all but the end of each; then all
// ends at once. A single one is just sent, and so are those over connections that are kept.
func (t *Transport) release(ctx context.Context, all []trial.Delivery) (answers []trial.Answer, most int, err error) {
	n := len(all)
	answers, flights, errs := make([]trial.Answer, n), make([]span, n), make([]error, n)
	switch {
	case n == 1:
		answers[0], flights[0], errs[0] = t.deliver(ctx, &all[0], nil)
	case all[0].Kept && !t.width.narrow():
		var done sync.WaitGroup
		kept := t.kept()
		for i := range all {
			done.Go(func() { answers[i], flights[i], errs[i] = t.deliver(ctx, &all[i], nil) })
			if i >= kept {
				sleep(ctx, breath)
			}
		}
		done.Wait()
	default:
		var done sync.WaitGroup
		there, released := make(chan struct{}, n), make(chan struct{})
		held := 0
		for i := range all {
			here := sync.OnceFunc(func() { there <- struct{}{} })
			done.Go(func() {
				defer here()
				answers[i], flights[i], errs[i] = t.deliver(ctx, &all[i], func() {
					here()
					<-released
				})
			})
			held += gather(ctx, there, 1, turn)
			sleep(ctx, breath)
		}
		if held += gather(ctx, there, n-held, stalled); held < n && ctx.Err() == nil {
			t.width.miss(held)
		}
		sleep(ctx, calm)
		close(released)
		done.Wait()
	}
	if ctx.Err() != nil {
		return answers, overlap(flights), ctx.Err()
	}
	return answers, overlap(flights), errors.Join(errs...)
}

// gather waits for deliveries that are there up to the end, for each not longer than a while, and
// returns how many came.
func gather(ctx context.Context, there <-chan struct{}, want int, each time.Duration) (came int) {
	timer := time.NewTimer(each)
	defer timer.Stop()
	for ; came < want; came++ {
		select {
		case <-there:
			timer.Reset(each)
		case <-timer.C:
			return came
		case <-ctx.Done():
			return came
		}
	}
	return came
}
