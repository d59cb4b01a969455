package transport

import (
	"context"
	"errors"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
)

// attempt is what came of one request.
type attempt struct {
	emitter.Answer
	page  bool
	sent  time.Time // when it was whole, or when that failed
	whole bool
	nth   int           // connection
	took  time.Duration // from sent to the end of the answer
	lost  time.Duration // of the time that there is for retries: from the beginning
}

// grace is how long the rest of a request may take that was answered before its end.
const grace = 50 * time.Millisecond

// How long all but the end of a delivery in a burst may take.
const holdLimit = 2 * time.Second

// errStopped ends a request whose answer came before its end.
var errStopped = errors.New("answered before its end")

// once makes one attempt. Whole is called when the request has been written. If there is a hold,
// the end of the request waits until it returns. Fresh wants a connection of its own. One that had been ended
// while it waited is none of the consumer's faults: then the request goes out on a new one.
func (t *Transport) once(ctx context.Context, d *trial.Delivery, way trial.Way, hold, whole func(), fresh bool) (a attempt) {
	start, limit := time.Now(), t.patient.limit(t.Timeout)
	due := start.Add(limit)
	pieces := t.request(d, way, start)
	defer func() { t.patient.note(&a, start, limit < t.Timeout) }()
	for again := !fresh; ; again = false {
		c, kept, err := t.take(ctx, due, !again)
		if err != nil {
			now := time.Now()
			return attempt{Answer: emitter.Answer{Failure: t.raw.Failure(ctx, err, !now.Before(due))}, sent: now, lost: now.Sub(start)}
		}
		a, open, stale := t.exchange(ctx, c.RawConn, due, limit, pieces, len(d.Body), hold, whole)
		if open && !fresh {
			t.give(c)
		} else {
			c.Close()
		}
		if !stale || !kept || ctx.Err() != nil {
			a.nth = c.nth
			a.lost = time.Since(start)
			return a
		}
	}
}

// exchange sends a request over a connection and reads the answer, which may come before the
// request's end. Open tells that the connection may carry another request, and stale that nothing
// came but its end, soon.
func (t *Transport) exchange(ctx context.Context, c *emitter.RawConn, due time.Time, limit time.Duration, pieces []piece, length int, hold, whole func()) (a attempt, open, stale bool) {
	if hold != nil {
		before, last := heldBack(pieces, length)
		c.Limit(time.Now().Add(holdLimit))
		rest, _, _ := write(c, before, nil) // what fails for good fails again
		hold()
		due = time.Now().Add(limit)
		c.Limit(due)
		pieces = append(rest, last...)
	}
	stop, wrote := make(chan struct{}), make(chan error, 1)
	begun := time.Now()
	sent := begun
	go func() {
		_, last, err := write(c, pieces, stop)
		if hold == nil { // the end is sent when it is released
			sent = last
		}
		if err == nil && whole != nil {
			whole()
		}
		wrote <- err
	}()
	answer, again, heard, err := c.Answer()
	ended := time.Now()
	failed := settled(c, stop, wrote, err == nil)
	a = attempt{Answer: answer, page: err == nil && c.Page(), sent: sent, whole: failed == nil, took: max(0, ended.Sub(sent))}
	if err == nil {
		return a, again && failed == nil, false
	}
	if !heard && failed != nil && failed != errStopped { // it says more than the end of the connection
		err = failed
	}
	a.Answer = emitter.Answer{Failure: t.raw.Failure(ctx, err, !ended.Before(due))}
	return a, false, !heard && a.Failure.Class == emitter.ClassReset && ended.Sub(begun) <= emitter.StaleWithin
}

// settled waits for the end of the writing. The rest of an answered request may take a little
// while; then, and where there is no answer, the connection ends.
func settled(c *emitter.RawConn, stop chan<- struct{}, wrote <-chan error, answered bool) error {
	if answered {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case failed := <-wrote:
			return failed
		case <-timer.C:
		}
	}
	close(stop)
	c.Close()
	return <-wrote
}

// write writes pieces, unless it is stopped within a pause; nil never stops it. Rest is what was not
// written. Last is when the last of them began to be: behind it, on a busy machine, the clock may be read only when the answer has come.
func write(c *emitter.RawConn, pieces []piece, stop <-chan struct{}) (rest []piece, last time.Time, err error) {
	last = time.Now()
	for i, p := range pieces {
		if p.pause > 0 {
			timer := time.NewTimer(p.pause)
			select {
			case <-timer.C:
			case <-stop:
				timer.Stop()
				return pieces[i:], last, errStopped
			}
		}
		if len(p.bytes) == 0 {
			continue
		}
		last = time.Now()
		if n, err := c.Write(p.bytes); err != nil {
			return append([]piece{{0, p.bytes[n:]}}, pieces[i+1:]...), last, err
		}
	}
	return nil, last, nil
}

// cut sends the beginning of a delivery and ends the connection.
func (t *Transport) cut(ctx context.Context, d *trial.Delivery) {
	now := time.Now()
	c, _, err := t.take(ctx, now.Add(t.Timeout), true)
	if err != nil {
		return // the attempt that follows says why
	}
	if _, _, err := write(c.RawConn, t.request(d, trial.CutOff, now), nil); err == nil {
		sleep(ctx, cutPause)
	}
	c.Close()
}
