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
// for the first. Retry-After changes no pause, as with the real sender; up to longestAsked, patience lasts beyond it.
// Who was started a moment ago may refuse for a while: it is asked more often, and for longer.
const (
	firstPause   = 10 * time.Millisecond
	longestPause = 640 * time.Millisecond
	longestAsked = 5 * time.Second
	patience     = 4 * time.Second
	coldPause    = 160 * time.Millisecond
	coldPatience = 10 * time.Second
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
				wait(ctx, d.Crash.After+time.Duration(d.Crash.Share*float64(t.usually())))
				err = t.crash(ctx)
			})
		}
	}
	begun, fails := time.Now(), false
	fresh, spent := hold != nil || way == trial.NewClose, time.Duration(0)
	for pause := firstPause; t.up(ctx); pause = min(2*pause, t.patient.longest(answer.Status)) {
		a := t.once(ctx, d, way, hold, whole, fresh || whole != nil)
		crashing.Wait()
		if ctx.Err() != nil {
			break
		}
		add(&answer, &a)
		if flight.from.IsZero() && a.whole {
			flight = span{a.sent, a.sent.Add(a.took)}
		}
		if a.whole && whole != nil {
			t.saw(a.Status == 0 || a.Status >= 500) // the consumer was killed within the request, and others may answer for it
			whole = nil
		}
		spent += a.lost
		if fails = retryable(&a.Answer); !fails || err != nil || t.patient.enough(&a.Answer, spent, answer.Attempts) {
			break
		}
		if a.Failure.Class == emitter.ClassTimeout && t.patient.short() {
			break
		}
		if spent += pause; !sleep(ctx, pause) {
			break
		}
	}
	if ctx.Err() != nil {
		return trial.Answer{}, flight, ctx.Err()
	}
	t.patient.end(&answer, fails, begun, spent)
	if d.Burst == 0 && answer.Attempts == 1 && answer.Status >= 200 && answer.Status < 300 && d.Crash.When == trial.Never {
		t.answered(answer.Took)
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
	answer.Sent, answer.Took, answer.Connection, answer.Page = a.sent, a.took, a.nth, a.page
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
