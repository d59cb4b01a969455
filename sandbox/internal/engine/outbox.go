package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// How many deliveries of a subscription are in memory: so many that wait for their moment, and
// so many that are ready or in flight. The others are only in the store.
const (
	mostInMemory = 400
	pageSize     = 200
)

// outbox sends the deliveries of one subscription: first attempts in the order of each
// conversation, unless there is to be none, retries without holding up others.
type outbox struct {
	engine *Engine
	id     string
	life   context.Context
	end    context.CancelFunc
	begin  context.Context // ends with life, or once no further attempt may begin
	halt   context.CancelFunc
	busy   sync.WaitGroup
	wake   chan struct{} // wakes the feeder
	flying flights

	mu         sync.Mutex
	sub        store.Subscription
	route      *route // nil until the first attempt, and after the URL has changed
	prefetched prefetch
	ready      policy.Turns[*delivery]         // attempts that may begin
	order      policy.Order[string, *delivery] // first attempts that wait for another one of their conversation

	staged  int // deliveries that are ready, in flight or in order
	workers int
	ended   bool
	failing failing
	asleep  time.Time // until when the feeder sleeps; zero: it does not, and looks by itself before it does
}

func newOutbox(e *Engine, s store.Subscription) *outbox {
	o := &outbox{engine: e, id: s.ID, sub: s, wake: make(chan struct{}, 1)}
	o.life, o.end = context.WithCancel(e.life)
	o.begin, o.halt = context.WithCancel(o.life)
	o.prefetched.init()
	return o
}

// update sets the subscription, from the next attempt on.
func (o *outbox) update(s store.Subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s.URL != o.sub.URL || s.SecretText() != o.sub.SecretText() { // which the route knows not to show
		o.retire()
	}
	if o.sub = s; !s.Enabled {
		o.failing.row = row{} // nothing is sent to it, so nothing fails
	}
	o.wakeFeeder()
}

// stop ends the outbox. Attempts in flight are cut off.
func (o *outbox) stop() {
	o.end()
	o.drain()
}

// drain begins no further attempt. Those in flight finish.
func (o *outbox) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.halt()
	o.wakeFeeder()
}

// wait waits until the goroutines of the outbox have ended.
func (o *outbox) wait() {
	o.busy.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.retire()
}

// add takes new deliveries, which the store has already.
func (o *outbox) add(deliveries []*delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range deliveries {
		o.prefetched.add(d)
	}
	o.makeReady(time.Now())
	o.notice()
}

// feed waits until deliveries are due, and prefetches them from the store.
func (o *outbox) feed() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.ended && o.life.Err() == nil {
		now := time.Now()
		if o.prefetched.needsPage(now) {
			o.fetch()
			continue
		}
		o.makeReady(now)
		o.asleep = o.nextMoment(now)
		timer.Reset(o.asleep.Sub(now))
		o.mu.Unlock()
		select {
		case <-timer.C:
		case <-o.wake:
		case <-o.life.Done():
		}
		o.mu.Lock()
	}
}

// nextMoment is when the feeder has something to do next.
func (o *outbox) nextMoment(now time.Time) time.Time {
	next := now.Add(time.Hour)
	if p := &o.prefetched; o.staged < mostInMemory && len(p.waiting) > 0 && o.sub.Enabled && p.waiting[0].Due.Before(next) {
		next = p.waiting[0].Due
	}
	if p := &o.prefetched; p.hasSpace() && p.horizon.due.Before(next) {
		next = p.horizon.due
	}
	return next
}

// fetch reads a page of waiting deliveries from the store. The outbox is unlocked meanwhile.
func (o *outbox) fetch() {
	after := o.prefetched.startFetch()
	o.mu.Unlock()
	due, err := o.engine.store.Due(o.life, o.id, after.due, after.number-1, pageSize)
	if err != nil && o.life.Err() == nil {
		o.engine.logError("waiting deliveries cannot be read", err)
		o.engine.pause(100 * time.Millisecond)
	}
	page := make([]*delivery, len(due))
	for i := range due {
		page[i] = &delivery{Delivery: due[i].Delivery, note: &due[i].Detail}
	}
	o.mu.Lock()
	o.prefetched.fetched(page, err != nil || len(page) == pageSize)
	o.makeReady(time.Now())
}

// unordered reports whether the notifications of a run, or of none, do not wait for one another.
// What is left of a run that ended before the last Open has the order of the sandbox.
func (e *Engine) unordered(run string) bool {
	if unordered, chosen := e.orders.Load(run); chosen {
		return unordered
	}
	return e.options.Unordered
}

// orders says whether runs have no order: of those that chose and began since Open, or go on since, the
// last mostOrders. The zero value is ready.
type orders struct {
	mu   sync.Mutex
	runs []string // the oldest first
	of   map[string]bool
}

// mostOrders is more than go on at once. What still waits of an older run has the order of the sandbox.
const mostOrders = 1000

// Store notes what a run chose.
func (s *orders) Store(run string, unordered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]bool{}
	}
	if len(s.runs) == mostOrders {
		delete(s.of, s.runs[0])
		s.runs = slices.Delete(s.runs, 0, 1)
	}
	s.runs, s.of[run] = append(s.runs, run), unordered
}

// Load returns what a run chose, if it did.
func (s *orders) Load(run string) (unordered, chosen bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unordered, chosen = s.of[run]
	return unordered, chosen
}

// Delete forgets a run of which nothing waits.
func (s *orders) Delete(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of, run)
	s.runs = slices.DeleteFunc(s.runs, func(other string) bool { return other == run })
}

// notice wakes the feeder if it has something to do before it wakes by itself.
func (o *outbox) notice() {
	if o.nextMoment(o.asleep).Before(o.asleep) {
		o.wakeFeeder()
	}
}

func (o *outbox) wakeFeeder() {
	select {
	case o.wake <- struct{}{}:
	default: // it is about to wake already
	}
}

// makeReady makes due deliveries ready, and starts workers for them.
func (o *outbox) makeReady(now time.Time) {
	for o.sub.Enabled && !o.ended && o.staged < mostInMemory {
		d := o.prefetched.next(now)
		if d == nil {
			break
		}
		o.staged++
		switch d.ordered = d.orderKey(); {
		case d.ordered == "":
			o.ready.Retries.Push(d)
		case o.engine.unordered(d.note.Run):
			d.ordered = ""
			o.ready.First.Push(d)
		case o.order.Add(d.ordered, d):
			o.ready.First.Push(d)
		}
	}
	for n := o.ready.Len(); n > 0 && o.maySend() && o.workers < o.engine.options.Connections; n-- {
		o.workers++
		o.busy.Go(o.work)
	}
}

// maySend reports whether there is an attempt that may begin.
func (o *outbox) maySend() bool {
	return o.ready.Len() > 0 && o.sub.Enabled && !o.ended && !o.engine.halted.Load()
}

// goOn begins attempts again.
func (o *outbox) goOn() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.makeReady(time.Now())
	o.wakeFeeder()
}

// take returns a delivery to send by a route, and its subscription as it is now. Without one the worker
// ends, unless more tells that the route is no longer that of the subscription.
func (o *outbox) take(way *route) (d *delivery, sub store.Subscription, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.maySend() {
		o.workers--
		return nil, o.sub, false
	}
	if way != o.route {
		return nil, o.sub, true
	}
	o.engine.inFlight.Add(1)
	d, _ = o.ready.Next()
	return d, o.sub, true
}

// settle lets the next first attempt of the conversation begin.
func (o *outbox) settle(d *delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.staged--
	o.engine.inFlight.Done()
	if d.ordered != "" {
		if next, more := o.order.Done(d.ordered); more {
			o.ready.First.Push(next)
		}
	}
	o.makeReady(time.Now())
	o.notice()
}

// recorded takes a delivery back when the store has recorded its attempt. It reports whether that changes what fails.
func (o *outbox) recorded(d *delivery) (failing bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.prefetched.forget(d, d.State == store.Waiting)
	if d.State == store.Waiting {
		o.notice()
	}
	return o.failing.judge(d, time.Now())
}
