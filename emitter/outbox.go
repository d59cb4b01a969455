package emitter

import (
	"cmp"
	"container/heap"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/plan"
)

// outbox holds what waits for one target and decides what is sent next. Its fields below mu
// are shared by the feeder, the workers and the goroutine that watches over the retries.
type outbox struct {
	figures     TargetResult  // the recorder's
	matched     atomic.Uint64 // notifications that the target wants
	sender      Sender
	target      Target
	hidden      *hidden
	wanted      map[event.Type]bool // what its types select, filled as needed; the feeder's own
	rules       *Emitter            // with defaults in place
	connections int                 // most requests in flight
	waiting     int                 // most notifications that wait
	clock       *pace.Clock
	timeless    bool // the run takes no time into account
	rows        *recorder
	start       func()         // starts a worker
	release     func(*message) // says that the outbox is done with one
	nudge       chan struct{}  // wakes the watcher of retries

	mu        sync.Mutex
	work      sync.Cond                       // there is something to send, or nothing will come any more
	leave     sync.Cond                       // a burst may leave, or nothing may
	room      sync.Cond                       // there is room for a first attempt, or none is wanted any more
	order     policy.Order[uint64, *delivery] // first attempts that wait for another one of their story
	ready     policy.Turns[*delivery]         // attempts that may begin
	later     retries                         // the other retries
	queued    int                             // first attempts that wait
	firsts    int                             // first attempts that wait or are in flight
	retrying  int                             // notifications that wait for a retry, or are in one
	pending   int                             // notifications without a final row
	workers   int
	idle      int   // workers that wait and were not yet woken
	loop      *loop // runs workers whose connections wait for answers without a goroutine; nil: none does
	parked    policy.Queue[*worker]
	flying    int         // attempts that were begun and are not settled
	firstAt   time.Time   // moment of the first attempt of all
	answered  bool        // the target gave an HTTP answer
	last      Failure     // of the attempts before that, or before patience has ended
	queueFull uint64      // notifications given up because too many waited for a retry
	spare     []*delivery // to be used again
	bursts    bursts      // of plans without order
	crowded   stretch
	closed    bool // no more notifications will come
	paused    bool // nothing new may begin for now
	stopping  bool // nothing new may begin
	abandoned bool // patience has ended
}

func newOutbox(rules *Emitter, t *Target, sender Sender) *outbox {
	o := &outbox{
		figures:     TargetResult{Name: t.Label(), URL: t.shown(), Figures: newFigures()},
		connections: cmp.Or(t.Connections, rules.Connections), waiting: cmp.Or(t.Waiting, rules.Waiting), timeless: rules.Speed >= Max,
		sender: sender, target: *t, hidden: t.hidden(), rules: rules, wanted: make(map[event.Type]bool), nudge: make(chan struct{}, 1),
	}
	o.work.L, o.leave.L, o.room.L = &o.mu, &o.mu, &o.mu
	return o
}

// What a worker does next.
type next uint8

const (
	send    next = iota
	parked       // nothing: the loop begins it again
	over         // there will be no more
	blocked      // it would have to wait, on a goroutine of its own
)

// take waits for something to send, which w, if it has a parked connection, leaves to the loop.
func (o *outbox) take(w *worker) (*delivery, next) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.paused || o.ready.Len() == 0 || o.stopping {
		if o.stopping || o.finished() {
			return nil, over
		}
		o.crowded.end(time.Now, o.connections)
		if o.loop.park(w) {
			o.parked.Push(w)
			return nil, parked
		}
		if w.inLoop {
			return nil, blocked
		}
		o.idle++
		o.work.Wait()
	}
	if w.inLoop && o.bursts.used {
		return nil, blocked
	}
	d, first := o.ready.Next()
	if d.burst != nil && !o.together(d.burst) {
		o.ready.First.Push(d)
		return nil, over
	}
	o.flying++
	if !first {
		return d, send
	}
	if o.queued--; o.timeless && !o.plenty() {
		o.room.Signal()
	}
	if o.firstAt.IsZero() {
		o.firstAt = time.Now()
	}
	return d, send
}

// putBack undoes take, since the run was stopped before the attempt began.
func (o *outbox) putBack(d *delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.flying--; d.ordered {
		o.queued++
		o.ready.First.Push(d)
	} else {
		o.ready.Retries.Push(d)
	}
}

// settle files d after an attempt that took latency, with the status of its response. Its caller takes something to send next, so what became
// ready here wakes nobody else.
func (o *outbox) settle(d *delivery, outcome Outcome, status int, latency time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flying--
	o.crowded.settle(outcome, status, latency)
	if d.ordered {
		d.ordered = false
		if d.burst != nil {
			o.settleBurst(d)
		} else if next, more := o.order.Done(d.note.Story); more {
			o.ready.First.Push(next)
		}
		if o.firsts--; o.firsts == 0 && o.closed {
			o.nudgeWatcher() // from now on patience counts
		}
	}
	switch {
	case outcome != Retrying:
		o.final(d)
	case o.timeless:
		o.ready.Retries.Push(d)
		o.wake()
	default:
		heap.Push(&o.later, d)
		if o.later[0] == d {
			o.nudgeWatcher()
		}
	}
}

// final forgets d, which got its final row.
func (o *outbox) final(d *delivery) {
	if d.retried {
		o.retrying--
	}
	o.pending--
	o.release(d.message)
	*d = delivery{}
	if len(o.spare) < pace.Ahead {
		o.spare = append(o.spare, d)
	}
	if o.finished() {
		o.wakeAll()
	}
}

func (o *outbox) finished() bool { return o.closed && o.pending == 0 }

func (o *outbox) wakeAll() {
	o.idle = 0
	for o.parked.Len() > 0 {
		o.loop.wake(o.parked.Pop())
	}
	o.work.Broadcast()
	o.leave.Broadcast()
	o.room.Broadcast()
	o.nudgeWatcher()
}

// wake finds a worker for something that became ready.
func (o *outbox) wake() {
	switch {
	case o.parked.Len() > 0:
		o.loop.wake(o.parked.Pop())
	case o.idle > 0:
		o.idle--
		o.work.Signal()
	case o.workers < o.connections:
		o.workers++
		o.start()
	}
}

func (o *outbox) nudgeWatcher() {
	select {
	case o.nudge <- struct{}{}:
	default: // it will wake anyway
	}
}

// wants reports whether the target selects n. It is for the feeder only.
func (o *outbox) wants(n *plan.Notification) bool {
	if len(o.target.Types) == 0 {
		return true
	}
	wanted, known := o.wanted[n.Event.Type]
	if n.Raw != nil || !known {
		name := n.Type()
		wanted = slices.ContainsFunc(o.target.Types, func(pattern string) bool { return event.Match(pattern, name) })
		if n.Raw == nil {
			o.wanted[n.Event.Type] = wanted
		}
	}
	return wanted
}

// push adds a first attempt. Without a schedule it waits for room, unless the run stops
// meanwhile; with one, nothing waits, and what finds no room is not sent. It returns the final
// outcome of what was not added.
func (o *outbox) push(m *message) Outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	crowded := o.idle == 0 && o.parked.Len() == 0 && o.workers == o.connections
	if crowded && !o.timeless && !o.stopping {
		o.crowded.offer(m.due)
	}
	switch first := o.bursts.coming == nil; { // a burst is taken whole
	case o.stopping || !first:
	case o.timeless && (o.queued >= o.firstsRoom() || o.ready.First.Len() >= o.enough()):
		for o.plenty() && !o.stopping {
			o.room.Wait()
		}
	case !o.timeless && o.queued >= o.firstsRoom():
		return NotSent
	}
	if o.stopping {
		return Undelivered
	}
	var d *delivery
	if n := len(o.spare); n > 0 {
		d, o.spare = o.spare[n-1], o.spare[:n-1]
	} else {
		d = new(delivery)
	}
	*d = delivery{message: m, ordered: true, due: m.due, attempts: policy.Lost(m.note.Fault), crowded: crowded}
	o.queued++
	o.firsts++
	o.pending++
	if m.note.Burst > 0 {
		o.gather(d)
	} else if o.order.Add(m.note.Story, d) {
		o.ready.First.Push(d)
		o.wake()
	}
	return ""
}

// enough is how many first attempts that may begin are enough, without a schedule: for each connection more than one, and few enough to stay in the
// processor's cache.
func (o *outbox) enough() int { return max(2*o.connections, 128) }

// plenty reports whether so much waits that the feeder goes on waiting: rather one long wait than many short ones.
func (o *outbox) plenty() bool {
	return o.queued > o.firstsRoom()/2 || o.ready.First.Len() > o.enough()/2
}

// firstsRoom is how many first attempts may wait. Without a schedule a deep queue would only
// fill memory: a window with enough stories for all connections does.
func (o *outbox) firstsRoom() int {
	const perConnection = 16
	half := (o.waiting + 1) / 2
	if o.timeless {
		return min(half, perConnection*o.connections)
	}
	return half
}
