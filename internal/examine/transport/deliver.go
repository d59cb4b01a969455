package transport

import (
	"context"
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
// further attempt has helped, and no less than leastPatience, after many failures shortPatience, and in the end nothing.
const (
	enoughFailures = 3
	manyFailures   = 20
	mostFailures   = 60
	timesHelped    = 4
	leastPatience  = 150 * time.Millisecond
	shortPatience  = 20 * time.Millisecond
)

// enough is how long a delivery is tried again.
func (t *Transport) enough() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failures < enoughFailures || t.crashes {
		return patience
	}
	least := leastPatience
	switch {
	case t.failures >= mostFailures:
		least = 0
	case t.failures >= manyFailures:
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
		hangs := a.Failure.Class == emitter.ClassTimeout && t.patient.short()
		over := hangs || spent >= enough && (answer.Attempts > 1 || enough < patience)
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
