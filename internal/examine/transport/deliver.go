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

// deliver sends one delivery until it is answered for good. Hold keeps the end of each attempt back
// until it returns; nil: it is none of a burst. Time in which the consumer is started again does
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
	begun, fails := time.Now(), false
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
		if fails = retryable(&a.Answer); !fails || err != nil || t.patient.enough(spent, answer.Attempts) {
			break
		}
		if a.Failure.Class == emitter.ClassTimeout && t.patient.short() {
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
	t.patient.end(&answer, fails, begun, spent)
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
	if a.Failure.Class == emitter.ClassTimeout {
		answer.Late++
	}
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
