package emitter

import (
	"context"
	"fmt"
	"time"

	"github.com/ringback/ringback/internal/policy"
)

// worker makes attempts, one at a time. What it needs for one it uses again for the next.
type worker struct {
	*outbox
	*requester
	row    Attempt
	flight context.Context // ends requests in flight
	begin  context.Context // no attempt begins once it has ended
	looped                 // while the loop runs it
}

// deliver makes attempts until nothing is left to send. None begins once begin has ended, and those in
// flight end with flight.
func (o *outbox) deliver(begin, flight context.Context) {
	w := &worker{outbox: o, requester: newRequester(o.rules, o.sender, o.hidden), begin: begin, flight: flight}
	w.sign(o.target.Secret, o.target.NextSecret)
	w.work()
}

// work makes attempts until nothing is left to send, or the loop takes over.
func (w *worker) work() {
	for {
		d, next := w.take(w)
		switch next {
		case parked:
			return
		case over:
			w.requester.Close()
			return
		}
		ok, waited := w.slot.Take(w.begin)
		if !ok {
			w.putBack(d)
			w.requester.Close()
			return
		}
		sent := w.attempt(d)
		w.finish(d, w.send(d, sent, waited, false), waited)
	}
}

// attempt begins one, now.
func (w *worker) attempt(d *delivery) (sent time.Time) {
	d.attempts++
	sent = time.Now()
	if d.attempts == 1+policy.Lost(d.note.Fault) {
		d.first = w.clock.Load().Offset(sent)
	}
	w.begins(&d.note)
	return sent
}

// finish records how an attempt went, and settles d. A request that met a connection which had ended is none of the consumer's failures: it
// has a row of its own, and goes out again at once. Waited tells that too many connections were open.
func (w *worker) finish(d *delivery, answer Answer, waited bool) {
	if answer.Failure.Class == ClassStale {
		w.row.Outcome, w.row.Failure = Retrying, answer.Failure
		w.rows.record(&w.figures, &w.row)
		answer = w.send(d, time.Now(), waited, true)
	}
	w.ends(&d.note)
	w.row.Outcome, w.row.Failure = w.conclude(w.flight, d, &answer, w.row.Sent.Add(w.row.Latency))
	if w.row.Outcome != Accepted {
		w.row.Excerpt = answer.Excerpt
	}
	w.rows.record(&w.figures, &w.row)
	outcome := w.row.Outcome
	w.slot.Rest()
	w.settle(d, outcome, w.row.Status, w.row.Latency)
}

// send makes a request now, and begins its row.
func (w *worker) send(d *delivery, sent time.Time, waited, fresh bool) Answer {
	w.prepare(d, sent, waited, fresh)
	return w.took(d, w.requester.sender.Send(w.flight, &w.request), time.Now())
}

// prepare makes a request and begins its row.
func (w *worker) prepare(d *delivery, sent time.Time, waited, fresh bool) {
	w.row = w.newRow(d)
	w.row.Sent = sent
	if w.timeless {
		w.row.Due = sent
	}
	w.row.Lateness = max(0, sent.Sub(w.row.Due))
	w.row.crowded = d.ordered && (d.crowded || waited)
	w.row.limited = waited
	w.requester.prepare(&d.note, d.body, d.attempts, sent, fresh)
}

// took notes an answer in the row, that arrived at a moment.
func (w *worker) took(d *delivery, answer Answer, arrived time.Time) Answer {
	w.row.Latency = max(0, arrived.Sub(w.row.Sent))
	w.row.Status = answer.Status
	if !answer.Released {
		d.kept.Store(true)
	}
	return w.taken(answer)
}

// newRow is a row about d, so far without an attempt.
func (o *outbox) newRow(d *delivery) Attempt {
	return Attempt{Target: o.figures.Name, Notification: &d.note, Number: d.attempts, Due: d.due, Fault: d.note.Fault}
}

// conclude says what an answer means for d, and plans its retry.
func (w *worker) conclude(ctx context.Context, d *delivery, a *Answer, now time.Time) (Outcome, Failure) {
	outcome, f := w.judge(&d.note, a)
	o := w.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	if a.Status != 0 {
		o.answered = true
	} else if !o.abandoned {
		o.last = f
	}
	switch {
	case outcome != Retrying:
		return outcome, f
	case o.stopping || ctx.Err() != nil:
		return Undelivered, f
	case o.abandoned || !d.retry(o.clock.Load(), now, a.RetryAfter, o.rules.RetryFor):
		return GivenUp, rather(f, &d.note, a.Status)
	case !d.retried && o.retrying >= (o.waiting+1)/2:
		o.queueFull++
		f.Text = fmt.Sprintf("%s; no retry, %d already wait for one", f.Text, o.retrying)
		return GivenUp, f
	case !d.retried: // it keeps its place until its final row: what waits already goes before what comes
		d.retried = true
		o.retrying++
	}
	return Retrying, f
}
