package emitter

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// Run plays the notifications, whose offset 0 is at the real moment start, and returns when
// each has a final row for every target that wants it. Moments already past are made up for
// at once. Notifications are read up to 1,024 ahead of their moments.
//
// When ctx ends, requests in flight are cut off and its cause is the error. When Drain is
// closed, requests in flight finish and there is no error. Either way, everything else gets
// a closing row, and the result reports whether the plan was read to its end. An error of On
// ends the run as ctx does, and is returned. Wrong settings are an error before anything is
// sent or read, and leave the result empty.
func (e *Emitter) Run(ctx context.Context, start time.Time, notifications iter.Seq[plan.Notification]) (Result, error) {
	rules := e.withDefaults()
	boxes, err := rules.prepare()
	if err != nil {
		return Result{}, err
	}
	r := &run{rules: rules, boxes: boxes, clock: pace.NewClock(start, rules.Speed), ring: pace.NewRing[message]()}
	r.open(ctx)
	defer r.shut()
	r.feed(notifications)
	r.sending.Wait()
	return r.finish(ctx)
}

// run is one Run of an Emitter. Its goroutines are the pacer, the workers and the retry
// watcher of each outbox, and one that waits for Drain.
type run struct {
	rules  *Emitter // with defaults in place
	boxes  []*outbox
	clock  *pace.Clock
	ring   *pace.Ring[message]
	rows   *recorder
	gauges gauges
	health health
	result Result

	flight   context.Context // ends requests in flight
	cut      context.CancelCauseFunc
	begin    context.Context // ends with flight and with Drain: nothing new may begin
	stop     context.CancelFunc
	sending  sync.WaitGroup // workers and watchers
	stopping sync.WaitGroup // the goroutines that wait for Drain, and for the moment to cut off
	cutShort atomic.Bool    // that moment has come
}

func (r *run) open(ctx context.Context) {
	r.flight, r.cut = context.WithCancelCause(ctx)
	r.begin, r.stop = context.WithCancel(r.flight)
	r.rows = &recorder{on: r.rules.On, fail: r.cut}
	r.result = Result{Started: time.Now()}
	r.gauges.pacing = newHistogram(3)
	r.health.open()
	for _, o := range r.boxes {
		o.clock, o.rows, o.release = r.clock, r.rows, r.release
		o.start = func() { r.sending.Go(func() { o.deliver(r.begin, r.flight) }) }
		r.sending.Go(func() { o.watch(r.begin) })
	}
	if r.rules.Control != nil {
		r.rules.Control.attach(r)
	}
	if r.draining() { // already: not one notification may leave
		r.stop()
	}
	r.stopping.Go(func() {
		select {
		case <-r.rules.Drain:
			r.stop()
		case <-r.begin.Done():
		}
		r.change(func(o *outbox) { o.stopping = true })
	})
}

// feed reads the plan and hands out its notifications in time. Without a schedule one
// goroutine does both.
func (r *run) feed(notifications iter.Seq[plan.Notification]) {
	if r.begin.Err() != nil {
		return
	}
	whole, put := false, r.ring.Put
	if p := r.clock.Load(); p.Timeless() {
		put = func(m *message) bool {
			m.due = p.Start()
			return r.hand(m, r.begin.Err() == nil)
		}
	} else {
		var pacing sync.WaitGroup
		pacing.Go(r.pace)
		defer pacing.Wait()
		defer func() { r.ring.Close(whole) }() // also when the plan's iterator panics
	}
	for n := range notifications {
		m := r.ring.Fresh()
		m.note, m.body = n, n.AppendBody(m.body[:0]) // encoded before its moment comes
		if !put(m) {
			return
		}
	}
	whole = !r.draining() // else the plan may have ended early for that
	if whole && r.rules.Speed >= Max {
		r.planRead()
	}
}

// draining reports whether nothing new may begin.
func (r *run) draining() bool {
	select {
	case <-r.rules.Drain:
		return true
	default:
		return r.begin.Err() != nil
	}
}

// pace waits for the moment of each notification and hands it out then.
func (r *run) pace() {
	p, release := pace.NewPacer(r.clock, r.rules.Pacing)
	defer release()
	defer r.ring.End()
	r.result.Waited = p.Waited()
	for {
		taken, late := r.ring.Take()
		if len(taken) == 0 {
			break
		}
		for _, m := range taken {
			due, going := p.Until(r.begin, m.note.Due)
			m.due = due
			if going {
				r.observe(m, late)
			}
			if !r.hand(m, going) {
				return
			}
			late = false
		}
	}
	if r.ring.Whole() {
		r.planRead()
		if r.rules.CutAt > 0 {
			r.stopping.Go(r.cutOff)
		}
	}
}

// cutOff ends the run at its moment, unless everything has come to its end before: what waits then is left.
func (r *run) cutOff() {
	p, release := pace.NewPacer(r.clock, pace.Timers)
	defer release()
	if _, going := p.Until(r.begin, r.rules.CutAt); going {
		r.cutShort.Store(true)
		r.stop()
	}
}

// planRead says that all of the plan was handed out.
func (r *run) planRead() {
	r.result.PlanRead = true
	r.change(func(o *outbox) { o.closed = true })
}

// hand gives m to the targets that want it, in its moment. It reports false when the run
// was stopped before all of them had it.
func (r *run) hand(m *message, going bool) bool {
	if m.note.Keys%2 == 1 && !r.rotatable() {
		return false
	}
	r.gauges.hand(&m.note)
	whole := m.note.Burst > 0 && m.note.Follow == 0
	m.open.Store(int32(len(r.boxes)))
	for _, o := range r.boxes {
		if !o.wants(&m.note) {
			r.release(m)
			continue
		}
		o.matched.Add(1)
		outcome := Dropped
		if !going {
			outcome = Undelivered
		} else if m.note.Fault != fault.Drop {
			outcome = o.push(m)
		}
		if outcome != "" {
			o.closeRow(&delivery{message: m, due: m.due}, outcome)
			r.release(m)
		}
		going = going && outcome != Undelivered
	}
	if whole {
		for _, o := range r.boxes {
			o.closeBurst()
		}
	}
	return going
}

// release takes a message back once no target needs it any more.
func (r *run) release(m *message) {
	if m.open.Add(-1) == 0 && !m.kept.Load() {
		r.ring.Reuse(m)
	}
}

// finish settles accounts once everything has ended.
func (r *run) finish(ctx context.Context) (Result, error) {
	for _, o := range r.boxes {
		o.closeWaiting(Undelivered)
		o.crowded.end(time.Now, o.connections)
		t, s := o.figures, Snapshot{Total: o.figures.Counts}
		o.look(&s)
		t.Counts = s.Total
		if e, ok := o.sender.(interface{ Engine() string }); ok {
			t.Engine = e.Engine()
		}
		r.result.Targets = append(r.result.Targets, t)
	}
	r.result.Ended = time.Now()
	r.result.Planned, r.result.Pacing = r.gauges.offered, r.gauges.pacing
	r.result.Invalid, r.result.Overloaded, r.result.Remarks = r.verdict()
	total := r.result.Total()
	r.result.CutOff = r.cutShort.Load() && total.Undelivered > 0
	switch {
	case r.rows.err != nil:
		r.result.Stop = StopFailed
		return r.result, r.rows.err
	case r.result.PlanRead && (total.Undelivered == 0 || r.result.CutOff && ctx.Err() == nil):
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
	r.stopping.Wait()
	for _, o := range r.boxes {
		closeSender(o.sender)
	}
	if r.rules.Control != nil {
		r.rules.Control.detach(r)
	}
}
