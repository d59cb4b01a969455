package emitter

import (
	"bytes"
	"context"
	"iter"
	"sync"
	"time"

	"github.com/ringback/ringback/fault"
	"github.com/ringback/ringback/plan"
)

// Run plays the notifications, whose offset 0 is at the real moment start, and returns when
// each has a final row for every target that wants it. Moments already past are made up for
// at once.
//
// When ctx ends, requests in flight are cut off and its cause is the error. When Drain is
// closed, requests in flight finish and there is no error. Either way, everything else gets
// a closing row, and the result says whether the plan was read to its end. An error of On
// ends the run as ctx does, and is returned. Wrong settings are an error before anything is
// sent or read, and leave the result empty.
func (e *Emitter) Run(ctx context.Context, start time.Time, notifications iter.Seq[plan.Notification]) (Result, error) {
	rules := e.withDefaults()
	boxes, err := rules.prepare()
	if err != nil {
		return Result{}, err
	}
	r := &run{rules: rules, boxes: boxes, pace: newPace(start, rules.Speed)}
	r.open(ctx)
	defer r.shut()
	r.feed(notifications)
	r.sending.Wait()
	return r.finish(ctx)
}

// run is one Run of an Emitter. Its goroutines are the workers and the watcher of each
// outbox, and the one that obeys Drain.
type run struct {
	rules  *Emitter // with defaults in place
	boxes  []*outbox
	pace   pace
	rows   *recorder
	result Result
	alarm  alarm
	body   []byte // of the last notification, kept for its memory

	flight  context.Context // ends requests in flight
	cut     context.CancelCauseFunc
	begin   context.Context // ends with flight and with Drain: nothing new may begin
	stop    context.CancelFunc
	sending sync.WaitGroup // workers and watchers
	obeying sync.WaitGroup
}

func (r *run) open(ctx context.Context) {
	r.flight, r.cut = context.WithCancelCause(ctx)
	r.begin, r.stop = context.WithCancel(r.flight)
	r.rows = &recorder{on: r.rules.On, fail: r.cut}
	r.result = Result{Started: time.Now(), Pacing: newHistogram()}
	for _, o := range r.boxes {
		o.pace, o.rows = r.pace, r.rows
		o.start = func() { r.sending.Go(func() { o.deliver(r.flight) }) }
		r.sending.Go(func() { o.watch(r.begin) })
	}
	r.obeying.Go(r.obey)
}

// obey stops the outboxes when nothing new may begin.
func (r *run) obey() {
	select {
	case <-r.rules.Drain:
		r.stop()
	case <-r.begin.Done():
	}
	for _, o := range r.boxes {
		o.stop()
	}
}

// feed hands out the notifications in time. It is the only one to read the plan.
func (r *run) feed(notifications iter.Seq[plan.Notification]) {
	if r.begin.Err() != nil {
		return
	}
	for n := range notifications {
		r.result.Planned++
		if n.Keys%2 == 1 && !r.rotatable() || !r.hand(r.message(&n)) {
			return
		}
	}
	r.result.PlanRead = true
	for _, o := range r.boxes {
		o.close()
	}
}

// rotatable ends the run if a target has no next secret.
func (r *run) rotatable() bool {
	for _, o := range r.boxes {
		if err := o.rotatable(); err != nil {
			r.rows.end(err)
			return false
		}
	}
	return true
}

// message encodes n, before its moment comes.
func (r *run) message(n *plan.Notification) *message {
	r.body = n.AppendBody(r.body[:0])
	return &message{note: *n, body: bytes.Clone(r.body), due: r.pace.moment(n.Due)}
}

// hand gives m to the targets that want it, in its moment. It reports false when the run
// was stopped before all of them had it.
func (r *run) hand(m *message) bool {
	going := r.alarm.until(r.begin, m.due, nil)
	if going && !r.pace.timeless() {
		record(r.result.Pacing, time.Since(m.due))
	}
	for _, o := range r.boxes {
		if !o.wants(&m.note) {
			continue
		}
		o.tally.Matched++
		if going && m.note.Fault == fault.Drop {
			o.drop(m)
			continue
		}
		if !going || !o.push(m) {
			going = false
			o.closeRow(&delivery{message: m, due: m.due})
		}
	}
	return going
}

// finish settles accounts once everything has ended.
func (r *run) finish(ctx context.Context) (Result, error) {
	for _, o := range r.boxes {
		o.closeRows()
		o.tally.NoRoom = o.noRoom
		o.tally.Silent = !o.answered && o.tally.Attempts > 0
		if d, ok := o.sender.(interface{ Dials() uint64 }); ok {
			o.tally.NewConnections = d.Dials()
		}
		r.result.Targets = append(r.result.Targets, o.tally)
	}
	r.result.Ended = time.Now()
	total := r.result.Total()
	switch {
	case r.rows.err != nil:
		r.result.Stop = StopFailed
		return r.result, r.rows.err
	case r.result.PlanRead && total.Undelivered == 0:
		return r.result, nil
	case ctx.Err() != nil:
		r.result.Stop = StopCancelled
		return r.result, context.Cause(ctx)
	}
	r.result.Stop = StopDrained
	return r.result, nil
}

// shut ends and joins whatever still runs, also when the plan's iterator panics.
func (r *run) shut() {
	r.cut(nil)
	r.sending.Wait()
	r.obeying.Wait()
	for _, o := range r.boxes {
		if s, ok := o.sender.(*httpSender); ok {
			s.Close()
		}
	}
}
