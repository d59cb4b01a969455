package emitter

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/ringback/ringback/emitter/internal/wire"
	"github.com/ringback/ringback/internal/show"
)

// worker makes attempts, one at a time. What it needs for one it uses again for the next.
type worker struct {
	*outbox
	sender  Sender
	keys    *keys // nil for unsigned requests
	token   []byte
	trace   []byte
	request Request
	row     Attempt
}

// deliver makes attempts until nothing is left to send.
func (o *outbox) deliver(ctx context.Context) {
	w := &worker{outbox: o, sender: o.sender}
	if s, ok := o.sender.(wire.PerWorker); ok {
		w.sender = s.ForWorker()
	}
	if c, ok := w.sender.(io.Closer); ok && w.sender != o.sender {
		defer c.Close()
	}
	if len(o.secret) > 0 {
		w.keys = &keys{current: o.secret, next: o.nextSecret}
	}
	for d, ok := o.take(); ok; d, ok = o.take() {
		o.settle(d, w.attempt(ctx, d))
	}
}

// attempt sends d once and records how that went.
func (w *worker) attempt(ctx context.Context, d *delivery) Outcome {
	d.attempts++
	sent := time.Now()
	if d.attempts == 1+lost(&d.note) {
		d.first = w.clock.Load().Offset(sent)
	}
	if w.keys != nil { // afresh each time: a token lives minutes, retries live a day
		w.token = w.keys.appendToken(append(w.token[:0], w.rules.SignaturePrefix...), d, sent)
	}
	w.row = w.newRow(d)
	w.row.Sent = sent
	if w.timeless {
		w.row.Due = sent
	}
	w.row.Lateness = max(0, sent.Sub(w.row.Due))
	w.row.crowded = d.crowded && d.story != nil

	w.request = Request{Body: d.body, Signature: w.token, Timeout: w.rules.Timeout, BodyFault: bodyFault(&d.note, d.attempts)}
	if w.rules.Traceparent {
		w.trace = appendTrace(w.trace[:0], d)
		w.request.Trace = w.trace
	}
	answer := w.sender.Send(ctx, &w.request)
	end := time.Now()
	if !answer.Released {
		d.kept.Store(true)
	}

	w.row.Latency = end.Sub(sent)
	w.row.Status = answer.Status
	w.row.Outcome, w.row.Failure = w.judge(ctx, d, &answer, end)
	if w.row.Outcome != Accepted {
		w.row.Excerpt = answer.Excerpt
	}
	w.rows.record(&w.tally, &w.row)
	return w.row.Outcome
}

// newRow is a row about d, so far without an attempt.
func (o *outbox) newRow(d *delivery) Attempt {
	return Attempt{Target: o.tally.Name, Notification: &d.note, Number: d.attempts, Due: d.due, Fault: d.note.Fault}
}

// judge says what an answer means for d, and plans its retry.
func (o *outbox) judge(ctx context.Context, d *delivery, a *Answer, now time.Time) (Outcome, Failure) {
	f := o.failure(a)
	o.mu.Lock()
	defer o.mu.Unlock()
	if a.Status != 0 {
		o.answered = true
	} else {
		o.last = f
	}
	switch {
	case d.refuses(a):
		return d.refusal(a, f)
	case f == Failure{}:
		return Accepted, f
	case o.stopping || ctx.Err() != nil:
		return Undelivered, f
	case o.abandoned || !d.retry(o.clock.Load(), now, o.atLeast(a), o.rules.RetryFor):
		return GivenUp, f
	case !o.reserve(d):
		o.noRoom++
		f.Text = fmt.Sprintf("%s; no retry, %d already wait for one", f.Text, o.retrying)
		return GivenUp, f
	}
	return Retrying, f
}

// failure is why an answer does not accept the notification, or none.
func (o *outbox) failure(a *Answer) Failure {
	switch {
	case a.Failure.Class != "":
		return a.Failure
	case a.Status == 0:
		return Failure{Class: ClassOther, Text: "no answer, and no reason for that"}
	case o.rules.Success.Accepts(a.Status):
		return Failure{}
	case a.Location != "":
		return Failure{Class: ClassRedirect, Text: show.Line(strconv.Itoa(a.Status)+" to "+a.Location, wire.MaxText)}
	}
	return Failure{Class: ClassStatus, Text: statusText(a.Status)}
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return strconv.Itoa(status) + " " + text
	}
	return strconv.Itoa(status)
}

// atLeast is how long the answer asks to wait, if it is to be obeyed.
func (o *outbox) atLeast(a *Answer) time.Duration {
	if o.rules.RetryAfter != ObeyRetryAfter {
		return 0
	}
	return a.RetryAfter
}

// reserve gets d a place among the retries, which it keeps until its final row: what waits
// already goes before what comes.
func (o *outbox) reserve(d *delivery) bool {
	if !d.retried && o.retrying >= (o.waiting+1)/2 {
		return false
	}
	if !d.retried {
		d.retried = true
		o.retrying++
	}
	return true
}
