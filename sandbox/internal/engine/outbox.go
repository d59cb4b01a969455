package engine

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// How much of what waits for one subscription is in memory. The rest is in the store alone.
const (
	mostInMemory = 400
	pageSize     = 200
	perWorker    = 8 // letters that are made ready for each connection
)

// office delivers to one subscription: first attempts in the order of each conversation, a
// failed one later again without holding up what follows it.
type outbox struct {
	engine *Engine
	id     string
	life   context.Context
	end    context.CancelFunc
	busy   sync.WaitGroup
	wake   chan struct{} // for the goroutine that waits for moments

	mu         sync.Mutex
	wakeWorker sync.Cond // something is ready, or the office ends
	sub        store.Subscription
	route      *route // nil until the first attempt, and after the URL has changed
	prefetched prefetch
	ready      policy.Queue[*delivery]         // attempts that may begin
	order      policy.Order[string, *delivery] // first attempts that wait for another one of their conversation

	staged  int // deliveries that are ready, in flight or in order
	idle    int
	workers int
	ended   bool
}

func newOutbox(e *Engine, s store.Subscription) *outbox {
	o := &outbox{engine: e, id: s.ID, sub: s, wake: make(chan struct{}, 1)}
	o.life, o.end = context.WithCancel(e.life)
	o.wakeWorker.L = &o.mu
	o.prefetched.init()
	return o
}

// open begins with what waits in the store.
func (o *outbox) open() {
	o.busy.Add(1)
	go o.feed()
}

// change brings the subscription up to date. It counts from the next attempt on.
func (o *outbox) update(s store.Subscription) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s.URL != o.sub.URL {
		o.retire()
	}
	o.sub = s
	o.wakeFeeder()
}

// stop ends the office: what is in flight is cut off.
func (o *outbox) stop() {
	o.end()
	o.mu.Lock()
	o.ended = true
	o.wakeWorker.Broadcast()
	o.mu.Unlock()
}

// rest lets nothing new begin; what is in flight finishes.
func (o *outbox) drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.wakeWorker.Broadcast()
	o.wakeFeeder()
}

// wait waits until the goroutines of the office have ended.
func (o *outbox) wait() {
	o.busy.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.retire()
}

// post takes new letters, which the store has.
func (o *outbox) add(letters []*delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range letters {
		o.prefetched.add(d)
	}
	o.makeReady(time.Now())
	o.wakeFeeder()
}

// most is how many letters are made ready at once: enough for all connections, and few
// enough that the order of the shelf counts.
func (o *outbox) capacity() int { return perWorker * o.engine.options.Connections }

// ripen makes ready what is due, and finds workers for it.
func (o *outbox) makeReady(now time.Time) {
	for o.sub.Enabled && !o.ended && o.staged < o.capacity() && len(o.prefetched.waiting) > 0 && !o.prefetched.waiting[0].Due.After(now) {
		d := heap.Pop(&o.prefetched.waiting).(*delivery)
		o.staged++
		if d.ordered = d.orderKey(); d.ordered == "" || o.order.Add(d.ordered, d) {
			o.ready.Push(d)
		}
	}
	o.startWorkers()
}

// staff wakes workers for what is ready, or takes them on.
func (o *outbox) startWorkers() {
	for n := o.ready.Len(); n > 0; n-- {
		switch {
		case o.idle > 0:
			o.idle--
			o.wakeWorker.Signal()
		case o.workers < o.engine.options.Connections && !o.ended:
			o.workers++
			o.busy.Add(1)
			go o.work()
		default:
			return
		}
	}
}

// take waits for a letter to send. It reports false when the office ends.
func (o *outbox) take() (*delivery, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		switch {
		case o.ended:
			return nil, false
		case o.ready.Len() > 0 && o.sub.Enabled:
			o.engine.inFlight.Add(1)
			return o.ready.Pop(), true
		}
		o.idle++
		o.wakeWorker.Wait()
	}
}

// tried lets the next first attempt of the letter's conversation begin.
func (o *outbox) settle(d *delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.staged--
	o.engine.inFlight.Done()
	if d.ordered != "" {
		if next, more := o.order.Done(d.ordered); more {
			o.ready.Push(next)
		}
	}
	o.makeReady(time.Now())
	o.wakeFeeder()
}

// recorded lets the store's word on a letter count.
func (o *outbox) recorded(d *delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.prefetched.forget(d, d.State == store.Waiting)
	if d.State == store.Waiting {
		o.wakeFeeder()
	}
}
