package transport

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
)

// The ladder of the real sender, at speed: pauses double, and none begins when patience is over, but
// for the first. What the consumer asks for with Retry-After holds, up to longestAsked.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 640 * time.Millisecond
	longestAsked = 5 * time.Second
	patience     = 4 * time.Second
)

// A consumer that fails for good costs all of that each time: after so many, patience is some times the longest after which a
// further attempt has helped, and no less than leastPatience, or after many failures shortPatience.
const (
	enoughFailures = 3
	manyFailures   = 20
	timesHelped    = 4
	leastPatience  = 150 * time.Millisecond
	shortPatience  = 20 * time.Millisecond
)

// enough is how long a delivery is tried again.
func (t *Transport) enough() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failures < enoughFailures {
		return patience
	}
	least := leastPatience
	if t.failures >= manyFailures {
		least = shortPatience
	}
	return min(patience, max(least, timesHelped*t.helped))
}

// learn notes whether trying again has helped.
func (t *Transport) learn(a *emitter.Answer, attempts int, spent time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case retryable(a):
		t.failures++
	case attempts > 1:
		t.helped = max(t.helped, spent)
	}
}

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

// How a burst is released: once all but the last byte of each delivery is there, but not later than
// gathering after the first one, since some servers serve one connection at a time.
const (
	gathering = time.Second
	calm      = 5 * time.Millisecond // in which the consumer comes to wait for the last bytes
)

// release sends deliveries together: each on a connection of its own, all but the last byte of each;
// then all last bytes at once. A single one is just sent.
func (t *Transport) release(ctx context.Context, all []trial.Delivery) (answers []trial.Answer, most int, err error) {
	answers, flights, errs := make([]trial.Answer, len(all)), make([]span, len(all)), make([]error, len(all))
	if len(all) == 1 {
		answers[0], flights[0], errs[0] = t.deliver(ctx, &all[0], nil)
	} else {
		t.Rest()
		var ready, done sync.WaitGroup
		released, gathered := make(chan struct{}), make(chan struct{})
		ready.Add(len(all))
		for i := range all {
			here := sync.OnceFunc(ready.Done)
			done.Go(func() {
				defer here()
				answers[i], flights[i], errs[i] = t.deliver(ctx, &all[i], func() {
					here()
					<-released
				})
			})
		}
		done.Go(func() {
			ready.Wait()
			close(gathered)
		})
		select {
		case <-gathered:
			sleep(ctx, calm)
		case <-time.After(gathering):
		case <-ctx.Done():
		}
		close(released)
		done.Wait()
	}
	if ctx.Err() != nil {
		return answers, overlap(flights), ctx.Err()
	}
	return answers, overlap(flights), errors.Join(errs...)
}

// deliver sends one delivery until it is answered for good. Hold keeps the last byte of each attempt
// back until it returns; nil: it is none of a burst. Time in which the consumer is started again does
// not count against patience.
func (t *Transport) deliver(ctx context.Context, d *trial.Delivery, hold func()) (answer trial.Answer, flight span, err error) {
	way := d.Wire.Way
	if way == trial.CutOff {
		t.cut(ctx, d)
		answer.Attempts, way = 1, trial.Whole
		sleep(ctx, firstPause)
	}
	var crashing sync.WaitGroup
	var whole func()
	if d.Crash.When == trial.Within {
		whole = func() {
			crashing.Go(func() {
				sleep(ctx, d.Crash.After)
				err = t.crash(ctx)
			})
		}
	}
	fresh, spent := hold != nil || way == trial.NewClose, time.Duration(0)
	for pause := firstPause; t.up(ctx); pause = min(2*pause, longestPause) {
		a := t.once(ctx, d, way, hold, whole, fresh || whole != nil)
		crashing.Wait()
		if ctx.Err() != nil {
			break
		}
		add(&answer, &a)
		if flight.from.IsZero() && a.whole {
			flight = span{a.sent, a.sent.Add(a.took)}
		}
		if a.whole {
			whole = nil // the crash has been
		}
		spent += a.lost
		enough := t.enough()
		over := spent >= enough && (answer.Attempts > 1 || enough < patience)
		if err != nil || over || !retryable(&a.Answer) {
			t.learn(&a.Answer, answer.Attempts, spent)
			break
		}
		next := max(pause, min(a.RetryAfter, longestAsked))
		if spent += next; !sleep(ctx, next) {
			break
		}
	}
	if ctx.Err() != nil {
		return trial.Answer{}, flight, ctx.Err()
	}
	if err == nil && d.Crash.When == trial.Behind {
		err = t.crash(ctx)
	}
	return answer, flight, err
}

// add takes an attempt into what came of its delivery.
func add(answer *trial.Answer, a *attempt) {
	if answer.Attempts++; answer.Attempts == 1 {
		answer.First = a.Status
	}
	answer.Status, answer.Failure = a.Status, a.Failure.String()
	answer.Sent, answer.Took = a.sent, a.took
}

// retryable reports whether a real sender would try again after an answer.
func retryable(a *emitter.Answer) bool {
	switch a.Failure.Class {
	case "":
		return a.Status >= 500 || a.Status == http.StatusRequestTimeout || a.Status == http.StatusTooManyRequests
	case emitter.ClassAddress, emitter.ClassTLS, emitter.ClassDNS, emitter.ClassStopped:
		return false
	}
	return true
}
